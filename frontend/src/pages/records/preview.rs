//! What a responder would see of a summary: enough to know the patient and to notice a gap, before it is sealed.

use halligan_shared::ips::{BirthDate, Criticality, Entry, Item, Mark, Photo, Presence, Section, Standing, Summary};
use leptos::prelude::*;

use crate::browser::clock::today;

/// The preview.
pub(super) fn preview(summary: &Summary) -> AnyView {
    let patient = &summary.patient;
    let born = match &patient.birth_date {
        BirthDate::Given(date) => date.clone(),
        BirthDate::Absent(words) => (*words).to_owned(),
    };
    let age = patient.age(today()).map(|age| format!(" ({age})")).unwrap_or_default();
    let photo = match &patient.photo {
        Photo::None => "None".to_owned(),
        Photo::Shown { .. } => "Yes".to_owned(),
        Photo::NotShown { why } => format!("Not shown. {why}"),
    };
    let mut names = patient.names.iter().cloned();
    let name = names.next().unwrap_or_default();
    let others = names.collect::<Vec<_>>().join(", ");
    let provenance = &summary.provenance;
    view! {
        <section class="preview" aria-labelledby="preview-name" tabindex="0">
            <p class="hint">"What a responder will see"</p>
            <h3 id="preview-name">{name}</h3>
            <dl class="facts">
                {(!others.is_empty()).then(|| view! { <dt>"Also"</dt><dd>{others}</dd> })}
                <dt>"Born"</dt><dd>{born}{age}</dd>
                <dt>"Sex"</dt><dd>{patient.sex.clone()}</dd>
                <dt>"Photograph"</dt><dd>{photo}</dd>
                {patient.deceased.clone().map(|deceased| view! { <dt>"Died"</dt><dd>{deceased}</dd> })}
                <dt>"Summary of"</dt><dd>{provenance.date.clone()}", "{provenance.authors.join(", ")}</dd>
            </dl>
            {summary.is_cut.then(|| view! {
                <p class="error">"This summary is too long to be shown whole. A responder will be told so."</p>
            })}
            <ul class="sections">{summary.sections.iter().map(section).collect_view()}</ul>
        </section>
    }
    .into_any()
}

fn section(section: &Section) -> AnyView {
    let entries = match &section.presence {
        Presence::Listed(entries) => entries.as_slice(),
        _ => &[],
    };
    view! {
        <li>
            <strong>{section.title.clone()}</strong>": "{section.sentence()}
            {(!entries.is_empty()).then(|| view! { <ul>{entries.iter().map(entry).collect_view()}</ul> })}
        </li>
    }
    .into_any()
}

fn entry(entry: &Entry) -> AnyView {
    match entry {
        Entry::Item(item) => {
            view! { <li class=standing_class(item.standing)>{item.title.clone()}{mark(item)}{unread(item)}</li> }.into_any()
        }
        Entry::Unreadable { what } => view! { <li class="error">{what.clone()}</li> }.into_any(),
    }
}

fn mark(item: &Item) -> Option<impl IntoView + use<>> {
    let words = match item.mark? {
        Mark::Criticality(Criticality::Low | Criticality::NotStated) => return None,
        Mark::Criticality(criticality) => criticality.words(),
        Mark::HighAlert(high_alert) => high_alert.class.words(),
    };
    Some(view! { " "<span class="tag alarm-tag">{words}</span> })
}

fn unread(item: &Item) -> Option<impl IntoView + use<>> {
    let names = (!item.unread.is_empty()).then(|| item.unread.join(", "))?;
    Some(view! { " "<span class="error">"Not readable: "{names}</span> })
}

const fn standing_class(standing: Standing) -> &'static str {
    match standing {
        Standing::Current | Standing::StatedAbsent => "current",
        Standing::Past => "past-item",
        Standing::Void => "void-item",
    }
}
