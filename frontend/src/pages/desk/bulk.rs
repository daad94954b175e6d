//! Many patients of one incident: one signature over several of the requests that wait. Nothing is chosen by itself: what arrives while
//! the list stands open has to be ticked.

use std::collections::BTreeSet;

use halligan_shared::{
    id::RequestId,
    incident::IncidentNumber,
    statement::{self, BulkApprovalStatement, BulkRequest},
    wire::{BulkDecided, Card, DecideBody, Desk, MemberView},
};
use leptos::{prelude::*, task::spawn_local};

use super::{
    Acts,
    waiting::{is_another, severity_class},
};
use crate::{
    api::{ceremony::Mismatch, desk},
    browser::page,
    components::{Button, Look, Said},
    pages::signing::{SignFault, sign},
    state::session::use_session,
};

/// Requests that one signature can approve: of one incident, and all of a drill or none.
type Group = (IncidentNumber, bool);

/// A line for each incident of which several requests wait.
#[component]
pub(super) fn Bulk(picture: RwSignal<Option<Desk>>, acts: Acts) -> impl IntoView {
    let groups = Memo::new(move |_| {
        let mut groups = Vec::<(Group, usize)>::new();
        picture.with(|picture| {
            for card in picture.iter().flat_map(|picture| &picture.waiting) {
                let Some(group) = group_of(card) else { continue };
                match groups.iter_mut().find(|(known, _)| *known == group) {
                    Some((_, count)) => *count += 1,
                    None => groups.push((group, 1)),
                }
            }
        });
        groups.into_iter().filter(|(_, count)| *count > 1).map(|(group, _)| group).collect::<Vec<_>>()
    });
    view! { <For each=move || groups.get() key=Clone::clone let:group><Together group picture acts/></For> }
}

/// The group of a card that this dispatcher could approve with one touch.
fn group_of(card: &Card) -> Option<Group> {
    let is_theirs = !card.own && !card.barred && !card.given && card.doors.decisions.is_some();
    if !is_theirs || is_another(&card.by, &card.statement) {
        return None;
    }
    Some((card.statement.justification.incident().parse().ok()?, card.statement.drill))
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
    let (is_open, ticked) = (RwSignal::new(false), RwSignal::new(BTreeSet::<RequestId>::new()));
    let chosen = Memo::new(move |_| {
        let ticked = ticked.get();
        cards.with(|cards| cards.iter().filter(|card| ticked.contains(&card.statement.request)).cloned().collect::<Vec<_>>())
    });
    let toggle = move |()| {
        is_open.update(|open| *open = !*open);
        let first = cards
            .with_untracked(|cards| cards.iter().take(BulkApprovalStatement::MOST).map(|card| card.statement.request).collect());
        ticked.set(if is_open.get_untracked() { first } else { BTreeSet::new() });
    };
    let session = use_session();
    let busy = RwSignal::new(false);
    let number = group.0.clone();
    let approve = move |()| {
        let by = session.with_untracked(|session| session.as_ref().map(|session| session.member.clone()));
        let Some(by) = by.filter(|_| acts.signing.get_untracked().is_none()) else { return };
        let cards = chosen.get_untracked();
        let Some(first) = cards.first().map(|card| card.statement.request) else { return };
        let number = number.clone();
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
            if !matches!(said, Said::Done(_)) {
                for card in &cards {
                    // A sign for the others, no more: it goes by itself.
                    let _ = desk::deciding(card.statement.request, false).await;
                }
            }
            let is_done = matches!(said, Said::Done(_));
            acts.said.set(Some(said));
            acts.signing.set(None);
            busy.try_set(false);
            if is_done {
                is_open.try_set(false);
                if page::is_focus_lost() {
                    page::focus("waiting");
                }
            }
        });
    };
    let (number, is_drill) = group;
    let (heading, labelled) = (format!("bulk-{number}-{is_drill}"), format!("bulk-{number}-{is_drill}"));
    let approve = StoredValue::new_local(approve);
    view! {
        <section class="card bulk" aria-labelledby=labelled>
            <header class="card-head">
                <h3 id=heading>{move || format!("{} requests of incident {number}", cards.with(Vec::len))}</h3>
                {is_drill.then(|| view! { <span class="tag drill-tag">"Drill"</span> })}
                <Button look=Look::Quiet held=acts.moving on_press=toggle attr:aria-expanded=move || is_open.get().to_string()>
                    {move || if is_open.get() { "Decide them one by one" } else { "Decide them together" }}
                </Button>
            </header>
            <Show when=move || is_open.get()>
                <ul class="bulk-lines">
                    <For each=move || cards.get() key=|card| card.statement.request let:card><Line card ticked/></For>
                </ul>
                <p class="hint">{format!("One touch of your passkey signs all that are ticked, at most {}. Each gets a window of its own.", BulkApprovalStatement::MOST)}</p>
                <Button look=Look::Main busy=busy held=Signal::derive(move || acts.moving.get() || !is_signable(chosen.with(Vec::len)))
                    on_press=move |()| approve.with_value(|approve| approve(()))>
                    {move || format!("Approve {}", requests(chosen.with(Vec::len)))}
                </Button>
                {move || busy.get().then(|| view! { <span class="hint" role="status">"Confirm with your passkey…"</span> })}
            </Show>
        </section>
    }
}

/// One request, with everything that is signed of it.
#[component]
fn Line(card: Card, ticked: RwSignal<BTreeSet<RequestId>>) -> impl IntoView {
    let Card { by, statement, .. } = card;
    let (id, justification) = (statement.request, statement.justification);
    let severity = justification.severity();
    let text = justification.text().to_owned();
    let toggle = move |event| {
        ticked.update(|ticked| {
            if event_target_checked(&event) {
                ticked.insert(id);
            } else {
                ticked.remove(&id);
            }
        });
    };
    view! {
        <li>
            <label class="check">
                <input type="checkbox" prop:checked=move || ticked.with(|ticked| ticked.contains(&id)) on:change=toggle/>
                <span>
                    <span class=severity_class(severity)>{severity.label()}</span>" "
                    <strong>{by.display_name.to_string()}</strong>" "<span class="hint agency-id">{by.agency_id.to_string()}</span>" · "
                    {justification.reason().label()}
                    {(!text.is_empty()).then(|| view! { <span class="words">{text}</span> })}
                </span>
            </label>
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
    let says_this = statement.kind == BulkApprovalStatement::KIND
        && statement.incident == *number
        && statement.requests == shown.collect::<Result<Vec<_>, Mismatch>>()?
        && (statement.member, &statement.agency_id) == (by.id, &by.agency_id)
        && Some(&statement.origin) == page::origin().as_ref();
    if !says_this {
        return Err(Mismatch.into());
    }
    let credential = sign(&prepared.ceremony, statement).await?;
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
