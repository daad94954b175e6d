//! The part of the IAM policy language that the template in `infra/` and the portal's session policies use.
//!
//! Parses a policy document strictly and decides one request against it, or against all the policies that bind it. It knows no
//! HTTP, key, credential or clock: the moment of the request is one of its [`Circumstances`].
//!
//! Guarantees:
//! - What it does not understand does not load. An unknown element, effect, operator, condition key, policy variable, principal or
//!   duplicate member makes the whole document malformed; nothing is skipped, so nothing is silently allowed.
//! - An explicit deny wins over any number of allows, in one document and across several.
//! - What no statement allows is denied.
//!
//! Considered first: `scratchstack-aspen` 0.3.1. It does not hold up: in one document an allow that stands before a deny wins, any
//! condition key loads and is then taken as absent, a negated test of an absent key fails, and dates take policy variables.
//! `awsim-iam-policy` keeps the text of every policy in a process-wide map, so it serves as an oracle in tests only.

mod circumstances;
mod condition;
mod decision;
mod document;
mod json;
mod key;
mod malformed;
mod pattern;
mod principal;

pub use circumstances::Circumstances;
pub use decision::{Decision, Policies, Source, Verdict};
pub use document::{Kind, PolicyDocument};
pub use malformed::MalformedPolicy;
pub use principal::Principal;

/// One act that somebody asks to be allowed.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// The action's full name, such as `kms:Decrypt`.
    pub action: &'a str,
    /// The ARN of what is acted upon, or `*` where the action names no resource.
    pub resource: &'a str,
    /// What conditions are tested against, beside what the principal itself says.
    pub circumstances: &'a Circumstances,
}

impl Act<'_> {
    fn has(&self, key: &key::Key) -> bool {
        match key.kind {
            key::Kind::Date => self.date(key).is_some(),
            _ => !self.texts(key).is_empty(),
        }
    }

    fn date(&self, key: &key::Key) -> Option<i64> {
        self.circumstances.date(key)
    }

    /// Every value of a key. Who asks is taken from the principal, never from what somebody put beside it.
    fn texts(&self, key: &key::Key) -> Vec<String> {
        match key.name.as_str() {
            "aws:principalarn" => self.principal.principal_arn().into_iter().collect(),
            "aws:principalaccount" | "kms:calleraccount" => self.principal.account().map(str::to_owned).into_iter().collect(),
            _ => self.circumstances.texts(key).unwrap_or_default().to_vec(),
        }
    }

    fn text(&self, key: &key::Key) -> Option<String> {
        self.texts(key).into_iter().next()
    }
}
