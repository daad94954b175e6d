//! Who is signed in, as far as this page knows.
//!
//! Loaded at the start; emptied by sign-out, by any answer of the backend that says so, and by the limits it lives under. Guarantees that a vault that
//! holds a record is wiped when the session ends, whatever ended it.

use halligan_shared::{grant::WipeCause, id::MemberId, wire};
use leptos::{prelude::*, task::spawn_local};

use super::{idle, request::Asking, vault::Vault};
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
}

/// Provides the session and asks the backend for it. What one member scanned and typed is forgotten when another signs in.
pub fn provide(vault: Vault, asking: Asking) {
    let state = SessionState { session: RwSignal::new(None), known: RwSignal::new(Known::Asking), stale: RwSignal::new(false) };
    provide_context(state);
    client::on_lapse(move |lapse| match lapse {
        Lapse::Over => {
            if state.session.with_untracked(Option::is_some) {
                state.session.set(None);
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
        let Some(now) = state.session.with(|session| session.as_ref().map(|session| session.member.id)) else { return };
        if last.get_value().is_some_and(|last| last != now) {
            asking.forget();
        }
        last.set_value(Some(now));
    });
    Effect::new(move |was_in: Option<bool>| {
        let is_in = state.session.with(Option::is_some);
        if was_in == Some(true) && !is_in {
            vault.wipe(WipeCause::SessionLost);
        }
        if let Some(limits) = state.session.with_untracked(|session| session.as_ref().map(|session| session.limits)) {
            vault.set_hidden_limit(f64::from(limits.hidden));
        }
        is_in
    });
    // A browser that is told of another's notices tells whoever signs in at it nothing of them.
    Effect::new(move |_| {
        if state.session.with(|session| session.as_ref().is_some_and(|session| !session.told)) {
            spawn_local(push::leave());
        }
    });
    // Somebody may have signed in meanwhile in another tab of this browser.
    let back = page::on_visibility(move |is_hidden| {
        if !is_hidden && state.session.with_untracked(Option::is_none) {
            spawn_local(async move {
                if let Ok(session) = sign_in::session().await {
                    state.session.set(Some(session));
                }
            });
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

fn load(state: SessionState) {
    state.known.set(Known::Asking);
    spawn_local(async move {
        let known = match sign_in::session().await {
            Ok(session) => {
                state.session.set(Some(session));
                Known::Yes
            }
            Err(Refusal::Problem(_)) => Known::Yes,
            Err(Refusal::Offline | Refusal::Unreadable) => Known::Unreachable,
        };
        state.known.set(known);
    });
}
