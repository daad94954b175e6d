//! One binary over the real router, the real store and the embedded authority. The clock is the test's; everything else
//! is what runs in production, and the tests act only through the public API.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod attacks;
#[expect(dead_code, reason = "some of it is for `make defences` alone")]
mod defences;
mod path;
mod support;
