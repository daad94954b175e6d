//! Who takes part, from when and until when.

use axum::http::Method;
use halligan_shared::{
    id::MemberId,
    member::Role,
    paths,
    wire::{DrillLine, ProblemCode},
};
use serde_json::json;
use time::format_description::well_known::Rfc3339;

use super::{Agency, id_of, leave, own};

#[tokio::test]
async fn a_drill_ends_by_itself_to_the_second_and_that_stands_in_the_log_once() {
    let mut agency = Agency::start().await;
    let member = id_of(&mut agency.responder).await;
    let drill = agency.begin("A quarter of an hour", 15, &[member]).await;
    assert_eq!((drill.seconds_left, drill.ended_at), (Some(900.0), None));
    agency.portal.pass(899_999);
    assert!(own(&mut agency.responder).await.is_some());
    agency.portal.portal.sweep().await.unwrap();
    assert_eq!(agency.responder.prepare(agency.real.digest()).await.refusal().code, ProblemCode::DrillOnly);
    agency.portal.pass(1);
    assert_eq!(own(&mut agency.responder).await, None);
    agency.responder.ask(&agency.real).await;
    for _ in 0..2 {
        agency.portal.portal.sweep().await.unwrap();
        let over = agency.report(drill.id).await.drill;
        let ended = agency.portal.now().format(&Rfc3339).unwrap();
        assert_eq!((over.seconds_left, over.ended_at, over.ended_by), (None, Some(ended), None), "by nobody");
    }
    assert_eq!(agency.portal.kinds().await.iter().filter(|kind| *kind == "drill.ended").count(), 1);
}

#[tokio::test]
async fn nobody_takes_part_in_two_drills_at_once_and_two_can_run() {
    let mut agency = Agency::start().await;
    let (one, other) = (id_of(&mut agency.responder).await, id_of(&mut agency.dispatcher).await);
    let first = agency.begin("First", 60, &[one]).await;
    let body = json!({ "name": "Second", "minutes": 60, "members": [one, other] });
    let refused = agency.admin.raw(Method::POST, paths::DRILLS, body).await.refusal();
    assert_eq!(refused.code, ProblemCode::WrongState);
    assert!(refused.detail.contains("(EMS-1) takes part in “First”. Leave"), "{}", refused.detail);
    assert!(!refused.detail.contains("DSP-1"), "{}", refused.detail);
    assert_eq!(own(&mut agency.dispatcher).await, None, "all or nobody");
    let second = agency.begin("Second", 60, &[other]).await;
    assert_eq!(own(&mut agency.responder).await.unwrap().name, "First");
    assert_eq!(own(&mut agency.dispatcher).await.unwrap().name, "Second");
    // Whoever is free joins one that runs; nobody joins one that is over.
    agency.admin.raw(Method::POST, &paths::drill_end_of(first.id), json!({})).await.done();
    let line: DrillLine =
        agency.admin.raw(Method::POST, &paths::drill_members_of(second.id), json!({ "members": [one] })).await.ok();
    assert_eq!(line.members.len(), 2);
    let over = agency.admin.raw(Method::POST, &paths::drill_members_of(first.id), json!({ "members": [one] })).await;
    assert_eq!(over.refusal().code, ProblemCode::WrongState);
    // Ended is ended, and ending it twice says so once: when, and by whom.
    let ended = agency.portal.now().format(&Rfc3339).unwrap();
    agency.portal.pass(1_000);
    let mut other = agency.portal.member("ADM-2", &[Role::Admin]).await;
    other.raw(Method::POST, &paths::drill_end_of(first.id), json!({})).await.done();
    let over = agency.report(first.id).await.drill;
    assert_eq!((over.ended_at, over.ended_by.as_ref().unwrap().agency_id.to_string()), (Some(ended), "ADM-1".to_owned()));
    // So says the report of one that was ended when this was not kept yet; the one that ran out was ended by nobody.
    agency.portal.pass(60 * 60_000);
    agency.portal.portal.sweep().await.unwrap();
    agency.admin.sign_in().await.done();
    assert_eq!(agency.portal.tamper("update drill set ended_by = null where over = 1").await, 2);
    agency.portal.tamper(include_str!("../../../backend/migrations/sqlite/0017_drills_of_before.sql")).await;
    assert_eq!(agency.report(first.id).await.drill.ended_by, over.ended_by);
    assert_eq!(agency.report(second.id).await.drill.ended_by, None);
    let events = agency.portal.kinds().await;
    assert_eq!(events.iter().filter(|kind| *kind == "drill.ended").count(), 2);
}

#[tokio::test]
async fn a_member_who_is_kept_out_takes_part_no_more() {
    let mut agency = Agency::start().await;
    let drill = agency.begin_for_both().await;
    let id = id_of(&mut agency.responder).await;
    agency.admin.raw(Method::POST, &paths::member_suspend_of(id), json!({})).await.done();
    assert!(agency.report(drill.id).await.drill.members.iter().any(|line| line.member.id == id && line.left));
    let again = agency.admin.raw(Method::POST, &paths::drill_members_of(drill.id), json!({ "members": [id] })).await.refusal();
    assert_eq!(again.code, ProblemCode::WrongState);
    assert!(again.detail.contains("(EMS-1) is kept out"), "{}", again.detail);
}

#[tokio::test]
async fn a_drill_has_a_name_a_length_and_members() {
    let mut agency = Agency::start().await;
    let id = id_of(&mut agency.responder).await;
    let many = vec![id; 501];
    for body in [
        json!({ "name": " ", "minutes": 60, "members": [id] }),
        json!({ "name": "a".repeat(61), "minutes": 60, "members": [id] }),
        json!({ "name": "a\u{7}b", "minutes": 60, "members": [id] }),
        json!({ "name": "Drill", "minutes": 0, "members": [id] }),
        json!({ "name": "Drill", "minutes": 1441, "members": [id] }),
        json!({ "name": "Drill", "minutes": 60, "members": [] }),
    ] {
        assert_eq!(
            agency.admin.raw(Method::POST, paths::DRILLS, body.clone()).await.refusal().code,
            ProblemCode::Invalid,
            "{body}"
        );
    }
    // The same member many times is one member.
    agency.begin("Drill", 1, &many[..500]).await;
    let unknown = json!({ "name": "Drill", "minutes": 60, "members": [MemberId::fresh()] });
    assert_eq!(agency.admin.raw(Method::POST, paths::DRILLS, unknown).await.refusal().code, ProblemCode::NotFound);
}

#[tokio::test]
async fn whoever_left_a_drill_is_not_brought_back_into_it() {
    let mut agency = Agency::start().await;
    let drill = agency.begin_for_both().await;
    leave(&mut agency.responder).await;
    let responder = id_of(&mut agency.responder).await;
    let again = agency.admin.raw(Method::POST, &paths::drill_members_of(drill.id), json!({ "members": [responder] })).await;
    assert!(again.refusal().detail.contains("(EMS-1) has left this drill"));
    assert_eq!(own(&mut agency.responder).await, None);
    // Another one is theirs again.
    agency.begin("Next", 60, &[responder]).await;
    assert_eq!(own(&mut agency.responder).await.unwrap().name, "Next");
}

#[tokio::test]
async fn an_admin_who_signed_in_long_ago_takes_nobody_away_from_real_patients() {
    let mut agency = Agency::start().await;
    let [one, other] = [id_of(&mut agency.responder).await, id_of(&mut agency.dispatcher).await];
    let drill = agency.begin("Drill", 60, &[one]).await;
    agency.portal.pass(600_000);
    let begin = json!({ "name": "Second", "minutes": 60, "members": [other] });
    for (path, body) in [(paths::DRILLS.to_owned(), begin), (paths::drill_members_of(drill.id), json!({ "members": [other] }))] {
        assert_eq!(agency.admin.raw(Method::POST, &path, body).await.refusal().code, ProblemCode::StaleSignIn, "{path}");
    }
    // Letting go needs no more than being there.
    agency.admin.raw(Method::POST, &paths::drill_end_of(drill.id), json!({})).await.done();
}
