//! A member, as the store keeps one.

use halligan_shared::{
    assignment::Assignment,
    id::{MemberId, SignInId},
    member::{AgencyId, DisplayName, Role},
    wire,
};
use time::OffsetDateTime;

/// A person with an agency id, a name and roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The id.
    pub id: MemberId,
    /// The agency's id.
    pub agency_id: AgencyId,
    /// The name.
    pub display_name: DisplayName,
    /// The roles.
    pub roles: Vec<Role>,
    /// Where they work.
    pub assignment: Assignment,
}

impl Member {
    /// Whether the member holds a role.
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

impl From<Member> for wire::MemberView {
    fn from(member: Member) -> Self {
        let Member { id, agency_id, display_name, roles, assignment } = member;
        Self { id, agency_id, display_name, roles, assignment }
    }
}

/// A member at a browser: what a session holds, joined with the member as of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub member: Member,
    /// Which stay.
    pub sign_in: SignInId,
    /// Since when.
    pub since: OffsetDateTime,
}

/// Who brings a change about.
#[derive(Debug, Clone, Copy)]
pub enum Actor<'a> {
    /// The operator at the command line, whom no session binds, by the id that the log names.
    Operator(&'a AgencyId),
    /// A member at a browser.
    Member(&'a SignedIn),
    /// The same, for an act that outlives the session: signed in a short while ago.
    Fresh(&'a SignedIn),
}

impl<'a> Actor<'a> {
    /// Whom the log names.
    pub const fn agency_id(self) -> &'a AgencyId {
        match self {
            Self::Operator(id) => id,
            Self::Member(who) | Self::Fresh(who) => &who.member.agency_id,
        }
    }

    /// At which browser.
    pub const fn signed_in(self) -> Option<&'a SignedIn> {
        match self {
            Self::Operator(_) => None,
            Self::Member(who) | Self::Fresh(who) => Some(who),
        }
    }
}
