//! How people take a step: by the calls that their pages make, with passkeys of their own. Each says whether it was done.

use halligan_shared::{
    crypto::PageKey,
    grant::WipeCause,
    justification::{Draft, Severity},
    paths,
    statement::LockdownAct,
    wire::{
        DecideBody, FileRequest, GrantState, LockdownBoard, PrepareRequest, PreparedBulk, PreparedDecision, PreparedOverride,
        PreparedRequest, ProblemCode, RequestState, RequestView,
    },
};
use serde_json::json;

use super::{
    portal::Scene,
    steps::{CASES, Word, is_made_up, responder_of},
};
use crate::support::{NotOpened, Opened, pressing};

impl Scene {
    pub(super) async fn ask(&mut self, case: usize, severity: Severity) -> bool {
        let responder = &mut self.responders[responder_of(case)];
        let reference = self.references[usize::from(!is_made_up(case))].digest();
        let body = PrepareRequest { reference, justification: Draft { severity, ..pressing() } };
        let prepared = responder.post(paths::REQUEST_PREPARE, &body).await;
        if !prepared.status.is_success() {
            return false;
        }
        let prepared: PreparedRequest = prepared.ok();
        let credential = responder.device.sign(&prepared.ceremony.options).await;
        let body = FileRequest { idempotency_key: uuid::Uuid::now_v7(), ceremony: prepared.ceremony.ceremony, credential };
        let filed = responder.post(paths::REQUESTS, &body).await;
        if filed.status.is_success() {
            self.requests[case] = Some(filed.ok::<RequestView>().id);
            self.pages[case].clear();
        }
        filed.status.is_success()
    }

    pub(super) async fn cancel(&mut self, case: usize) -> bool {
        let Some(before) = self.view(case).await else { return false };
        let answer = self.responders[responder_of(case)].post(&paths::request_cancel_of(before.id), &json!({})).await;
        let is_cancelled = |view: &RequestView| matches!(view.state, RequestState::Cancelled);
        !is_cancelled(&before) && is_cancelled(&answer.ok::<RequestView>())
    }

    pub(super) async fn sign(&mut self, who: usize, word: Word) -> bool {
        let dispatcher = &mut self.dispatchers[who];
        let signed = match word {
            Word::One(case, verdict) => {
                let Some(id) = self.requests[case] else { return false };
                let prepared = dispatcher.prepare_decision(id, verdict).await;
                if !prepared.status.is_success() {
                    return false;
                }
                (paths::decision_of(id), dispatcher.signed_decision(&prepared.ok::<PreparedDecision>()).await)
            }
            Word::Many(cases) => {
                let of = |case: &usize| cases & 1 << case != 0;
                let Some(ids) = (0..CASES).filter(of).map(|case| self.requests[case]).collect::<Option<Vec<_>>>() else {
                    return false;
                };
                let prepared = dispatcher.post(paths::BULK_PREPARE, &json!({ "requests": ids })).await;
                if !prepared.status.is_success() {
                    return false;
                }
                let ceremony = prepared.ok::<PreparedBulk>().ceremony;
                let credential = dispatcher.device.sign(&ceremony.options).await;
                (paths::BULK.to_owned(), DecideBody { ceremony: ceremony.ceremony, credential })
            }
        };
        self.signed[who] = Some(signed);
        true
    }

    /// What was sent once is sent again: it counts for nothing more.
    pub(super) async fn send(&mut self, who: usize) -> bool {
        let Some((path, body)) = &self.signed[who] else { return false };
        self.dispatchers[who].post(path, body).await.status.is_success()
    }

    pub(super) async fn alone(&mut self, case: usize) -> bool {
        let Some(id) = self.requests[case] else { return false };
        let responder = &mut self.responders[responder_of(case)];
        let prepared = responder.prepare_override(id).await;
        if !prepared.status.is_success() {
            return false;
        }
        let body = responder.signed_override(&prepared.ok::<PreparedOverride>()).await;
        let a = responder.post(&paths::override_of(id), &body).await;
        a.status.is_success()
    }

    /// Tries to open a record wherever its request stands.
    pub(super) async fn open(&mut self, case: usize) -> bool {
        let Some(id) = self.requests[case] else { return false };
        let state = self.view(case).await.map(|view| view.state);
        let responder = &mut self.responders[responder_of(case)];
        let opened = if let Some(RequestState::Approved { .. } | RequestState::Released { .. }) = &state {
            responder.try_open(id).await
        } else {
            let refused = responder.try_release(id, &PageKey::new().unwrap().point()).await.refusal();
            Err(NotOpened::Refused(refused.code))
        };
        let was_open = matches!(
            &state,
            Some(RequestState::Released { grant, .. }) if matches!(grant.state, GrantState::Active { .. })
        );
        let is_open = self.took(case, opened);
        // What a page still has the address of goes out in its window and never after.
        for (_, _, document) in &self.pages[case] {
            let sent = self.responders[responder_of(case)].get(document).await.status.is_success();
            assert_eq!(sent, is_open || was_open, "a document of case {case}");
        }
        is_open
    }

    pub(super) async fn open_twice(&mut self, case: usize) -> bool {
        let state = self.view(case).await.map(|view| view.state);
        let Some(RequestState::Approved { .. } | RequestState::Released { .. }) = state else { return self.open(case).await };
        let id = self.requests[case].unwrap();
        let (mut one, mut other) = (self.responders[responder_of(case)].clone(), self.responders[responder_of(case)].clone());
        let (one, other) = tokio::join!(one.try_open(id), other.try_open(id));
        let (one, other) = (self.took(case, one), self.took(case, other));
        assert_eq!(one, other, "both open it, or neither");
        one
    }

    fn took(&mut self, case: usize, opened: Result<Opened, NotOpened>) -> bool {
        match opened {
            Ok(opened) => {
                assert_eq!(opened.content, b"{}");
                let document = paths::grant_document_of(opened.release.grant, opened.release.documents[0].id);
                self.pages[case].push((opened.release.grant, opened.secret, document));
                true
            }
            Err(NotOpened::Refused(
                ProblemCode::WindowOver
                | ProblemCode::WrongState
                | ProblemCode::LockedDown
                | ProblemCode::NotSignedIn
                | ProblemCode::OtherSession,
            )) => false,
            Err(other) => panic!("{other:?}"),
        }
    }

    pub(super) async fn end(&mut self, who: usize, case: usize) -> bool {
        let Some(id) = self.requests[case] else { return false };
        let sql = "select id from access_grant where request_id = $1";
        let grant: Option<String> = sqlx::query_scalar(sql).bind(id.to_string()).fetch_optional(&self.database).await.unwrap();
        let Some(grant) = grant else { return false };
        let path = paths::grant_revoke_of(grant.parse().unwrap());
        self.dispatchers[who].post(&path, &json!({ "reason": "" })).await.status.is_success()
    }

    pub(super) async fn done(&mut self, case: usize) -> bool {
        let pages = std::mem::take(&mut self.pages[case]);
        for (grant, secret, _) in &pages {
            self.responders[responder_of(case)].wiped(*grant, *secret, WipeCause::Done).await.done();
        }
        !pages.is_empty()
    }

    pub(super) async fn administer(&mut self, path: &str) -> bool {
        // What is bound to a fresh sign-in is tested elsewhere.
        self.admins[0].sign_in().await;
        self.admins[0].post(path, &json!({})).await.status.is_success()
    }

    pub(super) async fn lock(&mut self, act: LockdownAct) -> bool {
        let [one, other] = &mut self.admins;
        for admin in [&mut *one, &mut *other] {
            admin.sign_in().await.done();
        }
        let is_locked = one.get(paths::LOCKDOWN).await.ok::<LockdownBoard>().now.is_some();
        if is_locked == (act == LockdownAct::Begin) {
            return false;
        }
        let proposal = one.propose(act).await;
        other.confirm(proposal).await.status.is_success()
    }
}
