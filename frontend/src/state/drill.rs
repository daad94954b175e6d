//! The drill that the member takes part in: looked up with each page, by a touch after a while, and when a refusal names it.

use gloo_timers::callback::Timeout;
use halligan_shared::wire::OwnDrill;
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{client::Refusal, drill},
    browser::clock::milliseconds,
};

/// It, as far as it is known.
#[derive(Clone, Copy)]
pub struct Taking {
    own: RwSignal<Option<OwnDrill>>,
    /// Its end, which comes by itself.
    end: StoredValue<Option<Timeout>, LocalStorage>,
}

impl Taking {
    /// Provides it, unknown.
    pub fn provide() {
        provide_context(Self { own: RwSignal::new(None), end: StoredValue::new_local(None) });
    }

    /// What it is called, if there is one.
    pub fn name(self) -> Option<String> {
        self.own.with(|own| own.as_ref().map(|own| own.name.clone()))
    }

    /// Looks it up anew, if somebody is signed in. A failure is the page's own to tell; what is known stays.
    pub fn look(self, is_signed_in: bool) {
        if !is_signed_in {
            return self.set(None);
        }
        spawn_local(async move {
            if let Ok(own) = drill::own().await {
                self.set(own);
            }
        });
    }

    /// A drill of this name ran a moment ago and does no more, as somebody else's picture of it says.
    pub fn is_over(self, name: &str) {
        if self.own.with_untracked(|own| own.as_ref().is_some_and(|own| own.name == name)) {
            self.set(None);
        }
    }

    /// Takes part no more.
    pub async fn leave(self) -> Result<(), Refusal> {
        drill::leave().await?;
        self.set(None);
        Ok(())
    }

    /// Whoever stays on a page is told that it is over without asking, also where the connection is lost by then.
    fn set(self, own: Option<OwnDrill>) {
        let end = own.as_ref().map(|own| Timeout::new(milliseconds(own.seconds_left), move || self.own.set(None)));
        // The former one is called off.
        self.end.set_value(end);
        self.own.set(own);
    }
}

/// The drill that the member takes part in.
pub fn use_taking() -> Taking {
    expect_context()
}
