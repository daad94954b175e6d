//! Who is signed in, as far as this page knows.
//!
//! Loaded at the start; emptied by sign-out, by any answer of the backend that says so, and by the limits it lives under; another
//! member's as soon as one is known to have signed in in another tab. Guarantees that a vault that holds a record is wiped when the session ends,
//! whatever ended it.

use gloo_timers::future::TimeoutFuture;
use halligan_shared::{grant::WipeCause, id::MemberId, wire};
use leptos::{prelude::*, task::spawn_local};

use super::{drill::use_taking, idle, request::Asking, vault::Vault};
use crate::{
    api::{
        client::{self, Lapse, Refusal},
        sign_in,
    },
    browser::{page, push},
};

/// What is known about the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// The first answer is awaited.
    Asking,
    /// The backend has answered: the session signal tells the truth.
    Yes,
    /// The backend could not be reached.
    Unreachable,
}

#[derive(Clone, Copy)]
struct SessionState {
    session: RwSignal<Option<wire::Session>>,
    known: RwSignal<Known>,
    stale: RwSignal<bool>,
    leaving: RwSignal<bool>,
    hidden: RwSignal<bool>,
    who: Memo<Option<MemberId>>,
}

/// How long after a session's end it is asked once more who is signed in, in milliseconds: longer than an answer that was on its way takes.
const AGAIN: u32 = 3_000;

/// Provides the session and asks the backend for it. What one member scanned and typed is forgotten when another signs in.
pub fn provide(vault: Vault, asking: Asking) {
    let session = RwSignal::new(None::<wire::Session>);
    let state = SessionState {
        session,
        known: RwSignal::new(Known::Asking),
        stale: RwSignal::new(false),
        leaving: RwSignal::new(false),
        hidden: RwSignal::new(page::is_hidden()),
        who: Memo::new(move |_| member(session)),
    };
    provide_context(state);
    let taking = use_taking();
    client::on_lapse(move |lapse| match lapse {
        Lapse::Over => {
            if state.session.with_untracked(Option::is_some) {
                state.session.set(None);
                // Another tab's sign-in ends the session before its cookie is here.
                spawn_local(async move {
                    TimeoutFuture::new(AGAIN).await;
                    drop(ask(state.session).await);
                });
            }
        }
        Lapse::Stale => state.stale.set(true),
    });
    // Another sign-in is a new one, and so is none at all.
    Effect::new(move |_| {
        state.session.track();
        state.stale.set(false);
    });
    let last = StoredValue::new(None::<MemberId>);
    Effect::new(move |_| {
        let now = state.who.get();
        let is_over = last.get_value().is_some_and(|last| now != Some(last));
        if is_over {
            vault.wipe(WipeCause::SessionLost);
        }
        if now.is_some() {
            if is_over {
                asking.forget();
                taking.look(false);
            }
            last.set_value(now);
        }
        if let Some(limits) = state.session.with_untracked(|session| session.as_ref().map(|session| session.limits)) {
            vault.set_hidden_limit(f64::from(limits.hidden));
        }
    });
    // A browser that is told of another's notices tells whoever signs in at it nothing of them.
    Effect::new(move |_| {
        if state.session.with(|session| session.as_ref().is_some_and(|session| !session.told)) {
            spawn_local(push::leave());
        }
    });
    // Somebody may have signed in or out meanwhile in another tab of this browser.
    let back = page::on_visibility(move |is_hidden| {
        state.hidden.set(is_hidden);
        if !is_hidden {
            spawn_local(async move { drop(ask(state.session).await) });
        }
    });
    StoredValue::new_local(back);
    idle::watch(state.session);
    load(state);
}

/// The session; `None` while nobody is signed in.
pub fn use_session() -> RwSignal<Option<wire::Session>> {
    expect_context::<SessionState>().session
}

/// The member who is signed in.
pub fn use_who() -> Memo<Option<MemberId>> {
    expect_context::<SessionState>().who
}

/// Whether the page is not seen.
pub fn use_hidden() -> RwSignal<bool> {
    expect_context::<SessionState>().hidden
}

/// Asks who is signed in, and shows another member than before as the one who is: all tabs of a browser have one sign-in, and the page does not
/// hear of what another one did. That nobody is in is told to whoever listens for that.
pub async fn ask(session: RwSignal<Option<wire::Session>>) -> Result<(), Refusal> {
    let before = untrack(|| member(session));
    let now = sign_in::session().await?;
    // Whoever came or went by this page meanwhile did so after the answer.
    if before != Some(now.member.id) && before == untrack(|| member(session)) {
        enter(session, now);
    }
    Ok(())
}

/// Shows who has signed in.
pub fn enter(session: RwSignal<Option<wire::Session>>, now: wire::Session) {
    client::signed_in();
    session.set(Some(now));
}

/// Whether a sign-out or a sign-in is under way at this page, which says by itself what becomes of it. Nothing listens for the session's end
/// meanwhile: either ends the one before.
pub fn use_leaving() -> RwSignal<bool> {
    expect_context::<SessionState>().leaving
}

/// Whether what was called takes a sign-in that is newer than this one. Whoever leaves it at that takes it back.
pub fn use_stale() -> RwSignal<bool> {
    expect_context::<SessionState>().stale
}

/// What is known about it.
pub fn use_known() -> Signal<Known> {
    expect_context::<SessionState>().known.into()
}

/// Asks the backend anew, after it could not be reached. Give the result a place to be called from: contexts are not
/// reachable from event handlers.
pub fn use_reload() -> impl Fn() + Clone + 'static {
    let state = expect_context::<SessionState>();
    move || load(state)
}

fn member(session: RwSignal<Option<wire::Session>>) -> Option<MemberId> {
    session.with(|session| session.as_ref().map(|session| session.member.id))
}

fn load(state: SessionState) {
    state.known.set(Known::Asking);
    spawn_local(async move {
        let known = match ask(state.session).await {
            Ok(()) | Err(Refusal::Problem(_)) => Known::Yes,
            Err(Refusal::Offline | Refusal::Unreadable) => Known::Unreachable,
        };
        state.known.set(known);
    });
}
