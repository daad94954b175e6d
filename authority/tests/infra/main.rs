//! The template in `infra/`: what its policies allow to whom, what its alarms hear, and what outlives it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "whatever a test's support code stumbles over must fail the test"
)]

mod actors;
mod alarms;
mod filter;
mod recorded;
mod stack;
#[path = "../authority/support.rs"]
#[expect(dead_code, reason = "only what runs the authority and its clients is needed here")]
mod support;
mod table;
mod template;
