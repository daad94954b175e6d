//! Where the focus goes once an act is over: to the main control of the card that comes next, or, where none is left, to what the
//! page says of the act. Never to the top of the page: whoever works by keyboard goes on from where they are.

use leptos::{prelude::*, task::tick};

use super::acts::Acts;
use crate::{
    browser::{page, row::Place},
    components::Said,
};

/// The main control of a card: the first button among what can be done about it, which carries this mark.
const MAIN: &str = "[data-acts] button";

/// The card that is acted on, and where it stands; of several at once none.
pub(super) struct Next(Option<Place>);

impl Next {
    /// Of the card with this id, whose act begins.
    pub(super) fn after(card: &str) -> Self {
        Self(Place::of(card))
    }

    /// Of several cards at once, any of which may still stand there for a moment: on to what is said.
    pub(super) const fn after_several() -> Self {
        Self(None)
    }

    /// The act is over, and what came of it is said.
    pub(super) async fn go(self, acts: Acts, is_done: bool) {
        // Until what changed by it stands on the page.
        tick().await;
        // Whoever has gone on elsewhere stays there, on this page or another. What was not done can be tried again where it stands.
        let is_open = acts.said.try_with_untracked(|_| ()).is_some();
        let is_here = page::is_focus_lost() || is_done && self.0.as_ref().is_some_and(Place::has_focus);
        if !(is_open && is_here) {
            return;
        }
        // What is under the finger is not what it was on the way to.
        acts.moving.settle();
        if !(is_done && self.0.is_some_and(|place| place.focus_beside(MAIN))) {
            Said::focus();
        }
    }

    /// The desk changed by itself. Where the card went with it, somebody else had the last word on what it was about, and what that was is
    /// said.
    pub(super) async fn keep(self, acts: Acts, became: impl Future<Output = String>) {
        tick().await;
        if acts.said.try_with_untracked(|_| ()).is_none() || !page::is_focus_lost() {
            return;
        }
        acts.moving.settle();
        let has_landed = self.0.is_some_and(|place| place.focus_beside(MAIN));
        let became = became.await;
        // What was refused meanwhile is to be read first.
        if acts.said.try_with_untracked(|said| matches!(said, Some(Said::Failed(_)))) == Some(false) {
            acts.said.set(Some(Said::Done(became)));
        }
        if !has_landed {
            keep_focus().await;
        }
    }
}

/// The card with the focus went by itself, and what became of it is said.
pub(super) async fn keep_focus() {
    tick().await;
    if page::is_focus_lost() {
        Said::focus();
    }
}
