//! A dispatcher ends a window while its first opening fails, and the page tries again at once: whichever comes first, the dispatcher is
//! told that it ended, and nothing opens after that.

use std::{collections::BTreeSet, time::Duration};

use halligan_backend::store::AuditFilter;
use halligan_shared::{
    grant::Ending,
    id::{GrantId, RequestId},
    member::Role,
    paths,
    statement::Verdict,
    wire::{self, GrantState, ProblemCode, RequestState},
};
use serde_json::{Value, json};

use crate::support::{Client, Does, Set, TestPortal, Way};

const ROUNDS: usize = 100;

/// When the dispatcher ends it.
#[derive(Debug, Clone, Copy)]
enum When {
    /// The window has begun.
    Begun,
    /// The authority refuses.
    Refused,
    /// The window was taken back.
    TakenBack,
}

/// The newest event of a kind, once it is of this request.
async fn noted(portal: &TestPortal, kind: &str, request: RequestId) -> Value {
    let noted = async {
        loop {
            let filter = AuditFilter { kind: Some(kind.into()), limit: 1, ..AuditFilter::default() };
            let newest = portal.portal.audit(filter).await.unwrap().events.pop();
            if let Some(event) = newest.filter(|event| event.facts["request"] == json!(request)) {
                return event.facts;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), noted).await.unwrap()
}

/// A responder, a dispatcher, and a request that is approved.
struct Scene {
    portal: TestPortal,
    responder: Client,
    dispatcher: Client,
    request: RequestId,
}

impl Scene {
    /// The dispatcher ends the window at some moment, and so many steps later.
    async fn end(&mut self, when: When, steps: usize, refused: usize) -> GrantId {
        let opened = noted(&self.portal, "record.opened", self.request).await;
        let grant: GrantId = serde_json::from_value(opened["grant"].clone()).unwrap();
        match when {
            When::Begun => {}
            When::Refused => {
                while self.portal.relay().asked("Decrypt") == refused {
                    tokio::task::yield_now().await;
                }
            }
            When::TakenBack => drop(noted(&self.portal, "record.not_opened", self.request).await),
        }
        for _ in 0..steps {
            tokio::task::yield_now().await;
        }
        let revoked = self.dispatcher.post(&paths::grant_revoke_of(grant), &json!({ "reason": "Wrong bracelet" })).await;
        assert!(revoked.status.is_success(), "{when:?}, {steps} steps: {:?}", revoked.refusal());
        grant
    }

    /// Nothing is open, and nothing opens.
    async fn is_over(&mut self, grant: GrantId) {
        let RequestState::Released { grant: view, .. } = self.responder.request(self.request).await.state else {
            panic!("the approval stands")
        };
        let ended = GrantState::Ended { ending: Ending::Revoked, reason: Some("Wrong bracelet".to_owned()) };
        assert_eq!((view.id, view.state), (grant, ended), "the responder reads why");
        let point = self.responder.point(self.request).await;
        assert_eq!(self.responder.try_release(self.request, &point).await.refusal().code, ProblemCode::WindowOver);
        let desk: wire::Desk = self.dispatcher.get(paths::DESK).await.ok();
        assert!(desk.live.is_empty() && self.portal.portal.authority().held().is_empty());
        let order = "select (select max(sequence) from audit_event where kind like 'record.opened%') < (select max(sequence) from audit_event where kind = 'grant.ended')";
        assert_eq!(self.portal.count(order).await, 1, "nothing was opened afterwards");
    }
}

#[tokio::test]
async fn a_dispatchers_word_holds_whichever_comes_first() {
    let portal = TestPortal::start_with(Set { way: Way::Relayed, ..Set::unhurried() }).await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let responder = portal.member("EMS-1", &[Role::Responder]).await;
    let dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let mut scene = Scene { portal, responder, dispatcher, request: RequestId::fresh() };
    let mut orders = BTreeSet::new();
    for round in 0..ROUNDS {
        scene.request = scene.responder.ask(&reference).await.id;
        assert!(scene.dispatcher.decide(scene.request, Verdict::Approve).await.status.is_success());
        // A refusal of this one call: the breaker takes no notice.
        scene.portal.relay().plant("Decrypt", Does::Times(1, Box::new(Does::refuses(400, "AccessDeniedException"))));
        let (mut page, request) = (scene.responder.clone(), scene.request);
        let point = page.point(request).await;
        let opening = async {
            let failed = page.try_release(request, &point).await;
            assert_eq!(failed.refusal().code, ProblemCode::AuthorityFailed);
            page.try_release(request, &point).await.status.is_success()
        };
        let when = [When::Begun, When::Refused, When::TakenBack][round % 3];
        let refused = scene.portal.relay().asked("Decrypt");
        let (opened_again, grant) = tokio::join!(opening, scene.end(when, round / 3, refused));
        let taken_back = noted(&scene.portal, "record.not_opened", request).await["window_taken_back"] == json!(true);
        orders.insert((taken_back, opened_again));
        scene.is_over(grant).await;
    }
    assert!(orders.contains(&(false, false)) && orders.contains(&(true, false)), "both orders were met: {orders:?}");
}

#[tokio::test]
async fn what_became_of_an_approval_whose_window_was_taken_back_is_said_to_who_ends_it_too_late() {
    let portal = TestPortal::start_with(Set { way: Way::Relayed, ..Set::unhurried() }).await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let responder = portal.member("EMS-1", &[Role::Responder]).await;
    let dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let mut scene = Scene { portal, responder, dispatcher, request: RequestId::fresh() };
    scene.portal.relay().plant("Decrypt", Does::refuses(400, "AccessDeniedException"));
    for (is_withdrawn, code) in [(true, ProblemCode::WrongState), (false, ProblemCode::WindowOver)] {
        scene.request = scene.responder.ask(&reference).await.id;
        scene.dispatcher.decide(scene.request, Verdict::Approve).await;
        let point = scene.responder.point(scene.request).await;
        assert_eq!(scene.responder.try_release(scene.request, &point).await.refusal().code, ProblemCode::AuthorityFailed);
        if is_withdrawn {
            scene.responder.post(&paths::request_cancel_of(scene.request), &json!({})).await;
        } else {
            scene.portal.pass(600_000);
        }
        let grant = noted(&scene.portal, "record.not_opened", scene.request).await["grant"].clone();
        let revoke = paths::grant_revoke_of(serde_json::from_value(grant).unwrap());
        assert_eq!(scene.dispatcher.post(&revoke, &json!({ "reason": "" })).await.refusal().code, code);
    }
}
