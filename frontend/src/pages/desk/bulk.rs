//! Many patients of one incident: one signature over several of the requests that wait. Nothing is chosen by itself: what arrives while
//! the list stands open has to be ticked. Meanwhile the cards of what it has are put away.

use std::collections::BTreeSet;

use halligan_shared::{
    id::RequestId,
    incident::IncidentNumber,
    statement::{self, BulkApprovalStatement, BulkRequest},
    wire::{BulkDecided, Card, DecideBody, Desk, MemberView},
};
use leptos::{prelude::*, task::spawn_local};

use super::{
    acts::Acts,
    next::Next,
    waiting::{Standing, is_another, place, severity_class},
};
use crate::{
    api::{ceremony::Mismatch, desk},
    browser::page,
    components::{Button, Lasting, Look, Said},
    pages::signing::{SignFault, sign},
    state::session::use_session,
};

/// Requests that one signature can approve: of one incident, and all of a drill or none.
pub(super) type Group = (IncidentNumber, bool);

/// A line for each incident of which several requests wait.
#[component]
pub(super) fn Bulk(picture: RwSignal<Option<Desk>>, acts: Acts) -> impl IntoView {
    let groups = Memo::new(move |_| {
        let groups = picture.with(|picture| picture.as_ref().map(groups).unwrap_or_default());
        groups.into_iter().map(|(group, _)| group).collect::<Vec<_>>()
    });
    view! { <For each=move || groups.get() key=Clone::clone let:group><Together group picture acts/></For> }
}

/// The incidents of which several requests wait that this dispatcher could approve, and which these are.
pub(super) fn groups(desk: &Desk) -> Vec<(Group, Vec<RequestId>)> {
    let mut groups = Vec::<(Group, Vec<RequestId>)>::new();
    for card in &desk.waiting {
        let Some(group) = group_of(card) else { continue };
        let request = card.statement.request;
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, requests)) => requests.push(request),
            None => groups.push((group, vec![request])),
        }
    }
    groups.retain(|(_, requests)| requests.len() > 1);
    groups
}

/// The group of a card that this dispatcher could approve with one touch.
fn group_of(card: &Card) -> Option<Group> {
    let is_theirs = !card.own && !card.barred && !card.given && card.doors.decisions.is_some();
    if !is_theirs || is_another(&card.by, &card.statement) {
        return None;
    }
    Some((card.statement.justification.incident().parse().ok()?, card.statement.drill))
}

/// The id of the heading above the list of a group. A number may hold spaces, which would make several ids of it, and holds no tilde.
fn heading_id((number, is_drill): &Group) -> String {
    format!("bulk-{}-{is_drill}", number.as_str().replace(' ', "~"))
}

/// Takes the focus to the list that has a request by now, if one has: its card is about to be put away with whatever has the focus.
pub(super) fn focus_list(request: RequestId, acts: Acts) -> bool {
    let heading = acts.listed.with_untracked(|listed| listed.get(&request).map(heading_id));
    if let Some(heading) = &heading {
        page::focus(heading);
    }
    heading.is_some()
}

/// What a tick stands for: the very statement that stood beside it. Another one under the same id is not ticked.
fn ticket(card: &Card) -> Option<String> {
    statement::digest(&card.statement).ok().map(|digest| digest.to_hex())
}

/// Whether there is nothing about a request that wants a look of its own first.
fn is_plain(card: &Card) -> bool {
    card.deciding.is_empty() && card.last_requests.iter().all(|past| past.outcome != "denied")
}

/// One incident's.
#[component]
fn Together(group: Group, picture: RwSignal<Option<Desk>>, acts: Acts) -> impl IntoView {
    let cards = {
        let group = group.clone();
        Memo::new(move |_| {
            picture.with(|picture| {
                let cards = picture.iter().flat_map(|picture| &picture.waiting);
                cards.filter(|card| group_of(card).as_ref() == Some(&group)).cloned().collect::<Vec<_>>()
            })
        })
    };
    let was_open = StoredValue::new(false);
    let is_open = {
        let group = group.clone();
        Memo::new(move |_| acts.together.with(|open| open.contains(&group)))
    };
    let close = {
        let group = group.clone();
        move || {
            acts.together.try_update(|open| open.retain(|other| *other != group));
        }
    };
    // No list, no cards put away for it.
    on_cleanup(close.clone());
    let ticked = RwSignal::new(BTreeSet::<String>::new());
    // Whoever writes a denial approves that one at no price.
    let chosen = Memo::new(move |_| {
        let (ticked, denying) = (ticked.get(), acts.denying.get());
        let is_chosen =
            |card: &&Card| Some(card.statement.request) != denying && ticket(card).is_some_and(|ticket| ticked.contains(&ticket));
        cards.with(|cards| cards.iter().filter(is_chosen).cloned().collect::<Vec<_>>())
    });
    let tick = move |is_ticked: fn(&Card) -> bool| {
        let first = cards.with_untracked(|cards| {
            cards.iter().filter(|card| is_ticked(card)).filter_map(ticket).take(BulkApprovalStatement::MOST).collect()
        });
        ticked.set(first);
    };
    let (opened, closed) = (group.clone(), close.clone());
    let toggle = move |()| {
        if is_open.get_untracked() {
            return closed();
        }
        acts.together.update(|open| open.push(opened.clone()));
        // What was ticked and what was not stays so.
        if !was_open.get_value() {
            was_open.set_value(true);
            tick(is_plain);
        }
    };
    let session = use_session();
    let busy = RwSignal::new(false);
    let number = group.0.clone();
    let approve = move |()| {
        let by = session.with_untracked(|session| session.as_ref().map(|session| session.member.clone()));
        let Some(by) = by.filter(|_| acts.signing.get_untracked().is_none()) else { return };
        let cards = chosen.get_untracked();
        let Some(first) = cards.first().map(|card| card.statement.request) else { return };
        let (number, close) = (number.clone(), close.clone());
        let next = Next::after_several();
        acts.signing.set(Some(first));
        acts.said.set(None);
        busy.set(true);
        spawn_local(async move {
            let about = format!("Incident {number}");
            let said = match sign_for(&number, &cards, &by).await {
                Ok(decided) => told(&about, &cards, &decided),
                Err(SignFault::Refused(refusal)) => Said::refused(&about, &refusal),
                Err(fault) => Said::Failed(format!("{about}: {fault}")),
            };
            let is_done = matches!(said, Said::Done(_));
            acts.said.set(Some(said));
            acts.signing.set(None);
            busy.try_set(false);
            if is_done {
                close();
                // The cards of what was not ticked come back.
                acts.moving.settle();
            }
            next.go(acts, is_done).await;
            if !is_done {
                // A sign for the others, no more: it goes by itself.
                let _ = desk::deciding_nothing().await;
            }
        });
    };
    let (heading, labelled) = (heading_id(&group), heading_id(&group));
    let (number, is_drill) = group;
    let approve = StoredValue::new_local(approve);
    let is_held = Signal::derive(move || acts.moving.get() || !is_signable(chosen.with(Vec::len)));
    view! {
        <section class="card bulk" aria-labelledby=labelled>
            <header class="card-head">
                <h3 id=heading tabindex="-1">{move || format!("{} requests of incident {number}", cards.with(Vec::len))}</h3>
                {is_drill.then(|| view! { <span class="tag drill-tag">"Drill"</span> })}
                <Button look=Look::Quiet held=acts.moving on_press=toggle attr:aria-expanded=move || is_open.get().to_string()>
                    {move || if is_open.get() { "Decide them one by one" } else { "Decide them together" }}
                </Button>
            </header>
            <Show when=move || is_open.get()>
                <p class="hint">"Their own cards are put away while this list stands here. To deny one of them, decide them one by one."</p>
                <ul class="bulk-lines">
                    <For each=move || cards.get() key=ticket let:card><Line card picture ticked acts/></For>
                </ul>
                <div class="bar">
                    <Button look=Look::Quiet held=acts.moving on_press=move |()| tick(|_| true)>"Tick all"</Button>
                    <Button look=Look::Quiet held=acts.moving on_press=move |()| tick(|_| false)>"Tick none"</Button>
                </div>
                <p class="hint">{format!("One touch of your passkey signs all that are ticked, at most {}. Each gets a window of its own. Not ticked by itself: what a colleague is about to decide, and who was denied before.", BulkApprovalStatement::MOST)}</p>
                <div class="bulk-acts">
                    <Button look=Look::Main busy=busy held=is_held on_press=move |()| approve.with_value(|approve| approve(()))>
                        {move || match chosen.with(Vec::len) {
                            0 => "Tick what you approve".to_owned(),
                            some => format!("Approve {}", requests(some)),
                        }}
                    </Button>
                    {move || busy.get().then(|| view! { <span class="hint" role="status">"Confirm with your passkey…"</span> })}
                </div>
            </Show>
        </section>
    }
}

/// One request, with everything that is signed of it and what its card says beside that.
#[component]
fn Line(card: Card, picture: RwSignal<Option<Desk>>, ticked: RwSignal<BTreeSet<String>>, acts: Acts) -> impl IntoView {
    let own = ticket(&card);
    let Card { by, statement, waiting_seconds, given, doors, last_requests, .. } = card;
    let (id, justification) = (statement.request, statement.justification);
    let severity = justification.severity();
    let text = justification.text().to_owned();
    let toggle = {
        let own = own.clone();
        move |event| {
            let Some(own) = own.clone() else { return };
            ticked.update(|ticked| {
                if event_target_checked(&event) {
                    ticked.insert(own);
                } else {
                    ticked.remove(&own);
                }
            });
        }
    };
    // What is under the pointer is not what it was on the way to.
    let settle = move |event: leptos::ev::MouseEvent| {
        if acts.moving.get_untracked() {
            event.prevent_default();
        }
    };
    let is_ticked = move || own.as_ref().is_some_and(|own| ticked.with(|ticked| ticked.contains(own)));
    let is_denied_here = move || acts.denying.get() == Some(id);
    let place = place(by.assignment);
    let last = last_requests.into_iter().next().map(|past| format!("Last request: {}, incident {}.", past.outcome, past.incident));
    view! {
        <li>
            <label class="check">
                <input type="checkbox" prop:checked=is_ticked on:click=settle on:change=toggle/>
                <span>
                    <span class=severity_class(severity)>{severity.label()}</span>" "
                    <strong>{by.display_name.to_string()}</strong>" "<span class="hint agency-id">{by.agency_id.to_string()}</span>{place}" · "
                    {justification.reason().label()}" · waiting "<Lasting seconds=waiting_seconds/>
                    {(!text.is_empty()).then(|| view! { <span class="words">{text}</span> })}
                    {last.map(|last| view! { <span class="words hint">{last}</span> })}
                    {move || is_denied_here().then(|| view! { <span class="words deciding">"You are writing why you deny this: it is left out."</span> })}
                </span>
            </label>
            <Standing id given doors picture/>
        </li>
    }
}

const fn is_signable(count: usize) -> bool {
    0 < count && count <= BulkApprovalStatement::MOST
}

fn requests(count: usize) -> String {
    if count == 1 { "1 request".to_owned() } else { format!("{count} requests") }
}

/// Signs and sends one statement over exactly these cards, in this order. Nothing else can be signed by it.
async fn sign_for(number: &IncidentNumber, cards: &[Card], by: &MemberView) -> Result<BulkDecided, SignFault> {
    let prepared = desk::prepare_bulk(cards.iter().map(|card| card.statement.request).collect()).await?;
    let statement = &prepared.statement;
    let shown = cards.iter().map(|card| {
        let request_digest = statement::digest(&card.statement).map_err(|_| Mismatch)?;
        Ok(BulkRequest { request: card.statement.request, request_digest })
    });
    let says_this = statement.incident == *number && statement.requests == shown.collect::<Result<Vec<_>, Mismatch>>()?;
    let credential = sign(&prepared.ceremony, statement, by, says_this).await?;
    Ok(desk::approve_bulk(&DecideBody { ceremony: prepared.ceremony.ceremony, credential }).await?)
}

/// What became of each of them.
fn told(about: &str, cards: &[Card], decided: &BulkDecided) -> Said {
    let approved = format!("{about}: approved {}.", requests(decided.approved.len()));
    if decided.missed.is_empty() {
        return Said::Done(approved);
    }
    let missed = decided.missed.iter().map(|missed| {
        let card = cards.iter().find(|card| card.statement.request == missed.request);
        let name = card.map(|card| format!("{}: ", card.by.display_name)).unwrap_or_default();
        format!(" Not {name}{}", missed.why)
    });
    Said::Failed(missed.fold(approved, |said, missed| said + &missed))
}
