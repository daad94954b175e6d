//! The table of who decides, and the trap in it.

use serde_json::{Value, json};
use time::macros::datetime;

use super::{Decision, Decision::*, Policies, Source, Verdict};
use crate::policy::{Act, Circumstances, Kind, PolicyDocument, Principal};

const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-4333-8444-555555555555";
const ACCOUNT: &str = "arn:aws:iam::123456789012:root";
const ROLE: &str = "arn:aws:iam::123456789012:role/KEK-Responder-Decrypter";
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/KEK-Responder-Decrypter/grant-1";
const USER: &str = "arn:aws:iam::123456789012:user/Halligan-Backend";

#[test]
fn an_intersection_allows_only_what_both_allow_and_reports_an_explicit_deny_first() {
    for (one, other, expected) in [
        (Allow, Allow, Allow),
        (Allow, ImplicitDeny, ImplicitDeny),
        (ImplicitDeny, ImplicitDeny, ImplicitDeny),
        (Allow, ExplicitDeny, ExplicitDeny),
        (ImplicitDeny, ExplicitDeny, ExplicitDeny),
        (ExplicitDeny, ExplicitDeny, ExplicitDeny),
    ] {
        assert_eq!(one.intersect(other), expected);
        assert_eq!(other.intersect(one), expected);
    }
}

fn says(kind: Kind, effect: &str, principal: Option<&Value>) -> PolicyDocument {
    let mut statement = json!({"Effect": effect, "Action": "kms:Decrypt", "Resource": "*"});
    if let Some(principal) = principal {
        statement["Principal"] = principal.clone();
    }
    PolicyDocument::parse(kind, &json!({"Version": "2012-10-17", "Statement": statement}).to_string()).unwrap()
}

/// What an identity policy, a session policy and a key policy say together: `+` allows, `.` says nothing, `-` denies.
fn verdict(who: &Principal, identity: char, session: Option<char>, key: Option<(char, Value)>) -> Verdict {
    let one = |kind, said, principal: Option<&Value>| match said {
        '+' => Some(says(kind, "Allow", principal)),
        '-' => Some(says(kind, "Deny", principal)),
        _ => Some(PolicyDocument::parse(kind, &other_action(principal).to_string()).unwrap()),
    };
    let identity = one(Kind::Identity, identity, None);
    let session = session.and_then(|said| one(Kind::Session, said, None));
    let key = key.and_then(|(said, principal)| one(Kind::Key, said, Some(&principal)));
    let circumstances = Circumstances::at(datetime!(2026-11-23 10:00 UTC));
    let policies =
        Policies { identity: identity.iter().collect(), session: session.as_ref(), resource: key.as_ref(), ..Policies::default() };
    policies.decide(&Act { principal: who, action: "kms:Decrypt", resource: KEY, circumstances: &circumstances })
}

fn other_action(principal: Option<&Value>) -> Value {
    let mut statement = json!({"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"});
    if let Some(principal) = principal {
        statement["Principal"] = principal.clone();
    }
    json!({"Statement": statement})
}

#[test]
fn a_key_policy_must_allow_and_what_it_names_decides_what_still_narrows() {
    let (session, user) =
        (Principal::Session { arn: SESSION.to_owned(), role: ROLE.to_owned() }, Principal::User { arn: USER.to_owned() });
    let named = |arn: &str| json!({"AWS": arn});
    let allowed = |key: Value| Some(('+', key));
    let refused = |source| (ImplicitDeny, Some(source));
    let yes = (Allow, None);
    for (who, identity, policy, key, (decision, refused_by)) in [
        // The account: it leaves the decision to the account's own policies.
        (&session, '+', None, allowed(named(ACCOUNT)), yes),
        (&session, '.', None, allowed(named(ACCOUNT)), refused(Source::Identity)),
        (&session, '+', Some('+'), allowed(named(ACCOUNT)), yes),
        (&session, '+', Some('.'), allowed(named(ACCOUNT)), refused(Source::Session)),
        (&session, '.', Some('+'), allowed(named(ACCOUNT)), refused(Source::Identity)),
        (&user, '+', None, allowed(named("123456789012")), yes),
        (&user, '.', None, allowed(named(ACCOUNT)), refused(Source::Identity)),
        (&user, '+', None, allowed(named("210987654321")), refused(Source::Resource)),
        // The role: needs no identity policy, and the session policy still narrows.
        (&session, '.', None, allowed(named(ROLE)), yes),
        (&session, '.', Some('+'), allowed(named(ROLE)), yes),
        (&session, '+', Some('.'), allowed(named(ROLE)), refused(Source::Session)),
        (&session, '+', Some('.'), allowed(json!("*")), refused(Source::Session)),
        // The very session: nothing narrows. This is the trap.
        (&session, '.', Some('.'), allowed(named(SESSION)), yes),
        (&user, '.', None, allowed(named(USER)), yes),
        // Somebody else, or nobody.
        (&session, '+', Some('+'), allowed(named(USER)), refused(Source::Resource)),
        (&user, '+', None, allowed(named(ROLE)), refused(Source::Resource)),
        (&session, '+', Some('+'), Some(('.', named(ACCOUNT))), refused(Source::Resource)),
        (&session, '+', Some('+'), allowed(json!({"Service": "kms.amazonaws.com"})), refused(Source::Resource)),
        // Without a key policy: identity and session policy.
        (&session, '+', Some('+'), None, yes),
        (&session, '+', Some('.'), None, refused(Source::Session)),
        (&session, '.', Some('+'), None, refused(Source::Identity)),
        // A deny of any of them, over every allow, even one for the very session.
        (&session, '-', Some('+'), allowed(named(SESSION)), (ExplicitDeny, Some(Source::Identity))),
        (&session, '+', Some('-'), allowed(named(SESSION)), (ExplicitDeny, Some(Source::Session))),
        (&session, '+', Some('+'), Some(('-', named(ROLE))), (ExplicitDeny, Some(Source::Resource))),
        (&session, '+', Some('+'), Some(('-', named(ACCOUNT))), (ExplicitDeny, Some(Source::Resource))),
        (&session, '+', Some('+'), Some(('-', json!("*"))), (ExplicitDeny, Some(Source::Resource))),
    ] {
        let what = format!("{who:?} {identity} {policy:?} {key:?}");
        assert_eq!(verdict(who, identity, policy, key), Verdict { decision, refused_by }, "{what}");
    }
}

#[test]
fn an_identity_has_what_any_of_its_policies_allows() {
    let (yes, no) = (says(Kind::Identity, "Allow", None), says(Kind::Identity, "Deny", None));
    let user = Principal::User { arn: USER.to_owned() };
    let circumstances = Circumstances::at(datetime!(2026-11-23 10:00 UTC));
    let act = Act { principal: &user, action: "kms:Decrypt", resource: KEY, circumstances: &circumstances };
    let nothing = PolicyDocument::parse(Kind::Identity, &other_action(None).to_string()).unwrap();
    let decide = |identity: &[&PolicyDocument]| -> Decision {
        Policies { identity: identity.to_vec(), ..Policies::default() }.decide(&act).decision
    };
    assert_eq!(decide(&[]), ImplicitDeny);
    assert_eq!(decide(&[&nothing]), ImplicitDeny);
    assert_eq!(decide(&[&nothing, &yes]), Allow);
    assert_eq!(decide(&[&yes, &no, &nothing]), ExplicitDeny);
}

#[test]
fn a_boundary_narrows_whatever_does_not_name_the_very_session() {
    let session = Principal::Session { arn: SESSION.to_owned(), role: ROLE.to_owned() };
    let circumstances = Circumstances::at(datetime!(2026-11-23 10:00 UTC));
    let act = Act { principal: &session, action: "kms:Decrypt", resource: KEY, circumstances: &circumstances };
    let allow = says(Kind::Identity, "Allow", None);
    let silent = PolicyDocument::parse(Kind::Identity, &other_action(None).to_string()).unwrap();
    let deny = says(Kind::Identity, "Deny", None);
    let decide = |boundary, named: &str| {
        let key = says(Kind::Key, "Allow", Some(&json!({"AWS": named})));
        let policies = Policies { identity: vec![&allow], boundary: Some(boundary), session: None, resource: Some(&key) };
        policies.decide(&act)
    };
    let refused = |decision| Verdict { decision, refused_by: Some(Source::Boundary) };
    let allowed = Verdict { decision: Allow, refused_by: None };
    for (named, silent_one) in [(ACCOUNT, refused(ImplicitDeny)), (ROLE, refused(ImplicitDeny)), (SESSION, allowed)] {
        assert_eq!(decide(&allow, named), allowed, "{named}");
        assert_eq!(decide(&silent, named), silent_one, "{named}");
        assert_eq!(decide(&deny, named), refused(ExplicitDeny), "{named}");
    }
}
