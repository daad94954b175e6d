//! A line of pictures, followed for as long as its page is there and somebody is signed in.
//!
//! Guarantees that nobody's pictures go on under another's name: a line that breaks and comes back may be another member's by then.

use std::{cell::Cell, rc::Rc};

use halligan_shared::{paths, wire};
use leptos::{prelude::*, task::spawn_local};

use super::session::{self, use_hidden, use_leaving, use_session, use_who};
use crate::browser::events::Events;

/// Opens a line. `lost` is called whenever it breaks; it is resumed by itself. Who is signed in is asked then, and again once it is back:
/// in between the portal may not have been there to be asked.
pub fn open(session: RwSignal<Option<wire::Session>>, path: &str, show: Rc<dyn Fn(&str)>, lost: Rc<dyn Fn()>) -> Events {
    let ask = move || spawn_local(async move { drop(session::ask(session).await) });
    let is_broken = Rc::new(Cell::new(false));
    let breaks = Rc::clone(&is_broken);
    let hear = move |text: &str| {
        if is_broken.replace(false) {
            ask();
        }
        show(text);
    };
    Events::open(path, hear, move || {
        breaks.set(true);
        lost();
        ask();
    })
}

/// Shows each picture of a stream, as JSON. `lost` is called whenever the line breaks; after a sign-in it is a new one, at once.
pub fn follow(path: &'static str, show: impl Fn(&str) + 'static, lost: impl Fn() + 'static) {
    listen(path, Rc::new(show), Rc::new(lost), false);
}

/// Hears when the session ends, on a page that shows nothing of what comes. Only while it is seen: over HTTP/1 all tabs of a browser share six
/// connections to one host, and who is signed in is asked when a tab is seen again (see [`session`]).
pub fn hear_end() {
    listen(paths::UNREAD_EVENTS, Rc::new(|_| ()), Rc::new(|| ()), true);
}

// Not generic: compiled once for all pages.
fn listen(path: &'static str, show: Rc<dyn Fn(&str)>, lost: Rc<dyn Fn()>, only_seen: bool) {
    let (session, who, leaving, hidden) = (use_session(), use_who(), use_leaving(), use_hidden());
    let events = StoredValue::new_local(None::<Events>);
    Effect::new(move |_| {
        let listens = who.get().is_some() && !leaving.get() && !(only_seen && hidden.get());
        events.set_value(listens.then(|| open(session, path, Rc::clone(&show), Rc::clone(&lost))));
    });
    on_cleanup(move || events.dispose());
}
