//! The door to the network: TLS and its renewal, plain HTTP where nobody can read along, callers who are slow or many.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    http::{Request, Response, StatusCode, header},
};
use h2::{RecvStream, client::SendRequest};
use halligan_backend::server::{Certificate, ListenFault, Listening, Server};
use halligan_shared::{member::Role, paths, wire::ProblemCode};
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        pki_types::{CertificateDer, ServerName},
    },
};

use crate::support::{ORIGIN, Served, TestPortal, here};

/// Longest wait for what is sure to come, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A certificate for localhost in a folder, and as whoever connects must know it.
fn certify(folder: &Path) -> (Certificate, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = Certificate { chain: folder.join("chain.pem"), key: folder.join("key.pem") };
    std::fs::write(&files.chain, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    (files, made.cert.der().clone())
}

async fn connect(address: SocketAddr, known: &CertificateDer<'static>, protocol: &[u8]) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(known.clone()).unwrap();
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

/// Asks whether the portal answers, over one connection of HTTP/1.
async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> String {
    let call = format!("GET {} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", paths::HEALTH);
    stream.write_all(call.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn pages_come_over_tls_by_http_1_and_http_2() {
    let (portal, folder) = (TestPortal::start().await, TempDir::new().unwrap());
    let (files, certificate) = certify(folder.path());
    let served = Served::start(&portal, here(Some(files))).await;
    let mut stream = connect(served.address, &certificate, b"http/1.1").await.unwrap();
    assert!(ask(&mut stream).await.starts_with("HTTP/1.1 200 OK"));
    let stream = connect(served.address, &certificate, b"h2").await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    // Nobody is answered without TLS.
    let mut plain = TcpStream::connect(served.address).await.unwrap();
    let call = format!("GET {} HTTP/1.1\r\nhost: localhost\r\n\r\n", paths::HEALTH);
    plain.write_all(call.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "answered without TLS");
    served.stop().await;
}

#[tokio::test]
async fn a_renewed_certificate_is_used_without_a_restart() {
    let (portal, folder, elsewhere) = (TestPortal::start().await, TempDir::new().unwrap(), TempDir::new().unwrap());
    let (files, before) = certify(folder.path());
    let look = Duration::from_millis(10);
    let served = Served::start(&portal, Listening { look, ..here(Some(files.clone())) }).await;
    assert!(connect(served.address, &before, b"http/1.1").await.is_ok());
    // In the middle of a renewal the two files do not fit each other: the one before goes on.
    let (renewed, after) = certify(elsewhere.path());
    // Whatever their dates are: what brings a renewal may keep those of others.
    for (new, old) in [(&renewed.chain, &files.chain), (&renewed.key, &files.key)] {
        let dated = std::fs::metadata(old).unwrap().modified().unwrap();
        std::fs::File::options().append(true).open(new).unwrap().set_modified(dated).unwrap();
    }
    std::fs::rename(&renewed.chain, &files.chain).unwrap();
    tokio::time::sleep(look * 10).await;
    assert!(connect(served.address, &before, b"http/1.1").await.is_ok());
    std::fs::rename(&renewed.key, &files.key).unwrap();
    let last = std::cell::RefCell::new(String::new());
    let used = async {
        loop {
            match tokio::time::timeout(PATIENCE / 10, connect(served.address, &after, b"http/1.1")).await {
                Ok(Ok(_)) => return,
                Ok(Err(error)) => *last.borrow_mut() = error.to_string(),
                Err(_) => "no answer".clone_into(&mut last.borrow_mut()),
            }
            tokio::time::sleep(look).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, used).await.is_ok(), "{}", last.borrow());
    served.stop().await;
}

#[tokio::test]
async fn what_is_no_certificate_is_refused_at_the_start() {
    let (folder, elsewhere) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (files, _) = certify(folder.path());
    let (other, _) = certify(elsewhere.path());
    for (chain, key) in
        [(files.key.clone(), files.chain.clone()), (files.chain.clone(), folder.path().join("none")), (files.chain, other.key)]
    {
        let refused = Server::bind(here(Some(Certificate { chain, key }))).await;
        assert!(matches!(refused, Err(ListenFault::Tls(_))));
    }
}

#[tokio::test]
async fn plain_http_is_spoken_only_where_nobody_can_read_along() {
    let anywhere = Listening { address: ([0, 0, 0, 0], 0).into(), ..here(None) };
    assert!(matches!(Server::bind(anywhere.clone()).await, Err(ListenFault::Plain(_))));
    assert!(Server::bind(here(None)).await.is_ok());
    // With a proxy named, nobody else is let in: this machine's own address is not that of the proxy.
    let portal = TestPortal::start().await;
    let served = Served::start(&portal, Listening { proxies: vec!["192.0.2.1/32".parse().unwrap()], ..anywhere }).await;
    let mut near = TcpStream::connect(("127.0.0.1", served.address.port())).await.unwrap();
    assert!(ask(&mut near).await.starts_with("HTTP/1.1 200 OK"));
    served.stop().await;
}

#[tokio::test]
async fn who_sends_a_call_byte_by_byte_is_cut_off() {
    let (portal, folder) = (TestPortal::start().await, TempDir::new().unwrap());
    let (files, certificate) = certify(folder.path());
    let tls = Served::start(&portal, here(Some(files))).await;
    let plain = Served::start(&portal, here(None)).await;
    // A handshake that does not come, headers that do not end, in both kinds of connection.
    let silent = TcpStream::connect(tls.address).await.unwrap();
    let mut slow = TcpStream::connect(plain.address).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nhost: loc").await.unwrap();
    let mut slow_tls = connect(tls.address, &certificate, b"http/1.1").await.unwrap();
    slow_tls.write_all(b"GET / HT").await.unwrap();
    let over = async { tokio::join!(cut_off(silent), cut_off(slow), cut_off(slow_tls)) };
    tokio::time::timeout(PATIENCE, over).await.unwrap();
    tls.stop().await;
    plain.stop().await;
}

/// Waits until the other end is gone.
async fn cut_off(mut stream: impl AsyncRead + Unpin) {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
}

#[tokio::test]
async fn headers_have_an_end() {
    let portal = TestPortal::start().await;
    let served = Served::start(&portal, here(None)).await;
    for headers in [format!("x-long: {}\r\n", "a".repeat(32 << 10)), "x-many: a\r\n".repeat(100)] {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        let call = format!("GET {} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n", paths::HEALTH);
        // The server may hang up before all of it is written.
        let _ = stream.write_all(call.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(!String::from_utf8_lossy(&answer).contains("200 OK"));
    }
    served.stop().await;
}

/// One call over HTTP/2, and its answer without the end of it.
async fn call(sender: &mut SendRequest<Bytes>, path: &str, cookie: &str) -> Response<RecvStream> {
    let request = Request::get(format!("https://localhost{path}")).header(header::ORIGIN, ORIGIN).header(header::COOKIE, cookie);
    let (answer, _) = sender.send_request(request.body(()).unwrap(), true).unwrap();
    answer.await.unwrap()
}

#[tokio::test]
async fn over_http_2_who_asks_nothing_is_let_go_and_who_listens_is_not() {
    let (portal, folder) = (TestPortal::start().await, TempDir::new().unwrap());
    let (files, certificate) = certify(folder.path());
    let served = Served::start(&portal, Listening { rest: Duration::from_secs(1), ..here(Some(files)) }).await;
    let cookie = portal.member("DSP-1", &[Role::Dispatcher]).await.cookie.unwrap();
    let [listening, resting] =
        [connect(served.address, &certificate, b"h2").await, connect(served.address, &certificate, b"h2").await];

    let (mut listener, connection) = h2::client::handshake(listening.unwrap()).await.unwrap();
    let listening = tokio::spawn(connection);
    let mut events = call(&mut listener, paths::DESK_EVENTS, &cookie).await.into_body();
    assert!(events.data().await.unwrap().is_ok());

    // The other one answers every question whether it is still there, and that is all it does.
    let (mut sender, connection) = h2::client::handshake(resting.unwrap()).await.unwrap();
    let resting = tokio::spawn(connection);
    assert_eq!(call(&mut sender, paths::HEALTH, "").await.status(), StatusCode::OK);
    tokio::time::timeout(PATIENCE, resting).await.expect("it may rest for ever").unwrap().unwrap();
    assert_eq!(call(&mut listener, paths::HEALTH, &cookie).await.status(), StatusCode::OK);
    assert!(!listening.is_finished());
    served.stop().await;
}

#[tokio::test]
async fn bodies_have_an_end() {
    let portal = TestPortal::start().await;
    let long = portal.stranger().post(paths::SIGN_IN_START, &json!({ "agency_id": "A".repeat(64 << 10) })).await;
    assert_eq!(long.refusal().code, ProblemCode::TooLarge);
}

#[tokio::test]
async fn who_sends_a_body_byte_by_byte_is_told_that_it_took_too_long() {
    let portal = TestPortal::start().await;
    let served = Served::start(&portal, here(None)).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let call = format!(
        "POST {} HTTP/1.1\r\nhost: localhost\r\norigin: {ORIGIN}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\
         connection: close\r\n\r\n{{",
        paths::SIGN_IN_START
    );
    stream.write_all(call.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    tokio::time::timeout(PATIENCE, stream.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 408");
    served.stop().await;
}
