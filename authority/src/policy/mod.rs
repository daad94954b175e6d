//! The part of the IAM policy language that role policies and session policies use.
//!
//! Parses a policy document strictly and decides one request against it. It knows no HTTP, key, credential or clock: the
//! moment of the request is one of its [`Circumstances`].
//!
//! Guarantees:
//! - What it does not understand does not load. An unknown element, effect, operator, condition key, policy variable or
//!   duplicate member makes the whole document malformed; nothing is skipped, so nothing is silently allowed.
//! - An explicit deny wins over any number of allows, in one document and across several.
//! - What no statement allows is denied.

mod condition;
mod decision;
mod document;
mod json;
mod pattern;

pub use condition::Circumstances;
pub use decision::Decision;
pub use document::{MalformedPolicy, PolicyDocument};

/// One act that somebody asks to be allowed.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// The action's full name, such as `kms:Decrypt`.
    pub action: &'a str,
    /// The ARN of what is acted upon, or `*` where the action names no resource.
    pub resource: &'a str,
    /// What conditions are tested against.
    pub circumstances: &'a Circumstances,
}
