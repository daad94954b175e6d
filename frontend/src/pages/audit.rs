//! The evidence, newest first. Reads only.

use halligan_shared::{
    audit::Kind,
    member::{AgencyId, Role},
    statement::BulkApprovalStatement,
    wire::AuditLine,
};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use serde_json::Value;

use crate::{
    api::audit::{self, Filter},
    components::{Access, Button, Empty, Field, Keyboard, Loading, Look, Moment, Notice, Page, Tone, Trouble},
};

/// What kinds of a family begin with, and what the filter calls it.
const FAMILIES: [(&str, &str); 19] = [
    ("request.", "Requests and decisions"),
    ("record.", "Records opened, wiped, sealed"),
    ("rotation.", "Rotations of keys"),
    ("grant.", "Grants ended"),
    ("document.", "Documents sent"),
    ("wipe_receipt.", "Missing wipe receipts"),
    ("review.", "Reviews of what was opened"),
    ("drill.", "Drills and who took part"),
    ("sealing.", "Sealings begun"),
    ("bracelet.", "Bracelets replaced"),
    ("bracelets.", "Alarms about many bracelets"),
    ("keys.", "The key service"),
    ("lockdown.", "Lockdowns"),
    ("policy.", "Changes of policies"),
    ("doctor.", "Looks at what would fail"),
    ("incident.", "Incidents, as dispatch told them"),
    ("member.", "Invitations and members"),
    ("passkey.", "Passkeys"),
    ("sign_in.", "Sign-ins and sign-outs"),
];

pub(super) const fn in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::RequestFiled => "A record was asked for",
        Kind::RequestDecided => "A request was decided",
        Kind::RequestOverridden => "A responder opened a request alone",
        Kind::RequestOpened => "A door opened a request",
        Kind::RequestWaitsAgain => "A request waits again: what had opened it holds no more",
        Kind::RequestCancelled => "A request was withdrawn",
        Kind::RequestExpired => "Nobody decided in time",
        Kind::RequestLapsed => "An approval was not used in time",
        Kind::RequestAltered => "A request is not as it was signed",
        Kind::RecordOpened => "A record was opened",
        Kind::RecordOpenedAgain => "A record was opened again",
        Kind::RecordNotOpened => "A record was not opened: nothing came of the attempt",
        Kind::RecordWiped => "A record was wiped",
        Kind::RecordSealed => "A record was sealed",
        Kind::RecordRewrapped => "A record's share of its key was wrapped anew",
        Kind::RotationBegun => "A rotation of the wrapping key was begun",
        Kind::RotationEnded => "A rotation of the wrapping key is over",
        Kind::GrantEnded => "A grant ended",
        Kind::DocumentSent => "A document was sent",
        Kind::WipeReceiptMissing => "No wipe receipt has come",
        Kind::ReviewOpened => "A review was opened",
        Kind::ReviewAssigned => "A review has another owner, or none",
        Kind::ReviewOverdue => "A review is overdue",
        Kind::ReviewClosed => "A review was closed",
        Kind::SealingBegun => "A sealing was begun",
        Kind::SealingDropped => "A sealing was given up",
        Kind::BraceletReplaced => "A bracelet was replaced",
        Kind::BraceletsMany => "Many bracelets in a short time",
        Kind::BraceletsAllowed => "Many bracelets are in order",
        Kind::KeysFailing => "The key service began to fail",
        Kind::KeysAnswering => "The key service answers again",
        Kind::LockdownProposed => "A lockdown, or its lifting, was proposed",
        Kind::LockdownBegun => "The portal was locked down",
        Kind::LockdownLifted => "The lockdown was lifted",
        Kind::LockdownDenyPut => "The key service refuses credentials, all or those from before the lockdown",
        Kind::LockdownDenyFailed => "The key service could not be told of the lockdown",
        Kind::LockdownDenyUnseen => "What has the key service refuse credentials was not found there, and is put there again",
        Kind::LockdownDenyRemoved => "No credentials from before the lockdown are left",
        Kind::PolicyChanged => "The policies are others than before",
        Kind::DrillBegun => "A drill began",
        Kind::DrillJoined => "More members take part in a drill",
        Kind::DrillLeft => "A member takes part in a drill no more",
        Kind::DrillEnded => "A drill is over",
        Kind::DoctorAsked => "An admin looked at what would fail in an emergency",
        Kind::IncidentOpened => "Dispatch told of an incident that goes on",
        Kind::IncidentChanged => "Other units are on an incident",
        Kind::IncidentClosed => "An incident is over",
        Kind::MemberInvited => "Somebody was invited",
        Kind::MemberJoined => "Somebody joined",
        Kind::MemberSuspended => "A member was kept out",
        Kind::MemberReinstated => "A member was let in again",
        Kind::MemberAssigned => "Where a member works was changed",
        Kind::MemberRolesChanged => "A member's roles were changed",
        Kind::MemberInvitationWithdrawn => "An invitation was taken back",
        Kind::MemberReenrolmentProposed => "New passkeys for a member were proposed",
        Kind::MemberReenrolmentConfirmed => "New passkeys for a member were confirmed",
        Kind::MemberReenrolmentLinkMade => "The link for a member's new passkey was handed out",
        Kind::MemberReenrolmentStopped => "New passkeys for a member were stopped",
        Kind::MemberReenrolmentDone => "A member's passkeys were replaced",
        Kind::NoticeTold => "Members were told of something",
        Kind::NoticeLost => "A notice did not reach somebody",
        Kind::NoticeDeviceAdded => "A device is told of notices",
        Kind::NoticeDeviceRemoved => "A device is told no more",
        Kind::PasskeyAdded => "A passkey was added",
        Kind::PasskeyNamed => "A passkey was named",
        Kind::PasskeyRemoved => "A passkey was removed",
        Kind::PasskeyRefused => "A passkey was refused",
        Kind::PasskeyCounterWentBack => "A passkey may have been copied",
        Kind::PasskeyNotDeviceBound => "A passkey that can leave its device was refused",
        Kind::SignInDone => "A member signed in",
        Kind::SignInKeptOut => "A member who is kept out tried to sign in",
        Kind::SignInEnded => "A member signed out",
        Kind::SignInFollowed => "A sign-in ended with another one at its browser",
        Kind::SignInEndedEverywhere => "A member signed out everywhere",
        Kind::SignInEndedByOther => "A member was signed out everywhere",
    }
}

/// The page.
#[component]
pub fn Audit() -> impl IntoView {
    view! {
        <Page title="Audit log" access=Access::Role(Role::Auditor) wide=true>
            <Log/>
        </Page>
    }
}

/// What was fetched so far.
#[derive(Clone, Copy)]
struct Pages {
    events: RwSignal<Vec<AuditLine>>,
    next_before: RwSignal<Option<u64>>,
    chain_holds: RwSignal<Option<bool>>,
    busy: RwSignal<bool>,
    trouble: RwSignal<Option<String>>,
    /// Counts filters, so that a late answer to an earlier one is not shown.
    turn: StoredValue<u32>,
}

impl Pages {
    fn new() -> Self {
        Self {
            events: RwSignal::new(Vec::new()),
            next_before: RwSignal::new(None),
            chain_holds: RwSignal::new(None),
            busy: RwSignal::new(false),
            trouble: RwSignal::new(None),
            turn: StoredValue::new(0),
        }
    }

    /// Fetches the page before `before`, or begins anew.
    fn fetch(self, filter: Filter, before: Option<u64>) {
        self.turn.update_value(|turn| *turn += 1);
        let turn = self.turn.get_value();
        self.busy.set(true);
        self.trouble.set(None);
        spawn_local(async move {
            let answer = audit::page(&filter, before).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(page) => {
                    self.events.update(|events| {
                        if before.is_none() {
                            events.clear();
                        }
                        events.extend(page.events);
                    });
                    self.next_before.set(page.next_before);
                    self.chain_holds.set(Some(page.chain_holds));
                }
                Err(refusal) => self.trouble.set(Some(refusal.sentence())),
            }
        });
    }
}

#[component]
fn Log() -> impl IntoView {
    let kind = RwSignal::new(String::new());
    let actor = RwSignal::new(String::new());
    let actor_fault = RwSignal::new(None::<String>);
    let shown = RwSignal::new(Filter::default());
    let pages = Pages::new();
    pages.fetch(Filter::default(), None);
    let filter = move |event: SubmitEvent| {
        event.prevent_default();
        let typed = actor.get_untracked();
        let actor = match typed.trim() {
            "" => None,
            typed => match typed.parse::<AgencyId>() {
                Ok(actor) => Some(actor),
                Err(fault) => return actor_fault.set(Some(fault.to_string())),
            },
        };
        actor_fault.set(None);
        let filter = Filter { kind: kind.get_untracked(), actor };
        shown.set(filter.clone());
        pages.fetch(filter, None);
    };
    view! {
        <Chain holds=pages.chain_holds/>
        <form class="filter" on:submit=filter novalidate=true>
            <div class="field">
                <label for="kind">"Kind"</label>
                <select id="kind" on:change=move |event| kind.set(event_target_value(&event)) prop:value=kind>
                    <option value="">"All events"</option>
                    {FAMILIES.map(|(prefix, label)| view! { <option value=prefix>{label}</option> }).collect_view()}
                </select>
            </div>
            <Field id="actor" label="Agency ID" value=actor keyboard=Keyboard::Code max=64 error=actor_fault/>
            <Button submits=true busy=pages.busy>"Show"</Button>
        </form>
        <Trouble words=pages.trouble/>
        {move || {
            let is_empty = pages.events.with(Vec::is_empty);
            (is_empty && pages.busy.get()).then(|| view! { <Loading>"Reading the log…"</Loading> })
        }}
        <Show when=move || pages.events.with(Vec::is_empty) && !pages.busy.get() && pages.trouble.with(Option::is_none)>
            <Empty>"No event fits this filter."</Empty>
        </Show>
        <Show when=move || !pages.events.with(Vec::is_empty)>
            <div class="table-frame" tabindex="0" role="region" aria-label="Events">
                <table class="lines">
                    <thead><tr>
                        <th scope="col" class="number">"No."</th><th scope="col">"When"</th><th scope="col">"What"</th>
                        <th scope="col">"Who"</th><th scope="col">"Facts"</th>
                    </tr></thead>
                    <tbody><For each=move || pages.events.get() key=|event| event.sequence let:event><Event event/></For></tbody>
                </table>
            </div>
        </Show>
        <div class="bar">
            {move || pages.next_before.get().map(|before| view! {
                <Button look=Look::Plain busy=pages.busy on_press=move |()| pages.fetch(shown.get_untracked(), Some(before))>"Older events"</Button>
            })}
            {move || (pages.trouble.with(Option::is_some) && pages.events.with(Vec::is_empty)).then(|| view! {
                <Button busy=pages.busy on_press=move |()| pages.fetch(shown.get_untracked(), None)>"Try again"</Button>
            })}
        </div>
    }
}

/// What an event tells, with what its facts say of it.
fn told(kind: Kind, facts: &Value) -> String {
    let said = facts.pointer("/statement/verdict").and_then(Value::as_str);
    let door = facts.get("door").and_then(Value::as_str);
    let is_bulk = facts.pointer("/statement/kind").and_then(Value::as_str) == Some(BulkApprovalStatement::KIND);
    let words = match (kind, said, door) {
        (Kind::RequestDecided, _, _) if is_bulk => "A dispatcher approved a request together with others",
        (Kind::RequestDecided, Some("approve"), _) => "A dispatcher approved a request",
        (Kind::RequestDecided, Some("deny"), _) => "A dispatcher denied a request",
        (Kind::RequestDecided, Some("take_back"), _) => "A dispatcher took an approval back",
        (Kind::RequestOpened, _, Some("dispatcher")) => "Dispatchers' decisions opened a request",
        (Kind::RequestOpened, _, Some("policy")) => "A standing rule opened a request",
        (Kind::RequestOpened, _, Some("override")) => "The override opened a request",
        _ => in_words(kind),
    };
    words.to_owned()
}

/// Whether the log can be believed, in plain words.
#[component]
fn Chain(holds: RwSignal<Option<bool>>) -> impl IntoView {
    move || {
        holds.get().map(|holds| {
            if holds {
                view! { <Notice tone=Tone::Status>"The chain holds: every event names the one before it, from the first to the last."</Notice> }
                    .into_any()
            } else {
                view! {
                    <Notice tone=Tone::Alert>
                        "The chain is broken: events were changed or are missing. Keep a copy of the database and run "
                        <code>"halligan audit verify"</code>", which names the first broken event."
                    </Notice>
                }
                .into_any()
            }
        })
    }
}

#[component]
fn Event(event: AuditLine) -> impl IntoView {
    // Fails for no JSON value; what cannot be laid out is shown as it is.
    let facts = serde_json::to_string_pretty(&event.facts).unwrap_or_else(|_| event.facts.to_string());
    let what = format!("Facts of event {}", event.sequence);
    let nobody = if event.kind == AuditLine::UNREADABLE { "not known" } else { "the portal" };
    view! {
        <tr>
            <th scope="row" class="number">{event.sequence}</th>
            <td><Moment at=event.at/></td>
            <td>
                {Kind::of(&event.kind).map(|kind| told(kind, &event.facts)).map(|words| view! { <span class="kind-words">{words}</span> })}
                {(event.facts.get("drill") == Some(&Value::Bool(true))).then(|| view! { <span class="tag drill-tag">"Drill"</span> })}
                <span class="kind">{event.kind}</span>
            </td>
            <td>{event.actor.unwrap_or_else(|| nobody.to_owned())}</td>
            <td>
                <details>
                    <summary aria-label=what>"Show"</summary>
                    <pre class="event-facts" tabindex="0">{facts}</pre>
                    <p class="digest">"SHA-256 "{event.digest}</p>
                </details>
            </td>
        </tr>
    }
}
