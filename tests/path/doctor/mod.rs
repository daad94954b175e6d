//! Before the emergency: each misconfiguration is found by name, whoever asks and however. Planted one by one, each against the embedded
//! authority or a real file, with everything else in order.

mod authority;
mod portal;

use std::{pin::pin, time::Duration};

use axum::http::{Method, StatusCode};
use halligan_backend::{
    aws::{Authority, AuthoritySettings},
    config::{Premises, Settings},
    services::{Examined, Item},
    store::{AuditFilter, Store},
};
use halligan_shared::{
    member::Role,
    paths,
    wire::{Checks, Grade},
};
use serde_json::json;

use crate::support::{Does, TestPortal, so_far};

/// What is looked at, to be misset by a test.
pub(super) struct Planted {
    pub(super) portal: TestPortal,
    pub(super) settings: Settings,
    pub(super) authority: AuthoritySettings,
    /// Another database than the portal's.
    pub(super) store: Option<Result<Store, String>>,
}

impl Planted {
    /// A portal in order, on which a record was sealed and asked for.
    pub(super) async fn fine() -> Self {
        Self::with(TestPortal::start().await).await
    }

    pub(super) async fn with(portal: TestPortal) -> Self {
        let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
        portal.member("EMS-1", &[Role::Responder]).await.ask(&reference).await;
        let mut settings = portal.portal.settings().clone();
        settings.premises = Premises { data: Some(portal.folder().to_owned()), certificate: None };
        let authority = portal.authority_settings();
        Self { portal, settings, authority, store: None }
    }

    pub(super) async fn examine(&self) -> Checks {
        let authority = Authority::connect(self.authority.clone(), self.portal.portal.clock().clone()).await;
        let store = match &self.store {
            None => Ok(self.portal.portal.store()),
            Some(other) => other.as_ref().map_err(Clone::clone),
        };
        Examined { settings: &self.settings, authority: Ok(&authority), store, now: self.portal.portal.clock().now() }
            .examine()
            .await
    }

    /// Fails unless exactly these checks fail.
    pub(super) async fn is_found(&self, items: &[Item]) -> Checks {
        let checks = self.examine().await;
        let expected: Vec<_> = items.iter().map(|item| item.id()).collect();
        assert_eq!(checks.ids(Grade::Fails), expected, "{checks:#?}");
        for check in checks.checks.iter().filter(|check| check.grade == Grade::Fails) {
            assert!(!check.advice.is_empty() && !check.found.is_empty(), "{check:?}");
        }
        checks
    }
}

#[tokio::test]
async fn a_portal_in_order_fails_nothing_and_nothing_is_opened_by_looking() {
    let planted = Planted::fine().await;
    let checks = planted.is_found(&[]).await;
    assert_eq!(checks.grade(), Grade::Fine, "{checks:#?}");
    assert_eq!(checks.checks.len(), Item::ALL.len());
    assert_eq!((planted.portal.calls("Decrypt"), planted.portal.calls("DeriveSharedSecret")), (0, 0));
    assert_eq!(planted.portal.calls("GenerateDataKey"), 1, "the one that was sealed by");
}

#[tokio::test]
async fn an_admin_looks_and_the_log_says_so() {
    let mut portal = TestPortal::relayed().await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let mut other = portal.member("AUD-1", &[Role::Auditor, Role::Dispatcher]).await;
    assert_eq!(other.raw(Method::POST, paths::DOCTOR, json!({})).await.status, StatusCode::FORBIDDEN);
    let checks: Checks = admin.call(Method::POST, paths::DOCTOR, None, "application/json").await.ok();
    assert_eq!(checks.ids(Grade::Fails), Vec::<&str>::new(), "{checks:#?}");
    portal.relay().plant("DeriveSharedSecret", Does::refuses(400, "AccessDeniedException"));
    let checks: Checks = admin.call(Method::POST, paths::DOCTOR, None, "application/json").await.ok();
    assert_eq!(checks.ids(Grade::Fails), [Item::Derive.id()]);
    let filter = AuditFilter { kind: Some("doctor.asked".into()), limit: 9, ..AuditFilter::default() };
    let events = portal.portal.audit(filter).await.unwrap().events;
    assert_eq!((events.len(), &events[0].facts["fails"]), (2, &json!([Item::Derive.id()])));
    assert_eq!(events[0].actor.as_deref(), Some("ADM-1"));
    // Each look asks the authority a dozen things.
    let mut refused = None;
    for _ in 0..12 {
        let answer = admin.call(Method::POST, paths::DOCTOR, None, "application/json").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            refused = answer.retry_after();
            break;
        }
    }
    assert!(refused.is_some_and(|seconds| seconds > 0 && Duration::from_secs(seconds.unsigned_abs()) < Duration::from_mins(1)));
}

#[tokio::test]
async fn who_hangs_up_has_looked_and_the_log_has_it_and_nobody_looks_beside_them() {
    let portal = TestPortal::start().await;
    portal.member("ADM-1", &[Role::Admin]).await;
    let mut other = portal.member("ADM-2", &[Role::Admin]).await;
    let who = portal.past_the_gate("ADM-1").await;
    assert!(so_far(pin!(portal.portal.examine(&who)), 1).await.is_none(), "it takes longer than that");
    // What was begun goes on: until it is over, somebody else is told so.
    let mut told = Vec::new();
    let begun = async {
        while !portal.kinds().await.contains(&"doctor.asked".to_owned()) {
            told.push(other.call(Method::POST, paths::DOCTOR, None, "application/json").await.status);
        }
    };
    tokio::time::timeout(Duration::from_mins(1), begun).await.unwrap();
    assert_eq!(told.first(), Some(&StatusCode::CONFLICT));
}
