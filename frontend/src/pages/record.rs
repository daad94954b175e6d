//! The window of a record: its countdown, its end, and what stands in its place before and after.
//!
//! The record itself stands below, in the viewer's frame. What is erased, and when, is the vault's.

use halligan_shared::{
    grant::WipeCause,
    wire::{GrantState, ProblemCode, RequestState, RequestView},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::components::A;

use super::{stage::ended_because, waiting::AskAgain};
use crate::{
    api::client::Refusal,
    browser::{clock::Deadline, page},
    components::{Actions, Button, Countdown, Loading, Look, Notice, Tone, Trouble},
    state::{
        open::{self, OpenFault},
        vault::{Attempt, Sight, use_vault},
    },
    viewer::words::Fault,
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
pub fn Record(
    view: RwSignal<Option<RequestView>>,
    /// How long the window, or the approval, still lasts.
    until: RwSignal<Option<Deadline>>,
) -> impl IntoView {
    let vault = use_vault();
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    // What a lost connection kept shut may be tried again, until a wipe is called for: somebody is done with it, seen or not.
    let cut_off = StoredValue::new(None::<Attempt>);
    let open = move || {
        let asked =
            view.with_untracked(|view| view.as_ref().and_then(|view| Some((view.id, view.record, sealing_of(&view.state)?))));
        let Some((request, record, sealing)) = asked else { return };
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        trouble.set(None);
        cut_off.set_value(None);
        spawn_local(async move {
            match open::open(vault, request, record, sealing).await {
                // Erased before it was seen: the page is being left, and says so by itself if it is not.
                Ok(()) | Err(OpenFault::Erased) => {}
                Err(fault) => {
                    let is_offline = matches!(fault, OpenFault::Refused(Refusal::Offline) | OpenFault::Viewer(Fault::Silent));
                    let is_for_now = matches!(&fault, OpenFault::Refused(refusal) if refusal.code().is_some_and(passes));
                    cut_off.set_value((is_offline || is_for_now).then(|| vault.begin()));
                    trouble.set(Some(fault.to_string()));
                }
            }
            busy.set(false);
        });
    };
    // An approval opens at once. A window that is open already was opened before a reload, and whoever holds the device now is
    // asked for a tap.
    let is_approved =
        move || view.with_untracked(|view| matches!(view, Some(RequestView { state: RequestState::Approved { .. }, .. })));
    // During a lockdown nothing opens: once that is lifted, what is approved does. So it is with a key service that fails.
    let is_locked_down = move || view.with(|view| view.as_ref().is_some_and(|view| view.readiness.locked_down));
    let is_failing =
        move || view.with_untracked(|view| view.as_ref().is_some_and(|view| view.readiness.key_service.trouble.is_some()));
    let waits = Memo::new(move |_| {
        is_locked_down() && view.with(|view| matches!(view, Some(RequestView { state: RequestState::Approved { .. }, .. })))
    });
    if waits.get_untracked() {
        cut_off.set_value(Some(vault.begin()));
    } else if is_approved() {
        open();
    }
    // It opens by itself before somebody's eyes: the browser says that the connection is back, or the next picture comes over it.
    let open_again = move || {
        if cut_off.get_value().is_some_and(|attempt| vault.is_current(attempt))
            && is_approved()
            && !untrack(is_locked_down)
            && !is_failing()
            && !page::is_hidden()
        {
            open();
        }
    };
    let listeners = StoredValue::new_local((page::on_online(open_again), page::on_visibility(move |_| open_again())));
    on_cleanup(move || listeners.dispose());
    Effect::watch(move || view.track(), move |(), _, _| open_again(), false);
    let stage = Memo::new(move |_| match vault.sight().get() {
        Sight::Nothing => Stage::Shut,
        Sight::Open { .. } => Stage::Open,
        Sight::Erased(_, cause) => Stage::Erased(cause),
    });
    move || match stage.get() {
        Stage::Shut => view! { <Shut until busy trouble waits open/> }.into_any(),
        Stage::Open => view! { <Window view/> }.into_any(),
        Stage::Erased(cause) => view! { <Erased cause view until busy trouble open/> }.into_any(),
    }
}

#[component]
fn Shut(
    until: RwSignal<Option<Deadline>>,
    busy: RwSignal<bool>,
    trouble: RwSignal<Option<String>>,
    /// Whether it opens by itself, after a lockdown, and not before.
    waits: Memo<bool>,
    open: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <section class="step">
            {move || busy.get().then(|| view! { <Loading>"Opening the record…"</Loading> })}
            {move || (!waits.get()).then(|| view! { <Trouble words=trouble/> })}
            {move || (!busy.get()).then(|| {
                let label = if trouble.with(Option::is_some) { "Try again" } else { "Open again" };
                view! {
                    <StillOpen until/>
                    {move || (!waits.get()).then(|| view! { <Actions><Button look=Look::Main on_press=move |()| open()>{label}</Button></Actions> })}
                }
            })}
        </section>
    }
}

/// Whether what keeps a record closed goes by itself, as the request's next pictures tell.
const fn passes(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::LockedDown
            | ProblemCode::AuthorityBusy
            | ProblemCode::AuthorityDown
            | ProblemCode::AuthorityClock
            | ProblemCode::AuthorityCredentials
    )
}

#[component]
fn StillOpen(until: RwSignal<Option<Deadline>>) -> impl IntoView {
    view! { <Countdown until label="Can be opened for"/> }
}

#[component]
fn Erased(
    cause: WipeCause,
    view: RwSignal<Option<RequestView>>,
    until: RwSignal<Option<Deadline>>,
    busy: RwSignal<bool>,
    trouble: RwSignal<Option<String>>,
    open: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let vault = use_vault();
    // The frame that had the focus is gone.
    Effect::new(|_| page::keep_focus());
    // Only a wipe that does not end the grant leaves a way back, and only as long as the window lasts.
    let can_reopen = Memo::new(move |_| {
        let is_active = |view: &RequestView| {
            matches!(&view.state, RequestState::Released { grant, .. } if matches!(grant.state, GrantState::Active { .. }))
                && !vault.receipts().has_ended(view.id)
        };
        cause.may_reopen() && view.with(|view| view.as_ref().is_some_and(is_active))
    });
    let reason = Memo::new(move |_| view.with(|view| view.as_ref().and_then(|view| ended_because(&view.state))));
    let is_reason_enough = move || cause == WipeCause::Revoked && reason.with(Option::is_some);
    let is_untold = Memo::new(move |_| match vault.sight().get() {
        Sight::Erased(request, _) => vault.receipts().is_untold(request),
        Sight::Nothing | Sight::Open { .. } => false,
    });
    view! {
        <section class="step erased">
            <h2>"Record erased"</h2>
            <div role="status">
                {move || reason.get().map(|reason| view! { <p>{reason}</p> })}
                <p>
                    {move || (!is_reason_enough()).then(|| because(cause))}
                    " The key, the documents and what was on screen are gone from this device."
                </p>
            </div>
            <div role="status">{move || is_untold.get().then(|| view! {
                <p class="notice">"Dispatch has not been told yet. It will be as soon as there is a connection: keep this page open."</p>
            })}</div>
            <Trouble words=trouble/>
            {move || if can_reopen.get() {
                view! {
                    <StillOpen until/>
                    <Actions><Button look=Look::Main busy=busy on_press=move |()| open()>"Open again"</Button></Actions>
                }
                .into_any()
            } else {
                view! {
                    <Actions>
                        <A href="/" attr:class="button">"To the start page"</A>
                        <AskAgain view=view/>
                    </Actions>
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
        // It may have failed: then the page says so besides.
        WipeCause::SignedOut => "You were signing out.",
        WipeCause::Revoked => "Dispatch ended the window.",
        WipeCause::Hidden => "The page was hidden for too long.",
        WipeCause::Left => "The page was left.",
        WipeCause::Slept => "The device slept past the end.",
        WipeCause::Restored => "The page was left and came back.",
        WipeCause::SessionLost => "Your sign-in was ended.",
        WipeCause::NotOpened => "It did not open.",
    }
}

const fn sealing_of(state: &RequestState) -> Option<halligan_shared::wire::SealingPoint> {
    match state {
        RequestState::Approved { sealing, .. } | RequestState::Released { sealing, .. } => Some(*sealing),
        _ => None,
    }
}

/// The open record under its countdown.
#[component]
fn Window(view: RwSignal<Option<RequestView>>) -> impl IntoView {
    let vault = use_vault();
    let said_drill = view.with_untracked(|view| view.as_ref().is_some_and(|view| view.drill));
    view! {
        <div class="window">
            <Countdown until=vault.deadline() label="Erased in"/>
            <Button look=Look::Main on_press=move |()| vault.wipe(WipeCause::Done)>"Done"</Button>
        </div>
        {move || match vault.sight().get() {
            Sight::Open { drill, .. } if drill != said_drill => {
                Some(view! { <Notice tone=Tone::Alert>{contradiction(drill)}</Notice> })
            }
            _ => None,
        }}
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
