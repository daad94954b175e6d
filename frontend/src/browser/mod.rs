//! The browser's own interfaces: the only files that touch web-sys, apart from the DOM that Leptos draws.
//!
//! Knows nothing of the portal. Whatever is registered here is undone when its handle is dropped.

pub mod camera;
pub mod canvas;
pub mod clock;
pub mod decoder;
pub mod events;
pub mod feedback;
pub mod file;
pub mod frame;
pub mod frames;
pub mod page;
pub mod passkey;
pub mod port;
pub mod push;
pub mod row;
pub mod size;
