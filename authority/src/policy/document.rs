//! A policy document: parsed once, then asked.

use serde::Deserialize;

use super::{
    Act, Decision,
    condition::Condition,
    json::{Members, OneOrMany},
    pattern,
};

/// Why a policy document was refused. It names the first fault, in the document's own words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedPolicy {
    /// Not JSON, or an element, effect or shape outside the supported language.
    #[error("Syntax errors in policy: {0}.")]
    Syntax(String),
    /// A condition operator outside the supported language.
    #[error("Invalid Condition type: {0}. Use StringEquals, DateLessThan or DateGreaterThan.")]
    Operator(String),
    /// A key that dates cannot be compared with.
    #[error("Invalid condition key for a date: {0}. Use aws:CurrentTime or aws:TokenIssueTime.")]
    DateKey(String),
    /// A key that texts cannot be compared with.
    #[error("Invalid condition key for a string: {0}. Use kms:EncryptionContext:<name>.")]
    StringKey(String),
    /// Not a date in RFC 3339 form.
    #[error("Invalid date: {0}. Write it like 2026-11-23T10:05:00Z.")]
    Date(String),
    /// A policy variable.
    #[error("Policy variables are not supported: {0}. Write the value itself.")]
    Variable(String),
    /// An action that names no service.
    #[error("Actions/Conditions must be prefaced by a vendor, e.g., kms:Decrypt: {0}.")]
    Action(String),
    /// A resource that is neither an ARN nor `*`.
    #[error("Resource {0} must be in ARN format or \"*\".")]
    Resource(String),
}

/// A policy that was understood completely.
pub struct PolicyDocument {
    statements: Vec<Statement>,
}

struct Statement {
    effect: Effect,
    actions: Vec<String>,
    resources: Vec<String>,
    conditions: Vec<Condition>,
}

impl PolicyDocument {
    /// Reads a document, or says what in it is outside the supported language.
    pub fn parse(text: &str) -> Result<Self, MalformedPolicy> {
        let read: DocumentText = serde_json::from_str(text).map_err(|fault| MalformedPolicy::Syntax(fault.to_string()))?;
        let statements = read.statement.0.into_iter().map(Statement::try_from).collect::<Result<_, _>>()?;
        Ok(Self { statements })
    }

    /// What this document alone says about an act.
    pub fn decide(&self, act: &Act<'_>) -> Decision {
        let mut decision = Decision::ImplicitDeny;
        for statement in self.statements.iter().filter(|statement| statement.applies_to(act)) {
            match statement.effect {
                Effect::Deny => return Decision::ExplicitDeny,
                Effect::Allow => decision = Decision::Allow,
            }
        }
        decision
    }
}

impl Statement {
    fn applies_to(&self, act: &Act<'_>) -> bool {
        let action = act.action.to_ascii_lowercase();
        self.actions.iter().any(|wanted| pattern::matches(wanted, &action))
            && self.resources.iter().any(|wanted| pattern::matches(wanted, act.resource))
            && self.conditions.iter().all(|condition| condition.holds(act.circumstances))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct DocumentText {
    #[serde(rename = "Version")]
    _version: Option<Version>,
    statement: OneOrMany<StatementText>,
}

/// The two versions of the language. They differ in policy variables only, which are refused in both.
#[derive(Deserialize)]
enum Version {
    #[serde(rename = "2012-10-17")]
    Of2012,
    #[serde(rename = "2008-10-17")]
    Of2008,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct StatementText {
    #[serde(rename = "Sid")]
    _sid: Option<String>,
    effect: Effect,
    action: OneOrMany<String>,
    resource: OneOrMany<String>,
    condition: Option<Members<Members<OneOrMany<String>>>>,
}

#[derive(Clone, Copy, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

impl TryFrom<StatementText> for Statement {
    type Error = MalformedPolicy;

    fn try_from(text: StatementText) -> Result<Self, MalformedPolicy> {
        Ok(Self {
            effect: text.effect,
            actions: text.action.0.into_iter().map(action).collect::<Result<_, _>>()?,
            resources: text.resource.0.into_iter().map(resource).collect::<Result<_, _>>()?,
            conditions: text.condition.map_or_else(|| Ok(Vec::new()), Condition::all)?,
        })
    }
}

/// Actions compare without case, so they are kept in lower case.
fn action(text: String) -> Result<String, MalformedPolicy> {
    let (service, name) = text.split_once(':').unwrap_or(if text == "*" { ("*", "*") } else { ("", "") });
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"*?-".contains(&b));
    if letters(service) && letters(name) { Ok(text.to_ascii_lowercase()) } else { Err(MalformedPolicy::Action(text)) }
}

/// `arn:partition:service:region:account:resource`, with wildcards anywhere but in the first word.
fn resource(text: String) -> Result<String, MalformedPolicy> {
    if text.contains("${") {
        Err(MalformedPolicy::Variable(text))
    } else if text == "*" || (text.starts_with("arn:") && text.split(':').count() >= 6) {
        Ok(text)
    } else {
        Err(MalformedPolicy::Resource(text))
    }
}

#[cfg(test)]
mod tests;
