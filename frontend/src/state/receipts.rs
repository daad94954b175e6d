//! Wipe receipts, until the backend has answered them: without one the desk goes on showing a record as open.
//!
//! Each is sent at once, and again while the connection is lost; a page that goes leaves them to the browser, and goes on where it
//! stopped if it comes back. They are kept in memory only: what a page took with it, the backend notes as missing.

use std::{cell::Cell, rc::Rc};

use gloo_timers::callback::Interval;
use halligan_shared::{
    grant::WipeCause,
    id::{GrantId, RequestId},
    wire::WipedBody,
};
use leptos::{prelude::*, task::spawn_local};

use crate::{api::release, browser::page};

/// How often what is owed is sent again, in milliseconds: not every browser says that the connection is back.
const AGAIN: u32 = 5_000;

/// A receipt that is owed.
pub struct Receipt {
    /// Which opening it is of.
    pub grant: GrantId,
    /// Its request.
    pub request: RequestId,
    /// Why it was erased, and the secret that shows who says so.
    pub body: WipedBody,
}

struct Owed {
    receipt: Receipt,
    is_under_way: Cell<bool>,
}

/// The receipts. A handle; there is one of them.
#[derive(Clone, Copy)]
pub struct Receipts {
    owed: StoredValue<Vec<Rc<Owed>>, LocalStorage>,
    /// Runs while something is owed.
    clock: StoredValue<Option<Interval>, LocalStorage>,
    /// What dispatch takes for open, because no receipt got through.
    untold: RwSignal<Vec<RequestId>>,
    /// What was ended here, whether or not the backend knows.
    ended: RwSignal<Vec<RequestId>>,
}

impl Receipts {
    /// None yet. Listens for the connection.
    pub fn new() -> Self {
        let receipts = Self {
            owed: StoredValue::new_local(Vec::new()),
            clock: StoredValue::new_local(None),
            untold: RwSignal::default(),
            ended: RwSignal::default(),
        };
        // As long-lived as the app.
        StoredValue::new_local(page::on_online(move || receipts.again()));
        receipts
    }

    /// Sends a receipt, and keeps it until it is answered. Returns after the first attempt.
    pub fn owe(self, receipt: Receipt) -> impl Future<Output = ()> {
        if receipt.body.cause.ends_grant() {
            self.ended.update(|ended| ended.push(receipt.request));
        }
        let owed = Rc::new(Owed { receipt, is_under_way: Cell::new(false) });
        self.owed.update_value(|all| all.push(Rc::clone(&owed)));
        self.clock.update_value(|clock| {
            clock.get_or_insert_with(|| Interval::new(AGAIN, move || self.again()));
        });
        self.send(owed)
    }

    /// Leaves what is owed to the browser: the page is going.
    pub fn leave(self) {
        for owed in self.owed.get_value() {
            // What is on its way goes out by itself. Whatever the page sent now, it may hear no more of.
            if !owed.is_under_way.replace(true) {
                release::wiped_leaving(owed.receipt.grant, &owed.receipt.body);
            }
        }
    }

    /// The page came back: what is still owed is sent again. A receipt that the browser has brought is refused then, which is an answer.
    pub fn restore(self) {
        self.owed.with_value(|all| all.iter().for_each(|owed| owed.is_under_way.set(false)));
        self.again();
    }

    /// Whether dispatch takes the record of this request for open, though it was ended here.
    pub fn is_untold(self, request: RequestId) -> bool {
        self.untold.with(|untold| untold.contains(&request))
    }

    /// Whether the window of this request was ended here.
    pub fn has_ended(self, request: RequestId) -> bool {
        self.ended.with(|ended| ended.contains(&request))
    }

    fn again(self) {
        for owed in self.owed.get_value() {
            spawn_local(self.send(owed));
        }
    }

    async fn send(self, owed: Rc<Owed>) {
        // On its way already: a second one would be refused.
        if !self.is_owed(&owed) || owed.is_under_way.replace(true) {
            return;
        }
        let Receipt { grant, request, body } = &owed.receipt;
        let is_answered = release::wiped(*grant, body).await;
        owed.is_under_way.set(false);
        if is_answered {
            self.settle(&owed);
        } else if is_told(body.cause) && self.is_owed(&owed) && !self.untold.with_untracked(|untold| untold.contains(request)) {
            self.untold.update(|untold| untold.push(*request));
        }
    }

    fn is_owed(self, owed: &Rc<Owed>) -> bool {
        self.owed.with_value(|all| all.iter().any(|one| Rc::ptr_eq(one, owed)))
    }

    fn settle(self, owed: &Rc<Owed>) {
        self.owed.update_value(|all| all.retain(|one| !Rc::ptr_eq(one, owed)));
        let request = owed.receipt.request;
        let is_more_owed =
            |all: &Vec<Rc<Owed>>| all.iter().any(|one| one.receipt.request == request && is_told(one.receipt.body.cause));
        if !self.owed.with_value(is_more_owed) {
            self.untold.update(|untold| untold.retain(|one| *one != request));
        }
        if self.owed.with_value(Vec::is_empty) {
            self.clock.set_value(None);
        }
    }
}

/// Whether the page says that dispatch does not know: where it ended the window, and not where the window ended by itself or goes on.
const fn is_told(cause: WipeCause) -> bool {
    matches!(cause, WipeCause::Done | WipeCause::SignedOut)
}
