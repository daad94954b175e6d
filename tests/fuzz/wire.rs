//! The bodies of every route and of every answer that the browser reads.

use halligan_shared::wire::{
    AuditPage, Bracelet, Card, Ceremony, CommitSealing, DecideBody, Desk, FileRequest, FinishInvitation, FinishSignIn, Invitation,
    InvitationToken, InvitationView, InviteBody, LiveGrant, MemberLine, PasskeyBody, PasskeyLine, PasskeyNameBody, PrepareDecision,
    PrepareRequest, PreparedDecision, PreparedRequest, Problem, RecordLine, Release, ReleaseBody, RequestView, RevokeBody, Sealing,
    Session, StartSealing, StartSignIn, WipedBody,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// What a browser sends: stable, and nothing in it that is not understood.
pub(crate) fn requests(bytes: &[u8]) {
    macro_rules! each {
        ($($kind:ty),*) => { $(if let Some(printed) = stable::<$kind>(bytes) { nothing_unknown::<$kind>(&printed); })* };
    }
    each!(
        StartSignIn,
        FinishSignIn,
        InvitationToken,
        FinishInvitation,
        InviteBody,
        PasskeyBody,
        PasskeyNameBody,
        PrepareRequest,
        FileRequest,
        PrepareDecision,
        DecideBody,
        RevokeBody,
        ReleaseBody,
        WipedBody,
        StartSealing,
        CommitSealing,
        Bracelet
    );
}

/// What a browser reads: stable, and open to what a newer backend may add.
pub(crate) fn answers(bytes: &[u8]) {
    macro_rules! each {
        ($($kind:ty),*) => { $(if let Some(printed) = stable::<$kind>(bytes) { unknown_is_ignored::<$kind>(printed); })* };
    }
    each!(
        Problem,
        Session,
        Ceremony,
        InvitationView,
        Invitation,
        MemberLine,
        PasskeyLine,
        PreparedRequest,
        RequestView,
        PreparedDecision,
        Desk,
        Card,
        LiveGrant,
        Release,
        Sealing,
        RecordLine,
        AuditPage
    );
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
