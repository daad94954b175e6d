//! Signatures that are not the ones these credentials make for this request, here and now.

use aws_sdk_kms::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use time::Duration;

use crate::support::{RECORD, Rewrite, START, Tamper, TestAuthority, TestClock, code, credentials, session};

/// What happens to a request on its way.
type Tampering = fn(&mut HttpRequest);

#[tokio::test]
async fn a_wrong_secret_signs_wrongly() {
    let authority = TestAuthority::start().await;
    let who = credentials(&authority.connection.access_key_id, "wrong", None);
    assert_eq!(code(authority.sts(who.clone()).get_caller_identity().send().await), "SignatureDoesNotMatch");
    assert_eq!(code(authority.kms(who).create_key().send().await), "InvalidSignatureException");
}

#[tokio::test]
async fn what_was_signed_cannot_be_changed_on_the_way() {
    let authority = TestAuthority::start().await;
    let (_, blob) = authority.data_key("ab").await;
    let kms = authority.kms(session(&authority.decrypter().send().await.unwrap()));
    let tampers: [(&str, Tampering, &str); 9] = [
        ("the body", |request| replace(request, "\"ab\"", "\"cd\""), "InvalidSignatureException"),
        ("the operation", |request| insert(request, "x-amz-target", "TrentService.DescribeKey"), "InvalidSignatureException"),
        ("the date", |request| insert(request, "x-amz-date", "20261123T100001Z"), "InvalidSignatureException"),
        ("an unsigned x-amz header", |request| insert(request, "x-amz-extra", "1"), "InvalidSignatureException"),
        ("no token", |request| drop(request.headers_mut().remove("x-amz-security-token")), "UnrecognizedClientException"),
        ("another token", |request| insert(request, "x-amz-security-token", "garbled"), "UnrecognizedClientException"),
        (
            "a header twice",
            |request| {
                request.headers_mut().append("x-amz-target", "TrentService.Decrypt");
            },
            "IncompleteSignatureException",
        ),
        ("no date", |request| drop(request.headers_mut().remove("x-amz-date")), "IncompleteSignatureException"),
        ("no authorization", |request| drop(request.headers_mut().remove("authorization")), "MissingAuthenticationTokenException"),
    ];
    for (what, tamper, expected) in tampers {
        let request = kms.decrypt().ciphertext_blob(blob.clone()).encryption_context(RECORD, "ab");
        let outcome = request.customize().interceptor(Tamper(tamper)).send().await;
        assert_eq!(code(outcome), expected, "{what}");
    }
    let untouched = kms.decrypt().ciphertext_blob(blob).encryption_context(RECORD, "ab").send().await;
    assert!(untouched.unwrap().request_id().is_some());
}

#[tokio::test]
async fn an_sts_request_cannot_be_changed_on_the_way() {
    let authority = TestAuthority::start().await;
    let longer: Tampering = |request| replace(request, "DurationSeconds=900", "DurationSeconds=901");
    let outcome = authority.decrypter().customize().interceptor(Tamper(longer)).send().await;
    assert_eq!(code(outcome), "SignatureDoesNotMatch");
}

#[tokio::test]
async fn a_garbled_authorization_is_incomplete() {
    let authority = TestAuthority::start().await;
    let garbled: [Tampering; 6] = [
        |request| insert(request, "authorization", "Bearer abc"),
        |request| insert(request, "authorization", "AWS4-HMAC-SHA256"),
        |request| insert(request, "authorization", "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=00"),
        |request| insert(request, "authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host"),
        |request| {
            insert(request, "authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws5_request, SignedHeaders=host, Signature=0");
        },
        |request| insert(request, "x-amz-date", "yesterday"),
    ];
    for garble in garbled {
        let sts = authority.sts(authority.backend()).get_caller_identity().customize().interceptor(Tamper(garble)).send().await;
        assert_eq!(code(sts), "IncompleteSignature");
        let kms = authority.kms(authority.backend()).create_key().customize().interceptor(Tamper(garble)).send().await;
        assert_eq!(code(kms), "IncompleteSignatureException");
    }
}

#[tokio::test]
async fn a_signature_counts_for_its_region_and_service_only() {
    let authority = TestAuthority::start().await;
    let clock = authority.clock.clone();
    let elsewhere = authority.kms_in(authority.backend(), "us-east-1", clock.clone()).create_key().send().await;
    assert_eq!(code(elsewhere), "InvalidSignatureException");
    let elsewhere = authority.sts_in(authority.backend(), "us-east-1", clock).get_caller_identity().send().await;
    assert_eq!(code(elsewhere), "SignatureDoesNotMatch");

    // Signed for KMS, sent as a form to STS.
    let as_sts: Tampering = |request| {
        insert(request, "content-type", "application/x-www-form-urlencoded");
        *request.body_mut() = SdkBody::from("Action=GetCallerIdentity&Version=2011-06-15");
    };
    let request = authority.kms(authority.backend()).create_key().customize().interceptor(Rewrite(as_sts)).send().await;
    let raw = request.unwrap_err().raw_response().unwrap().body().bytes().unwrap().to_vec();
    assert!(String::from_utf8(raw).unwrap().contains("<Code>SignatureDoesNotMatch</Code>"));
}

#[tokio::test]
async fn a_date_is_within_five_minutes() {
    let authority = TestAuthority::start().await;
    for (skew, accepted) in [(-301, false), (-300, true), (0, true), (300, true), (301, false)] {
        let clock = TestClock::new();
        clock.set(START + Duration::seconds(skew));
        let region = &authority.connection.region;
        let sts = authority.sts_in(authority.backend(), region, clock.clone()).get_caller_identity().send().await;
        let kms =
            authority.kms_in(authority.backend(), region, clock).describe_key().key_id(&authority.connection.kek_arn).send().await;
        if accepted {
            assert!(sts.is_ok() && kms.is_ok(), "{skew} s");
        } else {
            assert_eq!(code(sts), "SignatureDoesNotMatch", "{skew} s");
            assert_eq!(code(kms), "InvalidSignatureException", "{skew} s");
        }
    }
}

fn insert(request: &mut HttpRequest, name: &'static str, value: &'static str) {
    request.headers_mut().insert(name, value);
}

/// Another body of the same length.
fn replace(request: &mut HttpRequest, from: &str, to: &str) {
    let body = String::from_utf8(request.body().bytes().unwrap().to_vec()).unwrap();
    assert!(body.contains(from) && from.len() == to.len(), "{body}");
    *request.body_mut() = SdkBody::from(body.replace(from, to));
}
