//! The embedded authority through its wire protocol, driven by the unmodified AWS SDKs. Only `raw` and `by_hand` speak
//! without them, for requests that no SDK would send.

#![expect(clippy::unwrap_used, clippy::panic, reason = "whatever a test's support code stumbles over must fail the test")]

mod assume_role;
mod by_hand;
mod data_keys;
mod events;
mod iam;
mod identities;
mod keys_file;
mod process;
mod raw;
mod rotation;
mod session_policy;
mod sessions;
mod shared_secret;
mod signature;
mod support;
mod trail;
mod wycheproof;
