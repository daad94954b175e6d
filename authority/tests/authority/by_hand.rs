//! Requests signed by hand, by the text of the specification (AWS General Reference, "Create a signed AWS API request"), so that the
//! check does not agree with its own signer only: canonical query, blanks in headers, order of headers, digests, presigned forms.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::{raw, support::TestAuthority};

const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
const DATE: &str = "20261123T100000Z";

/// One request: as it is sent, and as it is said to have been signed.
#[derive(Clone)]
struct Request {
    /// Behind the question mark: on the wire, and canonical.
    query: (&'static str, &'static str),
    /// Headers beside `host` and `x-amz-date`: name, value on the wire, canonical value. In the order of the wire.
    headers: Vec<(&'static str, String, String)>,
    service: &'static str,
}

impl Request {
    fn plain() -> Self {
        Self { query: ("", ""), headers: Vec::new(), service: "sts" }
    }

    fn with(mut self, name: &'static str, wire: &str, canonical: &str) -> Self {
        self.headers.push((name, wire.to_owned(), canonical.to_owned()));
        self
    }

    /// What the authority answers.
    async fn send(&self, authority: &TestAuthority) -> String {
        let host = authority.connection.endpoint.strip_prefix("http://").unwrap();
        let mut signed: Vec<(&str, &str)> = vec![("host", host), ("x-amz-date", DATE)];
        signed.extend(self.headers.iter().map(|(name, _, canonical)| (*name, canonical.as_str())));
        signed.sort_unstable();
        let names = signed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let lines = signed.iter().flat_map(|(name, value)| [*name, ":", *value, "\n"]).collect::<String>();
        let canonical = format!("POST\n/\n{}\n{lines}\n{names}\n{}", self.query.1, digest(BODY.as_bytes()));
        let scope = format!("{}/{}/{}/aws4_request", &DATE[..8], authority.connection.region, self.service);
        let to_sign = format!("AWS4-HMAC-SHA256\n{DATE}\n{scope}\n{}", digest(canonical.as_bytes()));
        let first = format!("AWS4{}", *authority.connection.secret_access_key);
        let key = [&DATE[..8], &authority.connection.region, self.service, "aws4_request"]
            .iter()
            .fold(first.into_bytes(), |key, part| mac(&key, part.as_bytes()));
        let signature = hex(&mac(&key, to_sign.as_bytes()));
        let credential = format!("{}/{scope}", authority.connection.access_key_id);

        let question = if self.query.0.is_empty() { "" } else { "?" };
        let mut head = format!("POST /{question}{} HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded\r\n", self.query.0);
        for (name, wire, _) in &self.headers {
            head = head + name + ":" + wire + "\r\n";
        }
        head = head + "x-amz-date: " + DATE + "\r\nauthorization: AWS4-HMAC-SHA256 Credential=" + &credential;
        head = head + ", SignedHeaders=" + &names + ", Signature=" + &signature + "\r\n";
        raw::exchange(authority, &head, BODY.as_bytes()).await
    }
}

fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[tokio::test]
async fn what_is_signed_by_the_specification_is_accepted() {
    let authority = TestAuthority::start().await;
    let query = |wire, canonical| Request { query: (wire, canonical), ..Request::plain() };
    for (what, request) in [
        ("nothing special", Request::plain()),
        ("headers out of order", Request::plain().with("x-zebra", " 1", "1").with("accept", " a", "a")),
        ("repeated blanks", Request::plain().with("x-amz-meta", "   a   b  c ", "a b c")),
        ("an empty header", Request::plain().with("x-amz-meta", "", "")),
        ("a query out of order", query("b=2&a=1&a=0", "a=0&a=1&b=2")),
        ("a query with escapes", query("a=%20x%2F&b", "a=%20x%2F&b=")),
        ("the body's digest", Request::plain().with("x-amz-content-sha256", &digest(BODY.as_bytes()), &digest(BODY.as_bytes()))),
    ] {
        let answer = request.send(&authority).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{what}: {answer}");
    }
}

#[tokio::test]
async fn what_is_signed_otherwise_is_not() {
    let authority = TestAuthority::start().await;
    let query = |wire, canonical| Request { query: (wire, canonical), ..Request::plain() };
    let wrong = digest(b"another body");
    for (what, request) in [
        ("blanks kept", Request::plain().with("x-amz-meta", "a   b", "a   b")),
        ("another value", Request::plain().with("x-amz-meta", " a", "b")),
        ("a query as it stands", query("b=2&a=1", "b=2&a=1")),
        ("no query", query("a=1", "")),
        ("another digest", Request::plain().with("x-amz-content-sha256", &wrong, &wrong)),
        ("no digest", Request::plain().with("x-amz-content-sha256", "UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD")),
        ("another service", Request { service: "kms", ..Request::plain() }),
    ] {
        let answer = request.send(&authority).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{what}: {answer}");
        assert!(answer.contains("<Code>SignatureDoesNotMatch</Code>"), "{what}: {answer}");
    }
}

#[tokio::test]
async fn a_presigned_request_is_refused_in_words() {
    let authority = TestAuthority::start().await;
    for line in ["GET", "POST"] {
        let query = "Action=GetCallerIdentity&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00";
        let answer = raw::exchange(&authority, &format!("{line} /?{query} HTTP/1.1\r\n"), b"").await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert!(answer.contains("<Code>IncompleteSignature</Code>") && answer.contains("presigned"), "{answer}");
    }
}
