//! Who people are: roles, agency ids, display names.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What a member may do. A member can hold several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Asks for records at the scene.
    Responder,
    /// Decides requests and ends grants.
    Dispatcher,
    /// Enrols records and prints bracelets.
    Registrar,
    /// Reads the evidence.
    Auditor,
    /// Invites members.
    Admin,
    /// Reviews afterwards whether records were opened with good reason.
    PrivacyOfficer,
}

impl Role {
    /// Every role, in the order pages list them.
    pub const ALL: [Self; 6] =
        [Self::Responder, Self::Dispatcher, Self::Registrar, Self::Auditor, Self::Admin, Self::PrivacyOfficer];

    /// The word used on the wire, in the store and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Responder => "responder",
            Self::Dispatcher => "dispatcher",
            Self::Registrar => "registrar",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
            Self::PrivacyOfficer => "privacy_officer",
        }
    }

    /// How people read it, inside a sentence.
    pub const fn title(self) -> &'static str {
        match self {
            Self::PrivacyOfficer => "privacy officer",
            other => other.word(),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Role {
    type Err = MemberFault;

    fn from_str(text: &str) -> Result<Self, MemberFault> {
        Self::ALL.into_iter().find(|role| role.word() == text).ok_or(MemberFault::Role)
    }
}

/// Why a member cannot be described so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MemberFault {
    /// Not 2 to 64 characters of the set that STS takes as source identity.
    #[error("An agency ID has 2 to 64 letters and digits, and + = , . @ _ - may stand among them.")]
    AgencyId,
    /// Empty, too long, or holding control characters.
    #[error("Enter a name of at most 80 characters.")]
    DisplayName,
    /// No such role.
    #[error("A role is one of responder, dispatcher, registrar, auditor, admin, privacy_officer.")]
    Role,
    /// No role at all.
    #[error("Choose at least one role.")]
    NoRole,
}

/// The id a member carries at the agency, such as `EMS-4711`. Unique in the portal.
///
/// 2 to 64 characters of `[\w+=,.@-]`, ASCII: the limits of STS's `SourceIdentity` (API model sts/2011-06-15), which
/// carries it. Compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(extend("pattern" = r"^\s*[A-Za-z0-9_+=,.@-]{2,64}\s*$")))]
#[serde(try_from = "String", into = "String")]
pub struct AgencyId(String);

impl AgencyId {
    /// The id as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AgencyId {
    type Err = MemberFault;

    fn from_str(text: &str) -> Result<Self, MemberFault> {
        let text = text.trim();
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        // STS refuses a source identity that starts with `aws:`; the colon is outside the set already.
        if (2..=64).contains(&text.len()) && text.chars().all(allowed) {
            Ok(Self(text.to_ascii_uppercase()))
        } else {
            Err(MemberFault::AgencyId)
        }
    }
}

impl TryFrom<String> for AgencyId {
    type Error = MemberFault;

    fn try_from(text: String) -> Result<Self, MemberFault> {
        text.parse()
    }
}

impl From<AgencyId> for String {
    fn from(id: AgencyId) -> Self {
        id.0
    }
}

impl fmt::Display for AgencyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Longest name of a member, in characters: a line of the desk.
pub const NAME_MAX: usize = 80;

/// The name colleagues know a member by: 1 to [`NAME_MAX`] characters, no control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(extend("pattern" = crate::wire::WITHOUT_CONTROLS, "minLength" = 1, "maxLength" = NAME_MAX))
)]
#[serde(try_from = "String", into = "String")]
pub struct DisplayName(String);

impl DisplayName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DisplayName {
    type Err = MemberFault;

    fn from_str(text: &str) -> Result<Self, MemberFault> {
        let text = text.trim();
        if (1..=NAME_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(MemberFault::DisplayName)
        }
    }
}

impl TryFrom<String> for DisplayName {
    type Error = MemberFault;

    fn try_from(text: String) -> Result<Self, MemberFault> {
        text.parse()
    }
}

impl From<DisplayName> for String {
    fn from(name: DisplayName) -> Self {
        name.0
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_role_has_one_word_everywhere() {
        for role in Role::ALL {
            assert_eq!((json!(role), role.to_string().as_str()), (json!(role.word()), role.word()));
            assert_eq!(role.word().parse(), Ok(role));
        }
        for other in ["", "Admin", "root"] {
            assert_eq!(other.parse::<Role>(), Err(MemberFault::Role));
        }
    }

    #[test]
    fn agency_ids_are_what_a_source_identity_may_be_without_regard_to_case() {
        for (typed, read) in [(" ems-4711 ", "EMS-4711"), ("a@b.c,d=e+f_g", "A@B.C,D=E+F_G"), ("ab", "AB")] {
            let id: AgencyId = typed.parse().unwrap();
            assert_eq!((id.as_str(), id.to_string().as_str()), (read, read));
            assert_eq!(json!(id), read);
        }
        let longest = "a".repeat(64);
        assert!(longest.parse::<AgencyId>().is_ok());
        for hostile in ["", "a", "a b", "a:b", "ä-1", "a/b", &format!("{longest}a")] {
            assert_eq!(hostile.parse::<AgencyId>(), Err(MemberFault::AgencyId), "{hostile}");
        }
    }

    #[test]
    fn names_are_bounded_and_without_control_characters() {
        let name: DisplayName = " Ada Drill ".parse().unwrap();
        assert_eq!((name.as_str(), name.to_string().as_str(), json!(name)), ("Ada Drill", "Ada Drill", json!("Ada Drill")));
        let longest = "é".repeat(80);
        assert!(longest.parse::<DisplayName>().is_ok());
        for hostile in ["", "  ", "a\nb", "a\u{7}b", &format!("{longest}e")] {
            assert_eq!(hostile.parse::<DisplayName>(), Err(MemberFault::DisplayName), "{hostile:?}");
        }
    }
}
