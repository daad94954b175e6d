//! Inboxes: live, read by their member alone, and told of what they show and of nothing else.

use axum::http::Method;
use futures_util::StreamExt as _;
use halligan_shared::{
    id::NoticeId,
    member::Role,
    notice::{Closing, Topic},
    paths,
    wire::{Desk, DrillLine, NOTICES_SHOWN, NoticeBoard, ReadNotices, RequestView},
};
use serde_json::json;

use super::notices::{board, hooks, opened_alone, pushes, sent, started, told_at};
use crate::support::{Answer, Client, Listener, Set, TestPortal};

pub(super) async fn read(member: &mut Client, notices: &[NoticeId]) -> Answer {
    member.post(paths::NOTICES_READ, &ReadNotices { notices: notices.to_vec() }).await
}

#[tokio::test]
async fn an_inbox_is_live_and_read_by_its_member_alone() {
    let portal = TestPortal::start_with(Set::unhurried()).await;
    let mut officer = portal.member("PRV-1", &[Role::PrivacyOfficer]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let mut pictures = officer.listen(paths::NOTICE_EVENTS).await.into_body().into_data_stream();
    let mut next = async || String::from_utf8(pictures.next().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(next().await.contains(r#""unread":0"#));
    portal.member("SUP-1", &[Role::Responder]).await;
    opened_alone(&portal).await;
    // Whose review it is, is told of that too.
    while !next().await.contains(r#""unread":2"#) {}
    let of = |board: NoticeBoard| board.notices.into_iter().map(|line| line.id).collect::<Vec<_>>();
    let notices = of(board(&mut officer).await);
    let mut stranger = portal.member("AUD-1", &[Role::Auditor]).await;
    read(&mut stranger, &notices).await.done();
    assert_eq!(board(&mut officer).await.unread, 2, "who is told of nothing reads nothing for somebody else");
    read(&mut officer, &notices[..1]).await.done();
    let NoticeBoard { unread, notices: lines } = board(&mut officer).await;
    assert_eq!((unread, lines.iter().any(|line| line.id == notices[0] && line.read)), (1, true));
    assert_eq!(dispatcher.get(paths::DESK).await.ok::<Desk>().unread, 1, "each reads for themselves");
}

#[tokio::test]
async fn all_that_is_on_the_page_is_read_by_one_call_and_one_that_is_gone_keeps_the_others_from_nothing() {
    let portal = TestPortal::start_with(Set::unhurried()).await;
    let mut officer = portal.member("PRV-1", &[Role::PrivacyOfficer]).await;
    portal.member("SUP-1", &[Role::Responder]).await;
    opened_alone(&portal).await;
    let mut shown: Vec<_> = board(&mut officer).await.notices.into_iter().map(|line| line.id).collect();
    shown.insert(0, NoticeId::fresh());
    for (named, status) in [(vec![], 422), (vec![shown[1]; NOTICES_SHOWN as usize + 1], 422)] {
        assert_eq!(read(&mut officer, &named).await.refusal().status, status);
    }
    assert_eq!(board(&mut officer).await.unread, 2, "a refusal reads nothing");
    read(&mut officer, &shown).await.done();
    assert_eq!(board(&mut officer).await.unread, 0);
}

#[tokio::test]
async fn a_page_is_told_again_only_of_what_it_shows() {
    let portal = TestPortal::start_with(Set::unhurried()).await;
    let mut officer = portal.member("PRV-1", &[Role::PrivacyOfficer]).await;
    let lines = [paths::NOTICE_EVENTS, paths::UNREAD_EVENTS];
    let mut streams = Vec::new();
    for path in lines {
        streams.push(officer.listen(path).await.into_body().into_data_stream());
    }
    for stream in &mut streams {
        stream.next().await.unwrap().unwrap();
    }
    // Others ask and withdraw: nothing of that is in an inbox. What comes next is what is.
    let (_, reference) = portal.member("REG-2", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-7", &[Role::Responder]).await;
    let request = responder.ask(&reference).await.id;
    responder.post(&paths::request_cancel_of(request), &()).await.ok::<RequestView>();
    portal.member("SUP-1", &[Role::Responder]).await;
    opened_alone(&portal).await;
    for stream in &mut streams {
        let text = String::from_utf8(stream.next().await.unwrap().unwrap().to_vec()).unwrap();
        assert!(!text.contains(r#""unread":0"#), "told again of the same: {text}");
    }
}

#[tokio::test]
async fn whoever_is_put_into_a_drill_is_told_until_it_ends_or_they_leave_it() {
    let listener = Listener::start().await;
    let portal = started(&listener).await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let mut late = portal.member("EMS-2", &[Role::Responder]).await;
    let browser = listener.browser("desk", 1);
    told_at(&mut dispatcher, &browser).await.done();
    let mut ids = Vec::new();
    for agency_id in ["EMS-1", "DSP-1", "ADM-1", "EMS-2"] {
        ids.push(portal.past_the_gate(agency_id).await.member.id);
    }
    let body = json!({ "name": "Bridge", "minutes": 30, "members": ids[..3] });
    let drill: DrillLine = admin.raw(Method::POST, paths::DRILLS, body).await.ok();
    let heard = sent(&portal, &listener).await;
    // A device may hear of it late, when it is over or its member has left it.
    assert!(pushes(&browser, &heard).is_empty());
    let [hook] = &hooks(&heard)[..] else { panic!("told {} times", heard.len()) };
    assert_eq!((&hook["data"]["topic"], &hook["data"]["drill"]), (&"drill".into(), &true.into()));
    assert!(!hook.to_string().contains("Bridge"), "what a person typed stays inside");
    for member in [&mut responder, &mut dispatcher] {
        let NoticeBoard { unread, notices } = board(member).await;
        assert_eq!((unread, notices[0].topic), (1, Topic::Drill));
        assert!(notices[0].text.contains("“Bridge”"), "{}", notices[0].text);
    }
    assert_eq!(board(&mut admin).await.unread, 0, "who put themselves into it knows");

    let body = json!({ "members": [ids[3]] });
    admin.raw(Method::POST, &paths::drill_members_of(drill.id), body).await.ok::<DrillLine>();
    assert_eq!((board(&mut late).await.unread, board(&mut dispatcher).await.unread), (1, 1), "those who join later, alone");

    responder.raw(Method::POST, paths::OWN_DRILL_LEAVE, json!({})).await.done();
    assert_eq!(board(&mut responder).await.notices, [], "it is over for whoever left");
    assert_eq!(board(&mut dispatcher).await.unread, 1, "and for nobody else");

    portal.pass(30 * 60_000);
    portal.portal.sweep().await.unwrap();
    let ends: Vec<_> = hooks(&sent(&portal, &listener).await).into_iter().filter(|hook| hook["type"] == "notice.closed").collect();
    assert_eq!(ends.len(), 2, "of those who joined, and of who joined later");
    late.sign_in().await.done();
    assert_eq!(board(&mut late).await.notices[0].closed.as_ref().map(|closed| closed.how), Some(Closing::Over));
}
