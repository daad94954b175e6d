use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;

#[test]
fn what_is_signed_has_one_spelling() {
    let value = json!({ "b": 1.0, "a": ["\u{e9}\n", 1e21, null], "": { "z": 0, "y": -0.0 } });
    let text = r#"{"":{"y":0,"z":0},"a":["é\n",1e+21,null],"b":1}"#;
    assert_eq!(canonical(&value).unwrap(), text);
    assert_eq!(digest(&value).unwrap(), Bytes(Sha256::digest(text).into()));
}

#[test]
fn words_are_those_of_the_wire() {
    for verdict in Verdict::ALL {
        assert_eq!(json!(verdict), verdict.word());
    }
    for act in [LockdownAct::Begin, LockdownAct::Lift] {
        assert_eq!(json!(act), act.word());
    }
}

#[test]
fn what_was_said_of_a_request_is_read_from_either_statement() {
    let (request, member) = (json!(RequestId::fresh()), json!(MemberId::fresh()));
    let one = json!({
        "kind": DecisionStatement::KIND, "request": request, "request_digest": Bytes([1; 32]), "verdict": "deny",
        "reason": "No such incident", "member": member, "agency_id": "DSP-1", "origin": "https://halligan.example",
        "decided_at": "2026-01-01T00:00:00Z",
    });
    let one: Said = serde_json::from_value(one).unwrap();
    assert_eq!((one.verdict(), one.reason(), one.decided_at()), (Verdict::Deny, "No such incident", "2026-01-01T00:00:00Z"));
    let bulk = json!({
        "kind": BulkApprovalStatement::KIND, "incident": "INC-7", "requests": [], "member": member, "agency_id": "DSP-1",
        "origin": "https://halligan.example", "decided_at": "2026-01-01T00:00:01Z",
    });
    let bulk: Said = serde_json::from_value(bulk).unwrap();
    assert_eq!((bulk.verdict(), bulk.reason(), bulk.decided_at()), (Verdict::Approve, "", "2026-01-01T00:00:01Z"));
}

#[test]
fn a_challenge_is_the_digest_and_then_the_nonce() {
    let challenge = challenge(&Bytes([1; 32]), &[2; NONCE_LEN]);
    assert_eq!(challenge, [[1; 32], [2; 32]].concat());
}

/// A statement of nothing but these words and what every statement says, of which `lie` stands there instead.
fn said<S: DeserializeOwned>(words: &Value, kind: &str, member: MemberId, lie: &Value) -> S {
    let mut said = json!({ "kind": kind, "member": member, "agency_id": "ADM-1", "origin": "https://halligan.example" });
    for (name, value) in [words, lie].into_iter().flat_map(|part| part.as_object().unwrap()) {
        said[name] = value.clone();
    }
    serde_json::from_value(said).unwrap()
}

fn is_one_word<S: DeserializeOwned + Serialize + Statement>(kind: &str, words: &Value) {
    let (member, other) = (MemberId::fresh(), MemberId::fresh());
    let agency_id: AgencyId = "ADM-1".parse().unwrap();
    let is_it = |lie: Value| said::<S>(words, kind, member, &lie).is_word_of(member, &agency_id, "https://halligan.example");
    assert!(is_it(json!({})), "{kind}");
    let another = if kind == AccessStatement::KIND { OverrideStatement::KIND } else { AccessStatement::KIND };
    for lie in [
        json!({ "kind": another }),
        json!({ "member": other }),
        json!({ "agency_id": "ADM-10" }),
        json!({ "origin": "https://halligan.example:8443" }),
    ] {
        assert!(!is_it(lie.clone()), "{kind}: {lie}");
    }
    let statement: S = said(words, kind, member, &json!({}));
    assert_eq!(statement.digest().unwrap(), digest(&statement).unwrap(), "{kind}");
}

#[test]
fn a_statement_is_the_word_of_whom_it_names_to_one_portal_and_of_its_kind() {
    let (request, digest, at) = (json!(RequestId::fresh()), json!(Bytes([1; 32])), "2026-01-01T00:00:00Z");
    let justification = json!({ "severity": "urgent", "reason": "other", "incident": "2026-1124", "text": "A large incident" });
    is_one_word::<AccessStatement>(
        AccessStatement::KIND,
        &json!({ "request": request, "record": RecordId::random().unwrap(), "drill": true, "justification": justification, "asked_at": at }),
    );
    let decision = json!({ "request": request, "request_digest": digest, "verdict": "approve", "reason": "", "decided_at": at });
    is_one_word::<DecisionStatement>(DecisionStatement::KIND, &decision);
    let bulk = json!({ "incident": "INC-7", "requests": [], "decided_at": at });
    is_one_word::<BulkApprovalStatement>(BulkApprovalStatement::KIND, &bulk);
    let alone = json!({ "request": request, "request_digest": digest, "words": OverrideStatement::WORDS, "opened_at": at });
    is_one_word::<OverrideStatement>(OverrideStatement::KIND, &alone);
    is_one_word::<ReviewStatement>(
        ReviewStatement::KIND,
        &json!({
            "request": request, "request_digest": digest, "finding": "justified", "note": "", "last_event": digest, "reviewed_at": at,
        }),
    );
    is_one_word::<LockdownStatement>(
        LockdownStatement::KIND,
        &json!({
            "proposal": ProposalId::fresh(), "lockdown": LockdownId::fresh(), "act": "begin", "reason": "Seen elsewhere",
            "proposed_at": at, "until": at,
        }),
    );
    is_one_word::<ReenrolmentStatement>(
        ReenrolmentStatement::KIND,
        &json!({
            "reenrolment": ReenrolmentId::fresh(), "subject": MemberId::fresh(), "subject_agency_id": "EMS-1", "reason": "Lost", "delay": 60,
            "proposed_at": at, "until": at,
        }),
    );
}
