//! What policies say about an act, and how several policies' answers combine.

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

#[cfg(test)]
mod tests {
    use super::Decision::{Allow, ExplicitDeny, ImplicitDeny};

    #[test]
    fn an_intersection_allows_only_what_both_allow_and_reports_an_explicit_deny_first() {
        for (one, other, expected) in [
            (Allow, Allow, Allow),
            (Allow, ImplicitDeny, ImplicitDeny),
            (ImplicitDeny, ImplicitDeny, ImplicitDeny),
            (Allow, ExplicitDeny, ExplicitDeny),
            (ImplicitDeny, ExplicitDeny, ExplicitDeny),
            (ExplicitDeny, ExplicitDeny, ExplicitDeny),
        ] {
            assert_eq!(one.intersect(other), expected);
            assert_eq!(other.intersect(one), expected);
        }
    }
}
