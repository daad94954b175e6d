//! Who asks, by what policies, and in what circumstances. Everybody asks with everything in order but what their name says, so that a
//! refusal is about who they are, or about the one thing that is out of order.

use std::sync::LazyLock;

use halligan_authority::{
    policy::{Act, Circumstances, Decision, Kind, Policies, PolicyDocument, Principal},
    template,
};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, macros::datetime};

use crate::stack::{ACCOUNT, ADMINISTRATOR, REGION, SERVICE, STACK, TEMPLATE, deployment};

const NOW: OffsetDateTime = datetime!(2026-11-23 10:00:00 UTC);
const RECORD: &str = "0198f1d2-aaaa-7aaa-8aaa-aaaaaaaaaaaa";
const ANOTHER_RECORD: &str = "0198f1d2-bbbb-7bbb-8bbb-bbbbbbbbbbbb";
const STRANGERS_ACCOUNT: &str = "999988887777";
/// The tags of a session of the decrypter.
const TAGS: [(&str, &str); 4] = [("incident", "2026-4711"), ("request", "request-1"), ("record", RECORD), ("door", "dispatcher")];

/// The template's policies, as the embedded authority reads them.
static POLICIES: LazyLock<template::Stack> = LazyLock::new(|| template::Stack::halligan(&deployment()).unwrap());
/// The same after somebody took the boundary off the decrypter.
static UNBOUNDED: LazyLock<template::Stack> = LazyLock::new(|| {
    let boundary = "      PermissionsBoundary:\n        Ref: DecrypterBoundary\n";
    template::Stack::read(&TEMPLATE.replace(boundary, ""), &deployment()).unwrap()
});
static ADMINISTRATOR_ACCESS: LazyLock<PolicyDocument> = LazyLock::new(|| {
    parse(Kind::Identity, &json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] }))
});
static ALL_OF_KMS: LazyLock<PolicyDocument> = LazyLock::new(|| {
    let allow = json!({ "Effect": "Allow", "Action": "kms:*", "Resource": "*" });
    parse(Kind::Identity, &json!({ "Version": "2012-10-17", "Statement": [allow] }))
});
static KILL_SWITCH: LazyLock<PolicyDocument> =
    LazyLock::new(|| parse(Kind::Identity, &STACK.properties("KillSwitchPolicy")["PolicyDocument"]));
/// What the portal narrows a grant's session to, for a window of five minutes (`backend/src/aws/policy.rs`).
static SESSION_POLICY: LazyLock<PolicyDocument> = LazyLock::new(|| {
    let open = json!({ "aws:CurrentTime": "2026-11-23T10:05:00Z" });
    parse(
        Kind::Session,
        &json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": "kms:Decrypt", "Resource": STACK.arn("ResponderKey"),
              "Condition": { "DateLessThan": open, "StringEquals": { "kms:EncryptionContext:halligan:record": RECORD } } },
            { "Effect": "Allow", "Action": "kms:DeriveSharedSecret", "Resource": STACK.arn("AgreementKey"),
              "Condition": { "DateLessThan": open } },
        ] }),
    )
});

/// Somebody who asks.
pub(crate) struct Actor {
    /// As infra/README.md names them.
    pub(crate) name: &'static str,
    who: template::Actor<'static>,
    stack: &'static template::Stack,
    /// `aws:SourceIdentity`, and the session tags.
    person: Option<&'static str>,
    tags: Vec<(&'static str, &'static str)>,
    wish: Wish,
}

/// What is asked with.
#[derive(Clone, Copy)]
struct Wish {
    at: OffsetDateTime,
    record: Option<&'static str>,
    same_key: bool,
    source_identity: bool,
    /// Tags of the session that are otherwise, and what they are; `None`: they are not there.
    tags: (&'static [&'static str], Option<&'static str>),
    source_account: &'static str,
}

impl Wish {
    const IN_ORDER: Self =
        Self { at: NOW, record: Some(RECORD), same_key: true, source_identity: true, tags: (&[], None), source_account: ACCOUNT };
}

/// All of them, in the order of infra/README.md.
pub(crate) fn all() -> Vec<Actor> {
    let backend = |name, wish| Actor { wish, ..of_role(name, "BackendRole") };
    let decrypter = |name, wish| {
        let session = of_role(name, "DecrypterRole");
        let who = template::Actor { session: Some(&*SESSION_POLICY), ..session.who };
        Actor { who, person: Some("EMS-4711"), tags: TAGS.to_vec(), wish, ..session }
    };
    // As somebody begins it who has the backend's identity, and leaves the session policy away.
    let alone = |name, wish| {
        let narrowed = decrypter(name, wish);
        Actor { who: template::Actor { session: None, ..narrowed.who.clone() }, ..narrowed }
    };
    let widened = |name, wish| {
        let alone = alone(name, wish);
        Actor { who: template::Actor { identity: vec![&ADMINISTRATOR_ACCESS], ..alone.who.clone() }, ..alone }
    };
    // As somebody has it who took boundary and policies of the role away: only the key's policy is left.
    let unbound = |name, wish| {
        let narrowed = decrypter(name, wish);
        let who = UNBOUNDED.session("DecrypterRole", "session-1").unwrap();
        let who = template::Actor { identity: vec![&ALL_OF_KMS], ..who };
        Actor { who, stack: &UNBOUNDED, ..narrowed }
    };
    // As somebody begins it who changed the role's trust: everything is in order but one thing, which is not there.
    let nobodys = |session: Actor| Actor { person: None, ..session };
    let untagged = |name, missing| {
        let mut session = alone(name, Wish::IN_ORDER);
        session.tags.retain(|(tag, _)| *tag != missing);
        session
    };
    let registrar = |name, wish| Actor { person: Some("REG-1"), wish, ..of_role(name, "RegistrarRole") };
    let rotation =
        |name, wish| Actor { person: Some("OPERATOR"), tags: vec![("record", RECORD)], wish, ..of_role(name, "RotationRole") };
    let switch = |name, stack| Actor { stack, ..other(name, of("Security-Officer"), &KILL_SWITCH) };
    let another_record = Wish { record: Some(ANOTHER_RECORD), ..Wish::IN_ORDER };
    let no_record = Wish { record: None, ..Wish::IN_ORDER };
    let tagged = |tags, value| Wish { tags: (tags, value), ..Wish::IN_ORDER };
    vec![
        backend("backend", Wish::IN_ORDER),
        backend("backend, naming nobody", Wish { source_identity: false, ..Wish::IN_ORDER }),
        backend("backend, without tags", tagged(&["incident", "request", "record", "door"], None)),
        backend("backend, with empty tags", tagged(&["incident", "request", "record"], Some(""))),
        backend("backend, for no incident", tagged(&["incident"], None)),
        backend("backend, for no request", tagged(&["request"], None)),
        backend("backend, for no record", tagged(&["record"], None)),
        backend("backend, through no door", tagged(&["door"], None)),
        backend("backend, through another door", tagged(&["door"], Some("window"))),
        decrypter("decrypter", Wish { at: NOW + Duration::seconds(299), ..Wish::IN_ORDER }),
        decrypter("decrypter, past its window", Wish { at: NOW + Duration::seconds(300), ..Wish::IN_ORDER }),
        decrypter("decrypter, another record", another_record),
        decrypter("decrypter, no record", no_record),
        alone("decrypter, without a session policy", Wish { at: NOW + Duration::minutes(59), ..Wish::IN_ORDER }),
        alone("decrypter, without a session policy, another record", another_record),
        nobodys(alone("decrypter, for nobody", Wish::IN_ORDER)),
        untagged("decrypter, for no incident", "incident"),
        untagged("decrypter, for no request", "request"),
        untagged("decrypter, for no record", "record"),
        untagged("decrypter, through no door", "door"),
        widened("decrypter, widened", Wish::IN_ORDER),
        widened("decrypter, widened, another record", another_record),
        unbound("decrypter, unbound", Wish::IN_ORDER),
        unbound("decrypter, unbound, another record", another_record),
        registrar("registrar", Wish::IN_ORDER),
        registrar("registrar, no record", no_record),
        nobodys(registrar("registrar, for nobody", Wish::IN_ORDER)),
        rotation("rotation", Wish::IN_ORDER),
        rotation("rotation, another record", another_record),
        rotation("rotation, another key", Wish { same_key: false, ..Wish::IN_ORDER }),
        nobodys(rotation("rotation, for nobody", Wish::IN_ORDER)),
        switch("kill switch", &*POLICIES),
        switch("kill switch, no boundary", &*UNBOUNDED),
        other("administrator", session(ADMINISTRATOR), &ADMINISTRATOR_ACCESS),
        other("account", of("Administrator-Of-Something-Else"), &ADMINISTRATOR_ACCESS),
        other("root user", Principal::Root { account: ACCOUNT.to_owned() }, &ADMINISTRATOR_ACCESS),
        other("stranger", session(&format!("arn:aws:iam::{STRANGERS_ACCOUNT}:role/Administrator")), &ADMINISTRATOR_ACCESS),
        service("machine", SERVICE, ACCOUNT),
        service("CloudTrail", "cloudtrail.amazonaws.com", ACCOUNT),
        service("CloudTrail for a stranger", "cloudtrail.amazonaws.com", STRANGERS_ACCOUNT),
    ]
}

impl Actor {
    /// Whether this act is allowed, as the stack is.
    pub(crate) fn may(&self, action: &str, on: &str) -> bool {
        // IAM's own calls name a role without its account: they reach that of the caller only.
        if action.starts_with("iam:") && self.who.principal.arn().contains(STRANGERS_ACCOUNT) {
            return false;
        }
        self.stack.decide(&self.who, action, &STACK.arn(on), &self.circumstances(on)).decision == Decision::Allow
    }

    /// The same, if something more were allowed by the key's policy.
    pub(crate) fn may_with(&self, statement: &Value, action: &str, key: &str) -> bool {
        let mut policy: Value = serde_json::from_str(&self.stack.key(key).unwrap().policy_text).unwrap();
        policy["Statement"].as_array_mut().unwrap().push(statement.clone());
        let policy = parse(Kind::Key, &policy);
        let template::Actor { principal, identity, boundary, session } = &self.who;
        let policies = Policies { identity: identity.clone(), boundary: *boundary, session: *session, resource: Some(&policy) };
        let (arn, circumstances) = (STACK.arn(key), self.circumstances(key).with("aws:ResourceTag/halligan", "record-keys"));
        policies.decide(&Act { principal, action, resource: &arn, circumstances: &circumstances }).decision == Decision::Allow
    }

    /// What AWS knows of the request, beside what it knows of the key or role.
    fn circumstances(&self, on: &str) -> Circumstances {
        let Wish { at, record, same_key, source_identity, tags: (otherwise, other), source_account } = self.wish;
        let mut known = Circumstances::at(at);
        if let Some(person) = self.person {
            known = known.with("aws:SourceIdentity", person);
        }
        for (tag, value) in &self.tags {
            known = known.with(&format!("aws:PrincipalTag/{tag}"), *value);
        }
        if on.ends_with("Key") {
            // Keys for agreement have no encryption context.
            if let Some(record) = record.filter(|_| on == "ResponderKey") {
                known = known.with("kms:EncryptionContext:halligan:record", record);
            }
            return known.with("kms:ReEncryptOnSameKey", same_key.to_string());
        }
        if source_identity {
            known = known.with("sts:SourceIdentity", "EMS-4711");
        }
        for (tag, value) in TAGS {
            if let Some(value) = if otherwise.contains(&tag) { other } else { Some(value) } {
                known = known.with(&format!("aws:RequestTag/{tag}"), value);
            }
        }
        known.with("aws:SourceArn", format!("arn:aws:cloudtrail:{REGION}:{source_account}:trail/halligan"))
    }
}

/// A session of a role of the stack, with what the stack gives it.
fn of_role(name: &'static str, role: &str) -> Actor {
    Actor {
        name,
        who: POLICIES.session(role, "session-1").unwrap(),
        stack: &POLICIES,
        person: None,
        tags: Vec::new(),
        wish: Wish::IN_ORDER,
    }
}

/// Somebody of whom the stack knows nothing, with a policy of their own.
fn other(name: &'static str, principal: Principal, policy: &'static PolicyDocument) -> Actor {
    let who = template::Actor { principal, identity: vec![policy], boundary: None, session: None };
    Actor { name, who, stack: &POLICIES, person: None, tags: Vec::new(), wish: Wish::IN_ORDER }
}

fn service(name: &'static str, service: &str, source_account: &'static str) -> Actor {
    let principal = Principal::Service { name: service.to_owned() };
    let who = template::Actor { principal, identity: Vec::new(), boundary: None, session: None };
    Actor { name, who, stack: &POLICIES, person: None, tags: Vec::new(), wish: Wish { source_account, ..Wish::IN_ORDER } }
}

/// A session of a role of the account.
fn of(role: &str) -> Principal {
    session(&format!("arn:aws:iam::{ACCOUNT}:role/{role}"))
}

fn session(role: &str) -> Principal {
    let arn = role.replacen(":iam:", ":sts:", 1).replacen(":role/", ":assumed-role/", 1) + "/session-1";
    Principal::Session { arn, role: role.to_owned() }
}

/// A policy that the evaluator understands whole.
fn parse(kind: Kind, document: &Value) -> PolicyDocument {
    PolicyDocument::parse(kind, &document.to_string()).unwrap_or_else(|fault| panic!("{fault}\n{document:#}"))
}
