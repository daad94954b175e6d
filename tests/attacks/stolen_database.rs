//! Somebody walks off with a copy of the database, taken while a record was open.

use halligan_shared::{bytes::Bytes, member::Role, statement::Verdict};

use crate::support::TestPortal;

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[tokio::test]
async fn it_holds_no_bracelet_no_share_and_nothing_of_the_patient() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"CANARY-7QX").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let request = responder.ask(&reference).await.id;
    portal.member("DSP-1", &[Role::Dispatcher]).await.decide(request, Verdict::Approve).await;
    let opened = responder.open(request).await;
    assert_eq!(opened.content, b"CANARY-7QX");
    let cookie = responder.cookie.clone().unwrap();
    let stolen = portal.files();
    let digest = Bytes(*reference.digest().as_bytes()).to_hex();
    assert!(holds(&stolen, digest.as_bytes()), "the search finds what is there");
    let share1 = opened.release.share1.as_bytes();
    for (what, secret) in [
        ("the typed reference", reference.to_text().as_bytes()),
        ("the scanned reference", reference.to_compact().as_bytes()),
        ("the patient", b"CANARY-7QX".as_slice()),
        ("share 1", share1),
        ("share 1 in hexadecimal", Bytes(*share1).to_hex().as_bytes()),
        ("the session's cookie", cookie.split_once('=').unwrap().1.as_bytes()),
    ] {
        assert!(!holds(&stolen, secret), "{what} is in the database");
    }
}
