//! Conditions: what a statement demands of the circumstances.
//!
//! Operators and keys are paired by type, so that a date is only ever compared with a date. Several values of one key are
//! alternatives; several keys and operators must all hold. A key that the request does not carry fails its test, except where
//! the test is negated or says `IfExists`: those hold, as at AWS.

mod operator;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use self::operator::{Operator, Quantifier, Test};
use super::{
    Act, MalformedPolicy,
    json::{Members, OneOrMany},
    key::{Key, Kind},
    pattern::{ArnPattern, Meaning, Pattern},
};

/// One test of one key.
pub(super) struct Condition {
    operator: Operator,
    key: Key,
    wanted: Vec<Wanted>,
}

/// One of the values that a policy names.
enum Wanted {
    Text(Pattern),
    Arn(ArnPattern),
    /// Seconds since 1970.
    Date(i64),
    Bool(bool),
}

impl Condition {
    /// All tests of a `Condition` element.
    pub(super) fn all(operators: Members<Members<OneOrMany<String>>>, variables: bool) -> Result<Vec<Self>, MalformedPolicy> {
        let mut conditions = Vec::new();
        for (operator, keys) in operators.0 {
            for (key, values) in keys.0 {
                conditions.push(Self::parse(&operator, &key, &values.0, variables)?);
            }
        }
        Ok(conditions)
    }

    fn parse(operator: &str, key: &str, values: &[String], variables: bool) -> Result<Self, MalformedPolicy> {
        let (name, operator) = (operator, Operator::parse(operator)?);
        let key = Key::parse(key)?;
        if !fits(&operator, key.kind) {
            return Err(MalformedPolicy::Mismatch { operator: name.to_owned(), key: key.name });
        }
        let wanted = values.iter().map(|value| Wanted::parse(operator.test, value, variables)).collect::<Result<_, _>>()?;
        Ok(Self { operator, key, wanted })
    }

    pub(super) fn holds(&self, act: &Act<'_>) -> bool {
        let Operator { test, negated, if_exists, quantifier } = &self.operator;
        if *test == Test::Null {
            return self.wanted.iter().any(|wanted| matches!(wanted, Wanted::Bool(absent) if *absent != act.has(&self.key)));
        }
        if !act.has(&self.key) {
            return match quantifier {
                // "All of none" holds; that is why this one belongs into a Deny, or beside a Null.
                Some(Quantifier::All) => true,
                Some(Quantifier::Any) => *if_exists,
                None => *negated || *if_exists,
            };
        }
        let passes = |one: bool| one != *negated;
        if let Test::Date(comparison) = test {
            let wanted =
                |given: i64| self.wanted.iter().any(|one| matches!(one, Wanted::Date(date) if comparison.holds(given, *date)));
            return passes(act.date(&self.key).is_some_and(wanted));
        }
        let given = act.texts(&self.key);
        let mut each = given.iter().map(|given| passes(self.wanted.iter().any(|one| one.is(given, act))));
        if *quantifier == Some(Quantifier::Any) { each.any(|one| one) } else { each.all(|one| one) }
    }
}

impl Wanted {
    fn parse(test: Test, value: &str, variables: bool) -> Result<Self, MalformedPolicy> {
        let pattern = |wildcards| Pattern::parse(value, Meaning { wildcards, variables });
        match test {
            Test::Equals => pattern(false).map(Self::Text),
            Test::Like => pattern(true).map(Self::Text),
            Test::Arn => {
                let arn = ArnPattern::parse(value, Meaning { wildcards: true, variables })?;
                arn.map(Self::Arn).ok_or_else(|| MalformedPolicy::Arn(value.to_owned()))
            }
            Test::Date(_) => match OffsetDateTime::parse(value, &Rfc3339) {
                Ok(date) => Ok(Self::Date(date.unix_timestamp())),
                Err(_) => Err(MalformedPolicy::Date(value.to_owned())),
            },
            Test::Bool | Test::Null => match value {
                "true" => Ok(Self::Bool(true)),
                "false" => Ok(Self::Bool(false)),
                _ => Err(MalformedPolicy::Bool(value.to_owned())),
            },
        }
    }

    fn is(&self, given: &str, act: &Act<'_>) -> bool {
        match self {
            Self::Text(pattern) => pattern.matches(given, act),
            Self::Arn(pattern) => pattern.matches(given, act),
            Self::Bool(wanted) => given == if *wanted { "true" } else { "false" },
            Self::Date(_) => false,
        }
    }
}

/// Whether an operator can be asked of a key. One that has several values needs a quantifier, and no other may have one: what
/// AWS makes of the rest is a well-known trap.
fn fits(operator: &Operator, kind: Kind) -> bool {
    let of_type = match operator.test {
        Test::Equals | Test::Like => matches!(kind, Kind::Text | Kind::Arn | Kind::Texts),
        Test::Arn => kind == Kind::Arn,
        Test::Date(_) => kind == Kind::Date,
        Test::Bool => kind == Kind::Bool,
        Test::Null => return operator.quantifier.is_none(),
    };
    of_type && operator.quantifier.is_some() == (kind == Kind::Texts)
}

#[cfg(test)]
mod tests;
