//! The portal in the browser.
//!
//! Everything a record turns into lives in this module's memory: the global allocator overwrites what is freed, so that
//! dropping a value is erasing it.

mod api;
mod app;
mod browser;
mod components;
mod pages;
mod state;

use std::alloc::System;

use zeroizing_alloc::ZeroAlloc;

#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() {
    // A panic's message may quote what it choked on, and that can be a record: told only where records are made up.
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();

    // Before the router looks at the address: the reference or token behind `#` is to be in no history and no state of it.
    let arrival = browser::page::take_fragment();
    if let Some(shell) = browser::page::clear("app") {
        leptos::mount::mount_to(shell, move || app::App(app::AppProps { arrival })).forget();
    }
}
