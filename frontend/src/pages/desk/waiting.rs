//! One waiting request: who asks and why, how far it has come, and who else is about to decide it.

use halligan_shared::{
    assignment::Assignment,
    id::RequestId,
    justification::Severity,
    member::Role,
    statement::AccessStatement,
    wire::{self, Card, Decisions, Doors, MemberView, PastRequest},
};
use leptos::{html, prelude::*};

use super::{
    acts::Acts,
    verdicts::{Target, Verdicts},
};
use crate::{
    browser::{
        clock::Deadline,
        size::{self, Resized},
    },
    components::{Button, Countdown, Lasting, Look, Moment},
};

/// In how many lines the responder's own words may stand beside the other cards.
const LINES: u8 = 4;

/// A card. What others make of it meanwhile comes with each picture; the card itself stays, and what is typed in it.
#[component]
pub(super) fn Waiting(card: Card, picture: RwSignal<Option<wire::Desk>>, acts: Acts) -> impl IntoView {
    let Card { by, statement, waiting_seconds, own, barred, given, doors, last_requests, .. } = card;
    let (id, drill, justification) = (statement.request, statement.drill, statement.justification.clone());
    let who = format!("who-{id}");
    let severity = justification.severity();
    let is_another = is_another(&by, &statement);
    let text = justification.text().to_owned();
    let said = Target { name: by.display_name.to_string(), incident: justification.incident().to_owned() };
    let labelled = who.clone();
    let nothing_to_approve = Signal::derive(move || {
        picture.with(|picture| {
            let cards = picture.iter().flat_map(|picture| &picture.waiting);
            cards.filter(|card| card.statement.request == id).any(|card| card.given || card.doors.decisions.is_none())
        })
    });
    // Hidden and not removed: what was typed of a denial stays.
    let is_listed = Memo::new(move |_| acts.listed.with(|listed| listed.contains_key(&id)));
    view! {
        <article class="card request" id=card_id(id) tabindex="-1" hidden=is_listed class:pressing=severity == Severity::LifeThreatening aria-labelledby=labelled>
            <header class="card-head">
                <span class=severity_class(severity)>{severity.label()}</span>
                {drill.then(|| view! { <span class="tag drill-tag">"Drill"</span> })}
                <span class="waited">"Waiting "<Lasting seconds=waiting_seconds/></span>
            </header>
            <div class="card-body">
                <Who by=by id=who.clone()/>
                <dl class="facts">
                    <dt>"Incident"</dt><dd class="incident">{justification.incident().to_owned()}</dd>
                    <dt>"Reason"</dt><dd>{justification.reason().label()}</dd>
                </dl>
                <Past requests=last_requests/>
            </div>
            {(!text.is_empty()).then(|| view! { <Words text own about=who.clone()/> })}
            <Standing id given doors picture/>
            {if own {
                view! { <p class="own">"You cannot decide your own request. Another dispatcher has to."</p> }.into_any()
            } else if is_another {
                view! { <p class="own">{ANOTHER}</p> }.into_any()
            } else if barred {
                view! { <p class="own">"The agency’s rules leave this to others: it may be your own crew’s. Another dispatcher has to decide."</p> }.into_any()
            } else {
                view! { <Verdicts statement about=said described_by=who.clone() card=card_id(id) approves=true held=nothing_to_approve acts/> }.into_any()
            }}
        </article>
    }
}

/// What stands in place of the words where a card shows somebody else than the one who signed.
pub(super) const ANOTHER: &str =
    "The portal shows another person here than the one who signed this. Nothing can be decided; tell an admin.";

/// Whether somebody else is shown than the one who signed.
pub(super) fn is_another(shown: &MemberView, signed: &AccessStatement) -> bool {
    (shown.id, &shown.agency_id) != (signed.member, &signed.agency_id)
}

/// How far dispatchers have come with it, and when the responder may open it alone.
#[component]
pub(super) fn Standing(id: RequestId, given: bool, doors: Doors, picture: RwSignal<Option<wire::Desk>>) -> impl IntoView {
    let first = (given, doors);
    let now = Memo::new(move |_| {
        picture.with(|picture| {
            let cards = picture.iter().flat_map(|picture| &picture.waiting);
            cards
                .filter(|card| card.statement.request == id)
                .map(|card| (card.given, card.doors.clone()))
                .next()
                .unwrap_or_else(|| first.clone())
        })
    });
    // A deadline begins where it is made: once with each picture, and not at each look.
    let alone = RwSignal::new(None::<Deadline>);
    Effect::new(move |_| alone.set(now.with(|(_, doors)| doors.override_in.map(Deadline::after))));
    let is_due = RwSignal::new(false);
    Effect::new(move |_| is_due.set(alone.get().is_some_and(|until| until.left() <= 0.0)));
    let decisions = Memo::new(move |_| now.with(|(given, doors)| (*given, doors.decisions.clone())));
    let several = move || {
        let (given, decisions) = decisions.get();
        let Some(Decisions { needed, apart, given: names, .. }) = decisions else {
            return Some(
                view! { <p>"By the agency’s rules no dispatcher’s decision opens this one. It can be denied."</p> }.into_any(),
            );
        };
        (needed > 1).then(|| {
            let names = names.iter().map(|by| with_station(by, apart)).collect::<Vec<_>>().join(", ");
            let apart = if apart { " of different stations" } else { "" };
            let so_far = if names.is_empty() { "nobody yet".to_owned() } else { names };
            let yours = if given { " Yours is given; it waits for another." } else { "" };
            view! { <p>{format!("Needs {needed} dispatchers{apart}. Approved by: {so_far}.{yours}")}</p> }.into_any()
        })
    };
    view! {
        <div class="doors">
            {several}
            <Show when=move || alone.with(Option::is_some)>
                {move || if is_due.get() {
                    view! { <p>"The responder can open it alone now."</p> }.into_any()
                } else {
                    view! { <Countdown until=alone label="The responder may open it alone in" spoken=false on_end=move |()| is_due.set(true)/> }.into_any()
                }}
            </Show>
            <Deciding id picture/>
        </div>
    }
}

/// Who else is about to decide it. Nobody is held up by that.
#[component]
fn Deciding(id: RequestId, picture: RwSignal<Option<wire::Desk>>) -> impl IntoView {
    let names = Memo::new(move |_| {
        picture.with(|picture| {
            let cards = picture.iter().flat_map(|picture| &picture.waiting).filter(|card| card.statement.request == id);
            cards.map(|card| about_to_decide(&card.deciding)).next().flatten()
        })
    });
    // Always in the page, so that screen readers notice when it fills.
    view! { <p class="deciding" role="status">{names}</p> }
}

/// Who is about to decide a request, in words.
fn about_to_decide(deciding: &[MemberView]) -> Option<String> {
    let names = deciding.iter().map(|by| by.display_name.to_string()).collect::<Vec<_>>();
    match names.as_slice() {
        [] => None,
        [name] => Some(format!("{name} is about to decide this.")),
        names => Some(format!("{} are about to decide this.", names.join(" and "))),
    }
}

/// A name, with the station where stations count.
fn with_station(by: &MemberView, apart: bool) -> String {
    match (&by.assignment.station, apart) {
        (_, false) => by.display_name.to_string(),
        (Some(station), true) => format!("{} ({station})", by.display_name),
        (None, true) => format!("{} (no station: does not count)", by.display_name),
    }
}

/// What the responder says in their own words. Of many, the first lines, so that one request leaves room for the others, and all of it
/// by one press: nothing is out of sight unless the button that says so stands there.
#[component]
fn Words(text: String, own: bool, about: String) -> impl IntoView {
    let place = NodeRef::<html::P>::new();
    let (is_long, is_whole) = (RwSignal::new(false), RwSignal::new(false));
    let watch = StoredValue::new_local(None::<Resized>);
    Effect::new(move |_| {
        watch.set_value(place.get().and_then(|words| {
            let measured = words.clone();
            // Heights are rounded, each in its own way.
            let look = move || is_long.set(size::lines(&measured).is_some_and(|lines| lines > f64::from(LINES) + 0.5));
            Resized::watch(&words, look)
        }));
    });
    on_cleanup(move || watch.dispose());
    let about = StoredValue::new(about);
    let show_rest = if own { "Show the rest" } else { "Show the rest of what you sign" };
    view! {
        <div class="own-words">
            <h4>"In their words"</h4>
            <p class="words" class:short=move || is_long.get() && !is_whole.get() style:--lines=LINES.to_string() node_ref=place>{text}</p>
            <Show when=move || is_long.get()>
                <Button look=Look::Quiet on_press=move |()| is_whole.update(|whole| *whole = !*whole) attr:aria-describedby=about.get_value()>
                    {move || if is_whole.get() { "Show less" } else { show_rest }}
                </Button>
            </Show>
        </div>
    }
}

/// The id of a request's card.
pub(super) fn card_id(request: RequestId) -> String {
    format!("card-{request}")
}

/// Name, agency id and roles.
#[component]
pub(super) fn Who(by: MemberView, id: String) -> impl IntoView {
    let MemberView { agency_id, display_name, roles, assignment, .. } = by;
    let place = place(assignment);
    let roles = roles.into_iter().map(Role::title).collect::<Vec<_>>().join(", ");
    view! {
        <div class="member-line">
            <h3 id=id>{String::from(display_name)}</h3>
            <p class="hint"><span class="agency-id">{String::from(agency_id)}</span>" · "{roles}{place}</p>
        </div>
    }
}

/// Unit and station, as far as they are known, each behind a dot.
pub(super) fn place(assignment: Assignment) -> String {
    let signs = [assignment.unit, assignment.station].into_iter().flatten();
    signs.map(|sign| [" · ", sign.as_str()].concat()).collect()
}

#[component]
fn Past(requests: Vec<PastRequest>) -> impl IntoView {
    if requests.is_empty() {
        return view! { <p class="hint past">"No earlier requests."</p> }.into_any();
    }
    view! {
        <div class="past">
            <h4>"Last requests"</h4>
            <ul>
                {requests.into_iter().map(|past| view! {
                    <li><Moment at=past.asked_at/>" · "<span class="incident">{past.incident}</span>" · "{past.outcome}</li>
                }).collect_view()}
            </ul>
        </div>
    }
    .into_any()
}

pub(super) const fn severity_class(severity: Severity) -> &'static str {
    match severity {
        Severity::LifeThreatening => "tag severity life-threatening",
        Severity::Urgent => "tag severity urgent",
        Severity::Other => "tag severity",
    }
}
