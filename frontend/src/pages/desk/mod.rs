//! The dispatcher's desk: what alarms, what waits, what may be opened, what is open, who is signed in, and the dispatcher's word on all of it.
//!
//! Live by events, each of which is the whole picture. What the page says after an act stands above the queue, because
//! the card it was about may be gone by then.

mod acts;
mod alarm;
mod approved;
mod bulk;
mod channels;
mod decide;
mod keys;
mod live;
mod next;
mod on_duty;
mod verdicts;
mod waiting;

use halligan_shared::{
    door::Door,
    id::{MemberId, RequestId},
    member::Role,
    paths, wire,
};
use leptos::{prelude::*, task::spawn_local};

use self::{
    acts::Acts,
    alarm::{Alarm, alarm_id},
    approved::Approved,
    bulk::Bulk,
    channels::Ways,
    keys::{Keys, Sound, Stop},
    live::Live,
    next::Next,
    on_duty::Responder,
    waiting::{Waiting, card_id},
};
use crate::{
    browser::{feedback, page},
    components::{Access, Empty, Loading, Notice, Page, ReadinessNotice, Said, SaidLine, Tone},
    state::{drill::use_taking, line::follow, session::use_session},
};

/// The page.
#[component]
pub fn Desk() -> impl IntoView {
    view! {
        <Page title="Dispatch desk" access=Access::Role(Role::Dispatcher) wide=true follows=true>
            <Board/>
        </Page>
    }
}

#[component]
fn Board() -> impl IntoView {
    let picture = RwSignal::new(None::<wire::Desk>);
    let lost = RwSignal::new(false);
    let news = RwSignal::new(String::new());
    let acts = Acts::of(picture);
    let taking = use_taking();
    let show = move |text: &str| {
        let Ok(new) = serde_json::from_str::<wire::Desk>(text) else { return lost.set(true) };
        if lost.get_untracked() {
            acts.moving.settle();
        }
        Said::hear_picture(acts.said, lost);
        acts.struck.set(None);
        // What is being done to a card by this page goes on by itself.
        let held = [acts.denying.get_untracked(), acts.signing.get_untracked()];
        if let Some(old) = picture.get_untracked() {
            explain_vanished(acts, &old, &new);
            for ended in old.drills.iter().filter(|old| new.drills.iter().all(|new| new.name != old.name)) {
                taking.is_over(&ended.name);
            }
            // Somebody was put into one, maybe this dispatcher.
            if new.drills != old.drills {
                taking.look(true);
            }
            if moves(&old, &new) {
                acts.moving.settle();
            }
            if alarms(&old) != alarms(&new) || requests(&old) != requests(&new) || !opened_alone(&old, &new).is_empty() {
                let alone = opened_alone(&old, &new);
                if !alone.is_empty() {
                    acts.said.set(Some(Said::Failed(format!("{}. What is open can be ended under “Open now”.", alone.join(". ")))));
                }
                let mut arrived = alone;
                arrived.extend(arrivals(&old, &new));
                if !arrived.is_empty() && acts.sound.get_untracked() {
                    feedback::arrived();
                }
                news.set(arrived.join(". "));
            }
        }
        let chosen = picture.with_untracked(|old| {
            let old = old.as_ref()?;
            let id = requests(old).into_iter().find(|id| !held.contains(&Some(*id)) && page::is_focus_in(&card_id(*id)))?;
            Some((id, about(old, id), Next::after(&card_id(id))))
        });
        let alarmed = picture.with_untracked(|old| {
            let alarms = old.iter().flat_map(|old| &old.alarms).filter(|alarm| acts.allowing.get_untracked() != Some(alarm.by.id));
            let alarm = alarms.map(|alarm| &alarm.by).find(|by| page::is_focus_in(&alarm_id(by.id)))?;
            Some((alarm.display_name.to_string(), Next::after(&alarm_id(alarm.id))))
        });
        picture.set(Some(new));
        if let Some((id, about, next)) = chosen {
            spawn_local(next.keep(acts, async move { format!("{about}: {}", decide::what_became_of(id).await) }));
        }
        if let Some((name, next)) = alarmed {
            spawn_local(next.keep(acts, async move { format!("{name}: a colleague has said that the scans are in order.") }));
        }
    };
    let explain_loss = move || {
        // What says so takes its room above the cards.
        if !lost.get_untracked() {
            acts.moving.settle();
        }
        lost.set(true);
    };
    follow(paths::DESK_EVENTS, show, explain_loss);
    on_cleanup(|| page::mark_icon(false));

    let waiting = move || picture.with(|picture| picture.as_ref().map(|picture| picture.waiting.clone()).unwrap_or_default());
    let approved = move || picture.with(|picture| picture.as_ref().map(|picture| picture.approved.clone()).unwrap_or_default());
    let live = move || picture.with(|picture| picture.as_ref().map(|picture| picture.live.clone()).unwrap_or_default());
    let alarms = move || picture.with(|picture| picture.as_ref().map(|picture| picture.alarms.clone()).unwrap_or_default());
    let on_duty = move || picture.with(|picture| picture.as_ref().map(|picture| picture.on_duty.clone()).unwrap_or_default());
    let dispatchers =
        move || picture.with(|picture| picture.as_ref().map(|picture| picture.dispatchers.clone()).unwrap_or_default());
    let readiness = Signal::derive(move || picture.with(|picture| picture.as_ref().map(|picture| picture.readiness)));
    let is_here = Memo::new(move |_| picture.with(Option::is_some));
    let counts = Memo::new(move |_| {
        picture.with(|picture| {
            picture.as_ref().map_or((0, 0, 0), |picture| {
                (picture.waiting.len() + picture.alarms.len(), picture.live.len(), picture.on_duty.len())
            })
        })
    });
    // What a list has is no card that a key could be meant for.
    let by_card = Signal::derive(move || {
        let listed = acts.listed.get();
        let all = picture.with(|picture| picture.as_ref().map(|picture| (self::alarms(picture), requests(picture))));
        let (alarms, requests) = all.unwrap_or_default();
        let requests = requests.into_iter().filter(|request| !listed.contains_key(request)).map(Stop::Request);
        alarms.into_iter().map(Stop::Alarm).chain(requests).collect::<Vec<_>>()
    });
    let is_any_approved =
        Memo::new(move |_| picture.with(|picture| picture.as_ref().is_some_and(|picture| !picture.approved.is_empty())));
    let session = use_session();
    Effect::new(move |_| {
        // How many wait is no longer known once the session is over.
        let waiting = if session.with(Option::is_some) { counts.get().0 } else { 0 };
        page::mark_icon(waiting > 0);
        page::set_title(&match waiting {
            0 => "Dispatch desk – Halligan".to_owned(),
            waiting => format!("({waiting}) Dispatch desk – Halligan"),
        });
    });
    view! {
        <div class="desk" class:stale=lost>
            // What comes by itself, for who hears the page.
            <p class="visually-hidden news" role="status">{news}</p>
            <ReadinessNotice
                known=readiness
                locked_down="Every record was closed, and none opens until two admins lift it. What you approve opens only after that, if its time is not over."
                failing="Decide as always: an approval is not used up by it. Tell whoever calls to go on without the record."
            />
            {move || {
                let drills = picture.with(|picture| picture.as_ref().map(|picture| picture.drills.clone()).unwrap_or_default());
                (!drills.is_empty()).then(|| view! {
                    <div class="running-drills">{drills.into_iter().map(|drill| view! {
                        <p><span class="tag drill-tag">"Drill"</span>{format!(" “{}” runs, {} take part. Their requests stand behind real ones.", drill.name, drill.members)}</p>
                    }).collect_view()}</div>
                })
            }}
            <Ways
                channels=Signal::derive(move || picture.with(|picture| picture.as_ref().map(|picture| picture.channels.clone())))
                unread=Signal::derive(move || picture.with(|picture| picture.as_ref().map_or(0, |picture| picture.unread)))
            />
            <div class="said-bar">
                {move || lost.get().then(|| view! {
                    <Notice tone=Tone::Alert>"Connection lost. What you see may be out of date; the desk reconnects by itself."</Notice>
                })}
                <SaidLine said=acts.said/>
            </div>
            <Show when=move || is_here.get() fallback=|| view! { <Loading>"Opening the desk…"</Loading> }>
                <section class="queue" aria-labelledby="waiting">
                    <div class="queue-head">
                        <h2 id="waiting" tabindex="-1">"Waiting "<span class="tally">{move || counts.get().0}</span></h2>
                        <Sound acts/>
                    </div>
                    <Show when=move || counts.get().0 == 0 && !lost.get()>
                        <Empty>"Nobody is waiting. A new request appears here by itself."</Empty>
                    </Show>
                    // A new count is a new card: it says how many there are by now.
                    <For each=alarms key=|alarm| (alarm.by.id, alarm.bracelets) let:alarm><Alarm alarm picture acts/></For>
                    <Bulk picture acts/>
                    <For each=waiting key=|card| card.statement.request let:card><Waiting card picture acts/></For>
                </section>
                <div class="side">
                <Show when=move || is_any_approved.get()>
                    <section class="open-grants" aria-labelledby="may-open">
                        <h2 id="may-open">"May be opened "<span class="tally">{move || approved().len()}</span></h2>
                        <For each=approved key=|approval| approval.statement.request let:approval><Approved approval acts/></For>
                    </section>
                </Show>
                <section class="open-grants" aria-labelledby="live">
                    <h2 id="live">"Open now "<span class="tally">{move || counts.get().1}</span></h2>
                    <Show when=move || counts.get().1 == 0>
                        <Empty>"No record is open."</Empty>
                    </Show>
                    <For each=live key=|grant| grant.id let:grant><Live grant acts/></For>
                    <details class="signed-in">
                        <summary>"Dispatchers signed in "<span class="tally">{move || dispatchers().len()}</span></summary>
                        <ul><For each=dispatchers key=|line| (line.member.id, line.sessions) let:line><li class="on-duty">
                            <p>{line.member.display_name.to_string()}" "<span class="hint agency-id">{line.member.agency_id.to_string()}</span></p>
                        </li></For></ul>
                    </details>
                    <details class="signed-in">
                        <summary>"Responders signed in "<span class="tally">{move || counts.get().2}</span></summary>
                        <ul><For each=on_duty key=|line| (line.member.id, line.sessions) let:line><Responder line acts/></For></ul>
                    </details>
                    <Keys stops=by_card acts/>
                </section>
                </div>
            </Show>
        </div>
    }
}

/// Whether a card of the old picture stands elsewhere in the new one, or another in its place. One more at the end moves nothing.
fn moves(old: &wire::Desk, new: &wire::Desk) -> bool {
    let live = |desk: &wire::Desk| desk.live.iter().map(|grant| grant.id).collect::<Vec<_>>();
    let approved = |desk: &wire::Desk| desk.approved.iter().map(|approval| approval.statement.request).collect::<Vec<_>>();
    // A notice above them comes or goes.
    notices(old) != notices(new)
        || old.drills != new.drills
        || bulk::groups(old) != bulk::groups(new)
        || alarms(old) != alarms(new)
        || requests(old).into_iter().zip(requests(new)).any(|(old, new)| old != new)
        || approved(old) != approved(new)
        || live(old).into_iter().zip(live(new)).any(|(old, new)| old != new)
}

/// What stands above the cards of a picture.
fn notices(desk: &wire::Desk) -> (bool, bool, bool, bool, bool) {
    let ways = &desk.channels;
    (
        desk.readiness.locked_down,
        desk.readiness.key_service.trouble.is_some(),
        ways.webhook_silent_since.is_some(),
        ways.push_failing > 0,
        desk.unread > 0,
    )
}

/// About whom a picture alarms, from the top.
fn alarms(desk: &wire::Desk) -> Vec<MemberId> {
    desk.alarms.iter().map(|alarm| alarm.by.id).collect()
}

/// The requests that wait in a picture, from the top.
fn requests(desk: &wire::Desk) -> Vec<RequestId> {
    desk.waiting.iter().map(|card| card.statement.request).collect()
}

/// Who alarms or waits in the new picture and did not in the old one, in words.
fn arrivals(old: &wire::Desk, new: &wire::Desk) -> Vec<String> {
    let alarms = new.alarms.iter().filter(|alarm| old.alarms.iter().all(|known| known.by.id != alarm.by.id));
    let cards = new.waiting.iter().filter(|card| old.waiting.iter().all(|known| known.statement.request != card.statement.request));
    let alarms = alarms.map(|alarm| format!("Many bracelets: {}", alarm.by.display_name));
    let cards = cards.map(|card| {
        let severity = card.statement.justification.severity().label().to_lowercase();
        format!("New request: {severity}, {}", card.by.display_name)
    });
    alarms.chain(cards).collect()
}

/// Who opened a record alone since the old picture, in words.
fn opened_alone(old: &wire::Desk, new: &wire::Desk) -> Vec<String> {
    let alone = |desk: &wire::Desk| {
        let approved = desk.approved.iter().map(|line| (&line.opened, &line.by, line.statement.justification.incident()));
        let live = desk.live.iter().map(|grant| (&grant.opened, &grant.by, grant.incident.as_str()));
        let opened = approved.chain(live).filter(|(opened, ..)| opened.door == Door::Override);
        opened.map(|(_, by, incident)| format!("Opened alone: {}, incident {incident}", by.display_name)).collect::<Vec<_>>()
    };
    let before = alone(old);
    alone(new).into_iter().filter(|words| !before.contains(words)).collect()
}

/// Whose a request is, and for which incident, as the desk showed it.
fn about(desk: &wire::Desk, id: RequestId) -> String {
    let waiting = desk.waiting.iter().map(|card| (&card.by, &card.statement));
    let approved = desk.approved.iter().map(|approval| (&approval.by, &approval.statement));
    let shown = waiting.chain(approved).find(|(_, statement)| statement.request == id);
    shown.map_or_else(
        || "A request".to_owned(),
        |(by, statement)| format!("{}, incident {}", by.display_name, statement.justification.incident()),
    )
}

/// A request can leave the desk while its denial is being written: says what became of it.
fn explain_vanished(acts: Acts, old: &wire::Desk, new: &wire::Desk) {
    let Some(id) = acts.denying.get_untracked() else { return };
    let is_there = requests(new).contains(&id) || new.approved.iter().any(|approval| approval.statement.request == id);
    if acts.signing.get_untracked() == Some(id) || is_there {
        return;
    }
    let about = about(old, id);
    acts.denying.set(None);
    acts.is_typed_on.set(true);
    let written = acts.written.get_untracked();
    spawn_local(async move {
        let became = decide::what_became_of(id).await;
        let lost = match written.trim() {
            "" => String::new(),
            written => format!(" You had written: “{written}”"),
        };
        let said = format!("{about}: {became} What you wrote was not sent.{lost}");
        // Beside what an act came to meanwhile, not in its place.
        let Some(said_before) = acts.said.try_get_untracked() else { return };
        let before = match said_before {
            Some(Said::Done(words) | Said::Failed(words)) => format!("{words} "),
            _ => String::new(),
        };
        acts.said.set(Some(Said::Failed(before + &said)));
        next::keep_focus().await;
    });
}
