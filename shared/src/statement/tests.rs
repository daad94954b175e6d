use serde_json::json;

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
