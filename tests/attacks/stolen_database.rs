//! Somebody walks off with a copy of the database, taken while a record was open.

use std::fmt::Write as _;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use halligan_shared::{member::Role, reference::Reference, statement::Verdict};

use crate::support::TestPortal;

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// The bytes as they are, and in every form in which this portal or its libraries write bytes.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let hex = secret.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    let list = serde_json::to_vec(secret).unwrap();
    vec![
        secret.to_vec(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        STANDARD_NO_PAD.encode(secret).into_bytes(),
        URL_SAFE_NO_PAD.encode(secret).into_bytes(),
        list[1..list.len() - 1].to_vec(),
    ]
}

#[tokio::test]
async fn it_holds_no_bracelet_no_share_and_nothing_of_the_patient() {
    let portal = TestPortal::start().await;
    let bits = 0x3c1f_9a52_e07d_64b8_1753_cafe_8b29_d046_u128.to_be_bytes();
    let reference = Reference::from_bytes(bits);
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    assert!(registrar.seal_as(b"CANARY-7QX", None, Some(&reference)).await.status.is_success());
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let request = responder.ask(&reference).await.id;
    portal.member("DSP-1", &[Role::Dispatcher]).await.decide(request, Verdict::Approve).await;
    let opened = responder.open(request).await;
    assert_eq!(opened.content, b"CANARY-7QX");
    let cookie = responder.cookie.clone().unwrap();
    let stolen = portal.files();
    assert!(forms(reference.digest().as_bytes()).iter().any(|form| holds(&stolen, form)), "the search finds what is there");
    for (what, secret) in [
        ("the typed reference", reference.to_text().as_bytes()),
        ("the scanned reference", reference.to_compact().as_bytes()),
        ("the reference's bits", &bits),
        ("the patient", b"CANARY-7QX".as_slice()),
        ("share 1", &opened.share1),
        ("the session's cookie", cookie.split_once('=').unwrap().1.as_bytes()),
        // The key that cookies are signed by is there: without an id nobody makes one that counts.
        ("the session's id", &cookie.as_bytes()[cookie.len() - 22..]),
    ] {
        for form in forms(secret) {
            assert!(!holds(&stolen, &form), "{what} is in the database");
        }
    }
}
