//! What is known of what is reviewed, drawn from what was signed.

use halligan_shared::{
    statement::Said,
    wire::{DocumentKind, ReviewDecision, ReviewDocument, ReviewLine, ReviewOpening, ReviewView},
};
use leptos::prelude::*;

use super::{HEADING, words};
use crate::components::{Moment, Notice, Tone};

#[component]
pub(super) fn Facts(view: ReviewView) -> impl IntoView {
    let ReviewView { review, statement, decisions, opened_alone, outcome, ending, ending_reason, openings, documents, .. } = view;
    let ReviewLine { reason, by, incident, drill, door, due_at, overdue, owner, closed, .. } = review;
    let is_another = (by.id, &by.agency_id) != (statement.member, &statement.agency_id);
    let justification = statement.justification;
    let text = justification.text().to_owned();
    let end = ending.map_or_else(|| words::outcome(&outcome), words::ending);
    view! {
        <h2 id=HEADING tabindex="-1">{words::reason(reason)}": "{by.display_name.to_string()}", incident "{incident}</h2>
        {is_another.then(|| view! {
            <Notice tone=Tone::Alert>"The portal shows another person here than the one who signed this. Tell an admin."</Notice>
        })}
        {overdue.then(|| view! { <p class="notice alert">"Overdue. Nothing is locked by that, but somebody waits for an answer."</p> })}
        {closed.map(|closed| view! {
            <section class="card found" aria-labelledby="found">
                <h3 id="found">"Found: "{words::finding(closed.finding)}</h3>
                <dl class="facts">
                    <dt>"By"</dt><dd>{closed.by.display_name.to_string()}</dd>
                    <dt>"When"</dt><dd><Moment at=closed.at/></dd>
                    {(!closed.note.is_empty()).then(|| view! { <dt>"Note"</dt><dd>{closed.note}</dd> })}
                </dl>
            </section>
        })}
        <dl class="facts">
            <dt>"Due"</dt><dd><Moment at=due_at/></dd>
            <dt>"Owner"</dt><dd>{owner.map_or_else(|| "nobody yet".to_owned(), |owner| owner.display_name.to_string())}</dd>
            {drill.then(|| view! { <dt>"Patient"</dt><dd>"made up: a drill"</dd> })}
        </dl>
        <h3>"What was asked, as it was signed"</h3>
        <dl class="facts">
            <dt>"By"</dt><dd>{by.display_name.to_string()}" · "<span class="agency-id">{statement.agency_id.to_string()}</span></dd>
            <dt>"When"</dt><dd><Moment at=statement.asked_at/></dd>
            <dt>"Severity"</dt><dd>{justification.severity().label()}</dd>
            <dt>"Reason"</dt><dd>{justification.reason().label()}</dd>
            <dt>"Incident"</dt><dd>{justification.incident().to_owned()}</dd>
            {(!text.is_empty()).then(|| view! { <dt>"In their words"</dt><dd>{text}</dd> })}
        </dl>
        <h3>"How it was opened"</h3>
        <dl class="facts">
            <dt>"Door"</dt><dd>{words::door(door)}</dd>
            {decisions.into_iter().map(decision).collect_view()}
            {opened_alone.map(|alone| view! {
                <dt>"Signed, to open it alone"</dt><dd><Moment at=alone.opened_at/><blockquote>{alone.words}</blockquote></dd>
            })}
        </dl>
        <h3>"What was read"</h3>
        <dl class="facts">
            {openings.is_empty().then(|| view! { <dt>"Opened"</dt><dd>"never"</dd> })}
            {openings.into_iter().map(opening).collect_view()}
            {documents.into_iter().map(document).collect_view()}
            <dt>"End"</dt><dd>{end}</dd>
            {ending_reason.map(|reason| view! { <dt>"The dispatcher said"</dt><dd>{reason}</dd> })}
        </dl>
    }
}

fn decision(ReviewDecision { by, statement }: ReviewDecision) -> impl IntoView {
    let reason = match (&statement, statement.reason()) {
        (Said::Bulk(bulk), _) => {
            format!(", with one signature over {} requests of incident {}", bulk.requests.len(), bulk.incident)
        }
        (Said::One(_), "") => String::new(),
        (Said::One(_), reason) => format!(": {reason}"),
    };
    view! {
        <dt>{words::verdict(statement.verdict())}</dt>
        <dd>{by.display_name.to_string()}", "<Moment at=statement.decided_at().to_owned()/>{reason}</dd>
    }
}

fn opening(ReviewOpening { opened_at, wiped_at, is_missing }: ReviewOpening) -> impl IntoView {
    let receipt = match wiped_at {
        Some(at) => view! { "wipe receipt "<Moment at/> }.into_any(),
        None if is_missing => view! { <strong>"no wipe receipt came"</strong> }.into_any(),
        None => view! { "its wipe receipt has not come yet" }.into_any(),
    };
    view! { <dt>"Opened"</dt><dd><Moment at=opened_at/>"; "{receipt}</dd> }
}

fn document(ReviewDocument { kind, at, times, .. }: ReviewDocument) -> impl IntoView {
    let what = match kind {
        Some(DocumentKind::Summary) => "Summary sent",
        Some(DocumentKind::Attachment) => "Attachment sent",
        None => "A document sent that is not in the record",
    };
    view! { <dt>{what}</dt><dd><Moment at/>{(times > 1).then(|| format!(" for the first time, {times} times in all"))}</dd> }
}
