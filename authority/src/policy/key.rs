//! Condition keys: what a policy may ask of the circumstances, and of which type each answer is.
//!
//! The table is closed. A key that is not in it makes the policy malformed: a condition on something that this authority never
//! learns would otherwise fail or hold for the wrong reason.

use super::MalformedPolicy;

/// A key by its name in lower case: names compare without case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// What a key's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Date,
    Text,
    Arn,
    Bool,
    /// Several texts at once: only `ForAllValues` and `ForAnyValue` say which of them is meant.
    Texts,
}

/// Keys with one name (IAM User Guide, "AWS global condition context keys"; Service Authorization Reference of STS, KMS and IAM).
const NAMES: [(&str, Kind); 14] = [
    ("aws:CurrentTime", Kind::Date),
    ("aws:TokenIssueTime", Kind::Date),
    ("aws:PrincipalArn", Kind::Arn),
    ("aws:PrincipalAccount", Kind::Text),
    ("aws:SourceArn", Kind::Arn),
    ("aws:SourceIdentity", Kind::Text),
    ("aws:TagKeys", Kind::Texts),
    ("aws:userid", Kind::Text),
    ("iam:PermissionsBoundary", Kind::Arn),
    ("kms:CallerAccount", Kind::Text),
    ("kms:EncryptionContextKeys", Kind::Texts),
    ("kms:ReEncryptOnSameKey", Kind::Bool),
    ("sts:RoleSessionName", Kind::Text),
    ("sts:SourceIdentity", Kind::Text),
];

/// Keys whose name goes on after a prefix.
const FAMILIES: [&str; 4] = ["kms:EncryptionContext:", "aws:PrincipalTag/", "aws:RequestTag/", "aws:ResourceTag/"];

impl Key {
    pub(super) fn parse(text: &str) -> Result<Self, MalformedPolicy> {
        let named = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, kind)| *kind);
        let kind = named.or_else(|| FAMILIES.iter().any(|prefix| continues(text, prefix)).then_some(Kind::Text));
        match kind {
            Some(kind) if !text.contains("${") => Ok(Self { name: text.to_lowercase(), kind }),
            _ => Err(MalformedPolicy::Key(text.to_owned())),
        }
    }

    /// Whether a policy variable may stand for it: the global keys that have one text.
    pub(super) fn is_variable(&self) -> bool {
        self.name.starts_with("aws:") && matches!(self.kind, Kind::Text | Kind::Arn)
    }
}

fn continues(text: &str, prefix: &str) -> bool {
    text.split_at_checked(prefix.len()).is_some_and(|(begins, name)| begins.eq_ignore_ascii_case(prefix) && !name.is_empty())
}
