//! The operators: `StringEquals`, `StringLike`, `ArnEquals`, `ArnLike`, the six of dates, `Bool`, `Null`; negated, with `IfExists`,
//! and, for keys of several values, with `ForAllValues:` or `ForAnyValue:`.

use crate::policy::MalformedPolicy;

/// An operator, taken apart.
pub(super) struct Operator {
    pub(super) test: Test,
    pub(super) negated: bool,
    pub(super) if_exists: bool,
    pub(super) quantifier: Option<Quantifier>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    Equals,
    Like,
    /// `ArnEquals` and `ArnLike` are the same.
    Arn,
    Date(Comparison),
    Bool,
    Null,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    All,
    Any,
}

impl Operator {
    /// By its exact name.
    pub(super) fn parse(full: &str) -> Result<Self, MalformedPolicy> {
        let (quantifier, name) = match full.split_once(':') {
            Some(("ForAllValues", name)) => (Some(Quantifier::All), name),
            Some(("ForAnyValue", name)) => (Some(Quantifier::Any), name),
            _ => (None, full),
        };
        let (name, if_exists) = name.strip_suffix("IfExists").map_or((name, false), |name| (name, true));
        let (test, negated) = match name {
            "StringEquals" => (Test::Equals, false),
            "StringNotEquals" => (Test::Equals, true),
            "StringLike" => (Test::Like, false),
            "StringNotLike" => (Test::Like, true),
            "ArnEquals" | "ArnLike" => (Test::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Test::Arn, true),
            "DateEquals" => (Test::Date(Comparison::Equal), false),
            "DateNotEquals" => (Test::Date(Comparison::Equal), true),
            "DateLessThan" => (Test::Date(Comparison::Less), false),
            "DateLessThanEquals" => (Test::Date(Comparison::LessOrEqual), false),
            "DateGreaterThan" => (Test::Date(Comparison::Greater), false),
            "DateGreaterThanEquals" => (Test::Date(Comparison::GreaterOrEqual), false),
            "Bool" => (Test::Bool, false),
            // `NullIfExists` would ask whether there is what there is.
            "Null" if !if_exists => (Test::Null, false),
            _ => return Err(MalformedPolicy::Operator(full.to_owned())),
        };
        Ok(Self { test, negated, if_exists, quantifier })
    }
}

impl Comparison {
    pub(super) fn holds(self, given: i64, wanted: i64) -> bool {
        match self {
            Self::Equal => given == wanted,
            Self::Less => given < wanted,
            Self::LessOrEqual => given <= wanted,
            Self::Greater => given > wanted,
            Self::GreaterOrEqual => given >= wanted,
        }
    }
}
