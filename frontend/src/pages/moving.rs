//! What has just moved takes no press: what is under the pointer then is not what it was on the way to.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

/// How long what moved takes no press, in milliseconds: longer than a hand needs that was already on its way. A choice of this project.
const SETTLING: u32 = 1_000;

/// Whether something on a page has just moved.
#[derive(Clone, Copy)]
pub(super) struct Moving {
    now: RwSignal<bool>,
    settled: StoredValue<Option<Timeout>, LocalStorage>,
}

impl Moving {
    /// For a page that is being made. When it is left, nothing is waited for any more.
    pub(super) fn new() -> Self {
        let settled = StoredValue::new_local(None);
        on_cleanup(move || settled.dispose());
        Self { now: RwSignal::new(false), settled }
    }

    /// Something moved: for a moment nothing takes a press.
    pub(super) fn settle(self) {
        self.now.try_set(true);
        self.settled.try_set_value(Some(Timeout::new(SETTLING, move || {
            self.now.try_set(false);
        })));
    }

    /// Whether it did, and whenever that changes.
    pub(super) fn get(self) -> bool {
        self.now.get()
    }

    /// Whether it did, asked once.
    pub(super) fn get_untracked(self) -> bool {
        self.now.get_untracked()
    }
}

impl From<Moving> for Signal<bool> {
    fn from(moving: Moving) -> Self {
        moving.now.into()
    }
}
