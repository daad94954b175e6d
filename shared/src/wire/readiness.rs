//! Whether records open at all just now: what keeps all of them closed, as every member is told.

use serde::{Deserialize, Serialize};

/// What keeps records closed, whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Readiness {
    /// Whether the portal is locked down: nothing opens until two admins lift that.
    pub locked_down: bool,
    /// How the key service does.
    pub key_service: KeyService,
}

/// How the key service (STS and KMS) does, by what it last said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct KeyService {
    /// What is wrong; absent while it answers.
    pub trouble: Option<KeyTrouble>,
    /// For how long, in seconds.
    pub seconds: f64,
}

/// Why the key service does not do what it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyTrouble {
    /// Nothing answers at its address, or something that sends callers elsewhere.
    Unreachable,
    /// It takes longer than a responder can wait.
    Slow,
    /// It has too much to do, or more is asked than the account may ask.
    Busy,
    /// It says of itself that it failed.
    Failing,
    /// What it says cannot be read.
    Garbled,
    /// The portal's clock and its own are too far apart.
    Clock,
    /// The portal's own credentials have expired, or are not known there.
    Credentials,
    /// It refused this one call.
    Denied,
}

impl KeyTrouble {
    /// The word used in the log and on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Slow => "slow",
            Self::Busy => "busy",
            Self::Failing => "failing",
            Self::Garbled => "garbled",
            Self::Clock => "clock",
            Self::Credentials => "credentials",
            Self::Denied => "denied",
        }
    }

    /// What is wrong, in a sentence for whoever works with the portal.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Unreachable => "The key service cannot be reached.",
            Self::Slow => "The key service does not answer in time.",
            Self::Busy => "The key service has too much to do.",
            Self::Failing => "The key service says that it has failed.",
            Self::Garbled => "The key service answers in a way that cannot be understood.",
            Self::Clock => "The portal’s clock is wrong by minutes, and the key service refuses it for that.",
            Self::Credentials => "The key service no longer accepts the portal’s own credentials.",
            Self::Denied => "The key service refused.",
        }
    }
}
