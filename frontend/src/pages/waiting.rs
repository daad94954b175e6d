//! One request from filing to its end: waiting, decided, open, over.
//!
//! Lives on pictures that the backend sends whenever something may have changed. The record is opened by the page of the
//! same tree ([`super::record`]), so that an approval opens at once.

use std::rc::Rc;

use halligan_shared::{
    grant::{Ending, WipeCause},
    id::RequestId,
    member::Role,
    paths,
    wire::{Decisions, GrantState, ProblemCode, RequestState, RequestView},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{
    NavigateOptions,
    components::A,
    hooks::{use_navigate, use_params_map},
};

use super::{
    alone::Alone,
    record::Record,
    stage::{Over, Stage, cause_of, closed, over, seconds_left, stage_of},
};
use crate::{
    api::{
        client::Refusal,
        request::{self, cancel},
    },
    browser::{clock::Deadline, events::Events},
    components::{Access, Actions, Button, Countdown, Loading, Look, Page, ReadinessNotice, Trouble},
    state::{
        line,
        request::{Bracelet, use_asking},
        session::{use_leaving, use_session},
        vault::{Sight, use_vault},
        viewer,
    },
};

/// A request of one's own.
#[component]
pub fn Waiting() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse::<RequestId>().ok())));
    let vault = use_vault();
    let drill = RwSignal::new(false);
    // The backend's word until the record is open; from then on the record's own, which nobody could change.
    let is_drill = Signal::derive(move || match vault.sight().get() {
        Sight::Open { drill, .. } => drill,
        Sight::Nothing | Sight::Erased(..) => drill.get(),
    });
    view! {
        <Page title="Your request" access=Access::Role(Role::Responder) drill=is_drill follows=true>
            {move || match id.get() {
                Some(id) => view! { <Request id=id drill=drill/> }.into_any(),
                None => view! { <Nothing/> }.into_any(),
            }}
        </Page>
    }
}

#[component]
fn Request(id: RequestId, drill: RwSignal<bool>) -> impl IntoView {
    let (vault, session, leaving, asking) = (use_vault(), use_session(), use_leaving(), use_asking());
    let view = RwSignal::new(None::<RequestView>);
    let until = RwSignal::new(None::<Deadline>);
    let is_lost = RwSignal::new(false);
    let trouble = RwSignal::new(None::<String>);
    let events = StoredValue::new_local(None::<Events>);
    // The backend knows none, or not for this member.
    let is_nothing = RwSignal::new(false);
    // This page has seen that it could open it.
    let was_here = RwSignal::new(asking.has_asked(id));
    // It could be opened, and cannot any more.
    let waits_again = RwSignal::new(false);

    let take = move |picture: RequestView| {
        is_lost.set(false);
        is_nothing.set(false);
        trouble.set(None);
        if picture.here {
            was_here.set(true);
        }
        drill.set(picture.drill);
        asking.saw(&picture);
        let was_approved =
            view.with_untracked(|view| matches!(view, Some(RequestView { state: RequestState::Approved { .. }, .. })));
        waits_again.update(|again| match &picture.state {
            RequestState::Pending { .. } => *again |= was_approved,
            _ => *again = false,
        });
        until.set(seconds_left(&picture.state).map(Deadline::after));
        if let RequestState::Released { grant, .. } = &picture.state {
            match grant.state {
                GrantState::Active { seconds_left } if picture.here => vault.resync(seconds_left),
                // This browser's sign-in is another one now.
                GrantState::Active { .. } => vault.wipe(WipeCause::SessionLost),
                GrantState::Ended { ending, .. } => vault.wipe(cause_of(ending)),
            }
        }
        view.set(Some(picture));
    };
    // Asking tells why a line of events broke: a lost session empties the session, and the vault with it.
    let ask = move || {
        spawn_local(async move {
            match request::show(id).await {
                Ok(picture) => take(picture),
                Err(Refusal::Offline) => is_lost.set(true),
                Err(refusal) => {
                    is_lost.set(false);
                    let code = refusal.code();
                    let is_refused = matches!(code, Some(ProblemCode::NotAllowed | ProblemCode::NotFound));
                    // Who may not see the request may not see its record. Any other failure takes nothing away.
                    if is_refused || code == Some(ProblemCode::NotSignedIn) {
                        vault.wipe(WipeCause::SessionLost);
                    }
                    if is_refused {
                        // Nothing will come on that line.
                        events.try_set_value(None);
                        view.set(None);
                    }
                    is_nothing.set(is_refused);
                    trouble.set((!is_refused).then(|| refusal.sentence()));
                }
            }
        });
    };
    Effect::new(move |_| {
        let hears = session.with(Option::is_some) && !leaving.get();
        events.set_value(hears.then(|| {
            let hear = move |text: &str| {
                if let Ok(picture) = serde_json::from_str::<RequestView>(text) {
                    take(picture);
                }
            };
            line::open(session, &paths::request_events_of(id), Rc::new(hear), Rc::new(ask))
        }));
    });
    on_cleanup(move || {
        events.set_value(None);
        drill.set(false);
        vault.wipe(WipeCause::Left);
        vault.dismiss();
    });

    let stage = Memo::new(move |_| {
        let is_in_vault = match vault.sight().get() {
            Sight::Nothing => false,
            Sight::Open { request, .. } | Sight::Erased(request, _) => request == id,
        };
        let was_here = was_here.get();
        let stage = view.with(|view| view.as_ref().map_or(Stage::Loading, |view| stage_of(view, was_here)));
        match stage {
            _ if is_nothing.get() => Stage::Nothing,
            _ if is_in_vault => Stage::Record,
            // The backend may not know yet.
            Stage::Record if vault.receipts().has_ended(id) => over("Record closed", closed(Ending::Wiped)),
            stage => stage,
        }
    });
    // Of the key service only who waits is told: a record says by itself why it does not open.
    let readiness = Signal::derive(move || {
        let mut readiness = view.with(|view| view.as_ref().map(|view| view.readiness))?;
        if stage.get() != Stage::Waiting {
            readiness.key_service.trouble = None;
        }
        Some(readiness)
    });
    let in_lockdown = Signal::derive(move || {
        match view.with(|view| view.as_ref().map(|view| matches!(view.state, RequestState::Approved { .. }))) {
            Some(true) => {
                "No record opens until two admins lift it; yours is approved, and opens by itself then. Call dispatch for what the patient needs now."
            }
            _ if stage.get() == Stage::Waiting => {
                "No record opens until two admins lift it. Your request stays, and dispatch sees it: call dispatch for what the patient needs now."
            }
            _ => {
                "No record opens until two admins lift it. You can ask again, and dispatch sees it: call dispatch for what the patient needs now."
            }
        }
    });
    view! {
        <div role="status">
            {move || is_lost.get().then(|| {
                // What dispatch says meanwhile does not arrive here.
                let call = if stage.get() == Stage::Waiting { " Call dispatch by radio." } else { "" };
                view! { <p class="notice">"Connection lost. Trying again…"{call}</p> }
            })}
            {move || waits_again.get().then(|| view! {
                <p class="notice">"Your request waits again: its incident was closed, your unit was taken off it, or a dispatcher who approved it decides no more. Dispatch sees it."</p>
            })}
        </div>
        <ReadinessNotice
            known=readiness
            locked_down=in_lockdown
            failing="Your request goes on: an approval is kept, and the record can be opened when the key service is back."
        />
        <Trouble words=trouble/>
        {move || match stage.get() {
            Stage::Loading => view! { <Loading>"Looking up your request…"</Loading> }.into_any(),
            Stage::Waiting => view! { <Pending id view until is_lost take trouble on_end=ask/> }.into_any(),
            Stage::Record => view! { <Record view until/> }.into_any(),
            Stage::Over(over) => view! { <Ended over=over view=view/> }.into_any(),
            Stage::Nothing => view! { <Nothing/> }.into_any(),
        }}
    }
}

#[component]
fn Pending(
    id: RequestId,
    view: RwSignal<Option<RequestView>>,
    until: RwSignal<Option<Deadline>>,
    is_lost: RwSignal<bool>,
    take: impl Fn(RequestView) + Copy + Send + Sync + 'static,
    trouble: RwSignal<Option<String>>,
    on_end: impl Fn() + 'static,
) -> impl IntoView {
    let (busy, is_asking) = (RwSignal::new(false), RwSignal::new(false));
    spawn_local(viewer::fetch_ahead());
    let withdraw = move |()| {
        busy.set(true);
        spawn_local(async move {
            match cancel(id).await {
                Ok(picture) => take(picture),
                Err(refusal) => trouble.set(Some(refusal.sentence())),
            }
            busy.set(false);
        });
    };
    let doors = Memo::new(move |_| {
        view.with(|view| match view.as_ref().map(|view| &view.state) {
            Some(RequestState::Pending { doors, .. }) => Some(doors.clone()),
            _ => None,
        })
    });
    let decisions = Memo::new(move |_| doors.with(|doors| doors.as_ref().and_then(|doors| doors.decisions.clone())));
    // A deadline begins where it is made: once with each picture, and not at each look.
    let alone = RwSignal::new(None::<Deadline>);
    Effect::new(move |_| alone.set(doors.with(|doors| doors.as_ref().and_then(|doors| doors.override_in).map(Deadline::after))));
    view! {
        <section class="step">
            <h2>"Waiting for dispatch"</h2>
            // Room for the words that are to be signed, while they stand there; and no promise that a lost line cannot keep.
            <div role="status" hidden=move || is_asking.get() || is_lost.get()>{move || in_words(decisions.get())}</div>
            <Alone id until=alone.into() is_asking take/>
            <Countdown until=until label="Request expires in" on_end=move |()| on_end()/>
            <Asked view=view/>
            <Show when=move || !is_asking.get()>
                <Actions><Button busy=busy on_press=withdraw>"Cancel request"</Button></Actions>
            </Show>
        </section>
    }
}

/// Who is asked, and how far they have come.
fn in_words(decisions: Option<Decisions>) -> impl IntoView {
    let Some(Decisions { needed, apart, given, on_duty }) = decisions else {
        return view! { <p>"By the agency’s rules no dispatcher decides this. Keep this page open."</p> }.into_any();
    };
    let who = match on_duty {
        0 => "No dispatcher has it on the screen just now. Call dispatch.".to_owned(),
        1 => "Your request is on the screen of 1 dispatcher. Keep this page open: the record opens by itself.".to_owned(),
        more => format!("Your request is on the screens of {more} dispatchers. Keep this page open: the record opens by itself."),
    };
    let several = (needed > 1).then(|| {
        let apart = if apart { " of different stations" } else { "" };
        format!("It needs {needed} dispatchers{apart}: {} approved so far.", given.len())
    });
    view! { <p>{who}</p> {several.map(|words| view! { <p>{words}</p> })} }.into_any()
}

/// There is no such request, or it is another's.
#[component]
fn Nothing() -> impl IntoView {
    view! {
        <section class="step">
            <h2>"No such request"</h2>
            <p role="status">"There is no such request, or it is another member’s."</p>
            <Actions><A href="/" attr:class="button main">"To the start page"</A></Actions>
        </section>
    }
}

#[component]
fn Ended(over: Over, view: RwSignal<Option<RequestView>>) -> impl IntoView {
    view! {
        <section class="step">
            <h2>{over.title}</h2>
            <div role="status">
                {over.reason.map(|reason| view! { <p>{reason}</p> })}
                <p>{over.words}</p>
            </div>
            <Asked view=view/>
            <Actions><AskAgain view=view/></Actions>
        </section>
    }
}

/// Takes what was asked back to the form; the bracelet has to be read again only if this page no longer knows it.
#[component]
pub fn AskAgain(view: RwSignal<Option<RequestView>>) -> impl IntoView {
    let asking = use_asking();
    let navigate = use_navigate();
    let again = move |()| {
        view.with_untracked(|view| view.iter().for_each(|view| asking.ask_again(&view.justification)));
        let path = if asking.bracelet() == Bracelet::Read { "/justify" } else { "/scan" };
        navigate(path, NavigateOptions { replace: true, ..NavigateOptions::default() });
    };
    view! { <Button look=Look::Main on_press=again>"Ask again"</Button> }
}

/// What was asked.
#[component]
fn Asked(view: RwSignal<Option<RequestView>>) -> impl IntoView {
    let asked = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.justification.clone())));
    move || {
        asked.get().map(|asked| {
            view! {
                <dl class="facts">
                    <dt>"Incident"</dt>
                    <dd>{asked.incident().to_owned()}</dd>
                    <dt>"Urgency"</dt>
                    <dd>{asked.severity().label()}</dd>
                    <dt>"Reason"</dt>
                    <dd>{asked.reason().label()}</dd>
                    {(!asked.text().is_empty()).then(|| view! {
                        <dt>"In your words"</dt>
                        <dd>{asked.text().to_owned()}</dd>
                    })}
                </dl>
            }
        })
    }
}
