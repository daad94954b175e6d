//! A stranger tries agency ids at the sign-in, to learn who is a member.

use halligan_shared::{
    member::Role,
    paths,
    wire::{Ceremony, Problem, ProblemCode, Session},
};
use serde_json::{Value, json};

use crate::support::{Client, TestPortal};

/// The credential ids that a ceremony offers.
fn ids(ceremony: &Ceremony) -> Vec<String> {
    let list = ceremony.options["publicKey"]["allowCredentials"].as_array().unwrap();
    list.iter().map(|passkey| passkey["id"].as_str().unwrap().to_owned()).collect()
}

/// Everything of the options but what is random in them: ids become their lengths.
fn shape(ceremony: &Ceremony) -> Value {
    let mut options = ceremony.options.clone();
    let challenge = options["publicKey"]["challenge"].as_str().unwrap().len();
    options["publicKey"]["challenge"] = json!(challenge);
    for passkey in options["publicKey"]["allowCredentials"].as_array_mut().unwrap() {
        passkey["id"] = json!(passkey["id"].as_str().unwrap().len());
    }
    options
}

/// An answer by a passkey of the stranger's own, under another credential id.
async fn forged(stranger: &Client, ceremony: &Ceremony, id: Option<&str>) -> Value {
    let mut options = ceremony.options.clone();
    options["publicKey"]["allowCredentials"] = json!([]);
    let mut credential = stranger.device.sign(&options).await;
    if let Some(id) = id {
        credential["id"] = json!(id);
        credential["rawId"] = json!(id);
        credential["response"].as_object_mut().unwrap().remove("userHandle");
    }
    credential
}

fn words(problem: Problem) -> Problem {
    Problem { request_id: String::new(), ..problem }
}

#[tokio::test]
async fn an_id_that_is_nobodys_looks_like_one_that_is_somebodys() {
    let mut portal = TestPortal::start().await;
    for id in ["EMS-1", "EMS-2"] {
        portal.member(id, &[Role::Responder]).await;
    }
    let mut stranger = portal.stranger();
    let (known, unknown) = (stranger.start_sign_in(Some("EMS-1")).await, stranger.start_sign_in(Some("EMS-404")).await);
    assert_eq!(ids(&known).len(), 1);
    assert_eq!(shape(&known), shape(&unknown));
    assert_ne!(ids(&unknown), ids(&stranger.start_sign_in(Some("EMS-405")).await), "each id has a list of its own");

    portal.restart().await;
    let mut later = portal.stranger();
    for (ceremony, id) in [(&known, "EMS-1"), (&unknown, "EMS-404"), (&unknown, "ems-404")] {
        let again = later.start_sign_in(Some(id)).await;
        assert_eq!(ids(ceremony), ids(&again), "{id}: the same at every asking");
        assert_ne!(ceremony.ceremony, again.ceremony);
    }
}

#[tokio::test]
async fn failing_by_a_made_up_passkey_is_failing_by_a_real_one() {
    let portal = TestPortal::start().await;
    portal.member("EMS-1", &[Role::Responder]).await;
    let kept_out: Session = portal.member("EMS-3", &[Role::Responder]).await.get(paths::SESSION).await.ok();
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    assert!(admin.post(&paths::member_suspend_of(kept_out.member.id), &json!(null)).await.status.is_success());
    let mut insider = portal.member("EMS-2", &[Role::Responder]).await.other_browser();
    let mut refusals = Vec::new();
    for id in ["EMS-1", "EMS-3", "EMS-404"] {
        let before = portal.kinds().await.len();
        let ceremony = insider.start_sign_in(Some(id)).await;
        let offered = ids(&ceremony).remove(0);
        let credential = forged(&insider, &ceremony, Some(&offered)).await;
        refusals.push(words(insider.finish_sign_in(&ceremony, &credential).await.refusal()));
        assert_eq!(portal.kinds().await[before..], ["passkey.refused"], "{id}: as much is written, so it takes as long");
    }
    assert_eq!(refusals[0].code, ProblemCode::SignInFailed);
    assert!(refusals.iter().all(|refusal| *refusal == refusals[0]));
}

#[tokio::test]
async fn another_members_passkey_does_not_finish_it() {
    let portal = TestPortal::start().await;
    portal.member("EMS-1", &[Role::Responder]).await;
    let mut insider = portal.member("EMS-2", &[Role::Responder]).await.other_browser();
    for id in ["EMS-1", "EMS-404"] {
        let ceremony = insider.start_sign_in(Some(id)).await;
        let credential = forged(&insider, &ceremony, None).await;
        assert_eq!(insider.finish_sign_in(&ceremony, &credential).await.refusal().code, ProblemCode::SignInFailed, "{id}");
    }
    let ceremony = insider.start_sign_in(None).await;
    let credential = forged(&insider, &ceremony, None).await;
    assert!(insider.finish_sign_in(&ceremony, &credential).await.status.is_success(), "the passkey itself is good");
}
