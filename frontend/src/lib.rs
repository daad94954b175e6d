//! The portal in the browser: two modules of one source, so that a responder's phone does not wait for the desks' pages.
//!
//! Everything a record turns into lives in this module's memory: the global allocator overwrites what is freed, so that
//! dropping a value is erasing it.

mod api;
mod app;
mod browser;
mod components;
mod pages;
mod state;
mod viewer;

use std::alloc::System;

use leptos::prelude::*;
use zeroizing_alloc::ZeroAlloc;

use app::{Desks, Path};
use viewer::Viewer;

#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

/// Starts the emergency path.
pub fn path() {
    // Before the router looks at the address: the reference behind `#` is to be in no history and no state of it.
    let arrival = browser::page::take_fragment();
    mount(move || view! { <Path arrival/> });
}

/// Starts the desks' part.
pub fn desks() {
    // The token of an invitation, likewise.
    let arrival = browser::page::take_fragment();
    mount(move || view! { <Desks arrival/> });
}

/// Starts the viewer of an open record.
pub fn viewer() {
    mount(|| view! { <Viewer/> });
}

fn mount<V: IntoView + 'static>(part: impl FnOnce() -> V + 'static) {
    // A panic's message may quote what it choked on, and that can be a record: told only where records are made up.
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();

    if let Some(shell) = browser::page::clear("app") {
        mount_to(shell, part).forget();
    }
}
