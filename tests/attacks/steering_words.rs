//! A member types words that read otherwise than they are, for whoever decides or reviews by them.

use axum::http::Method;
use halligan_shared::{
    bytes::Bytes,
    id::{CeremonyId, DocumentId, GrantId, MemberId, PasskeyId, RequestId},
    justification::Draft,
    member::Role,
    paths, shown,
    wire::{Desk, PasskeyLine, PreparedRequest, ProblemCode, Sealing, StartSealing},
};
use serde_json::{Value, json};

/// How each text is called that somebody types and others read: the body, and what it is in it.
const TYPED: [&str; 11] = [
    "BeginDrill.name",
    "CommitSealing.file_number",
    "FinishInvitation.passkey_name",
    "InviteBody.display_name",
    "PasskeyBody.name",
    "PasskeyNameBody.name",
    "PrepareDecision.reason",
    "PrepareLockdown.reason",
    "PrepareReenrolment.reason",
    "PrepareReview.note",
    "RevokeBody.reason",
];

use crate::support::{Contract, TestPortal, pressing};

/// From here on everything reads from right to left.
const TURNED: &str = "Crew of \u{202e}12 ward";

/// A call with each of them, for a portal on which nothing is there to be decided, closed or finished.
fn calls(text: &str, sealing: &str, own: PasskeyId, member: MemberId) -> [(&'static str, Method, String, Value); 11] {
    let (nobodys, credential) = (RequestId::fresh(), json!({}));
    let (ceremony, bytes) = (CeremonyId::fresh(), Bytes([7; 32]));
    let invited = json!({ "agency_id": "EMS-9", "display_name": text, "roles": ["responder"] });
    let finished = json!({ "token": bytes, "ceremony": ceremony, "credential": credential, "passkey_name": text });
    let sealed = json!({
        "point": "AxtC8N0xPpqGLfb5uw8Ax4JvM3XwK7J6sTzzvS8sQm6p", "summary": DocumentId::random().unwrap(), "attachments": [],
        "bracelet": { "reference": bytes, "binding": bytes }, "file_number": text, "drill": true,
    });
    [
        ("BeginDrill.name", Method::POST, paths::DRILLS.into(), json!({ "name": text, "minutes": 60, "members": [member] })),
        ("CommitSealing.file_number", Method::POST, sealing.to_owned(), sealed),
        ("FinishInvitation.passkey_name", Method::POST, paths::INVITATION_FINISH.into(), finished),
        ("InviteBody.display_name", Method::POST, paths::INVITATIONS.into(), invited),
        (
            "PasskeyBody.name",
            Method::POST,
            paths::PASSKEY_FINISH.into(),
            json!({ "ceremony": ceremony, "credential": credential, "name": text }),
        ),
        ("PasskeyNameBody.name", Method::PUT, paths::passkey_of(own), json!({ "name": text })),
        ("PrepareDecision.reason", Method::POST, paths::decision_prepare_of(nobodys), json!({ "verdict": "deny", "reason": text })),
        ("PrepareLockdown.reason", Method::POST, paths::LOCKDOWN_PREPARE.into(), json!({ "act": "begin", "reason": text })),
        ("PrepareReenrolment.reason", Method::POST, paths::reenrolment_prepare_of(member), json!({ "reason": text })),
        (
            "PrepareReview.note",
            Method::POST,
            paths::review_finding_prepare_of(nobodys),
            json!({ "finding": "not_justified", "note": text, "last_event": bytes }),
        ),
        ("RevokeBody.reason", Method::POST, paths::grant_revoke_of(GrantId::fresh()), json!({ "reason": text })),
    ]
}

#[tokio::test]
async fn nothing_that_is_typed_steers_how_it_is_seen() {
    let portal = TestPortal::start().await;
    portal.member("EMS-1", &[Role::Responder]).await;
    let mut member = portal.member("ALL-1", &Role::ALL).await;
    let own: Vec<PasskeyLine> = member.get(paths::PASSKEYS).await.ok();
    let responder = member.id_of("EMS-1").await;
    let sealing: Sealing = member.post(paths::SEALINGS, &StartSealing { record: None }).await.ok();
    let calls = |text| calls(text, &paths::sealing_commit_of(sealing.id), own[0].id, responder);
    let piled = format!("Crew o{}f 12 ward", "\u{301}".repeat(5));
    for unfit in [TURNED, "Crew \u{ad}of 12 ward", "\u{3164}\u{3164}\u{3164} \u{3164}\u{3164}\u{3164}", "\u{2800}\u{1d159}", &piled]
    {
        for ((what, method, path, bad), (.., good)) in calls(unfit).into_iter().zip(calls("Crew of 12 ward")) {
            let refused = member.raw(method.clone(), &path, bad).await.refusal();
            assert_eq!(refused.code, ProblemCode::Invalid, "{what}: {}", refused.detail);
            // The same without that is not refused for it, and mostly done.
            let answer = member.raw(method, &path, good).await;
            assert!(answer.status.is_success() || answer.refusal().detail != refused.detail, "{what}: {}", refused.detail);
        }
    }
}

#[tokio::test]
async fn each_text_that_is_typed_is_tried() {
    let contract = Contract::of_portal().await;
    let schemas = &contract.document["components"]["schemas"];
    let pattern = |schema: &str, field: &str| &schemas[schema]["properties"][field]["pattern"];
    let visible = [pattern("PasskeyNameBody", "name"), pattern("RevokeBody", "reason")];
    assert!(visible.iter().all(|pattern| pattern.is_string()));
    let typed = schemas.as_object().unwrap().iter().flat_map(|(schema, of)| {
        let fields = of["properties"].as_object().into_iter().flatten();
        fields.filter(|(_, field)| visible.contains(&&field["pattern"])).map(move |(field, _)| format!("{schema}.{field}"))
    });
    let mut typed: Vec<_> = typed.collect();
    typed.sort();
    assert_eq!(typed, TYPED);
    let own = PasskeyId::fresh();
    assert_eq!(calls("", "", own, MemberId::fresh()).map(|(what, ..)| what), TYPED);
}

/// What the document of the API says of such a text is what is read, character by character. How many marks are on one letter it does not say.
#[tokio::test]
async fn the_document_says_of_each_character_whether_it_may_be_typed() {
    let contract = Contract::of_portal().await;
    let [needed, may_be_nothing] = [("PasskeyNameBody", "name"), ("RevokeBody", "reason")]
        .map(|(schema, field)| contract.validator(&contract.document["components"]["schemas"][schema]["properties"][field]));
    for character in '\0'..='\u{ffff}' {
        for text in [character.to_string(), format!("a{character}b")] {
            let is_text = shown::kept(&text, 1..=9).is_ok();
            assert_eq!(needed.is_valid(&json!(text)), is_text, "{text:?}");
            // Space of other kinds is trimmed where it is read.
            if !text.trim().is_empty() {
                assert_eq!(may_be_nothing.is_valid(&json!(text)), is_text, "{text:?}");
            }
        }
    }
    assert!(!needed.is_valid(&json!("  ")) && may_be_nothing.is_valid(&json!("  ")));
}

#[tokio::test]
async fn a_reason_is_one_line_in_what_is_signed_and_on_the_card() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let text = ["Found alone a", &"\u{301}".repeat(300), "nd confused\n\nConfirmed by the \u{202e}supervisor\u{202c}"].concat();
    let prepared: PreparedRequest = responder.prepare_as(reference.digest(), Draft { text, ..pressing() }).await.ok();
    let plain = "Found alone a\u{301}\u{301}\u{301}\u{301}nd confused Confirmed by the supervisor";
    assert_eq!(prepared.statement.justification.text(), plain);
    responder.file(prepared).await.done();
    let desk: Desk = portal.member("DSP-1", &[Role::Dispatcher]).await.get(paths::DESK).await.ok();
    assert_eq!(desk.waiting[0].statement.justification.text(), plain);
}
