//! Policies and requests, generated: few names, so that what policies speak of is what requests ask.
//!
//! Both evaluators read the same document, but for what the oracle is known to read otherwise (`known.rs` shows each): it compares the
//! names of condition keys with their case, and takes `ArnEquals` for equality.

use std::collections::{BTreeMap, HashMap};

use awsim_iam_policy::ContextValue;
use chrono::DateTime;
use halligan_oracle::policy::{Circumstances, Kind, Principal};
use proptest::{prelude::*, sample::select};
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339, macros::datetime};

pub const ACCOUNT: &str = "111122223333";
pub const ROLE: &str = "arn:aws:iam::111122223333:role/KEK-Responder-Decrypter";
pub const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/KEK-Responder-Decrypter/grant-1";

const ACTIONS: [&str; 4] = ["kms:Decrypt", "kms:DeriveSharedSecret", "kms:GenerateDataKey", "kms:DescribeKey"];
const RESOURCES: [&str; 3] = [
    "arn:aws:kms:eu-central-1:111122223333:key/aa",
    "arn:aws:kms:eu-central-1:111122223333:key/ab",
    "arn:aws:kms:eu-west-1:111122223333:key/aa",
];
const TEXTS: [&str; 4] = ["a", "b", "ab", ""];
/// Keys of one text.
const TEXT_KEYS: [&str; 5] = [
    "kms:EncryptionContext:halligan:record",
    "aws:PrincipalTag/door",
    "aws:RequestTag/door",
    "aws:SourceIdentity",
    "aws:PrincipalAccount",
];
const START: OffsetDateTime = datetime!(2026-11-23 10:00:00 UTC);

/// Who reads a document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    Ours,
    Oracle,
}

/// A request, in both evaluators' words.
#[derive(Debug)]
pub struct Request {
    pub principal: Principal,
    pub action: &'static str,
    pub resource: &'static str,
    pub circumstances: Circumstances,
    pub context: HashMap<String, ContextValue>,
}

/// A policy.
#[derive(Clone, Debug)]
pub struct Document(Vec<Statement>);

#[derive(Clone, Debug)]
struct Statement {
    denies: bool,
    all_but: bool,
    actions: Vec<&'static str>,
    resources: Vec<&'static str>,
    principals: Option<Vec<&'static str>>,
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug)]
struct Condition {
    operator: String,
    key: &'static str,
    values: Vec<String>,
    /// Whether to write the key's name in capitals, which changes nothing.
    loud: bool,
}

impl Document {
    pub fn text(&self, reader: Reader) -> String {
        let statements: Vec<_> = self.0.iter().map(|statement| statement.value(reader)).collect();
        json!({"Version": "2012-10-17", "Statement": statements}).to_string()
    }
}

impl Statement {
    fn value(&self, reader: Reader) -> Value {
        let mut conditions = BTreeMap::<String, Map<String, Value>>::new();
        for condition in &self.conditions {
            let operator = match reader {
                Reader::Ours => condition.operator.clone(),
                Reader::Oracle => condition.operator.replace("ArnEquals", "ArnLike").replace("ArnNotEquals", "ArnNotLike"),
            };
            let loud = condition.loud && reader == Reader::Ours;
            let key = if loud { condition.key.to_uppercase() } else { condition.key.to_owned() };
            conditions.entry(operator).or_default().insert(key, json!(condition.values));
        }
        let mut value = json!({
            "Effect": if self.denies { "Deny" } else { "Allow" },
            if self.all_but { "NotAction" } else { "Action" }: self.actions,
            "Resource": self.resources,
        });
        let members = value.as_object_mut().unwrap();
        if let Some(principals) = &self.principals {
            members.insert("Principal".to_owned(), json!({"AWS": principals}));
        }
        if !conditions.is_empty() {
            members.insert("Condition".to_owned(), json!(conditions));
        }
        value
    }
}

pub fn document(kind: Kind) -> impl Strategy<Value = Document> {
    prop::collection::vec(statement(kind), 1..4).prop_map(Document)
}

fn statement(kind: Kind) -> impl Strategy<Value = Statement> {
    let actions =
        select(vec!["kms:Decrypt", "KMS:decrypt", "kms:De*", "kms:*", "*", "kms:D?crypt", "kms:GenerateDataKey", "sts:*"]);
    let resources = select(vec![
        RESOURCES[0],
        RESOURCES[1],
        "*",
        "arn:aws:kms:*:111122223333:key/aa",
        "arn:aws:kms:eu-central-1:*:key/a?",
        "arn:aws:kms:eu-*:111122223333:*",
        "arn:aws:kms:eu-central-1:111122223333:key/${aws:PrincipalTag/door}a",
        "arn:*:*:*:*:*",
    ]);
    let principals = select(vec![
        ROLE,
        SESSION,
        ACCOUNT,
        "arn:aws:iam::111122223333:root",
        "*",
        "arn:aws:iam::111122223333:role/KEK-Registrar",
        "999999999999",
    ]);
    (
        prop::bool::weighted(0.25),
        prop::bool::weighted(0.2),
        prop::collection::vec(actions, 1..3),
        prop::collection::vec(resources, 1..3),
        prop::collection::vec(principals, 1..3),
        prop::collection::vec(condition(), 0..3),
    )
        .prop_map(move |(denies, all_but, actions, resources, principals, conditions)| Statement {
            denies,
            all_but,
            actions,
            resources,
            principals: (kind == Kind::Key).then_some(principals),
            conditions: apart(conditions),
        })
}

/// One test for each operator and key, as a JSON object has them. What differs only in the spelling of an operator counts as one.
fn apart(conditions: Vec<Condition>) -> Vec<Condition> {
    let mut by_name = BTreeMap::new();
    for condition in conditions {
        by_name.insert((condition.operator.replace("Equals", "Like"), condition.key), condition);
    }
    by_name.into_values().collect()
}

fn condition() -> impl Strategy<Value = Condition> {
    let texts = || prop::collection::vec(select(vec!["a", "b", "ab", "${aws:PrincipalTag/door}", "${aws:SourceIdentity}"]), 1..3);
    let likes = || prop::collection::vec(select(vec!["a", "a*", "?", "*", "?*", "*b", "${aws:RequestTag/door}*"]), 1..3);
    let arns = || prop::collection::vec(select(vec![ROLE, "arn:aws:iam::*:role/KEK-*", "arn:aws:iam::999999999999:role/*"]), 1..3);
    let text_key = || select(TEXT_KEYS.to_vec());
    let date_key = || select(vec!["aws:CurrentTime", "aws:TokenIssueTime"]);
    let dates = |most| prop::collection::vec((-2_i64..3).prop_map(|seconds| rfc3339(START + Duration::seconds(seconds))), 1..most);
    let order = select(vec!["DateEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"]);
    let any_key =
        || select([&TEXT_KEYS[..], &["aws:CurrentTime", "aws:TokenIssueTime", "aws:TagKeys", "aws:PrincipalArn"]].concat());
    let booleans = || select(vec!["true", "false"]).prop_map(|value| vec![value.to_owned()]);
    let owned = |values: Vec<&'static str>| values.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let tested = prop_oneof![
        4 => (select(vec!["StringEquals", "StringNotEquals"]), text_key(), texts().prop_map(owned)),
        3 => (select(vec!["StringLike", "StringNotLike"]), text_key(), likes().prop_map(owned)),
        2 => (select(vec!["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"]), Just("aws:PrincipalArn"), arns().prop_map(owned)),
        3 => (order, date_key(), dates(3)),
        // With one value: of several the oracle asks for any that is not equal, and none may be.
        1 => (Just("DateNotEquals"), date_key(), dates(2)),
        1 => (Just("Bool"), Just("kms:ReEncryptOnSameKey"), booleans()),
    ];
    let tested = (tested, any::<bool>(), any::<bool>()).prop_map(|((operator, key, values), if_exists, loud)| Condition {
        operator: format!("{operator}{}", if if_exists { "IfExists" } else { "" }),
        key,
        values,
        loud,
    });
    let many = (
        select(vec!["ForAllValues", "ForAnyValue"]),
        select(vec!["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"]),
        any::<bool>(),
        prop::collection::vec(select(vec!["incident", "door", "re*"]).prop_map(str::to_owned), 1..3),
    );
    let many = many.prop_map(|(quantifier, operator, loud, values)| Condition {
        operator: format!("{quantifier}:{operator}"),
        key: "aws:TagKeys",
        values,
        loud,
    });
    let absent =
        (any_key(), booleans()).prop_map(|(key, values)| Condition { operator: "Null".to_owned(), key, values, loud: false });
    prop_oneof![8 => tested, 1 => many, 1 => absent]
}

pub fn request() -> impl Strategy<Value = Request> {
    let texts = TEXT_KEYS[..4].iter().map(|key| prop::option::of(select(TEXTS.to_vec())).prop_map(move |value| (*key, value)));
    (
        select(ACTIONS.to_vec()),
        select(RESOURCES.to_vec()),
        (-2_000_i64..3_000),
        prop::option::of(-2_i64..3),
        texts.collect::<Vec<_>>(),
        prop::option::of(prop::collection::vec(select(vec!["incident", "request", "door"]), 0..3)),
        prop::option::of(any::<bool>()),
    )
        .prop_map(|(action, resource, millis, issued, texts, tags, same_key)| {
            let now = START + Duration::milliseconds(millis);
            let mut circumstances = Circumstances::at(now);
            let mut context = HashMap::new();
            let mut tell = |name: &str, value| context.insert(name.to_owned(), value);
            tell("aws:CurrentTime", date(now));
            tell("aws:PrincipalArn", ContextValue::String(ROLE.to_owned()));
            tell("aws:PrincipalAccount", ContextValue::String(ACCOUNT.to_owned()));
            if let Some(seconds) = issued {
                let issued = START + Duration::seconds(seconds);
                circumstances = circumstances.issued_at(issued);
                tell("aws:TokenIssueTime", date(issued));
            }
            for (key, value) in texts {
                if let Some(value) = value {
                    circumstances = circumstances.with(key, value);
                    tell(key, ContextValue::String(value.to_owned()));
                }
            }
            if let Some(tags) = tags {
                let tags: Vec<_> = tags.into_iter().map(str::to_owned).collect();
                circumstances = circumstances.with_all("aws:TagKeys", tags.clone());
                tell("aws:TagKeys", ContextValue::StringList(tags));
            }
            if let Some(same_key) = same_key {
                circumstances = circumstances.with("kms:ReEncryptOnSameKey", same_key.to_string());
                tell("kms:ReEncryptOnSameKey", ContextValue::Bool(same_key));
            }
            let principal = Principal::Session { arn: SESSION.to_owned(), role: ROLE.to_owned() };
            Request { principal, action, resource, circumstances, context }
        })
}

/// To the second: the oracle compares dates more finely than AWS.
fn date(moment: OffsetDateTime) -> ContextValue {
    ContextValue::Date(DateTime::from_timestamp(moment.unix_timestamp(), 0).unwrap())
}

fn rfc3339(moment: OffsetDateTime) -> String {
    moment.format(&Rfc3339).unwrap()
}
