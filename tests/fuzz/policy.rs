//! Policy documents, which whoever assumes a role writes.

use std::collections::BTreeMap;

use halligan_authority::policy::{Act, Circumstances, Decision, PolicyDocument};
use serde_json::{Value, json};
use time::macros::datetime;

/// A session policy is at most 2,048 characters, of two bytes at most; roles' own are shorter.
const LONGEST: usize = 4096;

/// Understood as a whole or not at all; the layout says nothing; what is denied stays denied, whatever else is allowed.
pub(crate) fn document(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if text.len() > LONGEST {
        return;
    }
    let Ok(policy) = PolicyDocument::parse(text) else { return };
    let tree: Value = serde_json::from_str(text).unwrap();
    only_words_of_the_language(&tree);
    let laid_out = PolicyDocument::parse(&format!("{tree:#}")).unwrap();
    let with = |effect: &str| {
        let mut tree = tree.clone();
        let statement = json!({ "Effect": effect, "Action": "*", "Resource": "*" });
        let mut statements = match &tree["Statement"] {
            Value::Array(statements) => statements.clone(),
            one => vec![one.clone()],
        };
        statements.push(statement);
        tree["Statement"] = statements.into();
        PolicyDocument::parse(&tree.to_string()).unwrap()
    };
    let (denied, allowed) = (with("Deny"), with("Allow"));
    for circumstances in circumstances() {
        for (action, resource) in ACTS {
            let act = Act { action, resource, circumstances: &circumstances };
            let decision = policy.decide(&act);
            assert_eq!(laid_out.decide(&act), decision);
            assert_eq!(denied.decide(&act), Decision::ExplicitDeny);
            let expected = if decision == Decision::ExplicitDeny { decision } else { Decision::Allow };
            assert_eq!(allowed.decide(&act), expected);
            assert_eq!(decision.intersect(Decision::Allow), decision);
        }
    }
}

const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/0198c0de-0000-4000-8000-000000000001";
const ACTS: [(&str, &str); 4] = [
    ("kms:Decrypt", KEY),
    ("kms:DeriveSharedSecret", KEY),
    ("kms:CreateKey", "*"),
    ("sts:AssumeRole", "arn:aws:iam::123456789012:role/KEK-Responder-Decrypter"),
];

/// Before and after, with a session and without, for this record and for none.
fn circumstances() -> [Circumstances; 3] {
    let now = datetime!(2026-11-26 10:05:00 UTC);
    let record = BTreeMap::from([("halligan:record".to_owned(), "00112233445566778899aabbccddeeff".to_owned())]);
    [
        Circumstances::at(now),
        Circumstances { current_time: now, token_issue_time: Some(now), encryption_context: record },
        Circumstances::at(datetime!(2036-11-26 10:05:00 UTC)),
    ]
}

/// Nothing was skipped: every member has a name that the language has, or is a condition key.
fn only_words_of_the_language(tree: &Value) {
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert!(names(tree).iter().all(|name| ["Version", "Statement"].contains(&name.as_str())), "{tree}");
    let statements = match &tree["Statement"] {
        Value::Array(statements) => statements.as_slice(),
        one => std::slice::from_ref(one),
    };
    assert!(!statements.is_empty());
    for statement in statements {
        let known = ["Sid", "Effect", "Action", "Resource", "Condition"];
        assert!(names(statement).iter().all(|name| known.contains(&name.as_str())), "{statement}");
        assert!(["Allow", "Deny"].iter().any(|effect| statement["Effect"] == *effect));
        let Some(conditions) = statement.get("Condition").filter(|conditions| !conditions.is_null()) else { continue };
        for operator in names(conditions) {
            assert!(["StringEquals", "DateLessThan", "DateGreaterThan"].contains(&operator.as_str()), "{operator}");
        }
    }
}
