//! A policy document: parsed once, then asked.

use serde::Deserialize;

use super::{
    Act, Decision, MalformedPolicy,
    condition::Condition,
    json::{Members, OneOrMany},
    pattern::{ArnPattern, Meaning, Pattern},
    principal::{Named, PrincipalText, Reach},
};

/// What a policy hangs on. It decides whether `Principal` and `Resource` must stand there or must not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A user or a role: what it may do.
    Identity,
    /// A session, from `AssumeRole`: what of its role's permissions it keeps.
    Session,
    /// A role: who may assume it.
    Trust,
    /// A KMS key: who may use it.
    Key,
}

/// A policy that was understood completely.
pub struct PolicyDocument {
    statements: Vec<Statement>,
}

struct Statement {
    effect: Effect,
    actions: Actions,
    /// Nothing for a trust policy, which is about its role alone.
    resources: Option<Vec<Resource>>,
    /// Nothing for the policies of an identity or a session, which are about its holder alone.
    principals: Option<Named>,
    conditions: Vec<Condition>,
}

enum Actions {
    These(Vec<Pattern>),
    AllBut(Vec<Pattern>),
}

enum Resource {
    Any,
    Arn(ArnPattern),
}

impl PolicyDocument {
    /// Reads a document, or says what in it is outside the supported language.
    pub fn parse(kind: Kind, text: &str) -> Result<Self, MalformedPolicy> {
        let read: DocumentText = serde_json::from_str(text).map_err(|fault| MalformedPolicy::Syntax(fault.to_string()))?;
        let variables = matches!(read.version, Some(Version::Of2012));
        let statements = read.statement.0.into_iter().map(|statement| Statement::parse(kind, statement, variables));
        Ok(Self { statements: statements.collect::<Result<_, _>>()? })
    }

    /// What this document alone says about an act.
    pub fn decide(&self, act: &Act<'_>) -> Decision {
        self.decide_for(act).0
    }

    /// The same, and how closely the statements that allow it name whoever asks.
    pub(super) fn decide_for(&self, act: &Act<'_>) -> (Decision, Option<Reach>) {
        let mut reach = None;
        for statement in &self.statements {
            let Some(named) = statement.applies_to(act) else { continue };
            match statement.effect {
                Effect::Deny => return (Decision::ExplicitDeny, None),
                Effect::Allow => reach = reach.max(Some(named)),
            }
        }
        (if reach.is_some() { Decision::Allow } else { Decision::ImplicitDeny }, reach)
    }

    /// The users, roles and sessions that it names.
    pub fn principal_arns(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().filter_map(|statement| statement.principals.as_ref()).flat_map(Named::arns)
    }
}

impl Statement {
    /// How closely it names whoever asks, if it is about this act.
    fn applies_to(&self, act: &Act<'_>) -> Option<Reach> {
        let reach = self.principals.as_ref().map_or(Some(Reach::Itself), |named| named.reach(act.principal))?;
        let action = act.action.to_ascii_lowercase();
        let named = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(&action, act));
        let applies = match &self.actions {
            Actions::These(patterns) => named(patterns),
            Actions::AllBut(patterns) => !named(patterns),
        };
        let applies = applies
            && self.resources.as_ref().is_none_or(|resources| resources.iter().any(|resource| resource.is(act)))
            && self.conditions.iter().all(|condition| condition.holds(act));
        applies.then_some(reach)
    }

    fn parse(kind: Kind, text: StatementText, variables: bool) -> Result<Self, MalformedPolicy> {
        let actions = match (text.action, text.not_action) {
            (Some(these), None) => Actions::These(actions(kind, these)?),
            (None, Some(_)) if kind == Kind::Trust => {
                return Err(MalformedPolicy::Misplaced("AssumeRole policy may only specify STS AssumeRole actions."));
            }
            (None, Some(but)) => Actions::AllBut(actions(kind, but)?),
            _ => return Err(MalformedPolicy::Misplaced("A statement needs one of Action and NotAction.")),
        };
        let resources = match (kind, text.resource) {
            (Kind::Trust, None) => None,
            (Kind::Trust, Some(_)) => return Err(MalformedPolicy::Misplaced("Has prohibited field Resource")),
            (_, Some(named)) => Some(named.0.into_iter().map(|text| Resource::parse(text, variables)).collect::<Result<_, _>>()?),
            (_, None) => return Err(MalformedPolicy::Misplaced("Policy statement must contain resources.")),
        };
        let principals = match (kind, text.principal) {
            (Kind::Identity | Kind::Session, None) => None,
            (Kind::Identity | Kind::Session, Some(_)) => {
                return Err(MalformedPolicy::Misplaced("Policy document should not specify a principal."));
            }
            (Kind::Trust | Kind::Key, Some(named)) => Some(Named::parse(named)?),
            (Kind::Trust | Kind::Key, None) => return Err(MalformedPolicy::Misplaced("Missing required field Principal")),
        };
        let conditions = text.condition.map_or_else(|| Ok(Vec::new()), |conditions| Condition::all(conditions, variables))?;
        Ok(Self { effect: text.effect, actions, resources, principals, conditions })
    }
}

impl Resource {
    fn parse(text: String, variables: bool) -> Result<Self, MalformedPolicy> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let arn = ArnPattern::parse(&text, Meaning { wildcards: true, variables })?;
        arn.map(Self::Arn).ok_or(MalformedPolicy::Resource(text))
    }

    fn is(&self, act: &Act<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Arn(pattern) => pattern.matches(act.resource, act),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct DocumentText {
    version: Option<Version>,
    #[serde(rename = "Id")]
    _id: Option<String>,
    statement: OneOrMany<StatementText>,
}

/// The two versions of the language. They differ in policy variables only, which the older one does not have; it is also what a
/// document without a version is of.
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
    principal: Option<PrincipalText>,
    action: Option<OneOrMany<String>>,
    not_action: Option<OneOrMany<String>>,
    resource: Option<OneOrMany<String>>,
    condition: Option<Members<Members<OneOrMany<String>>>>,
}

#[derive(Clone, Copy, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

/// Actions compare without case, so they are kept in lower case.
fn actions(kind: Kind, texts: OneOrMany<String>) -> Result<Vec<Pattern>, MalformedPolicy> {
    let action = |text: String| {
        let (service, name) = text.split_once(':').unwrap_or(if text == "*" { ("*", "*") } else { ("", "") });
        let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"*?-".contains(&b));
        if !letters(service) || !letters(name) {
            return Err(MalformedPolicy::Action(text));
        }
        if kind == Kind::Trust && !service.eq_ignore_ascii_case("sts") {
            return Err(MalformedPolicy::Misplaced("AssumeRole policy may only specify STS AssumeRole actions."));
        }
        Pattern::parse(&text.to_ascii_lowercase(), Meaning { wildcards: true, variables: false })
    };
    texts.0.into_iter().map(action).collect()
}

#[cfg(test)]
mod tests;
