//! The record as a responder reads it: everything as text nodes, or as pictures on a canvas.

use halligan_shared::{
    crypto::AttachmentLine,
    ips::{BirthDate, Entry, HighAlert, Item, Kind, Patient, Photo, Provenance, Summary},
};
use leptos::prelude::*;

use super::{
    attachment::Attachments,
    picture::{Picture, Pixels},
    section::{item_line, section},
};
use crate::browser::clock;

/// Sections that are shown even if the summary has nothing on them: a responder looks for these.
const ALWAYS: [Kind; 6] =
    [Kind::Alerts, Kind::Allergies, Kind::Devices, Kind::AdvanceDirectives, Kind::Problems, Kind::Medications];

/// What there is to see of a record.
pub(super) struct Sheet {
    /// The summary.
    pub(super) summary: Summary,
    /// What stands beside it: document, title, kind, length in bytes.
    pub(super) attachments: Vec<AttachmentLine>,
}

/// The record.
pub(super) fn sheet_view(sheet: &Sheet) -> AnyView {
    let Summary { patient, provenance, sections, is_cut } = &sheet.summary;
    let is_shown = |section: &&halligan_shared::ips::Section| {
        ALWAYS.contains(&section.kind) || section.presence != halligan_shared::ips::Presence::Missing
    };
    let first = sections.iter().filter(is_shown).filter(|section| section.kind <= Kind::Allergies).map(section).collect_view();
    let rest = sections.iter().filter(is_shown).filter(|section| section.kind > Kind::Allergies).map(section).collect_view();
    let missing: Vec<_> = sections.iter().filter(|section| !is_shown(section)).map(|section| section.title.clone()).collect();
    view! {
        <article class="record" aria-label="Record">
            {head(patient, provenance)}
            {is_cut.then(|| view! { <p class="notice alert">"This summary is too long to show whole. Something is left out below."</p> })}
            {first}
            {high_alert(&sheet.summary)}
            {rest}
            {(!missing.is_empty()).then(|| view! {
                <section class="part">
                    <h2>"Not in this summary"</h2>
                    <p class="presence missing">{missing.join(", ")}". That does not mean there is nothing."</p>
                </section>
            })}
            {(!sheet.attachments.is_empty()).then(|| view! { <Attachments lines=sheet.attachments.clone()/> })}
            {about(patient, provenance)}
        </article>
    }
    .into_any()
}

fn head(patient: &Patient, provenance: &Provenance) -> impl IntoView + use<> {
    let (name, others) =
        patient.names.split_first().map_or((String::new(), Vec::new()), |(name, rest)| (name.clone(), rest.to_vec()));
    let age = patient.age(clock::today()).map(|age| age.to_string());
    let born = match &patient.birth_date {
        BirthDate::Given(date) => format!("born {date}"),
        BirthDate::Absent(words) => format!("birth date {words}"),
    };
    let (photo, no_photo) = match &patient.photo {
        Photo::Shown { format, bytes } => match Pixels::decode(bytes, format.media_type()) {
            Some(pixels) => (Some(pixels), None),
            None => (None, Some("There is a photograph, and it cannot be read.")),
        },
        Photo::NotShown { why } => (None, Some(*why)),
        Photo::None => (None, None),
    };
    view! {
        <header class="patient">
            {photo.map(|pixels| view! { <Picture pixels class="photo" alt="Photograph of the patient"/> })}
            <div>
                <h2 class="name">{name}</h2>
                <p class="vitals">
                    {age.map(|age| view! { <strong>{age}</strong>", " })}
                    <strong>{format!("sex: {}", patient.sex)}</strong>
                    <span class="born">{born}</span>
                </p>
            </div>
            <div class="beside">
                {patient.deceased.clone().map(|when| view! { <p class="notice alert">"The record says that this person has died: "{when}</p> })}
                {others.into_iter().map(|name| view! { <p class="also">{name}</p> }).collect_view()}
                {no_photo.map(|why| view! { <p class="also">{why}</p> })}
                <p class="source">"Summary of "{provenance.date.clone()}", by "{provenance.authors.join(", ")}</p>
            </div>
        </header>
    }
}

/// High-alert medicines, before the list of all. That none is recognised is not said: it proves nothing.
fn high_alert(summary: &Summary) -> Option<impl IntoView + use<>> {
    let lines: Vec<_> = summary.high_alert_medicines().map(|(item, alert)| alert_line(item, alert)).collect();
    (!lines.is_empty()).then(|| {
        view! {
            <section class="part pressing">
                <h2>"High-alert medicines"</h2>
                <ul class="items">{lines}</ul>
                <p class="hint">"Recognised by code or name. All medicines stand below."</p>
            </section>
        }
    })
}

fn alert_line(item: &Item, alert: HighAlert) -> impl IntoView + use<> {
    let entry = Entry::Item(item.clone());
    view! { <li class="item marked"><span class="mark">{alert.class.words()}</span>{item_line(&entry)}</li> }
}

/// What else the head of the summary says.
fn about(patient: &Patient, provenance: &Provenance) -> impl IntoView + use<> {
    let rows = [
        ("Identifiers", patient.identifiers.join(" · ")),
        ("Contacts", patient.contacts.join(" · ")),
        ("Languages", patient.languages.clone().unwrap_or_default()),
        ("Document", provenance.title.clone().unwrap_or_default()),
        ("Kept by", provenance.custodian.clone().unwrap_or_default()),
        ("Written in", provenance.language.clone().unwrap_or_default()),
    ];
    view! {
        <section class="part">
            <h2>"About patient and summary"</h2>
            <dl class="facts">
                {rows.into_iter().filter(|(_, text)| !text.is_empty()).map(|(label, text)| view! { <dt>{label}</dt><dd>{text}</dd> }).collect_view()}
            </dl>
        </section>
    }
}
