//! Policy documents, which whoever assumes a role, creates a key or throws the kill switch writes.

use halligan_authority::policy::{Act, Circumstances, Decision, Kind, Policies, PolicyDocument, Principal};
use serde_json::{Value, json};
use time::macros::datetime;

/// A session policy is at most 2,048 characters, of two bytes at most; roles' own are shorter.
const LONGEST: usize = 4096;

/// Understood as a whole or not at all, whatever it hangs on; the layout says nothing; what is denied stays denied, whatever else is
/// allowed; and a key policy that leaves a key to the account says what the account's own policy says.
pub(crate) fn document(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if text.len() > LONGEST {
        return;
    }
    for kind in [Kind::Trust, Kind::Key] {
        if let Ok(policy) = PolicyDocument::parse(kind, text) {
            named(kind, text, &policy);
        }
    }
    let of_session = PolicyDocument::parse(Kind::Session, text);
    let Ok(policy) = PolicyDocument::parse(Kind::Identity, text) else {
        assert!(of_session.is_err());
        return;
    };
    let (of_session, tree) = (of_session.unwrap(), serde_json::from_str::<Value>(text).unwrap());
    only_words_of_the_language(Kind::Identity, &tree);
    let laid_out = PolicyDocument::parse(Kind::Identity, &format!("{tree:#}")).unwrap();
    let (denied, allowed) = (with(Kind::Identity, &tree, "Deny", None), with(Kind::Identity, &tree, "Allow", None));
    let everything = with(Kind::Identity, &json!({ "Statement": [] }), "Allow", None);
    let of_key = of_key(&tree);
    for (who, circumstances) in actors() {
        for (action, resource) in ACTS {
            let act = Act { principal: &who, action, resource, circumstances: &circumstances };
            let decision = policy.decide(&act);
            assert_eq!(laid_out.decide(&act), decision);
            assert_eq!(of_session.decide(&act), decision);
            assert_eq!(denied.decide(&act), Decision::ExplicitDeny);
            let expected = if decision == Decision::ExplicitDeny { decision } else { Decision::Allow };
            assert_eq!(allowed.decide(&act), expected);
            assert_eq!(decision.intersect(Decision::Allow), decision);

            let alone = Policies { identity: vec![&policy], ..Policies::default() };
            let by_key = Policies { identity: vec![&everything], resource: Some(&of_key), ..Policies::default() };
            let narrowed = Policies { identity: vec![&everything], session: Some(&policy), ..Policies::default() };
            let bounded = Policies { identity: vec![&everything], boundary: Some(&policy), ..Policies::default() };
            for policies in [alone, by_key, narrowed, bounded] {
                assert_eq!(policies.decide(&act).decision, decision);
            }
        }
    }
}

/// A policy that names principals: nothing was skipped, a deny of everybody wins, and nobody gets more than all of them together.
fn named(kind: Kind, text: &str, policy: &PolicyDocument) {
    let tree: Value = serde_json::from_str(text).unwrap();
    only_words_of_the_language(kind, &tree);
    let (denied, allowed) = (with(kind, &tree, "Deny", Some("*")), with(kind, &tree, "Allow", Some("*")));
    for (who, circumstances) in actors() {
        for (action, resource) in ACTS {
            let act = Act { principal: &who, action, resource, circumstances: &circumstances };
            let decision = policy.decide(&act);
            let in_reach = kind == Kind::Key || action.starts_with("sts:");
            let expected = |wanted| if in_reach { wanted } else { decision };
            assert_eq!(denied.decide(&act), expected(Decision::ExplicitDeny));
            let wanted = if decision == Decision::ExplicitDeny { decision } else { Decision::Allow };
            assert_eq!(allowed.decide(&act), expected(wanted));
        }
    }
}

/// The document with one more statement, about everything that this kind of policy can be about.
fn with(kind: Kind, tree: &Value, effect: &str, principal: Option<&str>) -> PolicyDocument {
    let mut statement = json!({ "Effect": effect, "Action": if kind == Kind::Trust { "sts:*" } else { "*" } });
    if kind != Kind::Trust {
        statement["Resource"] = json!("*");
    }
    if let Some(principal) = principal {
        statement["Principal"] = json!(principal);
    }
    let mut tree = tree.clone();
    let mut all = statements(&tree);
    all.push(statement);
    tree["Statement"] = all.into();
    PolicyDocument::parse(kind, &tree.to_string()).unwrap()
}

/// The document as a key policy for the account.
fn of_key(tree: &Value) -> PolicyDocument {
    let mut tree = tree.clone();
    let mut all = statements(&tree);
    for statement in &mut all {
        statement["Principal"] = json!({ "AWS": "123456789012" });
    }
    tree["Statement"] = all.into();
    PolicyDocument::parse(Kind::Key, &tree.to_string()).unwrap()
}

fn statements(tree: &Value) -> Vec<Value> {
    match &tree["Statement"] {
        Value::Array(statements) => statements.clone(),
        one => vec![one.clone()],
    }
}

const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/0198c0de-0000-4000-8000-000000000001";
const ACTS: [(&str, &str); 4] = [
    ("kms:Decrypt", KEY),
    ("kms:DeriveSharedSecret", KEY),
    ("kms:CreateKey", "*"),
    ("sts:AssumeRole", "arn:aws:iam::123456789012:role/KEK-Responder-Decrypter"),
];

/// A user and a session; before and after, for this record and for none.
fn actors() -> Vec<(Principal, Circumstances)> {
    let now = datetime!(2026-11-26 10:05:00 UTC);
    let user = Principal::User { arn: "arn:aws:iam::123456789012:user/Halligan-Backend".to_owned() };
    let session = Principal::Session {
        arn: "arn:aws:sts::123456789012:assumed-role/KEK-Responder-Decrypter/grant-1".to_owned(),
        role: "arn:aws:iam::123456789012:role/KEK-Responder-Decrypter".to_owned(),
    };
    let granted = Circumstances::at(now)
        .issued_at(now)
        .with("kms:EncryptionContext:halligan:record", "00112233445566778899aabbccddeeff")
        .with("aws:SourceIdentity", "EMS-1")
        .with("aws:PrincipalTag/door", "dispatcher")
        .with_all("aws:TagKeys", ["incident".to_owned(), "door".to_owned()]);
    vec![(user.clone(), Circumstances::at(now)), (session, granted), (user, Circumstances::at(datetime!(2036-11-26 10:05:00 UTC)))]
}

/// Nothing was skipped: every member has a name that the language has, or is a condition key.
fn only_words_of_the_language(kind: Kind, tree: &Value) {
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert!(names(tree).iter().all(|name| ["Version", "Id", "Statement"].contains(&name.as_str())), "{tree}");
    assert!(!statements(tree).is_empty());
    for statement in statements(tree) {
        let mut known = vec!["Sid", "Effect", "Action", "NotAction", "Condition"];
        known.extend(if kind == Kind::Trust { None } else { Some("Resource") });
        known.extend(if matches!(kind, Kind::Trust | Kind::Key) { Some("Principal") } else { None });
        let given = statement.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
        assert!(given.clone().all(|(name, _)| known.contains(&name.as_str())), "{statement}");
        assert!(["Allow", "Deny"].iter().any(|effect| statement["Effect"] == *effect));
        let Some(conditions) = statement.get("Condition").filter(|conditions| !conditions.is_null()) else { continue };
        for operator in names(conditions) {
            let bare = operator.trim_start_matches("ForAnyValue:").trim_start_matches("ForAllValues:");
            let bare = bare.strip_suffix("IfExists").unwrap_or(bare);
            let known = ["String", "Arn", "Date"].iter().any(|kind| bare.starts_with(kind)) || ["Bool", "Null"].contains(&bare);
            assert!(known, "{operator}");
        }
    }
}
