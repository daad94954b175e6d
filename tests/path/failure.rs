//! STS or KMS fails in the middle of an opening: the responder is told what is wrong and goes on, nothing is used up, and the log says what
//! happened.

use std::time::{Duration, Instant};

use halligan_backend::store::AuditFilter;
use halligan_shared::{
    id::RequestId,
    member::Role,
    paths,
    statement::Verdict,
    wire::{self, KeyTrouble, ProblemCode, RequestState},
};
use serde_json::{Value, json};

use crate::support::{Client, Does, Set, TestPortal, Way};

const SUMMARY: &[u8] = br#"{"resourceType":"Bundle"}"#;
/// The budget of a release, and what a busy machine adds.
const AT_MOST: Duration = Duration::from_secs(9);

/// A responder with an approved request, and the dispatcher who approved it.
pub(super) async fn approved(portal: &TestPortal) -> (Client, Client, RequestId) {
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(SUMMARY).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let request = responder.ask(&reference).await.id;
    assert!(dispatcher.decide(request, Verdict::Approve).await.status.is_success());
    (responder, dispatcher, request)
}

/// The facts of the newest event of a kind.
pub(super) async fn newest(portal: &TestPortal, kind: &str) -> Value {
    let filter = AuditFilter { kind: Some(kind.into()), limit: 1, ..AuditFilter::default() };
    portal.portal.audit(filter).await.unwrap().events.remove(0).facts
}

/// Until the relay has been asked for this.
async fn asked(portal: &mut TestPortal, call: &str) {
    while portal.relay().asked(call) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Until the log has an event of this kind.
async fn noted(portal: &TestPortal, kind: &str) -> Value {
    let noted = async {
        while !portal.kinds().await.iter().any(|noted| noted == kind) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(AT_MOST, noted).await.unwrap();
    newest(portal, kind).await
}

/// Begins to open the record, and hangs up once the authority has been asked for this.
async fn hang_up(portal: &mut TestPortal, responder: &Client, request: RequestId, call: &str) {
    let mut page = responder.clone();
    let point = page.point(request).await;
    tokio::select! {
        _ = page.try_release(request, &point) => panic!("it was answered before anybody could hang up"),
        () = asked(portal, call) => {}
    }
}

async fn seconds_left(responder: &mut Client, request: RequestId) -> f64 {
    match responder.request(request).await.state {
        RequestState::Approved { seconds_left, .. } => seconds_left,
        other => panic!("the approval is used up: {other:?}"),
    }
}

/// What holds of every failure: how it is said and logged, that nobody holds credentials, and that nothing is used up. That the record
/// opens once it is mended is what [`opens`] checks.
pub(super) async fn fails(portal: &TestPortal, people: &mut (Client, Client, RequestId), trouble: KeyTrouble, code: ProblemCode) {
    let (responder, dispatcher, request) = people;
    let before = seconds_left(responder, *request).await;
    let point = responder.point(*request).await;
    let began = Instant::now();
    let answer = responder.try_release(*request, &point).await;
    assert!(began.elapsed() < AT_MOST, "{trouble:?} took {:?}", began.elapsed());
    let said = answer.refusal();
    assert_eq!(said.code, code, "{}", said.detail);
    assert!(said.detail.starts_with(trouble.sentence()), "{}", said.detail);
    assert!(said.detail.contains("no approval is used up") && said.detail.contains("call dispatch"), "{}", said.detail);
    let after = seconds_left(responder, *request).await;
    assert!((before - after).abs() < 0.001, "{trouble:?} cost {} seconds", before - after);

    let event = newest(portal, "record.not_opened").await;
    assert_eq!(event["failure"]["trouble"], json!(trouble));
    assert_eq!((&event["window_taken_back"], &event["request"]), (&json!(true), &json!(*request)));
    assert_eq!(event["wipe_commitment"], newest(portal, "record.opened").await["wipe_commitment"], "it names what began");
    assert_eq!(event["grant"], newest(portal, "record.opened").await["grant"]);
    let grant: String = serde_json::from_value(event["grant"].clone()).unwrap();
    assert!(!portal.portal.authority().holds(grant.parse().unwrap()), "nobody holds its credentials");
    let desk: wire::Desk = dispatcher.get(paths::DESK).await.ok();
    assert!(desk.live.is_empty(), "nothing is open");
    assert_eq!(desk.readiness.key_service.trouble, (trouble != KeyTrouble::Denied).then_some(trouble));
}

/// Mended, the whole window is there.
pub(super) async fn opens(portal: &TestPortal, (responder, dispatcher, request): &mut (Client, Client, RequestId)) {
    let opened = responder.open(*request).await;
    assert_eq!(opened.content, SUMMARY);
    assert!((opened.release.seconds_left - 300.0).abs() < 0.001, "{} seconds", opened.release.seconds_left);
    let desk: wire::Desk = dispatcher.get(paths::DESK).await.ok();
    assert_eq!(desk.readiness.key_service.trouble, None);
    // The one that opened owes a receipt, and those that did not owe none.
    portal.pass(400_000);
    portal.portal.sweep().await.unwrap();
    portal.pass(60_000);
    portal.portal.sweep().await.unwrap();
    let kinds = portal.kinds().await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "wipe_receipt.missing").count(), 1, "{kinds:?}");
}

/// A fault planted at one call, then mended.
async fn planted(call: &'static str, does: Does, trouble: KeyTrouble, code: ProblemCode) -> Value {
    let mut portal = TestPortal::relayed().await;
    let mut people = approved(&portal).await;
    portal.relay().plant(call, does);
    fails(&portal, &mut people, trouble, code).await;
    let event = newest(&portal, "record.not_opened").await;
    portal.relay().mend();
    opens(&portal, &mut people).await;
    event["failure"].clone()
}

#[tokio::test]
async fn an_authority_that_never_answers_is_given_up_within_the_budget_of_the_three_calls_together() {
    for call in ["AssumeRole", "DeriveSharedSecret"] {
        let failure = planted(call, Does::Hang, KeyTrouble::Slow, ProblemCode::AuthorityDown).await;
        assert_eq!(failure["call"], json!(call));
    }
}

#[tokio::test]
async fn calls_that_are_each_just_in_time_are_together_too_late() {
    let late = Does::Late(Duration::from_millis(1_400));
    let mut portal = TestPortal::relayed().await;
    let mut people = approved(&portal).await;
    portal.relay().plant("AssumeRole", Does::Times(2, Box::new(Does::Hang)));
    portal.relay().plant("*", late);
    fails(&portal, &mut people, KeyTrouble::Slow, ProblemCode::AuthorityDown).await;
    portal.relay().mend();
    opens(&portal, &mut people).await;
}

#[tokio::test]
async fn a_call_that_is_told_to_slow_down_is_tried_again_and_then_works() {
    let mut portal = TestPortal::relayed().await;
    let mut people = approved(&portal).await;
    for (call, code) in
        [("AssumeRole", "Throttling"), ("Decrypt", "ThrottlingException"), ("DeriveSharedSecret", "LimitExceededException")]
    {
        portal.relay().plant(call, Does::Times(2, Box::new(Does::refuses(400, code))));
    }
    let asked = portal.relay().asked("AssumeRole");
    opens(&portal, &mut people).await;
    let relay = portal.relay();
    assert_eq!((relay.asked("AssumeRole") - asked, relay.asked("Decrypt"), relay.asked("DeriveSharedSecret")), (3, 3, 3));
}

#[tokio::test]
async fn an_account_that_may_ask_no_more_is_said_to_be_busy() {
    let throttled = Does::refuses(400, "ThrottlingException");
    let failure = planted("Decrypt", throttled, KeyTrouble::Busy, ProblemCode::AuthorityBusy).await;
    assert_eq!((&failure["call"], &failure["code"]), (&json!("Decrypt"), &json!("ThrottlingException")));
}

#[tokio::test]
async fn an_authority_that_is_down_or_cuts_its_answers_off() {
    planted("*", Does::Cut, KeyTrouble::Unreachable, ProblemCode::AuthorityDown).await;
    let failing = Does::refuses(500, "KMSInternalException");
    planted("DeriveSharedSecret", failing, KeyTrouble::Failing, ProblemCode::AuthorityDown).await;
}

#[tokio::test]
async fn an_authority_that_answers_garbage() {
    let secret = "c2hhcmUgMSBpcyAzMiBieXRlcyBvZiBzZWNyZXQhISE";
    for garbage in
        [Does::answers("200 OK", "", &format!("{{\"Plaintext\":\"{secret}")), Does::answers("200 OK", "", "<html>hello</html>")]
    {
        let failure = planted("Decrypt", garbage, KeyTrouble::Garbled, ProblemCode::AuthorityDown).await;
        assert!(!failure.to_string().contains(&secret[..8]), "{failure}");
    }
    for garbage in [
        Does::answers("200 OK", "", "<html>hello</html>"),
        // Credentials without an end.
        Does::answers(
            "200 OK",
            "",
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>B</SecretAccessKey><SessionToken>C</SessionToken></Credentials></AssumeRoleResult></AssumeRoleResponse>",
        ),
    ] {
        planted("AssumeRole", garbage, KeyTrouble::Garbled, ProblemCode::AuthorityDown).await;
    }
}

#[tokio::test]
async fn an_endpoint_that_has_moved_is_not_followed_and_the_portal_goes_on_with_the_new_one() {
    let mut portal = TestPortal::relayed().await;
    let mut people = approved(&portal).await;
    let elsewhere = portal.authority.connection().endpoint;
    let moved = Does::answers("307 Temporary Redirect", &format!("location: {elsewhere}\r\n"), "");
    portal.relay().plant("*", moved);
    let answered = portal.authority.events().len();
    fails(&portal, &mut people, KeyTrouble::Unreachable, ProblemCode::AuthorityDown).await;
    assert_eq!(portal.authority.events().len(), answered, "a signed call goes nowhere but where it was signed for");

    portal.relay().close();
    fails(&portal, &mut people, KeyTrouble::Unreachable, ProblemCode::AuthorityDown).await;
    portal.move_authority().await;
    portal.restart().await;
    (people.0.router, people.1.router) = (portal.router.clone(), portal.router.clone());
    opens(&portal, &mut people).await;
}

#[tokio::test]
async fn credentials_of_the_portal_that_have_expired_or_are_not_known() {
    let expired = Does::refuses(403, "ExpiredToken");
    let failure = planted("AssumeRole", expired, KeyTrouble::Credentials, ProblemCode::AuthorityCredentials).await;
    assert_eq!((&failure["call"], &failure["code"]), (&json!("AssumeRole"), &json!("ExpiredToken")));

    let portal = TestPortal::start_with(Set { way: Way::UnknownKey, ..Set::default() }).await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let refused = registrar.post(paths::SEALINGS, &wire::StartSealing { record: None }).await;
    assert_eq!(refused.refusal().code, ProblemCode::AuthorityCredentials);
    assert_eq!(newest(&portal, "keys.failing").await["failure"]["code"], json!("UnrecognizedClientException"));
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_minutes_is_named() {
    let portal = TestPortal::start().await;
    let mut people = approved(&portal).await;
    for milliseconds in [-360_000, 360_000] {
        // It goes wrong between the answers that a page gets, not in the middle of one.
        portal.set_ahead(milliseconds);
        let (responder, _, request) = &mut people;
        let point = responder.point(*request).await;
        let said = responder.try_release(*request, &point).await.refusal();
        assert_eq!(said.code, ProblemCode::AuthorityClock, "{}", said.detail);
        assert!(said.detail.starts_with("The portal’s clock is wrong by minutes"), "{}", said.detail);
        let failure = newest(&portal, "record.not_opened").await["failure"].clone();
        assert_eq!(failure["code"], json!("SignatureDoesNotMatch"));
        assert_eq!(failure["seconds_ahead"], json!(-milliseconds / 1000));
    }
    portal.set_ahead(0);
    opens(&portal, &mut people).await;
}

/// The end of a window is a literal of the portal's clock: where that is fast, KMS would keep the window open for longer than it
/// says, so nothing may be signed as if it were right.
#[tokio::test]
async fn a_wrong_clock_is_not_corrected_behind_the_windows_back() {
    let portal = TestPortal::start().await;
    let (mut responder, _, request) = approved(&portal).await;
    let point = responder.point(request).await;
    portal.set_ahead(360_000);
    for _ in 0..2 {
        assert_eq!(responder.try_release(request, &point).await.refusal().code, ProblemCode::AuthorityClock);
    }
    assert_eq!(portal.calls("AssumeRole"), 1, "to seal");
}

#[tokio::test]
async fn a_window_that_runs_goes_on_when_an_opening_in_it_fails() {
    let mut portal = TestPortal::relayed().await;
    let (mut responder, mut dispatcher, request) = approved(&portal).await;
    let first = responder.open(request).await;
    portal.pass(100_000);
    let point = responder.point(request).await;
    portal.relay().plant("Decrypt", Does::refuses(500, "KMSInternalException"));
    assert_eq!(responder.try_release(request, &point).await.refusal().code, ProblemCode::AuthorityDown);
    let event = newest(&portal, "record.not_opened").await;
    assert_eq!((&event["window_taken_back"], &event["grant"]), (&json!(false), &json!(first.release.grant)));
    portal.relay().mend();
    let again = responder.open(request).await;
    assert_eq!(again.release.grant, first.release.grant);
    assert!((again.release.seconds_left - 200.0).abs() < 0.001);
    let desk: wire::Desk = dispatcher.get(paths::DESK).await.ok();
    assert_eq!(desk.live.len(), 1);
}

#[tokio::test]
async fn the_time_that_a_failed_attempt_took_is_given_back_to_the_approval() {
    let mut portal = TestPortal::relayed().await;
    let (mut responder, _, request) = approved(&portal).await;
    let point = responder.point(request).await;
    portal.pass(599_000);
    portal.relay().plant("Decrypt", Does::Times(1, Box::new(Does::Hang)));
    let mut page = responder.clone();
    let release = page.try_release(request, &point);
    tokio::pin!(release);
    tokio::select! {
        _ = &mut release => panic!("it was answered"),
        () = asked(&mut portal, "Decrypt") => {}
    }
    portal.relay().plant("*", Does::refuses(500, "KMSInternalException"));
    portal.relay().plant("Decrypt", Does::refuses(500, "KMSInternalException"));
    portal.pass(5_000);
    assert_eq!(release.await.refusal().code, ProblemCode::AuthorityDown);
    portal.portal.sweep().await.unwrap();
    let left = seconds_left(&mut responder, request).await;
    assert!((left - 1.0).abs() < 0.001, "{left}");
}

#[tokio::test]
async fn a_window_that_was_ended_while_the_authority_failed_stays_ended() {
    let mut portal = TestPortal::relayed().await;
    let (mut responder, mut dispatcher, request) = approved(&portal).await;
    let point = responder.point(request).await;
    portal.relay().plant("Decrypt", Does::Hang);
    let mut page = responder.clone();
    let release = page.try_release(request, &point);
    tokio::pin!(release);
    tokio::select! {
        _ = &mut release => panic!("it was answered"),
        () = asked(&mut portal, "Decrypt") => {}
    }
    let RequestState::Released { grant, .. } = responder.request(request).await.state else { panic!("no window") };
    assert!(dispatcher.post(&paths::grant_revoke_of(grant.id), &json!({ "reason": "" })).await.status.is_success());
    assert_eq!(release.await.refusal().code, ProblemCode::AuthorityDown);
    portal.relay().mend();
    assert_eq!(responder.try_release(request, &point).await.refusal().code, ProblemCode::WindowOver);
    assert_eq!(newest(&portal, "record.not_opened").await["window_taken_back"], json!(false));
}

/// What holds of an opening whose caller has hung up, once it has come to its end.
async fn came_to_nothing(portal: &TestPortal, people: &mut (Client, Client, RequestId), before: f64) -> Value {
    let event = noted(portal, "record.not_opened").await;
    let after = seconds_left(&mut people.0, people.2).await;
    assert!((before - after).abs() < 0.001, "it cost {} seconds", before - after);
    let opened = newest(portal, "record.opened").await;
    assert_eq!((&event["window_taken_back"], &event["grant"]), (&json!(true), &opened["grant"]));
    assert_eq!(event["wipe_commitment"], opened["wipe_commitment"], "it names what began");
    assert!(portal.portal.authority().held().is_empty(), "nobody holds its credentials");
    assert_eq!(portal.count("select count(*) from opening").await, 0, "no receipt is owed");
    let desk: wire::Desk = people.1.get(paths::DESK).await.ok();
    assert!(desk.live.is_empty(), "nothing is open");
    event["failure"].clone()
}

#[tokio::test]
async fn what_fails_after_its_caller_hung_up_uses_nothing_up_and_is_in_the_log() {
    let mut portal = TestPortal::relayed().await;
    let mut people = approved(&portal).await;
    let before = seconds_left(&mut people.0, people.2).await;
    portal.relay().plant("Decrypt", Does::Times(1, Box::new(Does::Hang)));
    hang_up(&mut portal, &people.0, people.2, "Decrypt").await;
    assert!(matches!(people.0.request(people.2).await.state, RequestState::Released { .. }), "it goes on");
    portal.relay().plant("Decrypt", Does::refuses(500, "KMSInternalException"));
    let failure = came_to_nothing(&portal, &mut people, before).await;
    assert_eq!((&failure["trouble"], &failure["call"]), (&json!(KeyTrouble::Failing), &json!("Decrypt")));
    assert_eq!(newest(&portal, "keys.failing").await["trouble"], json!(KeyTrouble::Failing), "the desk is told, too");
    portal.relay().mend();
    opens(&portal, &mut people).await;
}

#[tokio::test]
async fn shares_that_come_when_their_caller_has_hung_up_are_nobodys() {
    let mut portal = TestPortal::relayed().await;
    let mut people = approved(&portal).await;
    let before = seconds_left(&mut people.0, people.2).await;
    portal.relay().plant("Decrypt", Does::Late(Duration::from_millis(500)));
    hang_up(&mut portal, &people.0, people.2, "Decrypt").await;
    let failure = came_to_nothing(&portal, &mut people, before).await;
    assert_eq!(failure, json!({ "why": "the caller had hung up" }));
    assert_eq!(portal.relay().asked("DeriveSharedSecret"), 1, "the authority did what it was asked");
    portal.relay().mend();
    opens(&portal, &mut people).await;
}

#[tokio::test]
async fn what_a_dispatcher_approved_who_was_kept_out_while_it_failed_to_open_waits_again() {
    let mut portal = TestPortal::relayed().await;
    let (mut responder, _, request) = approved(&portal).await;
    let point = responder.point(request).await;
    portal.relay().plant("Decrypt", Does::Hang);
    let mut page = responder.clone();
    let release = page.try_release(request, &point);
    tokio::pin!(release);
    tokio::select! {
        _ = &mut release => panic!("it was answered"),
        () = asked(&mut portal, "Decrypt") => {}
    }
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let RequestState::Released { opened, .. } = responder.request(request).await.state else { panic!("no window") };
    admin.post(&paths::member_suspend_of(opened.by[0].id), &json!({})).await;
    assert_eq!(release.await.refusal().code, ProblemCode::AuthorityDown);
    portal.relay().mend();
    assert_eq!(responder.try_release(request, &point).await.refusal().code, ProblemCode::WrongState);
    assert!(matches!(responder.request(request).await.state, RequestState::Pending { .. }));
}
