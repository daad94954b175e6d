//! A sign-out, the same from every button that makes one.
//!
//! Guarantees an order in which nothing of the member is left in this browser by the time that the page says that they are out, and in which a
//! sign-out that fails loses nothing but the open record.

use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use crate::{
    api::client::Refusal,
    browser::push,
    state::{
        request::use_asking,
        session::{use_leaving, use_session, use_who},
        vault::use_vault,
    },
};

/// A sign-out, as a button makes it.
pub struct SignOut<P> {
    /// What pressing the button does.
    pub press: P,
    /// Whether it is under way.
    pub busy: RwSignal<bool>,
    /// What became of one that failed, or whose answer was lost.
    pub trouble: RwSignal<Option<String>>,
}

/// A sign-out by this call.
pub fn use_sign_out(call: impl AsyncFn() -> Result<(), Refusal> + Copy + 'static) -> SignOut<impl Fn(()) + Clone + 'static> {
    let (session, who, leaving) = (use_session(), use_who(), use_leaving());
    let (vault, asking) = (use_vault(), use_asking());
    let navigate = use_navigate();
    let (busy, trouble) = (RwSignal::new(false), RwSignal::new(None::<String>));
    // Whether it may have been done, whatever stands there of it.
    let in_doubt = StoredValue::new(false);
    // Others may use this browser next. First what takes no time, then what may take some, and the page last: whoever sees that they are out
    // closes it, or makes room for somebody else.
    let leave = async move |navigate: &dyn Fn(&str, NavigateOptions)| {
        asking.forget();
        push::leave().await;
        session.set(None);
        navigate("/sign-in", NavigateOptions::default());
    };
    let go = navigate.clone();
    let press = move |()| {
        let navigate = navigate.clone();
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            // Whatever comes of the call, the record is gone at once; its receipt needs the session.
            vault.wipe_before_sign_out().await;
            leaving.set(true);
            let called = call().await;
            let is_over = session.try_with_untracked(Option::is_none) == Some(true);
            match called {
                // Kept until here: whoever could not be signed out goes on with what they typed.
                Ok(()) => leave(&navigate).await,
                // The answer was lost, and the page has heard by another call that it was done.
                Err(refusal) if is_over && refusal.is_in_doubt() => leave(&navigate).await,
                // Nobody was in any more to be signed out elsewhere too. The page says so, and no more is true.
                Err(_) if is_over => {}
                Err(refusal) => {
                    in_doubt.try_set_value(refusal.is_in_doubt());
                    let known = if refusal.is_in_doubt() {
                        "It is not known whether you are signed out."
                    } else {
                        "You are still signed in."
                    };
                    trouble.try_set(Some(format!("{known} {}", refusal.sentence())));
                }
            }
            leaving.set(false);
            busy.try_set(false);
        });
    };
    // What is in doubt was done all the same, as the page hears later. What was refused was not: whoever loses their sign-in after that, and comes
    // back, goes on with what they typed.
    Effect::new(move |_| {
        let is_out = who.get().is_none();
        // It was said to whoever was in before.
        if trouble.try_update(Option::take).flatten().is_some() && is_out && in_doubt.get_value() {
            let go = go.clone();
            spawn_local(async move { leave(&go).await });
        }
    });
    SignOut { press, busy, trouble }
}
