//! A call is begun and held open: past the gate, its body comes only when its member was kept out, signed out, or signed in too long ago.

use axum::http::Method;
use halligan_backend::services::Fault;
use halligan_shared::{
    bytes::Bytes,
    crypto::{self, Blinding},
    grant::WipeCause,
    id::{DocumentId, InvitationId, ReenrolmentId},
    member::Role,
    paths,
    reference::Reference,
    review::Finding,
    statement::Verdict,
    wire::{self, ProblemCode},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, Device, Held, Listener, Set, TestPortal};

const TEN_MINUTES: i64 = 600_000;
const TWELVE_HOURS: i64 = 43_200_000;

/// A portal that tells devices.
async fn started() -> (TestPortal, Listener) {
    let listener = Listener::start().await;
    (TestPortal::start_with(Set { outside: listener.push_only(), ..Set::default() }).await, listener)
}

/// Somebody who may do everything. Their passkey keeps no counter: what it signs is good in any order.
async fn everybody(portal: &TestPortal) -> Client {
    portal.member_with(Device::synchronised(), "ALL-1", &Role::ALL).await
}

/// A call by its name.
struct Call(&'static str, Held);

/// Every changing call that has a body, held open, and each of them one that would do its work.
async fn held(portal: &TestPortal, listener: &Listener, caller: &mut Client) -> Vec<Call> {
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let mut held = requests(caller, &mut dispatcher).await;
    held.extend(decisions(portal, caller, &mut dispatcher).await);
    held.extend(sealings(caller).await);
    held.extend(memberships(caller).await);
    held.extend(bulk(portal, caller).await);
    held.extend(review(portal, caller, &mut dispatcher).await);
    held.extend(drills(portal, caller).await);
    held.push(device(listener, caller).await);
    held
}

async fn requests(caller: &mut Client, dispatcher: &mut Client) -> Vec<Call> {
    let ((_, first), (_, second)) = (caller.seal(b"1").await, caller.seal(b"2").await);
    let prepared: wire::PreparedRequest = caller.prepare(first.digest()).await.ok();
    let credential = caller.device.sign(&prepared.ceremony.options).await;
    let ceremony = prepared.ceremony.ceremony;
    let file = wire::FileRequest { idempotency_key: Uuid::now_v7(), ceremony, credential };
    let prepare = json!({
        "reference": Reference::random().unwrap().digest(),
        "justification": { "severity": "urgent", "reason": "cannot_speak", "incident": "1", "text": "" },
    });
    let own = caller.ask(&second).await.id;
    dispatcher.decide(own, Verdict::Approve).await;
    let point = caller.point(own).await;
    let release =
        wire::ReleaseBody { blinded_point: Blinding::new(&point).unwrap().1, page_point: point, wipe_commitment: Bytes([1; 32]) };
    vec![
        Call("file", caller.hold(Method::POST, paths::REQUESTS, &file).await),
        Call("scan", caller.hold(Method::POST, paths::REQUEST_PREPARE, &prepare).await),
        Call("release", caller.hold(Method::POST, &paths::release_of(own), &release).await),
    ]
}

async fn decisions(portal: &TestPortal, caller: &mut Client, dispatcher: &mut Client) -> Vec<Call> {
    let ((_, first), (_, second)) = (caller.seal(b"3").await, caller.seal(b"4").await);
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let open = responder.ask(&first).await.id;
    dispatcher.decide(open, Verdict::Approve).await;
    let grant = responder.open(open).await.release.grant;
    let waiting = responder.ask(&second).await.id;
    let prepared: wire::PreparedDecision = caller.prepare_decision(waiting, Verdict::Approve).await.ok();
    let signed = caller.signed_decision(&prepared).await;
    vec![
        Call("revoke", caller.hold(Method::POST, &paths::grant_revoke_of(grant), &json!({ "reason": "" })).await),
        Call("decide", caller.hold(Method::POST, &paths::decision_of(waiting), &signed).await),
    ]
}

async fn sealings(caller: &mut Client) -> Vec<Call> {
    let (record, _) = caller.seal(b"5").await;
    let sealing: wire::Sealing = caller.post(paths::SEALINGS, &wire::StartSealing { record: None }).await.ok();
    let (summary, another) = (DocumentId::random().unwrap(), DocumentId::random().unwrap());
    let octets = "application/octet-stream";
    let put = caller.call(Method::PUT, &paths::sealing_document_of(sealing.id, summary), Some(vec![0; 64]), octets).await;
    assert!(put.status.is_success());
    let upload = paths::sealing_document_of(sealing.id, another);
    let commit = wire::CommitSealing {
        point: crypto::agree(&sealing.authority_point).unwrap().1,
        summary,
        attachments: Vec::new(),
        bracelet: Some(wire::Bracelet::of(&Reference::random().unwrap(), &sealing.record)),
        file_number: String::new(),
        drill: true,
    };
    let bracelet = wire::Bracelet::of(&Reference::random().unwrap(), &record);
    vec![
        Call("upload", caller.hold_bytes(Method::PUT, &upload, vec![0; 64], octets).await),
        Call("commit", caller.hold(Method::POST, &paths::sealing_commit_of(sealing.id), &commit).await),
        Call("seal", caller.hold(Method::POST, paths::SEALINGS, &wire::StartSealing { record: None }).await),
        Call("bracelet", caller.hold(Method::POST, &paths::record_bracelet_of(record), &bracelet).await),
    ]
}

async fn memberships(caller: &mut Client) -> Vec<Call> {
    let ceremony: wire::Ceremony = caller.post(paths::PASSKEY_START, &json!({})).await.ok();
    let credential = Device::default().create(&ceremony.options).await;
    let add = json!({ "ceremony": ceremony.ceremony, "credential": credential, "name": "another" });
    let other = caller.id_of("DSP-1").await;
    let prepared: wire::PreparedReenrolment = caller.prepare_reenrolment(other).await.ok();
    let proposed = caller.signed_reenrolment(&prepared).await;
    let (post, roles) = (json!({ "unit": "M12" }), json!({ "roles": ["admin"] }));
    vec![
        Call("assign", caller.hold(Method::PUT, &paths::member_assignment_of(other), &post).await),
        Call("set roles", caller.hold(Method::PUT, &paths::member_roles_of(other), &roles).await),
        Call("propose new passkeys", caller.hold(Method::POST, paths::REENROLMENTS, &proposed).await),
        Call("invite", caller.hold(Method::POST, paths::INVITATIONS, &invitation()).await),
        Call("add a passkey", caller.hold(Method::POST, paths::PASSKEY_FINISH, &add).await),
        Call("name a passkey", hold_name(caller).await),
    ]
}

async fn bulk(portal: &TestPortal, caller: &mut Client) -> Vec<Call> {
    let (_, reference) = caller.seal(b"6").await;
    let waiting = portal.member("EMS-2", &[Role::Responder]).await.ask(&reference).await.id;
    let prepared: wire::PreparedBulk = caller.post(paths::BULK_PREPARE, &wire::PrepareBulk { requests: vec![waiting] }).await.ok();
    let credential = caller.device.sign(&prepared.ceremony.options).await;
    let signed = wire::DecideBody { ceremony: prepared.ceremony.ceremony, credential };
    vec![Call("approve several", caller.hold(Method::POST, paths::BULK, &signed).await)]
}

/// Of what was opened after a denial, by somebody else's word.
async fn review(portal: &TestPortal, caller: &mut Client, dispatcher: &mut Client) -> Vec<Call> {
    let (_, reference) = caller.seal(b"7").await;
    let mut responder = portal.member("EMS-3", &[Role::Responder]).await;
    let denied = responder.ask(&reference).await.id;
    dispatcher.decide(denied, Verdict::Deny).await;
    let request = responder.ask(&reference).await.id;
    dispatcher.decide(request, Verdict::Approve).await;
    let opened = responder.open(request).await;
    responder.wiped(opened.release.grant, opened.secret, WipeCause::Done).await;
    let prepared: wire::PreparedReview = caller.prepare_finding(request, Finding::Justified).await.ok();
    let signed = caller.signed_review(&prepared).await;
    vec![Call("close a review", caller.hold(Method::POST, &paths::review_finding_of(request), &signed).await)]
}

async fn drills(portal: &TestPortal, caller: &mut Client) -> Vec<Call> {
    for name in ["EMS-4", "EMS-5"] {
        portal.member(name, &[Role::Responder]).await;
    }
    let (one, other) = (caller.id_of("EMS-4").await, caller.id_of("EMS-5").await);
    let begin = |member| wire::BeginDrill { name: "Night drill".to_owned(), minutes: 60, members: vec![member] };
    let drill: wire::DrillLine = caller.post(paths::DRILLS, &begin(one)).await.ok();
    let join = wire::DrillMembersBody { members: vec![other] };
    vec![
        Call("begin a drill", caller.hold(Method::POST, paths::DRILLS, &begin(other)).await),
        Call("take somebody into a drill", caller.hold(Method::POST, &paths::drill_members_of(drill.id), &join).await),
    ]
}

async fn device(listener: &Listener, caller: &mut Client) -> Call {
    Call("have a device told", caller.hold(Method::PUT, paths::PUSH_DEVICES, &listener.browser("x", 1).body()).await)
}

fn invitation() -> Value {
    json!({ "agency_id": "EMS-9", "display_name": "Drill", "roles": ["dispatcher"] })
}

async fn hold_name(caller: &mut Client) -> Held {
    let passkeys: Vec<wire::PasskeyLine> = caller.get(paths::PASSKEYS).await.ok();
    caller.hold(Method::PUT, &paths::passkey_of(passkeys[0].id), &json!({ "name": "mine" })).await
}

async fn none_does_its_work(portal: &TestPortal, held: Vec<Call>) {
    let things = "select (select count(*) from document) + (select count(*) from scan)";
    let before = (portal.kinds().await, portal.count(things).await);
    for Call(what, call) in held {
        assert_eq!(call.finish().await.refusal().code, ProblemCode::NotSignedIn, "{what}");
    }
    assert_eq!((portal.kinds().await, portal.count(things).await), before);
}

#[tokio::test]
async fn what_was_held_open_past_a_suspension_does_nothing() {
    let (portal, listener) = started().await;
    let mut caller = everybody(&portal).await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let member = admin.id_of("ALL-1").await;
    let held = Box::pin(held(&portal, &listener, &mut caller)).await;
    assert!(admin.post(&paths::member_suspend_of(member), &json!(null)).await.status.is_success());
    none_does_its_work(&portal, held).await;
}

#[tokio::test]
async fn what_was_held_open_past_a_sign_out_everywhere_does_nothing() {
    let (portal, listener) = started().await;
    let mut caller = everybody(&portal).await;
    let mut elsewhere = caller.other_browser();
    assert!(elsewhere.sign_in().await.status.is_success());
    let held = Box::pin(held(&portal, &listener, &mut caller)).await;
    assert!(elsewhere.post(paths::SIGN_OUT_EVERYWHERE, &json!({})).await.status.is_success());
    none_does_its_work(&portal, held).await;
}

#[tokio::test]
async fn what_was_held_open_past_a_sign_out_does_nothing() {
    let (portal, listener) = started().await;
    let mut caller = everybody(&portal).await;
    let held = Box::pin(held(&portal, &listener, &mut caller)).await;
    assert!(caller.post(paths::SIGN_OUT, &json!({})).await.status.is_success());
    none_does_its_work(&portal, held).await;
}

#[tokio::test]
async fn holding_a_call_open_makes_no_sign_in_fresher_and_no_session_longer() {
    let portal = TestPortal::start().await;
    let mut caller = everybody(&portal).await;
    let (invite, name) = (caller.hold(Method::POST, paths::INVITATIONS, &invitation()).await, hold_name(&mut caller).await);
    portal.pass(TEN_MINUTES);
    assert_eq!(invite.finish().await.refusal().code, ProblemCode::StaleSignIn);
    portal.pass(TWELVE_HOURS - TEN_MINUTES);
    assert_eq!(name.finish().await.refusal().code, ProblemCode::NotSignedIn);
    assert_eq!(portal.count("select count(*) from invitation").await, 0);
}

#[tokio::test]
async fn a_call_without_a_body_that_comes_too_late_does_nothing_either() {
    let portal = TestPortal::start().await;
    let mut caller = everybody(&portal).await;
    let (_, reference) = caller.seal(b"the record").await;
    let request = caller.ask(&reference).await.id;
    portal.member("DSP-1", &[Role::Dispatcher]).await.decide(request, Verdict::Approve).await;
    let release = caller.open(request).await.release;
    let mut other = portal.member("EMS-1", &[Role::Responder, Role::Admin]).await;
    let colleague = caller.id_of("EMS-1").await;
    let who = portal.past_the_gate("ALL-1").await;
    let passkey = portal.portal.passkeys(&who).await.unwrap()[0].id;
    assert!(other.post(&paths::member_suspend_of(who.member.id), &json!(null)).await.status.is_success());

    let (kinds, house) = (portal.kinds().await, &portal.portal);
    let refused = [
        house.suspend(&who, colleague).await,
        house.reinstate(&who, who.member.id).await,
        house.end_sessions_of(&who, colleague, None).await,
        house.sign_out_everywhere(&who).await,
        house.allow_bracelets(&who, colleague, 6).await,
        house.remove_passkey(&who, passkey).await,
        house.cancel_request(&who, request).await.map(|_| ()),
        house.withdraw_invitation(&who, InvitationId::fresh()).await,
        house.hand_out_reenrolment(&who, ReenrolmentId::fresh()).await.map(|_| ()),
    ];
    for (place, refused) in refused.into_iter().enumerate() {
        assert!(matches!(refused, Err(Fault::NotSignedIn)), "{place}: {refused:?}");
    }
    assert!(house.grant_document(&who, release.grant, release.documents[0].id).await.is_err());
    assert_eq!(portal.kinds().await, kinds);
}
