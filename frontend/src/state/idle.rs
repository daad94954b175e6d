//! A session's end as the page sees it: nobody touched the page for the idle limit, or the sign-in has become too old.
//!
//! The backend ends sessions by itself, but a page would learn of that by its next call only, and until then what stands on it
//! would stand there for whoever finds the device. Whoever reads and types without calling the backend is not idle: a
//! touch or a key renews the session. What the page calls by itself renews nothing, neither there nor here.

use gloo_timers::callback::Interval;
use halligan_shared::wire;
use leptos::{prelude::*, task::spawn_local};

use super::session;
use crate::{
    api::client,
    browser::{clock::Deadline, page},
};

/// How often the end is looked for, in milliseconds.
const TICK: u32 = 1_000;
/// The part of the idle limit that passes at least between two renewals.
const RENEWED_AFTER: f64 = 0.1;
/// The pause after a renewal that came to nothing, in seconds: whoever types while the portal cannot be reached, or says that calls come too often,
/// does not ask by every key.
const PAUSE: f64 = 2.0;

/// Ends the session on this page when its time is over.
pub fn watch(session: RwSignal<Option<wire::Session>>) {
    let limits = move || session.with_untracked(|session| session.as_ref().map(|session| session.limits));
    let too_old = StoredValue::new(None::<Deadline>);
    Effect::new(move |_| {
        too_old.set_value(session.with(|session| session.as_ref().map(|session| Deadline::after(f64::from(session.limits.left)))));
    });
    let look = move || {
        let Some(limits) = limits() else { return };
        let is_old = too_old.get_value().is_some_and(|end| end.left() <= 0.0);
        if is_old || client::seconds_rested() >= f64::from(limits.idle) {
            session.set(None);
        }
    };
    let (is_renewing, pause) = (StoredValue::new(false), StoredValue::new(None::<Deadline>));
    let touched = move || {
        // A late touch prolongs nothing: the timer may have stood still until now.
        look();
        client::touched();
        let Some(limits) = limits() else { return };
        let is_paused = pause.get_value().is_some_and(|pause| pause.left() > 0.0);
        if is_renewing.get_value() || is_paused || client::seconds_rested() < f64::from(limits.idle) * RENEWED_AFTER {
            return;
        }
        is_renewing.set_value(true);
        spawn_local(async move {
            // The call is the renewal; that it was refused is told to whoever listens for that.
            let _ = session::ask(session).await;
            pause.set_value(Some(Deadline::after(PAUSE)));
            is_renewing.set_value(false);
        });
    };
    // As long-lived as the app.
    StoredValue::new_local((Interval::new(TICK, look), page::on_touch(touched)));
}
