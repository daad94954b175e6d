//! The viewer: the one place where a record is in the clear.
//!
//! A document of its own in a frame that the portal's page makes for one opening and removes at the wipe, with whatever
//! process the browser gave it. It draws the scalars, derives the key, opens and shows. It has no session, no network and no
//! storage: sealed documents are handed to it, and all it ever says is in [`words`].

mod attachment;
mod keeper;
mod picture;
mod section;
mod sheet;
pub mod words;

use leptos::prelude::*;

use self::keeper::Keeper;
use crate::browser::page;

/// What the frame shows.
#[component]
pub fn Viewer() -> impl IntoView {
    let keeper = Keeper::provide();
    // Browsers that keep frames in the page's own process end it with that: what is here is erased first.
    StoredValue::new_local(page::on_leave(move || keeper.erase()));
    StoredValue::new_local(page::on_touch(move || keeper.touched()));
    move || keeper.sheet().with(|sheet| sheet.as_ref().map(sheet::sheet_view))
}
