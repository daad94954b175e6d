//! Why a policy document does not load.

/// The first fault of a document, in the document's own words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedPolicy {
    /// Not JSON, or an element, effect or shape outside the supported language.
    #[error("Syntax errors in policy: {0}.")]
    Syntax(String),
    /// An element that this kind of policy must not have, or lacks.
    #[error("{0}")]
    Misplaced(&'static str),
    /// A condition operator outside the supported language.
    #[error(
        "Invalid Condition type: {0}. Use StringEquals, StringLike, ArnEquals, ArnLike, their Not… forms, Date…, Bool or Null."
    )]
    Operator(String),
    /// A condition key outside the supported language.
    #[error("Invalid condition key: {0}. This authority does not learn it, so no policy may ask for it.")]
    Key(String),
    /// An operator that cannot be asked of a key.
    #[error(
        "{operator} cannot be asked of {key}: dates, ARNs and booleans have operators of their own, and a key of several values needs ForAllValues or ForAnyValue."
    )]
    Mismatch {
        /// The operator.
        operator: String,
        /// The key, in lower case.
        key: String,
    },
    /// Not a date in RFC 3339 form.
    #[error("Invalid date: {0}. Write it like 2026-11-23T10:05:00Z; dates take no policy variables.")]
    Date(String),
    /// Neither `true` nor `false`.
    #[error("Invalid boolean: {0}. Write true or false.")]
    Bool(String),
    /// Not an ARN.
    #[error("Invalid ARN: {0}. It has six parts between colons.")]
    Arn(String),
    /// A policy variable outside the supported language.
    #[error("Invalid policy variable: {0}. Use ${{aws:PrincipalTag/<key>}} or another global key, and Version 2012-10-17.")]
    Variable(String),
    /// An action that names no service.
    #[error("Actions/Conditions must be prefaced by a vendor, e.g., kms:Decrypt: {0}.")]
    Action(String),
    /// A resource that is neither an ARN nor `*`.
    #[error("Resource {0} must be in ARN format or \"*\".")]
    Resource(String),
    /// A principal outside the supported language.
    #[error("Invalid principal in policy: {0}. Use \"*\", an account, a user, a role or a service.")]
    Principal(String),
}
