//! A stream of pictures, followed for as long as its page is there.

use leptos::{prelude::*, task::spawn_local};

use crate::{api::sign_in, browser::events::Events};

/// Shows each picture of a stream, as JSON. `lost` is called whenever the line breaks, which is resumed by itself.
pub(super) fn follow(path: &'static str, show: impl Fn(&str) + 'static, lost: impl Fn() + 'static) {
    let events = StoredValue::new_local(Events::open(path, show, move || {
        lost();
        // The session may be over: asking tells whoever listens for that.
        spawn_local(async { drop(sign_in::session().await) });
    }));
    on_cleanup(move || events.dispose());
}
