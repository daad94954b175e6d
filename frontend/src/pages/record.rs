//! The record: opened here, shown for its window, erased.
//!
//! Everything from a record reaches the page as text nodes, or as pictures by object URL. What is erased, and when, is the
//! vault's; this page only shows what the vault lets be seen.

use halligan_shared::{
    grant::WipeCause,
    ips::{BirthDate, Entry, HighAlert, Item, Kind, Patient, Photo, Provenance, Summary},
    wire::{GrantState, RequestState, RequestView},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::components::A;

use super::{
    attachment::Attachments,
    section::{item_line, section},
    waiting::AskAgain,
};
use crate::{
    browser::{
        clock::{self, Deadline},
        page,
    },
    components::{Button, Countdown, Loading, Look, Notice, Tone, Trouble},
    state::{
        open::{self, OpenFault},
        vault::{Sheet, Sight, use_vault},
    },
};

/// What stands in the record's place or is it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Shut,
    Open,
    Erased(WipeCause),
}

/// The record of a request that may be opened, is open, or was.
#[component]
pub fn Record(view: RwSignal<Option<RequestView>>) -> impl IntoView {
    let vault = use_vault();
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let open = move || {
        let asked =
            view.with_untracked(|view| view.as_ref().and_then(|view| Some((view.id, view.record, sealing_of(&view.state)?))));
        let Some((request, record, sealing)) = asked else { return };
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match open::open(vault, request, record, sealing).await {
                // Erased before it was seen: the page is being left, and says so by itself if it is not.
                Ok(()) | Err(OpenFault::Erased) => {}
                Err(fault) => trouble.set(Some(fault.to_string())),
            }
            busy.set(false);
        });
    };
    // An approval opens at once. A window that is open already was opened before a reload, and whoever holds the device now is
    // asked for a tap.
    if view.with_untracked(|view| matches!(view, Some(RequestView { state: RequestState::Approved { .. }, .. }))) {
        open();
    }
    let stage = Memo::new(move |_| match vault.sight().get() {
        Sight::Nothing => Stage::Shut,
        Sight::Open(_) => Stage::Open,
        Sight::Erased(_, cause) => Stage::Erased(cause),
    });
    move || match stage.get() {
        Stage::Shut => view! { <Shut view=view busy=busy trouble=trouble open=open/> }.into_any(),
        Stage::Open => view! { <Window view/> }.into_any(),
        Stage::Erased(cause) => view! { <Erased cause=cause view=view busy=busy trouble=trouble open=open/> }.into_any(),
    }
}

#[component]
fn Shut(
    view: RwSignal<Option<RequestView>>,
    busy: RwSignal<bool>,
    trouble: RwSignal<Option<String>>,
    open: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <section class="step">
            {move || busy.get().then(|| view! { <Loading>"Opening the record…"</Loading> })}
            <Trouble words=trouble/>
            {move || (!busy.get()).then(|| {
                let label = if trouble.with(Option::is_some) { "Try again" } else { "Open again" };
                view! {
                    <StillOpen view=view/>
                    <div class="actions"><Button look=Look::Main on_press=move |()| open()>{label}</Button></div>
                }
            })}
        </section>
    }
}

/// How long the window, or the approval, still lasts.
#[component]
fn StillOpen(view: RwSignal<Option<RequestView>>) -> impl IntoView {
    let until = Memo::new(move |_| view.with(|view| view.as_ref().and_then(|view| still_open(&view.state)).map(Deadline::after)));
    view! { <Countdown until=until label="Can be opened for"/> }
}

#[component]
fn Erased(
    cause: WipeCause,
    view: RwSignal<Option<RequestView>>,
    busy: RwSignal<bool>,
    trouble: RwSignal<Option<String>>,
    open: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    // Only a wipe that does not end the grant leaves a way back, and only as long as the window lasts.
    let can_reopen = Memo::new(move |_| {
        cause.may_reopen()
            && view.with(|view| {
                matches!(view, Some(RequestView { state: RequestState::Released { grant, .. }, .. })
                    if matches!(grant.state, GrantState::Active { .. }))
            })
    });
    view! {
        <section class="step erased">
            <h2>"Record erased"</h2>
            <p role="status">{because(cause)}" The key, the documents and what was on screen are gone from this device."</p>
            <Trouble words=trouble/>
            {move || if can_reopen.get() {
                view! {
                    <StillOpen view=view/>
                    <div class="actions"><Button look=Look::Main busy=busy on_press=move |()| open()>"Open again"</Button></div>
                }
                .into_any()
            } else {
                view! {
                    <div class="actions">
                        <A href="/" attr:class="button">"To the start page"</A>
                        <AskAgain view=view/>
                    </div>
                }
                .into_any()
            }}
        </section>
    }
}

const fn because(cause: WipeCause) -> &'static str {
    match cause {
        WipeCause::Expired => "The time is over.",
        WipeCause::Done => "You are done.",
        WipeCause::SignedOut => "You signed out.",
        WipeCause::Revoked => "Dispatch ended the window.",
        WipeCause::Hidden => "The page was hidden for too long.",
        WipeCause::Left => "The page was left.",
        WipeCause::Slept => "The device slept past the end.",
        WipeCause::Restored => "The page was left and came back.",
        WipeCause::SessionLost => "You are no longer signed in.",
        WipeCause::NotOpened => "It did not open.",
    }
}

const fn sealing_of(state: &RequestState) -> Option<halligan_shared::wire::SealingPoint> {
    match state {
        RequestState::Approved { sealing, .. } | RequestState::Released { sealing, .. } => Some(*sealing),
        _ => None,
    }
}

fn still_open(state: &RequestState) -> Option<f64> {
    match state {
        RequestState::Approved { seconds_left, .. } => Some(*seconds_left),
        RequestState::Released { grant, .. } => match grant.state {
            GrantState::Active { seconds_left } => Some(seconds_left),
            GrantState::Ended { .. } => None,
        },
        _ => None,
    }
}

/// The open record under its countdown.
#[component]
fn Window(view: RwSignal<Option<RequestView>>) -> impl IntoView {
    let vault = use_vault();
    // The button that was waited on is gone.
    Effect::new(|_| page::keep_focus());
    let said_drill = view.with_untracked(|view| view.as_ref().is_some_and(|view| view.drill));
    view! {
        <div class="window">
            <Countdown until=vault.deadline() label="Erased in"/>
        </div>
        {move || match vault.sight().get() {
            Sight::Open(sheet) => {
                let is_drill = sheet.drill;
                Some(view! {
                    {(is_drill != said_drill).then(|| view! { <Notice tone=Tone::Alert>{contradiction(is_drill)}</Notice> })}
                    {sheet_view(&sheet)}
                })
            }
            Sight::Nothing | Sight::Erased(..) => None,
        }}
        <div class="actions"><Button look=Look::Main on_press=move |()| vault.wipe(WipeCause::Done)>"Done"</Button></div>
    }
}

/// Somebody changed the portal's database: the record itself cannot be changed unseen.
const fn contradiction(is_drill: bool) -> &'static str {
    if is_drill {
        "The portal said that this is a real patient, and the record says that it is made up. Go by the record, and tell dispatch."
    } else {
        "The portal said that this patient is made up, and the record says that it is a real one. Go by the record, and tell dispatch."
    }
}

/// Sections that are shown even if the summary has nothing on them: a responder looks for these.
const ALWAYS: [Kind; 6] =
    [Kind::Alerts, Kind::Allergies, Kind::Devices, Kind::AdvanceDirectives, Kind::Problems, Kind::Medications];

fn sheet_view(sheet: &Sheet) -> AnyView {
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
    let photo = use_vault().photo();
    let no_photo = match &patient.photo {
        Photo::NotShown { why } => Some(*why),
        Photo::None | Photo::Shown { .. } => None,
    };
    view! {
        <header class="patient">
            {move || photo.get().map(|url| view! { <img class="photo" src=url alt="Photograph of the patient"/> })}
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
