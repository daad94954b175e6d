//! Conditions: what a statement demands of the circumstances.
//!
//! Operators and keys are paired by type, so that a date is only ever compared with a date. Several values of one key are
//! alternatives; several keys and operators must all hold. A key that the request does not carry fails its test.

use std::collections::BTreeMap;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    document::MalformedPolicy,
    json::{Members, OneOrMany},
};

/// Prefix of the condition keys that carry one pair of the encryption context (AWS KMS Developer Guide, "Condition keys").
const ENCRYPTION_CONTEXT: &str = "kms:EncryptionContext:";

/// What surrounds a request and conditions may speak of.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// `aws:CurrentTime`: the moment of the request.
    pub current_time: OffsetDateTime,
    /// `aws:TokenIssueTime`: when the caller's session began; absent for a long-term access key.
    pub token_issue_time: Option<OffsetDateTime>,
    /// `kms:EncryptionContext:<name>`: the encryption context of the request. Condition keys compare names without case,
    /// so a request with two names that differ only in case must be refused before it gets here.
    pub encryption_context: BTreeMap<String, String>,
}

impl Circumstances {
    /// A request at `current_time` by a long-term access key and without encryption context.
    pub fn at(current_time: OffsetDateTime) -> Self {
        Self { current_time, token_issue_time: None, encryption_context: BTreeMap::new() }
    }

    fn date(&self, key: DateKey) -> Option<i64> {
        match key {
            DateKey::CurrentTime => Some(self.current_time),
            DateKey::TokenIssueTime => self.token_issue_time,
        }
        .map(OffsetDateTime::unix_timestamp)
    }

    fn text(&self, StringKey::EncryptionContext(name): &StringKey) -> Option<&str> {
        let mut pairs = self.encryption_context.iter();
        pairs.find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// One test. IAM compares dates to the second, so both sides are whole seconds since 1970.
pub(super) enum Condition {
    StringEquals(StringKey, Vec<String>),
    DateLessThan(DateKey, Vec<i64>),
    DateGreaterThan(DateKey, Vec<i64>),
}

#[derive(Clone, Copy)]
pub(super) enum DateKey {
    CurrentTime,
    TokenIssueTime,
}

pub(super) enum StringKey {
    EncryptionContext(String),
}

impl Condition {
    /// All tests of a `Condition` element.
    pub(super) fn all(operators: Members<Members<OneOrMany<String>>>) -> Result<Vec<Self>, MalformedPolicy> {
        let mut conditions = Vec::new();
        for (operator, keys) in operators.0 {
            for (key, values) in keys.0 {
                conditions.push(Self::parse(&operator, &key, values.0)?);
            }
        }
        Ok(conditions)
    }

    fn parse(operator: &str, key: &str, values: Vec<String>) -> Result<Self, MalformedPolicy> {
        match operator {
            "StringEquals" => Ok(Self::StringEquals(StringKey::parse(key)?, literals(values)?)),
            "DateLessThan" => Ok(Self::DateLessThan(DateKey::parse(key)?, dates(&values)?)),
            "DateGreaterThan" => Ok(Self::DateGreaterThan(DateKey::parse(key)?, dates(&values)?)),
            _ => Err(MalformedPolicy::Operator(operator.to_owned())),
        }
    }

    pub(super) fn holds(&self, circumstances: &Circumstances) -> bool {
        match self {
            Self::StringEquals(key, values) => {
                circumstances.text(key).is_some_and(|given| values.iter().any(|value| value == given))
            }
            Self::DateLessThan(key, values) => {
                circumstances.date(*key).is_some_and(|given| values.iter().any(|value| given < *value))
            }
            Self::DateGreaterThan(key, values) => {
                circumstances.date(*key).is_some_and(|given| values.iter().any(|value| given > *value))
            }
        }
    }
}

impl DateKey {
    fn parse(key: &str) -> Result<Self, MalformedPolicy> {
        if key.eq_ignore_ascii_case("aws:CurrentTime") {
            Ok(Self::CurrentTime)
        } else if key.eq_ignore_ascii_case("aws:TokenIssueTime") {
            Ok(Self::TokenIssueTime)
        } else {
            Err(MalformedPolicy::DateKey(key.to_owned()))
        }
    }
}

impl StringKey {
    fn parse(key: &str) -> Result<Self, MalformedPolicy> {
        match key.split_at_checked(ENCRYPTION_CONTEXT.len()) {
            Some((prefix, name)) if prefix.eq_ignore_ascii_case(ENCRYPTION_CONTEXT) && !name.is_empty() => {
                literal(name).map(Self::EncryptionContext)
            }
            _ => Err(MalformedPolicy::StringKey(key.to_owned())),
        }
    }
}

fn literals(values: Vec<String>) -> Result<Vec<String>, MalformedPolicy> {
    values.into_iter().map(|value| literal(&value)).collect()
}

/// A text without policy variables. `${…}` would be replaced by AWS; taking it literally would mean something else.
fn literal(text: &str) -> Result<String, MalformedPolicy> {
    if text.contains("${") { Err(MalformedPolicy::Variable(text.to_owned())) } else { Ok(text.to_owned()) }
}

fn dates(values: &[String]) -> Result<Vec<i64>, MalformedPolicy> {
    let date = |value: &String| {
        OffsetDateTime::parse(value, &Rfc3339).map(OffsetDateTime::unix_timestamp).map_err(|_| MalformedPolicy::Date(value.clone()))
    };
    values.iter().map(date).collect()
}
