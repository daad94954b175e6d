//! Wipe receipts, until the backend has answered them: without one the desk goes on showing a record as open.
//!
//! Each is sent at once, and again while the connection is lost; a page that goes leaves them to the browser. They are kept in memory
//! only: what a page took with it, the backend notes as missing.

use std::{cell::Cell, rc::Rc};

use gloo_timers::callback::Interval;
use halligan_shared::{
    grant::WipeCause,
    id::{GrantId, RequestId},
    paths,
    wire::WipedBody,
};
use leptos::{prelude::*, task::spawn_local};
use zeroize::Zeroizing;

use crate::browser::page;

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
    /// What dispatch takes for open, because no receipt got through.
    untold: RwSignal<Vec<RequestId>>,
    /// What was ended here, whether or not the backend knows.
    ended: RwSignal<Vec<RequestId>>,
}

impl Receipts {
    /// None yet. Listens for the connection.
    pub fn new() -> Self {
        let receipts = Self { owed: StoredValue::new_local(Vec::new()), untold: RwSignal::default(), ended: RwSignal::default() };
        // As long-lived as the app.
        StoredValue::new_local((page::on_online(move || receipts.again()), Interval::new(AGAIN, move || receipts.again())));
        receipts
    }

    /// Sends a receipt, and keeps it until it is answered. Returns after the first attempt.
    pub fn owe(self, receipt: Receipt) -> impl Future<Output = ()> {
        if receipt.body.cause.ends_grant() {
            self.ended.update(|ended| ended.push(receipt.request));
        }
        let owed = Rc::new(Owed { receipt, is_under_way: Cell::new(false) });
        self.owed.update_value(|all| all.push(Rc::clone(&owed)));
        self.send(owed)
    }

    /// Hands what is owed to the browser: the page is going.
    pub fn leave(self) {
        for Owed { receipt, .. } in self.owed.try_update_value(std::mem::take).iter().flatten().map(Rc::as_ref) {
            if let Some(words) = receipt.words() {
                page::beacon(&receipt.path(), &words);
            }
        }
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
        let is_owed = self.owed.with_value(|all| all.iter().any(|one| Rc::ptr_eq(one, &owed)));
        // Left to the browser by now, or on its way already: a second one would be refused.
        if !is_owed || owed.is_under_way.replace(true) {
            return;
        }
        let receipt = &owed.receipt;
        let status = match receipt.words() {
            Some(words) => page::send(&receipt.path(), &words).await,
            None => None,
        };
        owed.is_under_way.set(false);
        let request = receipt.request;
        // Any other answer is the backend's last word, a refusal too: it has the receipt, or will never take it.
        if status.is_some_and(|status| status != 429 && status < 500) {
            self.owed.update_value(|all| all.retain(|one| !Rc::ptr_eq(one, &owed)));
            self.untold.update(|untold| untold.retain(|one| *one != request));
        } else if matches!(receipt.body.cause, WipeCause::Done | WipeCause::SignedOut)
            && !self.untold.with_untracked(|untold| untold.contains(&request))
        {
            self.untold.update(|untold| untold.push(request));
        }
    }
}

impl Receipt {
    fn path(&self) -> String {
        paths::grant_wiped_of(self.grant)
    }

    fn words(&self) -> Option<Zeroizing<String>> {
        serde_json::to_string(&self.body).ok().map(Zeroizing::new)
    }
}
