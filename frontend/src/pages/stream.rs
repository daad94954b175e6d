//! A stream of pictures, followed for as long as its page is there and somebody is signed in.

use std::rc::Rc;

use leptos::{prelude::*, task::spawn_local};

use crate::{api::sign_in, browser::events::Events, state::session::use_session};

/// Shows each picture of a stream, as JSON. `lost` is called whenever the line breaks, which is resumed by itself; after a sign-in it is a
/// new one, at once.
pub(super) fn follow(path: &'static str, show: impl Fn(&str) + 'static, lost: impl Fn() + 'static) {
    let session = use_session();
    let is_in = Memo::new(move |_| session.with(Option::is_some));
    let (show, lost) = (Rc::new(show), Rc::new(lost));
    let events = StoredValue::new_local(None::<Events>);
    Effect::new(move |_| {
        let (show, lost) = (Rc::clone(&show), Rc::clone(&lost));
        let ask = move || {
            lost();
            // The session may be over: asking tells whoever listens for that.
            spawn_local(async { drop(sign_in::session().await) });
        };
        events.set_value(is_in.get().then(|| Events::open(path, move |text| show(text), ask)));
    });
    on_cleanup(move || events.dispose());
}

/// Hears when the session ends, on a page that shows nothing of what comes.
pub(super) fn hear_end() {
    follow(halligan_shared::paths::UNREAD_EVENTS, |_| (), || ());
}
