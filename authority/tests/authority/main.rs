//! The embedded authority through its wire protocol, driven by the unmodified AWS SDK. Only `raw` speaks without it, for requests
//! that no SDK would send.

#![expect(clippy::unwrap_used, clippy::panic, reason = "whatever a test's support code stumbles over must fail the test")]

mod assume_role;
mod data_keys;
mod events;
mod identities;
mod keys_file;
mod process;
mod raw;
mod session_policy;
mod sessions;
mod shared_secret;
mod signature;
mod support;
mod wycheproof;
