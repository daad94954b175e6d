//! The two roles, and what each demands of whoever assumes it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A role of the estate. The trust policies are these methods: only the backend's user may assume either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Opens one record inside one window.
    Decrypter,
    /// Wraps new records' keys.
    Registrar,
}

impl Role {
    /// The longest session, in seconds (IAM's `MaxSessionDuration`, at its least value of one hour).
    pub(crate) const MAX_SESSION_SECONDS: i64 = 3600;

    /// The session tags without which the role cannot be assumed. A source identity is demanded always.
    pub(crate) fn required_tags(self) -> &'static [&'static str] {
        match self {
            Self::Decrypter => &["incident", "request", "door"],
            Self::Registrar => &[],
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Decrypter => "KEK-Responder-Decrypter",
            Self::Registrar => "KEK-Registrar",
        })
    }
}
