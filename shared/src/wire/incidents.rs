//! Incidents, as computer-aided dispatch (CAD) tells the portal of them, and what the portal holds of them.
//!
//! CAD sends NENA's Emergency Incident Data Object (EIDO, NENA-STA-021): the members below, under the names that it has for them.
//! They are all that the portal keeps, and each is bounded. Unlike any other body, this one may have members beside them: an EIDO
//! says much more of an incident, of callers and patients too, and a CAD system that had to leave that out could not send what it has.

use serde::{Deserialize, Deserializer, Serialize};

use crate::{assignment::CallSign, incident::IncidentNumber, shown};

/// Most resources of an incident: a whole county's.
pub const RESOURCES_MAX: usize = 200;
/// Most statuses of an incident at once.
pub const STATUSES_MAX: usize = 8;
/// Longest status, in characters.
pub const STATUS_MAX: usize = 64;

/// The statuses that say that an incident goes on, compared without regard to case. Any other, of the registry or an agency's own,
/// says that it does not: what the portal does not understand opens nothing.
pub const GOING_ON: [&str; 5] = ["Active", "Assigned", "Dispatched", "In Progress", "Open"];
/// The statuses that say that a unit is on an incident no more, compared without regard to case. A unit that is listed with any
/// other is on it.
pub const RELEASED: [&str; 8] =
    ["Available", "Canceled", "Cancelled", "Clear", "Cleared", "Off Duty", "Out of Service", "Released"];

/// A status: words of a registry or of an agency's own, 1 to 64 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(extend("pattern" = super::WITHOUT_CONTROLS, "minLength" = 1, "maxLength" = STATUS_MAX))
)]
#[serde(try_from = "String", into = "String")]
pub struct StatusText(String);

/// Not a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a status has 1 to 64 characters")]
pub struct StatusFault;

impl StatusText {
    /// The status as it was told.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_one_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.0.eq_ignore_ascii_case(word))
    }
}

impl TryFrom<String> for StatusText {
    type Error = StatusFault;

    fn try_from(text: String) -> Result<Self, StatusFault> {
        // What is kept from before is read here too: what steers how the rest is seen is left out, and not refused.
        let told = shown::one_line(&text);
        let is_status = text.trim().chars().count() <= STATUS_MAX && !text.trim().contains(char::is_control) && !told.is_empty();
        is_status.then_some(Self(told)).ok_or(StatusFault)
    }
}

impl From<StatusText> for String {
    fn from(status: StatusText) -> Self {
        status.0
    }
}

/// An incident as CAD tells it: the part of an EIDO that the portal reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct IncidentDocument {
    /// When this was so, by CAD's clock, RFC 3339. Of two documents of one incident the later one counts, in whatever order they come;
    /// fractions of a second down to the millisecond count too.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub last_update_time_stamp: String,
    /// The incident itself.
    pub incident_component: IncidentComponent,
    /// The units that are on it, and those that were; at most 200.
    #[serde(default, deserialize_with = "at_most::<RESOURCES_MAX, _, _>")]
    #[cfg_attr(feature = "openapi", schemars(length(max = RESOURCES_MAX)))]
    pub emergency_resource_component: Vec<EmergencyResource>,
}

/// What is told of the incident itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct IncidentComponent {
    /// Where it stands; it goes on while each of these says so: Active, Assigned, Dispatched, In Progress or Open.
    #[serde(deserialize_with = "at_most::<STATUSES_MAX, _, _>")]
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = STATUSES_MAX)))]
    pub incident_status_common_registry_text: Vec<StatusText>,
    /// The number once more. If it is there, it has to be the one in the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal_incident_id: Option<IncidentNumber>,
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EmergencyResource {
    /// Its call sign. One that is nameless, or has a name that no unit here can have, is nobody's and is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency_resource_name: Option<String>,
    /// What it does.
    pub primary_unit_status_registry_text: StatusText,
}

impl IncidentDocument {
    /// Whether the incident goes on.
    pub fn is_open(&self) -> bool {
        let statuses = &self.incident_component.incident_status_common_registry_text;
        !statuses.is_empty() && statuses.iter().all(|status| status.is_one_of(&GOING_ON))
    }

    /// The units that are on it, each once, in order.
    pub fn units(&self) -> Vec<CallSign> {
        let on_it =
            self.emergency_resource_component.iter().filter(|unit| !unit.primary_unit_status_registry_text.is_one_of(&RELEASED));
        let mut units: Vec<CallSign> = on_it.filter_map(|unit| unit.emergency_resource_name.as_deref()?.parse().ok()).collect();
        units.sort();
        units.dedup();
        units
    }
}

fn at_most<'de, const MAX: usize, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    let many = Vec::deserialize(from)?;
    if many.len() <= MAX { Ok(many) } else { Err(serde::de::Error::invalid_length(many.len(), &format!("at most {MAX}").as_str())) }
}

/// Says that CAD is there, although it has nothing to tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {}

/// What CAD is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct IncidentTaken {
    /// Whether what came is what is held now. `false`: it was no later than what was held, which stays.
    pub taken: bool,
    /// What the portal holds.
    pub incident: IncidentView,
}

/// An incident, as far as the portal knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct IncidentView {
    /// The number.
    pub number: IncidentNumber,
    /// Whether it goes on.
    pub is_open: bool,
    /// Where it stands, in CAD's words.
    pub statuses: Vec<StatusText>,
    /// The units that are on it.
    pub units: Vec<CallSign>,
    /// When that was so, by CAD's clock, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub updated_at: String,
}

/// The feed of incidents, for the desk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct IncidentFeed {
    /// Whether the portal takes any: the operator gave it CAD's key.
    pub is_on: bool,
    /// How long ago CAD was last heard, in seconds; absent: never.
    pub heard_ago: Option<f64>,
    /// The incidents that go on, the last changed first; at most 200.
    pub open: Vec<IncidentView>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn document(statuses: &[&str], resources: &Value) -> Result<IncidentDocument, serde_json::Error> {
        serde_json::from_value(json!({
            "$id": "urn:emergency:uid:incidentid:1", "notesComponent": [{ "noteText": "Beside what is read" }],
            "lastUpdateTimeStamp": "2026-11-26T10:00:00.5-05:00",
            "incidentComponent": { "incidentStatusCommonRegistryText": statuses, "incidentTypeCommonRegistryText": "Medical" },
            "emergencyResourceComponent": resources,
        }))
    }

    #[test]
    fn a_status_is_one_line_of_what_is_seen() {
        let status = |text: &str| StatusText::try_from(text.to_owned());
        let told = status(" In\u{200b} Progress ").unwrap();
        assert_eq!(told.as_str(), "In Progress");
        assert_eq!(String::from(told), "In Progress");
        for none in ["", "  ", "\u{ad}", "Acti\u{7}ve", &"a".repeat(STATUS_MAX + 1), &format!("a{}", "\u{ad}".repeat(STATUS_MAX))] {
            assert_eq!(status(none), Err(StatusFault), "{none:?}");
        }
        assert!(status(&"a".repeat(STATUS_MAX)).is_ok());
    }

    #[test]
    fn an_incident_goes_on_while_every_status_says_so_in_words_that_are_known() {
        for (statuses, is_open) in [
            (&["Active"][..], true),
            (&["active", "DISPATCHED"], true),
            (&["Closed"], false),
            (&["Active", "Closed"], false),
            (&["Resolved"], false),
            (&["Words of our own"], false),
            (&[], false),
        ] {
            assert_eq!(document(statuses, &json!([])).unwrap().is_open(), is_open, "{statuses:?}");
        }
    }

    #[test]
    fn units_are_those_that_were_not_released_each_once() {
        let unit = |name: &str, status: &str| json!({ "emergencyResourceName": name, "primaryUnitStatusRegistryText": status });
        let resources = json!([
            unit("m12", "Enroute"), unit("E 4", "On Scene"), unit("M12", "On Scene"), unit("B1", "available"), unit("C1", "Cleared"),
            unit("Engine #5", "On Scene"), { "primaryUnitStatusRegistryText": "On Scene" },
        ]);
        let units = document(&["Active"], &resources).unwrap().units();
        assert_eq!(units.iter().map(CallSign::as_str).collect::<Vec<_>>(), ["E 4", "M12"]);
    }

    #[test]
    fn what_is_read_is_bounded() {
        let unit = json!({ "emergencyResourceName": "M12", "primaryUnitStatusRegistryText": "On Scene" });
        assert!(document(&["Active"], &json!(vec![&unit; RESOURCES_MAX])).is_ok());
        assert!(document(&["Active"], &json!(vec![&unit; RESOURCES_MAX + 1])).is_err());
        assert!(document(&["Active"; STATUSES_MAX], &json!([])).is_ok());
        assert!(document(&["Active"; STATUSES_MAX + 1], &json!([])).is_err());
        for status in ["", " ", "a\u{7}", &"a".repeat(STATUS_MAX + 1)] {
            assert!(document(&[status], &json!([])).is_err(), "{status}");
        }
        assert!(document(&[&"ä".repeat(STATUS_MAX)], &json!([])).is_ok());
        assert!(serde_json::from_value::<IncidentDocument>(json!({ "lastUpdateTimeStamp": "2026-11-26T10:00:00Z" })).is_err());
        assert!(serde_json::from_value::<Heartbeat>(json!({ "more": 1 })).is_err());
    }
}
