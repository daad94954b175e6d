//! The bodies of every route and of every answer that the browser reads.

use std::collections::BTreeSet;

use halligan_shared::{
    assignment::Assignment,
    wire::{
        AllowBody, Approval, AuditPage, BeginDrill, Bracelet, BulkDecided, Card, Ceremony, Checks, CommitSealing, DecideBody,
        DecidingBody, Desk, DrillLine, DrillMembersBody, DrillReport, FileRequest, FinishInvitation, FinishSignIn, IncidentFeed,
        IncidentTaken, Invitation, InvitationLine, InvitationToken, InvitationView, InviteBody, LiveGrant, LockdownBoard,
        MemberLine, NoticeBoard, OverrideBody, OwnDrill, OwnReenrolment, PasskeyBody, PasskeyLine, PasskeyNameBody, PrepareBulk,
        PrepareDecision, PrepareLockdown, PrepareReenrolment, PrepareRequest, PrepareReview, PreparedBulk, PreparedDecision,
        PreparedLockdown, PreparedOverride, PreparedReenrolment, PreparedRequest, PreparedReview, Problem, PushDeviceBody,
        PushDevices, ReadNotices, Readiness, RecordLine, ReenrolmentLine, Release, ReleaseBody, RequestView, ReviewList,
        ReviewView, ReviewsOverdue, RevokeBody, RolesBody, Sealing, Session, SignedLockdown, SignedReenrolment, SignedReview,
        StartSealing, StartSignIn, Unread, WipedBody,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{harness::seeds, support::Contract};

/// What a browser sends: stable, and nothing in it that is not understood.
pub(crate) fn requests(bytes: &[u8]) {
    requests_tried(bytes);
}

/// What a browser reads: stable, and open to what a newer backend may add.
pub(crate) fn answers(bytes: &[u8]) {
    answers_tried(bytes);
}

/// Which kinds of bodies an input can be, of all that there are.
fn requests_tried(bytes: &[u8]) -> Vec<(&'static str, bool)> {
    macro_rules! each {
        ($($kind:ty),*) => { vec![$((stringify!($kind), stable::<$kind>(bytes).inspect(nothing_unknown::<$kind>).is_some())),*] };
    }
    each!(
        StartSignIn,
        FinishSignIn,
        InvitationToken,
        FinishInvitation,
        InviteBody,
        Assignment,
        RolesBody,
        PasskeyBody,
        PasskeyNameBody,
        PrepareRequest,
        FileRequest,
        PrepareDecision,
        DecideBody,
        DecidingBody,
        BeginDrill,
        DrillMembersBody,
        PrepareBulk,
        OverrideBody,
        RevokeBody,
        AllowBody,
        ReleaseBody,
        WipedBody,
        StartSealing,
        CommitSealing,
        Bracelet,
        PrepareLockdown,
        SignedLockdown,
        PrepareReenrolment,
        SignedReenrolment,
        PrepareReview,
        SignedReview,
        PushDeviceBody,
        ReadNotices
    )
}

fn answers_tried(bytes: &[u8]) -> Vec<(&'static str, bool)> {
    macro_rules! each {
        ($($kind:ty),*) => { vec![$((stringify!($kind), stable::<$kind>(bytes).map(unknown_is_ignored::<$kind>).is_some())),*] };
    }
    each!(
        Problem,
        Session,
        Ceremony,
        InvitationView,
        Invitation,
        InvitationLine,
        MemberLine,
        PasskeyLine,
        PreparedRequest,
        RequestView,
        PreparedDecision,
        PreparedBulk,
        BulkDecided,
        OwnDrill,
        DrillLine,
        DrillReport,
        PreparedOverride,
        Desk,
        Card,
        Approval,
        LiveGrant,
        Release,
        Sealing,
        RecordLine,
        AuditPage,
        Readiness,
        LockdownBoard,
        IncidentFeed,
        IncidentTaken,
        PreparedLockdown,
        ReenrolmentLine,
        OwnReenrolment,
        PreparedReenrolment,
        ReviewList,
        ReviewView,
        ReviewsOverdue,
        PreparedReview,
        NoticeBoard,
        Unread,
        PushDevices,
        Checks
    )
}

/// What parses prints as something that parses and prints the same.
fn stable<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Option<Value> {
    let value: T = serde_json::from_slice(bytes).ok()?;
    let printed = serde_json::to_value(&value).unwrap();
    let again: T = serde_json::from_slice(&serde_json::to_vec(&value).unwrap()).unwrap();
    assert_eq!(serde_json::to_value(again).unwrap(), printed);
    Some(printed)
}

fn nothing_unknown<T: DeserializeOwned>(printed: &Value) {
    for place in objects(printed, "") {
        let mut with_more = printed.clone();
        with_more.pointer_mut(&place).unwrap()["unknown member"] = json!(1);
        assert!(serde_json::from_value::<T>(with_more).is_err(), "taken at {place:?}: {printed}");
    }
}

fn unknown_is_ignored<T: Serialize + DeserializeOwned>(mut printed: Value) {
    let expected = printed.clone();
    printed["unknown member"] = json!(1);
    let read: T = serde_json::from_value(printed).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), expected);
}

/// Pointers to every object that has members of its own; a passkey's answer is judged elsewhere (`passkeys`).
fn objects(value: &Value, at: &str) -> Vec<String> {
    let Value::Object(members) = value else { return Vec::new() };
    let inner = members.iter().filter(|(name, _)| *name != "credential");
    inner.flat_map(|(name, value)| objects(value, &format!("{at}/{name}"))).chain([at.to_owned()]).collect()
}

/// A kind that no input is of is not tried at all.
#[test]
fn every_kind_has_an_input() {
    has_inputs("wire_requests", requests_tried);
    has_inputs("wire_answers", answers_tried);
}

fn has_inputs(target: &str, tried: fn(&[u8]) -> Vec<(&'static str, bool)>) {
    let seeds = seeds(target);
    for (place, (kind, _)) in tried(b"").into_iter().enumerate() {
        assert!(seeds.iter().any(|input| tried(input)[place].1), "no seed of {target} is a {kind}");
    }
}

/// What computer-aided dispatch tells has targets of its own (`feed`).
const TOLD: [&str; 2] = ["IncidentDocument", "Heartbeat"];

#[tokio::test]
async fn every_body_that_the_document_of_the_api_names_is_tried() {
    let (mut requests, mut answers) = (BTreeSet::new(), BTreeSet::new());
    let paths = Contract::of_portal().await.document["paths"].as_object().unwrap();
    for operation in paths.values().flat_map(|operations| operations.as_object().unwrap().values()) {
        names(&operation["requestBody"], &mut requests);
        names(&operation["responses"], &mut answers);
    }
    let tried =
        |of: fn(&[u8]) -> Vec<(&'static str, bool)>| of(b"").into_iter().map(|(kind, _)| kind).chain(TOLD).collect::<BTreeSet<_>>();
    assert!(requests.len() > 30 && answers.len() > 30, "{requests:?} {answers:?}");
    for (named, tried) in [(requests, tried(requests_tried)), (answers, tried(answers_tried))] {
        let missing: Vec<_> = named.iter().filter(|kind| !tried.contains(kind.as_str())).collect();
        assert!(missing.is_empty(), "nobody tries {missing:?}");
    }
}

/// The schemas that a part of the document names.
fn names(part: &Value, found: &mut BTreeSet<String>) {
    match part {
        Value::Object(members) => {
            let named = members.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix("#/components/schemas/"));
            found.extend(named.map(str::to_owned));
            members.values().for_each(|value| names(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| names(value, found)),
        _ => {}
    }
}
