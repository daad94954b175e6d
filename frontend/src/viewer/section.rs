//! A section of a summary and its lines, as text nodes only.

use halligan_shared::ips::{Entry, Item, Kind, Mark, Presence, Section, Standing};
use leptos::prelude::*;

/// A section with its heading; what it does not list, it says in a sentence of its own.
pub(super) fn section(section: &Section) -> AnyView {
    let (class, entries) = match &section.presence {
        Presence::Listed(entries) => ("listed", entries.as_slice()),
        Presence::Narrated => ("narrated", &[][..]),
        Presence::KnownNone => ("none", &[][..]),
        Presence::Unknown => ("unknown", &[][..]),
        Presence::NotAsked => ("not-asked", &[][..]),
        Presence::Withheld => ("withheld", &[][..]),
        Presence::Missing => ("missing", &[][..]),
    };
    // How long a list is, is seen; that something of it is not shown, has to be said.
    let sentence = (entries.is_empty() || section.left_out > 0).then(|| section.sentence());
    // What changes what is done first: it has to be seen while scrolling past.
    let is_pressing = !entries.is_empty() && matches!(section.kind, Kind::Alerts | Kind::AdvanceDirectives);
    view! {
        <section class="part" class:pressing=is_pressing>
            <h2>{section.title.clone()}</h2>
            {sentence.map(|sentence| view! { <p class=format!("presence {class}")>{sentence}</p> })}
            {(!entries.is_empty()).then(|| view! { <ul class="items">{entries.iter().map(entry).collect_view()}</ul> })}
            {section.narrative.clone().map(|text| view! { <p class="narrative">{text}</p> })}
        </section>
    }
    .into_any()
}

fn entry(entry: &Entry) -> impl IntoView + use<> {
    let (class, mark) = match entry {
        Entry::Unreadable { .. } => ("item unreadable", None),
        Entry::Item(item) => (class_of(item), item.mark.map(mark_words)),
    };
    view! { <li class=class>{mark.map(|words| view! { <span class="mark">{words}</span> })}{item_line(entry)}</li> }
}

/// The words of a line, without its mark.
pub(super) fn item_line(entry: &Entry) -> AnyView {
    let item = match entry {
        Entry::Item(item) => item,
        Entry::Unreadable { what } => {
            return view! { <strong>"Unreadable"</strong>" "<span>{what.clone()}</span> }.into_any();
        }
    };
    let title = item.title.clone();
    let (standing, title) = match item.standing {
        Standing::Void => (Some("Does not hold"), view! { <s class="title">{title}</s> }.into_any()),
        Standing::Past => (Some("Past"), view! { <span class="title">{title}</span> }.into_any()),
        Standing::Current | Standing::StatedAbsent => (None, view! { <strong class="title">{title}</strong> }.into_any()),
    };
    view! {
        {title}
        {standing.map(|words| view! { <span class="tag">{words}</span> })}
        {(!item.details.is_empty()).then(|| view! {
            <dl class="details">
                {item.details.iter().map(|detail| view! {
                    <div><dt>{detail.label.to_string()}</dt><dd>{detail.text.clone()}</dd></div>
                }).collect_view()}
            </dl>
        })}
        {(!item.unread.is_empty()).then(|| view! {
            <p class="incomplete">"Incomplete: could not be read: "{item.unread.join(", ")}</p>
        })}
    }
    .into_any()
}

fn class_of(item: &Item) -> &'static str {
    use halligan_shared::ips::Criticality::{High, SevereReaction};

    match (item.standing, item.mark) {
        (Standing::Current, Some(Mark::HighAlert(_) | Mark::Criticality(High | SevereReaction))) => "item marked",
        (Standing::Past | Standing::Void, _) => "item over",
        _ => "item",
    }
}

fn mark_words(mark: Mark) -> &'static str {
    match mark {
        Mark::Criticality(criticality) => criticality.words(),
        Mark::HighAlert(alert) => alert.class.words(),
    }
}
