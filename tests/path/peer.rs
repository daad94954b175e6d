//! A release by either authority: the embedded one, and one that nobody here wrote. The portal is the same for both.
//!
//! Ministack's clock is the machine's, so its windows are open for minutes, or over before they begin.

use halligan_backend::aws::{AuthorityFault, Shares, Window};
use halligan_shared::{
    crypto::Point,
    door::Door,
    grant::WipeCause,
    id::{GrantId, RecordId, RequestId},
    member::Role,
    paths,
    wire::ProblemCode,
};
use serde_json::json;
use time::Duration;

use crate::support::{Set, TestPortal, Way};

const SUMMARY: &[u8] = br#"{"resourceType":"Bundle","note":"CANARY-7QX"}"#;

/// Each of these tests, by each authority.
macro_rules! by_either {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            use super::*;

            #[tokio::test]
            async fn by_the_embedded_authority() {
                super::$name(TestPortal::start().await).await;
            }

            #[tokio::test]
            async fn by_ministack() {
                super::$name(TestPortal::start_with(Set { way: Way::Ministack, ..Set::default() }).await).await;
            }
        }
    )+};
}

by_either!(
    a_record_is_read_and_its_credentials_go_with_it,
    a_revoked_grant_has_no_credentials,
    a_window_that_is_over_is_refused_by_the_authority,
    the_credentials_of_a_grant_open_no_other_record,
    a_share_of_another_record_is_refused_by_the_cipher,
);

async fn a_record_is_read_and_its_credentials_go_with_it(portal: TestPortal) {
    let (mut responder, opened) = portal.opened(SUMMARY).await;
    assert_eq!(opened.content, SUMMARY);
    assert!(portal.portal.authority().holds(opened.release.grant));
    assert!(responder.wiped(opened.release.grant, opened.secret, WipeCause::Done).await.status.is_success());
    assert!(!portal.portal.authority().holds(opened.release.grant));
}

async fn a_revoked_grant_has_no_credentials(portal: TestPortal) {
    let (mut responder, request) = portal.approved(SUMMARY).await;
    let opened = responder.open(request).await;
    assert_eq!(responder.open(request).await.content, SUMMARY, "the same credentials serve again");
    let mut dispatcher = portal.member("DSP-2", &[Role::Dispatcher]).await;
    let revoke = paths::grant_revoke_of(opened.release.grant);
    assert!(dispatcher.post(&revoke, &json!({ "reason": "" })).await.status.is_success());
    assert!(!portal.portal.authority().holds(opened.release.grant));
    let point = responder.point(request).await;
    assert_eq!(responder.try_release(request, &point).await.refusal().code, ProblemCode::WindowOver);
}

async fn a_window_that_is_over_is_refused_by_the_authority(portal: TestPortal) {
    let sealed = Sealed::of(portal).await;
    assert!(sealed.release(GrantId::fresh(), sealed.record, 60).await.is_ok());
    let fault = sealed.release(GrantId::fresh(), sealed.record, -1).await.err().unwrap();
    assert!(fault.to_string().starts_with("Decrypt was refused: AccessDeniedException"), "{fault}");
}

async fn the_credentials_of_a_grant_open_no_other_record(portal: TestPortal) {
    let sealed = Sealed::of(portal).await;
    let grant = GrantId::fresh();
    assert!(sealed.release(grant, sealed.record, 60).await.is_ok());
    let fault = sealed.release(grant, RecordId::random().unwrap(), 60).await.err().unwrap();
    assert!(fault.to_string().starts_with("Decrypt was refused: AccessDeniedException"), "{fault}");
}

async fn a_share_of_another_record_is_refused_by_the_cipher(portal: TestPortal) {
    let sealed = Sealed::of(portal).await;
    // The session policy is for that other record too, so it is not what refuses.
    let fault = sealed.release(GrantId::fresh(), RecordId::random().unwrap(), 60).await.err().unwrap();
    assert!(fault.to_string().starts_with("Decrypt was refused: InvalidCiphertextException"), "{fault}");
}

/// A record as it lies in the portal, and a point that its responder's page blinded.
struct Sealed {
    portal: TestPortal,
    request: RequestId,
    record: RecordId,
    wrapped_share: Vec<u8>,
    point: Point,
}

impl Sealed {
    async fn of(portal: TestPortal) -> Self {
        let (mut responder, request) = portal.approved(SUMMARY).await;
        let point = responder.point(request).await;
        let row = portal.portal.store().request(request).await.unwrap().unwrap();
        let wrapped_share = portal.portal.store().sealing(row.sealing).await.unwrap().unwrap().wrapped_share;
        Self { portal, request, record: row.record, wrapped_share, point }
    }

    /// A release of this share as if it were that record's, in a window that ends in so many seconds.
    async fn release(&self, grant: GrantId, record: RecordId, seconds: i64) -> Result<Shares, AuthorityFault> {
        let authority = self.portal.portal.authority();
        let window = Window {
            keys: authority.current_keys(),
            grant,
            agency_id: &"EMS-1".parse().unwrap(),
            request: self.request,
            incident: "2026-114",
            record,
            door: Door::Dispatcher,
            ends_at: self.portal.portal.clock().now() + Duration::seconds(seconds),
        };
        authority.release(&window, &self.wrapped_share, &self.point).await
    }
}
