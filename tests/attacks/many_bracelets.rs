//! A responder, or whoever holds the responder's tablet, collects records: bracelet after bracelet is looked up.

use axum::http::StatusCode;
use halligan_shared::{
    member::Role,
    paths,
    reference::Reference,
    wire::{AllowBody, Desk, ProblemCode},
};
use serde_json::json;

use crate::support::{Client, TestPortal};

/// So many different bracelets in ten minutes alarm the desk.
const MANY: usize = 6;
const MINUTE: i64 = 60_000;

async fn look_up(responder: &mut Client, bracelets: usize) {
    for _ in 0..bracelets {
        responder.prepare(Reference::random().unwrap().digest()).await;
    }
}

async fn alarms(dispatcher: &mut Client) -> Vec<(String, u32)> {
    let desk: Desk = dispatcher.get(paths::DESK).await.ok();
    desk.alarms.into_iter().map(|alarm| (alarm.by.agency_id.to_string(), alarm.bracelets)).collect()
}

#[tokio::test]
async fn many_bracelets_alarm_the_desk_and_slow_the_responder_until_a_dispatcher_says_so() {
    let portal = TestPortal::start().await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let member = dispatcher.get(paths::DESK).await.ok::<Desk>().on_duty[0].member.id;

    look_up(&mut responder, MANY - 1).await;
    assert_eq!(alarms(&mut dispatcher).await, []);
    // Unknown bracelets count like known ones, and this one is both the sixth and let through.
    assert_eq!(responder.prepare(reference.digest()).await.status, StatusCode::OK);
    assert_eq!(alarms(&mut dispatcher).await, [("EMS-1".to_owned(), 6)]);
    assert!(portal.kinds().await.contains(&"bracelets.many".to_owned()));

    let next = Reference::random().unwrap().digest();
    let slowed = responder.prepare(next).await;
    assert_eq!((slowed.refusal().code, slowed.retry_after()), (ProblemCode::TooOften, Some(60)));
    assert!(slowed.refusal().detail.contains("6 bracelets") && slowed.refusal().detail.contains("call dispatch"));
    assert_eq!(slowed.refusal().wait, Some(60));
    // A patient already being cared for is not affected.
    assert_eq!(responder.prepare(reference.digest()).await.status, StatusCode::OK);

    portal.pass(MINUTE - 1);
    assert_eq!(responder.prepare(next).await.retry_after(), Some(1));
    portal.pass(1);
    assert_eq!(responder.prepare(next).await.refusal().code, ProblemCode::UnknownBracelet, "slowed, not stopped");
    assert_eq!(alarms(&mut dispatcher).await, [("EMS-1".to_owned(), 7)]);

    assert!(dispatcher.post(&paths::desk_allow_of(member), &AllowBody { bracelets: 7 }).await.status.is_success());
    assert_eq!(alarms(&mut dispatcher).await, []);
    look_up(&mut responder, MANY - 1).await;
    assert_eq!(alarms(&mut dispatcher).await, []);
    look_up(&mut responder, 1).await;
    assert_eq!(alarms(&mut dispatcher).await, [("EMS-1".to_owned(), 6)]);
}

#[tokio::test]
async fn a_dispatchers_word_is_about_as_many_bracelets_as_were_shown() {
    let portal = TestPortal::start().await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    look_up(&mut responder, MANY).await;
    let shown = dispatcher.get(paths::DESK).await.ok::<Desk>().alarms.remove(0);
    let path = paths::desk_allow_of(shown.by.id);
    portal.pass(MINUTE);
    look_up(&mut responder, 1).await;
    let refused = dispatcher.post(&path, &AllowBody { bracelets: shown.bracelets }).await;
    assert_eq!((refused.status, refused.refusal().code), (StatusCode::CONFLICT, ProblemCode::WrongState));
    assert!(refused.refusal().detail.contains("7 bracelets"), "{}", refused.refusal().detail);
    assert_eq!(alarms(&mut dispatcher).await, [("EMS-1".to_owned(), 7)], "and it stands");
    assert_eq!(portal.count("select count(*) from scan").await, 7, "with what raised it");
    assert!(dispatcher.post(&path, &AllowBody { bracelets: 7 }).await.status.is_success());
    let filter = halligan_backend::store::AuditFilter { limit: 1, ..Default::default() };
    let allowed = portal.portal.audit(filter).await.unwrap().events.remove(0);
    assert_eq!((allowed.kind.as_str(), &allowed.facts["bracelets"]), ("bracelets.allowed", &json!(7)));
    let late = dispatcher.post(&path, &AllowBody { bracelets: 7 }).await.refusal();
    assert_eq!(late.code, ProblemCode::WrongState);
    assert!(late.detail.contains("a colleague has said that it is in order"), "{}", late.detail);
}

#[tokio::test]
async fn every_desk_is_told_that_the_responder_was_signed_out_until_they_scan_on() {
    let portal = TestPortal::start().await;
    let (mut dispatcher, mut other) =
        (portal.member("DSP-1", &[Role::Dispatcher]).await, portal.member("DSP-2", &[Role::Dispatcher]).await);
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    look_up(&mut responder, MANY).await;
    let alarm = async |dispatcher: &mut Client| dispatcher.get(paths::DESK).await.ok::<Desk>().alarms.remove(0);
    let before = alarm(&mut dispatcher).await;
    assert_eq!(before.signed_out, None);
    assert!(dispatcher.post(&paths::desk_sign_out_of(before.by.id), &json!({})).await.status.is_success());
    portal.pass(20_000);
    let told = alarm(&mut other).await.signed_out.unwrap();
    assert_eq!((told.by.agency_id.as_str(), told.seconds), ("DSP-1", 20.0));
    // Signed in again is not enough: whoever it is, one more bracelet makes it another alarm.
    responder.sign_in().await.done();
    assert!(alarm(&mut other).await.signed_out.is_some());
    portal.pass(MINUTE);
    look_up(&mut responder, 1).await;
    let anew = alarm(&mut other).await;
    assert_eq!((anew.bracelets, anew.signed_out), (7, None));
    // However they are signed out: an admin who keeps them out does so too.
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    admin.post(&paths::member_suspend_of(anew.by.id), &json!(null)).await.done();
    assert_eq!(alarm(&mut other).await.signed_out.unwrap().by.agency_id.as_str(), "ADM-1");
}

#[tokio::test]
async fn nobody_ends_the_alarm_about_themselves() {
    let portal = TestPortal::start().await;
    let mut both = portal.member("DSP-1", &[Role::Dispatcher, Role::Responder]).await;
    look_up(&mut both, MANY).await;
    let alarm = both.get(paths::DESK).await.ok::<Desk>().alarms.remove(0);
    assert!(alarm.own);
    assert_eq!(
        both.post(&paths::desk_allow_of(alarm.by.id), &AllowBody { bracelets: 6 }).await.refusal().code,
        ProblemCode::Oneself
    );
    assert_eq!(alarms(&mut both).await.len(), 1);
}

#[tokio::test]
async fn the_alarm_survives_a_restart_and_signing_in_anew() {
    let mut portal = TestPortal::start().await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    look_up(&mut responder, MANY).await;
    portal.restart().await;
    let mut responder = Client { router: portal.router.clone(), ..responder.other_browser() };
    assert!(responder.sign_in().await.status.is_success());
    let slowed = responder.prepare(Reference::random().unwrap().digest()).await;
    assert_eq!(slowed.refusal().code, ProblemCode::TooOften);
}

#[tokio::test]
async fn bracelets_of_ten_minutes_ago_no_longer_count() {
    let portal = TestPortal::start().await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    look_up(&mut responder, MANY - 1).await;
    portal.pass(10 * MINUTE);
    look_up(&mut responder, MANY - 1).await;
    assert_eq!(alarms(&mut dispatcher).await, []);
    portal.portal.sweep().await.unwrap();
    assert_eq!(portal.count("select count(*) from scan").await, 5, "and are forgotten");
}
