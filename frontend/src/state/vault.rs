//! The vault: sole owner of the viewer, in which the record key is and everything opened with it, and of the wipe secret.
//!
//! Guarantees that the viewer is gone, with its document and whatever process it had, in the same moment in which
//! [`Vault::wipe`] is called, and that a wipe receipt is sent. Watches the window's end, the page's life and the device's
//! sleep by itself: no page has to be on screen for the wipe to happen. Knows no page and no router.

use gloo_timers::callback::Interval;
use halligan_shared::{
    bytes::Secret32,
    grant::WipeCause,
    id::{GrantId, RequestId},
    wire::WipedBody,
};
use leptos::{prelude::*, task::spawn_local};

use super::{
    open::OpenFault,
    receipts::{Receipt, Receipts},
    viewer::Viewer,
};
use crate::{
    browser::{
        clock::{Deadline, TICK},
        page::{self, Listener},
    },
    viewer::words::Ask,
};

/// How long a page may stay hidden until the session says otherwise, in seconds: the default of `--hidden`.
const HIDDEN_DEFAULT: f64 = 30.0;

/// What a release gave, on its way into the vault.
pub struct Released {
    /// The grant.
    pub grant: GrantId,
    /// Its request.
    pub request: RequestId,
    /// The window's end.
    pub deadline: Deadline,
    /// What the wipe receipt will reveal.
    pub secret: Secret32,
    /// The viewer that can open it.
    pub viewer: Viewer,
}

/// What the vault lets be seen.
#[derive(Clone)]
pub enum Sight {
    /// Nothing, and nothing was.
    Nothing,
    /// A record.
    Open {
        /// The request by which it was opened.
        request: RequestId,
        /// Whether it says that the patient is made up.
        drill: bool,
    },
    /// Nothing any more, and why.
    Erased(RequestId, WipeCause),
}

struct Held {
    grant: GrantId,
    request: RequestId,
    secret: Secret32,
    viewer: Viewer,
    _tick: Interval,
}

/// The vault. A handle; there is one vault.
#[derive(Clone, Copy)]
pub struct Vault {
    held: StoredValue<Option<Held>, LocalStorage>,
    sight: RwSignal<Sight>,
    deadline: RwSignal<Option<Deadline>>,
    hidden_limit: StoredValue<f64>,
    hidden_until: StoredValue<Option<Deadline>>,
    attempt: StoredValue<u32>,
    receipts: Receipts,
}

/// What is left of a release that was erased: what its receipt needs.
type Spent = (GrantId, RequestId, Secret32);

/// A right to fill the vault, void as soon as a wipe has been called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt(u32);

impl Vault {
    /// Provides the vault, empty, and lets it watch the page.
    pub fn provide() -> Self {
        let vault = Self {
            held: StoredValue::new_local(None),
            sight: RwSignal::new(Sight::Nothing),
            deadline: RwSignal::new(None),
            hidden_limit: StoredValue::new(HIDDEN_DEFAULT),
            hidden_until: StoredValue::new(None),
            attempt: StoredValue::new(0),
            receipts: Receipts::new(),
        };
        let watch: [Option<Listener>; 3] = [
            page::on_visibility(move |hidden| vault.page_hidden(hidden)),
            page::on_leave(move || {
                vault.wipe(WipeCause::Left);
                vault.receipts.leave();
            }),
            page::on_restore(move || {
                vault.page_restored();
                vault.receipts.restore();
            }),
        ];
        // As long-lived as the app.
        StoredValue::new_local(watch);
        provide_context(vault);
        vault
    }

    /// What is to be seen.
    pub fn sight(&self) -> Signal<Sight> {
        self.sight.into()
    }

    /// The end of the window, while a record is open.
    pub fn deadline(&self) -> Signal<Option<Deadline>> {
        self.deadline.into()
    }

    /// What is still owed for what was erased.
    pub const fn receipts(&self) -> Receipts {
        self.receipts
    }

    /// How long the page may stay hidden with a record open, in seconds.
    pub fn set_hidden_limit(&self, seconds: f64) {
        self.hidden_limit.set_value(seconds);
    }

    /// Begins to open a record.
    pub fn begin(&self) -> Attempt {
        self.attempt.update_value(|attempt| *attempt = attempt.wrapping_add(1));
        Attempt(self.attempt.get_value())
    }

    /// Takes a release over: from here on key and secret are the vault's to erase, whatever happens. If a wipe was called for
    /// meanwhile, they are erased at once.
    pub fn hold(&self, attempt: Attempt, released: Released) -> Result<(), OpenFault> {
        let Released { grant, request, deadline, secret, viewer } = released;
        if !self.is_current(attempt) {
            spawn_local(self.owe((grant, request, secret), WipeCause::Left));
            return Err(OpenFault::Erased);
        }
        let vault = *self;
        let tick = Interval::new(TICK, move || vault.tick());
        self.held.set_value(Some(Held { grant, request, secret, viewer, _tick: tick }));
        self.deadline.set(Some(deadline));
        // The page may have been hidden since before the release came.
        self.page_hidden(page::is_hidden());
        Ok(())
    }

    /// Says something to the viewer that is held.
    pub fn say(&self, attempt: Attempt, ask: &Ask, bytes: Option<&[u8]>) -> Result<(), OpenFault> {
        // What was waited for may have come after the end.
        self.tick();
        if !self.is_current(attempt) {
            return Err(OpenFault::Erased);
        }
        self.held.with_value(|held| held.as_ref().map(|held| held.viewer.say(ask, bytes))).ok_or(OpenFault::Erased)
    }

    /// Lets the record be seen that stands in the viewer.
    pub fn reveal(&self, attempt: Attempt, drill: bool) -> Result<(), OpenFault> {
        self.tick();
        if !self.is_current(attempt) {
            return Err(OpenFault::Erased);
        }
        let request = self.held.with_value(|held| {
            held.as_ref().map(|held| {
                held.viewer.show();
                held.request
            })
        });
        self.sight.set(Sight::Open { request: request.ok_or(OpenFault::Erased)?, drill });
        Ok(())
    }

    /// Erases a release that did not open, and says so to the backend. Nothing of it was seen.
    pub fn give_up(&self, attempt: Attempt) {
        if self.is_current(attempt)
            && let Some(released) = self.empty()
        {
            spawn_local(self.owe(released, WipeCause::NotOpened));
        }
    }

    /// Covers what is open, or lets it be seen again: it stays open.
    pub fn cover(&self, is_covered: bool) {
        self.held.with_value(|held| {
            if let Some(held) = held {
                if is_covered { held.viewer.hide() } else { held.viewer.show() }
            }
        });
    }

    /// Whether no wipe has been called for since.
    pub fn is_current(&self, attempt: Attempt) -> bool {
        Attempt(self.attempt.get_value()) == attempt
    }

    /// Takes the backend's word on how long the window still lasts, if that is less than was known: a picture may come late,
    /// and nothing prolongs a window.
    pub fn resync(&self, seconds_left: f64) {
        self.tick();
        if self.deadline.get_untracked().is_some_and(|deadline| seconds_left < deadline.left()) {
            self.deadline.set(Some(Deadline::after(seconds_left)));
        }
    }

    /// Erases everything and says so to the backend. Does nothing to an empty vault, except that a record on its way
    /// into it will not be let in.
    pub fn wipe(&self, cause: WipeCause) {
        if let Some(released) = self.erase(cause) {
            spawn_local(self.owe(released, cause));
        }
    }

    /// [`Vault::wipe`] before the session ends: erases at once, and returns when the receipt has arrived or cannot, so that the log says
    /// first that it was erased.
    pub async fn wipe_before_sign_out(&self) {
        let cause = WipeCause::SignedOut;
        if let Some(released) = self.erase(cause) {
            self.owe(released, cause).await;
        }
    }

    /// Erases everything but what the receipt needs, and shows that it is gone.
    fn erase(&self, cause: WipeCause) -> Option<Spent> {
        let emptied @ (_, request, _) = self.empty()?;
        self.sight.set(Sight::Erased(request, cause));
        Some(emptied)
    }

    /// Says to the backend that what a release gave is erased; returns after the first attempt.
    pub(super) fn owe(&self, (grant, request, secret): Spent, cause: WipeCause) -> impl Future<Output = ()> + use<> {
        self.receipts.owe(Receipt { grant, request, body: WipedBody { cause, secret } })
    }

    fn empty(&self) -> Option<Spent> {
        self.begin();
        let Held { grant, request, secret, viewer, .. } = self.held.try_update_value(Option::take).flatten()?;
        // The frame goes, and with it the process in which key and record were.
        drop(viewer);
        self.deadline.set(None);
        self.hidden_until.set_value(None);
        Some((grant, request, secret))
    }

    /// Forgets that something was erased.
    pub fn dismiss(&self) {
        if matches!(self.sight.get_untracked(), Sight::Erased(..)) {
            self.sight.set(Sight::Nothing);
        }
    }

    fn tick(&self) {
        if let Some(deadline) = self.deadline.get_untracked()
            && deadline.left() <= 0.0
        {
            self.wipe(if deadline.slept() { WipeCause::Slept } else { WipeCause::Expired });
        } else if self.hidden_until.get_value().is_some_and(|until| until.left() <= 0.0) {
            self.wipe(WipeCause::Hidden);
        }
    }

    fn page_hidden(&self, hidden: bool) {
        // Before anything is shown again: timers may have stood still while the page was hidden.
        self.tick();
        let until = hidden.then(|| Deadline::after(self.hidden_limit.get_value()));
        self.hidden_until.set_value(until);
    }

    fn page_restored(&self) {
        self.wipe(WipeCause::Restored);
        // Leaving has wiped already; what the page shows is to say why it is empty now.
        if let Sight::Erased(request, WipeCause::Left) = self.sight.get_untracked() {
            self.sight.set(Sight::Erased(request, WipeCause::Restored));
        }
    }
}

/// The vault.
pub fn use_vault() -> Vault {
    expect_context()
}
