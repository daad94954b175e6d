//! The record's cryptography (docs/ARCHITECTURE.md, "Keys"): one suite, no choices.
//!
//! ECDH on P-256 (FIPS 186-5, SP 800-56A), HKDF-SHA256 (RFC 5869), AES-256-GCM (SP 800-38D), all by `RustCrypto`.
//! Secrets are newtypes that do not print or copy themselves and are overwritten when dropped. Every function that
//! draws randomness has a twin that takes the bytes as an argument, for the vectors.

mod agreement;
mod carried;
mod document;
mod keys;
mod point;
mod seal;

#[doc(hidden)]
pub use self::{agreement::agree_with, carried::carry_with, seal::seal_with};
pub use self::{
    agreement::{Blinding, agree},
    carried::{CarriedShare, PageKey, carry},
    document::{ATTACHMENT_MAX, AttachmentLine, Frame, FrameFault, Header, MediaType, SUMMARY_MAX, frame, parse_frame},
    keys::{RecordKey, Share, record_key},
    point::Point,
    seal::{OVERHEAD, SealContext, open, seal},
};

/// The cryptography refused. One word for every cause: an attacker learns nothing from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CryptoFault {
    /// Something was not what it claims to be: a point, a share, a sealed document, its context.
    #[error("the sealed record does not hold")]
    Refused,
    /// The platform's source of randomness failed; nothing may go on without it.
    #[error("this device cannot make random numbers")]
    NoRandomness,
}

impl From<getrandom::Error> for CryptoFault {
    fn from(_: getrandom::Error) -> Self {
        Self::NoRandomness
    }
}
