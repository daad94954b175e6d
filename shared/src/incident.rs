//! The number of an incident, by which a request and computer-aided dispatch mean the same one.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::justification::{JustificationFault, check_incident};

/// The number of an incident, by the rules of a justification's. Compared without regard to case: a phone's keyboard writes its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(extend("pattern" = r"^\s*[A-Za-z0-9_.:/=+@-]([A-Za-z0-9 _.:/=+@-]{0,62}[A-Za-z0-9_.:/=+@-])?\s*$"))
)]
#[serde(try_from = "String", into = "String")]
pub struct IncidentNumber(String);

impl IncidentNumber {
    /// The number, in capitals.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IncidentNumber {
    type Err = JustificationFault;

    fn from_str(text: &str) -> Result<Self, JustificationFault> {
        let text = text.trim();
        check_incident(text)?;
        Ok(Self(text.to_ascii_uppercase()))
    }
}

impl TryFrom<String> for IncidentNumber {
    type Error = JustificationFault;

    fn try_from(text: String) -> Result<Self, JustificationFault> {
        text.parse()
    }
}

impl From<IncidentNumber> for String {
    fn from(number: IncidentNumber) -> Self {
        number.0
    }
}

impl fmt::Display for IncidentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::justification::{Draft, INCIDENT_MAX, Justification, Reason, Severity};

    #[test]
    fn whatever_a_responder_may_name_is_a_number_and_nothing_else_is() {
        let longest = "9".repeat(INCIDENT_MAX);
        for text in [" 2026/11-24 ", "a b", "INC:7=+@_.", "", " ", "é", "a\u{7}", "a?b", "a%2F", &longest, &format!("{longest}9")]
        {
            let (severity, reason) = (Severity::Urgent, Reason::ThreatToLife);
            let justified = Justification::check(&Draft { severity, reason, incident: text.into(), text: String::new() });
            let named = justified.map(|justification| justification.incident().parse());
            assert_eq!(named.unwrap_or_else(Err), text.parse::<IncidentNumber>(), "{text}");
        }
        let number: IncidentNumber = " inc-7".parse().unwrap();
        assert_eq!(number, "INC-7 ".parse().unwrap());
        assert_eq!((number.as_str(), number.to_string(), String::from(number.clone())), ("INC-7", "INC-7".into(), "INC-7".into()));
    }
}
