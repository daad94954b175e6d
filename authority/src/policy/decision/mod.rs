//! What policies say about an act, and how the answers of several policies combine inside one account.
//!
//! An explicit deny of any of them comes first. Then, as at AWS (IAM User Guide, "Policy evaluation logic"): an act on a thing that
//! has a policy of its own (a key, a role) needs that policy's leave. If it names the account, the identity's own policies decide,
//! within boundary and session policy; if it names the role, only boundary and session policy still narrow; if it names the user or
//! the very session, nothing does. That last one is why key policies must never name a session. An act on anything else is decided
//! as if its policy named the account.

use super::{Act, PolicyDocument, principal::Reach};

/// What one policy, or several together, say about an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A statement allows it and none denies it.
    Allow,
    /// No statement speaks of it.
    ImplicitDeny,
    /// A statement denies it. Nothing overrules this.
    ExplicitDeny,
}

impl Decision {
    /// What both policies together permit: an explicit deny of either first, then only what both allow.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        match (self, other) {
            (Self::ExplicitDeny, _) | (_, Self::ExplicitDeny) => Self::ExplicitDeny,
            (Self::Allow, Self::Allow) => Self::Allow,
            _ => Self::ImplicitDeny,
        }
    }
}

/// Every policy that binds one act of one principal.
#[derive(Clone, Default)]
pub struct Policies<'a> {
    /// Those of the user or role. An allow of any suffices.
    pub identity: Vec<&'a PolicyDocument>,
    /// The most that the user or role can be given, whatever its policies say.
    pub boundary: Option<&'a PolicyDocument>,
    /// The one that the session began with.
    pub session: Option<&'a PolicyDocument>,
    /// The key's or role's own. Without one, the thing has none.
    pub resource: Option<&'a PolicyDocument>,
}

/// What all of them together say, and which of them it was that refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The outcome.
    pub decision: Decision,
    /// The kind of policy that denied it, or that did not allow it.
    pub refused_by: Option<Source>,
}

/// A kind of policy, in the words of AWS's refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Of a user or a role.
    Identity,
    /// Of a user or a role: the most it can be given.
    Boundary,
    /// Of a session.
    Session,
    /// Of a key or of a role's trust.
    Resource,
}

impl Policies<'_> {
    /// The verdict on an act.
    pub fn decide(&self, act: &Act<'_>) -> Verdict {
        let identity = self.identity.iter().map(|policy| policy.decide(act)).fold(Decision::ImplicitDeny, union);
        let boundary = self.boundary.map_or(Decision::Allow, |policy| policy.decide(act));
        let session = self.session.map_or(Decision::Allow, |policy| policy.decide(act));
        // What has no policy of its own is left to the account.
        let (resource, reach) = self.resource.map_or((Decision::Allow, Some(Reach::Account)), |policy| policy.decide_for(act));

        let said = [
            (identity, Source::Identity, Reach::Account),
            (boundary, Source::Boundary, Reach::Role),
            (session, Source::Session, Reach::Role),
            (resource, Source::Resource, Reach::Itself),
        ];
        let refused = |decision, source| Verdict { decision, refused_by: Some(source) };
        if let Some((decision, source, _)) = said.iter().find(|(decision, ..)| *decision == Decision::ExplicitDeny) {
            return refused(*decision, *source);
        }
        // Each kind of policy must allow, unless the resource's own policy reaches past it.
        let asked = said.iter().filter(|(.., asked_up_to)| reach.is_none_or(|reach| reach <= *asked_up_to));
        // The resource's own word comes first: without it, what the others say is of no account.
        match asked.rev().find(|(decision, ..)| *decision != Decision::Allow) {
            Some((decision, source, _)) => refused(*decision, *source),
            None => Verdict { decision: Decision::Allow, refused_by: None },
        }
    }
}

/// What several policies of one kind say together.
pub(super) fn union(one: Decision, other: Decision) -> Decision {
    match (one, other) {
        (Decision::ExplicitDeny, _) | (_, Decision::ExplicitDeny) => Decision::ExplicitDeny,
        (Decision::Allow, _) | (_, Decision::Allow) => Decision::Allow,
        _ => Decision::ImplicitDeny,
    }
}

#[cfg(test)]
mod tests;
