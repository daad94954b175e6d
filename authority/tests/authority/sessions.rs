//! Session credentials: whose they are, how long they last, and that no two can be mixed.

use aws_credential_types::Credentials;
use aws_sdk_kms::primitives::Blob;
use time::Duration;

use crate::support::{RECORD, START, TestAuthority, code, credentials, session};

async fn decrypt(authority: &TestAuthority, who: Credentials, blob: &Blob) -> Option<String> {
    let request = authority.kms(who).decrypt().ciphertext_blob(blob.clone()).encryption_context(RECORD, "ab");
    let outcome = request.send().await;
    if outcome.is_ok() { None } else { Some(code(outcome)) }
}

#[tokio::test]
async fn a_session_ends_at_its_second() {
    let authority = TestAuthority::start().await;
    let (_, blob) = authority.data_key("ab").await;
    let who = session(&authority.decrypter().send().await.unwrap());
    let end = START + Duration::seconds(900);
    let expired = Some("ExpiredTokenException".to_owned());
    for (now, expected) in
        [(end - Duration::SECOND, None), (end - Duration::NANOSECOND, None), (end, expired.clone()), (end + Duration::DAY, expired)]
    {
        authority.clock.set(now);
        assert_eq!(decrypt(&authority, who.clone(), &blob).await, expected, "{now}");
    }
    assert_eq!(code(authority.sts(who).get_caller_identity().send().await), "ExpiredToken");
}

#[tokio::test]
async fn a_session_begun_inside_a_second_lasts_no_longer_than_it_says() {
    let authority = TestAuthority::start().await;
    let (_, blob) = authority.data_key("ab").await;
    authority.clock.set(START + Duration::milliseconds(700));
    let who = session(&authority.decrypter().send().await.unwrap());
    authority.clock.set(START + Duration::seconds(900));
    assert_eq!(decrypt(&authority, who, &blob).await.as_deref(), Some("ExpiredTokenException"));
}

#[tokio::test]
async fn two_sessions_each_have_their_own_limits_and_cannot_be_mixed() {
    let authority = TestAuthority::start().await;
    let (_, blob) = authority.data_key("ab").await;
    let until = START + Duration::minutes(5);
    let of = |record: &str| authority.decrypter_for(record).policy(authority.grant_policy(record, until).to_string()).send();
    let (right, other) = (session(&of("ab").await.unwrap()), session(&of("cd").await.unwrap()));
    assert_eq!(decrypt(&authority, right.clone(), &blob).await, None);
    assert_eq!(decrypt(&authority, other.clone(), &blob).await.as_deref(), Some("AccessDeniedException"));

    let token = |of: &Credentials| of.session_token().map(str::to_owned);
    let swapped = credentials(other.access_key_id(), other.secret_access_key(), token(&right));
    assert_eq!(decrypt(&authority, swapped, &blob).await.as_deref(), Some("UnrecognizedClientException"));
    let renamed = credentials(right.access_key_id(), other.secret_access_key(), token(&right));
    assert_eq!(decrypt(&authority, renamed, &blob).await.as_deref(), Some("InvalidSignatureException"));
}

#[tokio::test]
async fn credentials_that_nobody_issued_are_unknown() {
    let authority = TestAuthority::start().await;
    let (_, blob) = authority.data_key("ab").await;
    let good = session(&authority.decrypter().send().await.unwrap());
    let token = good.session_token().unwrap().to_owned();
    let (id, secret) = (good.access_key_id(), good.secret_access_key());
    let (backend_id, backend_secret) = (&authority.connection.access_key_id, &authority.connection.secret_access_key);
    let mut flipped = token.clone();
    let replacement = if flipped.ends_with('A') { "B" } else { "A" };
    flipped.replace_range(40..41, replacement);
    for (name, who) in [
        ("an unknown access key", credentials("AKIAAAAAAAAAAAAAAAAA", "secret", None)),
        ("a session's key without its token", credentials(id, secret, None)),
        ("an empty token", credentials(id, secret, Some(String::new()))),
        ("a garbled token", credentials(id, secret, Some("garbled".to_owned()))),
        ("an altered token", credentials(id, secret, Some(flipped))),
        ("a cut token", credentials(id, secret, Some(token[..token.len() - 4].to_owned()))),
        ("the backend's key with a session's token", credentials(backend_id, backend_secret, Some(token.clone()))),
        ("a session's token under a made-up key", credentials("ASIAAAAAAAAAAAAAAAAA", secret, Some(token.clone()))),
    ] {
        assert_eq!(decrypt(&authority, who.clone(), &blob).await.as_deref(), Some("UnrecognizedClientException"), "{name}");
        assert_eq!(code(authority.sts(who).get_caller_identity().send().await), "InvalidClientTokenId", "{name}");
    }
}

#[tokio::test]
async fn another_estates_session_is_unknown() {
    let (here, there) = (TestAuthority::start().await, TestAuthority::start().await);
    let foreign = session(&there.decrypter().send().await.unwrap());
    assert_eq!(code(here.sts(foreign).get_caller_identity().send().await), "InvalidClientTokenId");
}
