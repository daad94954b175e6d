//! The drill that the member takes part in: looked up with each page, by a touch after a while, and when a refusal names it.

use halligan_shared::wire::OwnDrill;
use leptos::{prelude::*, task::spawn_local};

use crate::api::{client::Refusal, drill};

/// It, as far as it is known.
#[derive(Clone, Copy)]
pub struct Taking(RwSignal<Option<OwnDrill>>);

impl Taking {
    /// Provides it, unknown.
    pub fn provide() {
        provide_context(Self(RwSignal::new(None)));
    }

    /// What it is called, if there is one.
    pub fn name(self) -> Option<String> {
        self.0.with(|own| own.as_ref().map(|own| own.name.clone()))
    }

    /// Looks it up anew, if somebody is signed in. A failure is the page's own to tell; what is known stays.
    pub fn look(self, is_signed_in: bool) {
        if !is_signed_in {
            return self.0.set(None);
        }
        spawn_local(async move {
            if let Ok(own) = drill::own().await {
                self.0.set(own);
            }
        });
    }

    /// Takes part no more.
    pub async fn leave(self) -> Result<(), Refusal> {
        drill::leave().await?;
        self.0.set(None);
        Ok(())
    }
}

/// The drill that the member takes part in.
pub fn use_taking() -> Taking {
    expect_context()
}
