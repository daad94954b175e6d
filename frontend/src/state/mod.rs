//! What outlives a page: who is signed in, what is being asked, and the vault.
//!
//! Provided once, by the app; pages take it by `use_…`. Nothing here is written to any storage of the browser.

pub mod drill;
pub mod idle;
pub mod invitation;
pub mod line;
pub mod open;
pub mod part;
pub mod receipts;
pub mod request;
pub mod session;
pub mod vault;
pub mod viewer;
