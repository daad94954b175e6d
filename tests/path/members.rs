//! Where members work, what they may do, and who is invited.

use axum::http::Method;
use halligan_shared::{
    assignment::Assignment,
    audit::Kind,
    member::Role,
    paths,
    wire::{Invitation, InvitationLine, MemberLine, ProblemCode, Session},
};
use serde_json::{Value, json};

use crate::support::{Client, TestPortal};

async fn facts_of(portal: &TestPortal, kind: Kind) -> Vec<Value> {
    let filter = halligan_backend::store::AuditFilter { limit: 200, ..Default::default() };
    let events = portal.portal.audit(filter).await.unwrap().events;
    events.into_iter().filter(|event| event.kind == kind.word()).map(|event| event.facts).collect()
}

fn everywhere() -> Assignment {
    let assignment = json!({ "crew": "m12-a", "unit": "m12", "station": "Station 4", "shift": "b", "supervisor": "sup-1" });
    serde_json::from_value(assignment).unwrap()
}

async fn line_of(admin: &mut Client, agency_id: &str) -> MemberLine {
    let lines: Vec<MemberLine> = admin.get(paths::MEMBERS).await.ok();
    lines.into_iter().find(|line| line.member.agency_id.as_str() == agency_id).unwrap()
}

async fn put(admin: &mut Client, path: &str, body: &Value) -> crate::support::Answer {
    admin.raw(Method::PUT, path, body.clone()).await
}

#[tokio::test]
async fn an_invited_member_works_where_the_invitation_says() {
    let portal = TestPortal::start().await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    portal.member("SUP-1", &[Role::Dispatcher]).await;
    let body = json!({ "agency_id": "EMS-1", "display_name": "Drill", "roles": ["responder"], "assignment": everywhere() });
    let invitation: Invitation = admin.post(paths::INVITATIONS, &body).await.ok();
    let waiting: Vec<InvitationLine> = admin.get(paths::INVITATIONS).await.ok();
    assert_eq!((waiting.len(), &waiting[0].assignment), (1, &everywhere()));
    let session: Session = portal.stranger().join(&invitation.link).await;
    assert_eq!(session.member.assignment, everywhere());
    assert_eq!(line_of(&mut admin, "EMS-1").await.member.assignment, everywhere());
    let invited = facts_of(&portal, Kind::MemberInvited).await;
    assert_eq!(invited[0]["assignment"], json!(everywhere()));
}

#[tokio::test]
async fn a_supervisor_is_somebody_and_somebody_else() {
    let portal = TestPortal::start().await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    portal.member("EMS-2", &[Role::Responder]).await;
    let id = admin.id_of("EMS-2").await;
    for (supervisor, code) in [("NOBODY-1", ProblemCode::Invalid), ("ems-2", ProblemCode::Invalid)] {
        let refused = put(&mut admin, &paths::member_assignment_of(id), &json!({ "supervisor": supervisor })).await;
        assert_eq!(refused.refusal().code, code, "{supervisor}");
    }
    let body = json!({ "agency_id": "EMS-1", "display_name": "Drill", "roles": ["responder"], "assignment": { "supervisor": "NOBODY-1" } });
    assert_eq!(admin.post(paths::INVITATIONS, &body).await.refusal().code, ProblemCode::Invalid);
    assert!(facts_of(&portal, Kind::MemberAssigned).await.is_empty());
}

#[tokio::test]
async fn nobody_gives_themselves_a_role_or_a_place() {
    let portal = TestPortal::start().await;
    let mut admin = portal.member("ADM-1", &[Role::Admin, Role::Dispatcher]).await;
    let own = admin.id_of("ADM-1").await;
    let unit = put(&mut admin, &paths::member_assignment_of(own), &json!({ "unit": "M12" })).await;
    assert_eq!(unit.refusal().code, ProblemCode::Oneself);
    let more = json!({ "roles": ["admin", "dispatcher", "responder"] });
    assert_eq!(put(&mut admin, &paths::member_roles_of(own), &more).await.refusal().code, ProblemCode::Oneself);
    put(&mut admin, &paths::member_roles_of(own), &json!({ "roles": ["admin"] })).await.done();
}

#[tokio::test]
async fn where_a_member_works_is_changed_and_the_log_has_both() {
    let portal = TestPortal::start().await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    portal.member("SUP-1", &[Role::Dispatcher]).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let id = admin.id_of("EMS-1").await;
    for _ in 0..2 {
        put(&mut admin, &paths::member_assignment_of(id), &json!(everywhere())).await.done();
    }
    assert_eq!(responder.get(paths::SESSION).await.ok::<Session>().member.assignment, everywhere(), "and stays signed in");
    let moved = json!({ "unit": "m14" });
    put(&mut admin, &paths::member_assignment_of(id), &moved).await.done();
    let facts = facts_of(&portal, Kind::MemberAssigned).await;
    assert_eq!(facts.len(), 2, "what changes nothing is no event");
    assert_eq!((&facts[0]["before"], &facts[0]["after"]["unit"]), (&json!(everywhere()), &json!("M14")));
    assert_eq!((&facts[0]["after"]["crew"], &facts[1]["before"]), (&Value::Null, &json!(Assignment::default())));
    for bad in [json!({ "unit": "-" }), json!({ "team": "A" })] {
        let refused = put(&mut admin, &paths::member_assignment_of(id), &bad).await;
        assert_eq!(refused.refusal().code, ProblemCode::Malformed, "{bad}");
    }
    portal.pass(600_000);
    let stale = put(&mut admin, &paths::member_assignment_of(id), &moved).await;
    assert_eq!(stale.refusal().code, ProblemCode::StaleSignIn);
}

#[tokio::test]
async fn roles_are_added_without_a_word_to_the_session_and_the_log_has_both() {
    let portal = TestPortal::start().await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let mut member = portal.member("EMS-1", &[Role::Responder]).await;
    let id = admin.id_of("EMS-1").await;
    for _ in 0..2 {
        put(&mut admin, &paths::member_roles_of(id), &json!({ "roles": ["dispatcher", "responder", "dispatcher"] })).await.done();
    }
    assert!(member.get(paths::DESK).await.status.is_success());
    let facts = facts_of(&portal, Kind::MemberRolesChanged).await;
    assert_eq!(facts.len(), 1, "what changes nothing is no event");
    assert_eq!((&facts[0]["before"], &facts[0]["after"]), (&json!(["responder"]), &json!(["responder", "dispatcher"])));
    assert_eq!(put(&mut admin, &paths::member_roles_of(id), &json!({ "roles": [] })).await.refusal().code, ProblemCode::Invalid);
}

#[tokio::test]
async fn invitations_are_seen_without_their_links_and_end_by_themselves() {
    let portal = TestPortal::start().await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let body = json!({ "agency_id": "EMS-1", "display_name": "Drill", "roles": ["responder", "admin"] });
    let invitation: Invitation = admin.post(paths::INVITATIONS, &body).await.ok();
    portal
        .portal
        .invite(None, "EMS-2".parse().unwrap(), "Two".parse().unwrap(), vec![Role::Auditor], Assignment::default())
        .await
        .unwrap();
    portal.pass(200_500);
    let answer = admin.get(paths::INVITATIONS).await;
    let token = invitation.link.split_once('#').unwrap().1;
    assert!(!String::from_utf8_lossy(&answer.body).contains(token));
    let lines: Vec<InvitationLine> = answer.ok();
    let seen: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line.agency_id.as_str(),
                line.roles.clone(),
                line.seconds_left,
                line.invited_by.as_ref().map(|by| by.agency_id.as_str()),
            )
        })
        .collect();
    let expected = [("EMS-1", vec![Role::Responder, Role::Admin], 399, Some("ADM-1")), ("EMS-2", vec![Role::Auditor], 399, None)];
    assert_eq!(seen, expected);
    portal.pass(399_500);
    assert!(admin.get(paths::INVITATIONS).await.ok::<Vec<InvitationLine>>().is_empty());
    let late = admin.call(Method::DELETE, &paths::invitation_of(lines[0].id), None, "").await;
    assert_eq!(late.refusal().code, ProblemCode::InvitationOver);
}

#[tokio::test]
async fn an_invitation_that_is_taken_back_lets_nobody_in() {
    let portal = TestPortal::start().await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let body = json!({ "agency_id": "EMS-1", "display_name": "Drill", "roles": ["responder"] });
    let invitation: Invitation = admin.post(paths::INVITATIONS, &body).await.ok();
    let mut invited = portal.stranger();
    let finish = invited.joining(&invitation.link).await;
    let lines: Vec<InvitationLine> = admin.get(paths::INVITATIONS).await.ok();
    admin.call(Method::DELETE, &paths::invitation_of(lines[0].id), None, "").await.done();
    assert_eq!(invited.post(paths::INVITATION_FINISH, &finish).await.refusal().code, ProblemCode::InvitationOver);
    let again = admin.call(Method::DELETE, &paths::invitation_of(lines[0].id), None, "").await;
    assert_eq!(again.refusal().code, ProblemCode::InvitationOver);
    let facts = facts_of(&portal, Kind::MemberInvitationWithdrawn).await;
    assert_eq!((facts.len(), &facts[0]["agency_id"], &facts[0]["invitation"]), (1, &json!("EMS-1"), &json!(lines[0].id)));
}

#[tokio::test]
async fn inviting_somebody_again_replaces_the_unused_invitation() {
    let portal = TestPortal::start().await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let body = |name: &str| json!({ "agency_id": "EMS-1", "display_name": name, "roles": ["responder"] });
    let first: Invitation = admin.post(paths::INVITATIONS, &body("Mistyped")).await.ok();
    let finish = portal.stranger().joining(&first.link).await;
    let second: Invitation = admin.post(paths::INVITATIONS, &body("Meant")).await.ok();
    assert_eq!(admin.get(paths::INVITATIONS).await.ok::<Vec<InvitationLine>>().len(), 1);
    let old = portal.stranger().post(paths::INVITATION_FINISH, &finish).await;
    assert_eq!(old.refusal().code, ProblemCode::InvitationOver);
    assert_eq!(portal.stranger().join(&second.link).await.member.display_name.as_str(), "Meant");
    let facts = facts_of(&portal, Kind::MemberInvited).await;
    let replaced: Vec<_> =
        facts.iter().filter(|facts| facts["agency_id"] == "EMS-1").map(|facts| &facts["replaces_unused"]).collect();
    assert_eq!(replaced, [&json!(true), &json!(false)]);
}
