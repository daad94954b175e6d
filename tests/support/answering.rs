//! Something at an address that answers every call alike, in place of an authority that is away or says yes to everything.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

/// Where it is, and how often it was called.
pub(crate) struct Answering {
    pub(crate) endpoint: String,
    calls: Arc<AtomicUsize>,
}

impl Answering {
    /// With this status and nothing else.
    pub(crate) async fn with(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&calls);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::SeqCst);
                let mut call = Vec::new();
                while !is_whole(&call) {
                    stream.read_buf(&mut call).await.unwrap();
                }
                let answer =
                    format!("HTTP/1.1 {status}\r\ncontent-type: text/xml\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { endpoint, calls }
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// Whether as much has come as the headers say.
fn is_whole(call: &[u8]) -> bool {
    let text = String::from_utf8_lossy(call);
    let Some((headers, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = headers.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok());
    length.is_none_or(|length| body.len() >= length)
}
