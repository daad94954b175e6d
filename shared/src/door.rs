//! The doors: how a request can be opened.

use serde::{Deserialize, Serialize};

/// A door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// Dispatchers decided.
    Dispatcher,
    /// A standing rule held.
    Policy,
    /// Nobody answered in time, and the responder opened it alone.
    Override,
}

impl Door {
    /// Every door.
    pub const ALL: [Self; 3] = [Self::Dispatcher, Self::Policy, Self::Override];

    /// The word used on the wire, in the store, in policies and in the session tag `door` that the decrypter's role asks for.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dispatcher => "dispatcher",
            Self::Policy => "policy",
            Self::Override => "override",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_are_those_of_the_wire() {
        for door in Door::ALL {
            assert_eq!(json!(door), door.word());
        }
    }
}
