//! Where a member works: what policies, desks and notices go by.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::member::AgencyId;

/// Longest name of a crew, unit, station or shift, in characters: what stands in a line beside a member's name.
pub const CALL_SIGN_MAX: usize = 32;

/// Not 1 to 32 characters of the set that dispatch systems name crews, units and stations with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "Crews, units, stations and shifts are named with 1 to 32 letters, digits, spaces or the characters . _ / - and begin with a letter or digit."
)]
pub struct CallSignFault;

/// The name of a crew, unit, station or shift, such as `M12`: 1 to 32 letters, digits, spaces and `. _ / -`, the first of them a
/// letter or digit. Compared without regard to case, as dispatch systems do.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(extend("pattern" = r"^\s*[A-Za-z0-9]([A-Za-z0-9 ._/-]{0,30}[A-Za-z0-9._/-])?\s*$"))
)]
#[serde(try_from = "String", into = "String")]
pub struct CallSign(String);

impl CallSign {
    /// The name, in capitals.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CallSign {
    type Err = CallSignFault;

    fn from_str(text: &str) -> Result<Self, CallSignFault> {
        let text = text.trim();
        let allowed = |c: char| c.is_ascii_alphanumeric() || " ._/-".contains(c);
        let is_named = text.len() <= CALL_SIGN_MAX && text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if is_named && text.chars().all(allowed) { Ok(Self(text.to_ascii_uppercase())) } else { Err(CallSignFault) }
    }
}

impl TryFrom<String> for CallSign {
    type Error = CallSignFault;

    fn try_from(text: String) -> Result<Self, CallSignFault> {
        text.parse()
    }
}

impl From<CallSign> for String {
    fn from(sign: CallSign) -> Self {
        sign.0
    }
}

impl fmt::Display for CallSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a member works, and whom they answer to. What an agency does not use stays empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The people on one vehicle: a policy can keep them from deciding for each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crew: Option<CallSign>,
    /// The vehicle, as computer-aided dispatch assigns it to an incident.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<CallSign>,
    /// The station: a policy can ask for decisions from different ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub station: Option<CallSign>,
    /// The shift.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shift: Option<CallSign>,
    /// Whom the member answers to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supervisor: Option<AgencyId>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn call_signs_are_what_dispatch_systems_use_without_regard_to_case() {
        for (typed, read) in [(" m12 ", "M12"), ("Station 4", "STATION 4"), ("a-1/b.2_c", "A-1/B.2_C"), ("7", "7")] {
            let sign: CallSign = typed.parse().unwrap();
            assert_eq!((sign.as_str(), sign.to_string(), json!(sign)), (read, read.to_owned(), json!(read)));
        }
        let longest = "a".repeat(CALL_SIGN_MAX);
        assert!(longest.parse::<CallSign>().is_ok());
        for hostile in ["", " ", "-1", ".", "ä1", "a\u{7}", "a,b", &format!("{longest}a")] {
            assert_eq!(hostile.parse::<CallSign>(), Err(CallSignFault), "{hostile}");
        }
    }

    #[test]
    fn what_an_agency_does_not_use_stays_empty() {
        assert_eq!(serde_json::from_value::<Assignment>(json!({})).unwrap(), Assignment::default());
        assert!(serde_json::from_value::<Assignment>(json!({ "team": "A" })).is_err());
    }
}
