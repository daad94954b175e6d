//! The embedded authority: an STS, a KMS and a sliver of IAM on loopback that speak AWS's wire protocol.
//!
//! The backend's only path to keys is the AWS SDK. Against AWS it ends at AWS; in a demo, a drill or a test it ends here,
//! and nothing in the backend knows which. So the authority must refuse what AWS would refuse, with the same codes: see
//! `README.md` for the list. It knows nothing of members, requests, grants or records.
//!
//! Guarantees:
//! - Nothing is answered without a checked signature, and nothing past the caller's policies, the session's end, or the clock.
//! - It listens on loopback only, and its keys file is readable by its owner only.
//! - No secret is in its log, its events or its errors; secrets are zeroized when dropped.
//!
//! It is not AWS: who can read its keys file has every key in it.

mod authority;
mod authorization;
mod caller;
mod clock;
mod estate;
mod event;
mod iam;
mod identifier;
mod key;
mod kms;
pub mod policy;
mod query;
mod refusal;
mod secret;
mod service;
mod session;
mod signature;
mod sts;
pub mod template;

pub use authority::{Authority, Connection, KeyStateError, SessionCredentials, Settings, StartError};
pub use clock::Clock;
pub use estate::KeysError;
#[doc(hidden)]
pub use estate::reread;
pub use event::Event;
pub use secret::NoRandomness;
