//! One call to the outside: a POST that is answered by a status, soon.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use url::Url;

/// How long a call may take, from the look-up of the name to the answer's head.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why something was not sent.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// Nobody answered in time.
    #[error("no answer within 10 seconds")]
    TooSlow,
    /// The address cannot be called.
    #[error("the address cannot be called")]
    NoAddress,
    /// No connection, or it broke. Says nothing of the address, which is a secret where it is a device's.
    #[error("the connection failed")]
    NoConnection,
}

/// The line to the outside.
#[derive(Clone)]
pub struct Line(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Line {
    /// A line that trusts whom this machine trusts.
    pub fn open() -> std::io::Result<Self> {
        let connector = HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1().build();
        // A connection is used once: push services are many, and what came over one stays in its buffers.
        Ok(Self(Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector)))
    }

    /// Sends a body. The answer's own body is not read, however long it is, and a redirect is an answer like any other.
    pub async fn post(&self, url: &Url, headers: HeaderMap, body: Vec<u8>) -> Result<StatusCode, NotSent> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(url.as_str())
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| NotSent::NoAddress)?;
        *request.headers_mut() = headers;
        request.headers_mut().insert(header::USER_AGENT, header::HeaderValue::from_static("halligan"));
        let answer = tokio::time::timeout(PATIENCE, self.0.request(request)).await.map_err(|_| NotSent::TooSlow)?;
        answer.map(|answer| answer.status()).map_err(|_| NotSent::NoConnection)
    }
}
