//! Requests that no SDK would send, written byte by byte.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::TestAuthority;

/// What the authority answers to these bytes, up to the end of the connection.
pub(crate) async fn exchange(authority: &TestAuthority, head: &str, body: &[u8]) -> String {
    let address = authority.connection.endpoint.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("{head}host: {address}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(request.as_bytes()).await.unwrap();
    // The authority may answer, and close, before it has read all of a body that is too large.
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

const STS: &str = "POST / HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded; charset=utf-8\r\n";
const KMS: &str = "POST / HTTP/1.1\r\ncontent-type: application/x-amz-json-1.1\r\nx-amz-target: TrentService.Decrypt\r\n";

#[tokio::test]
async fn an_unsigned_request_gets_a_refusal_in_its_services_shape() {
    let authority = TestAuthority::start().await;
    let sts = exchange(&authority, STS, b"Action=GetCallerIdentity&Version=2011-06-15").await;
    assert!(sts.starts_with("HTTP/1.1 403 "), "{sts}");
    assert!(sts.contains("content-type: text/xml\r\n") && sts.contains("x-amzn-requestid: "), "{sts}");
    assert!(sts.contains(r#"<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>MissingAuthenticationToken</Code>"#), "{sts}");

    let kms = exchange(&authority, KMS, b"{}").await;
    assert!(kms.starts_with("HTTP/1.1 400 "), "{kms}");
    assert!(kms.contains("content-type: application/x-amz-json-1.1\r\n") && kms.contains("x-amzn-requestid: "), "{kms}");
    assert!(kms.contains(r#""__type":"MissingAuthenticationTokenException""#), "{kms}");
}

#[tokio::test]
async fn what_is_neither_service_is_not_found() {
    let authority = TestAuthority::start().await;
    for head in [
        "GET / HTTP/1.1\r\n",
        "POST / HTTP/1.1\r\n",
        "POST / HTTP/1.1\r\ncontent-type: text/plain\r\n",
        "POST /keys HTTP/1.1\r\ncontent-type: application/x-amz-json-1.1\r\n",
        "PUT / HTTP/1.1\r\ncontent-type: application/x-amz-json-1.1\r\n",
    ] {
        let answer = exchange(&authority, head, b"").await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{head}{answer}");
    }
    assert!(authority.authority.events().is_empty());
}

#[tokio::test]
async fn a_body_past_64_kib_is_refused_before_anything_else() {
    let authority = TestAuthority::start().await;
    let answer = exchange(&authority, KMS, &vec![b' '; 64 * 1024 + 1]).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let answer = exchange(&authority, KMS, &vec![b' '; 64 * 1024]).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}
