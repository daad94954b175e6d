//! Something between the portal and the embedded authority that does what networks, clouds and their operators do: holds calls up, cuts
//! them off, says other things in the authority's place. What it passes on, the authority itself answers.
//!
//! One call a connection, so that what is said of the next call holds for it whatever the SDK keeps open.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    http::Request,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{Notify, Semaphore},
    task::JoinHandle,
};
use tower::ServiceExt as _;

/// What becomes of a call.
#[derive(Clone)]
pub(crate) enum Does {
    /// It is answered this much later.
    Late(Duration),
    /// It is never answered.
    Hang,
    /// It is passed on once the test lets it go.
    Held(Arc<Gate>),
    /// Its connection is closed.
    Cut,
    /// It is refused with this status and code, in the form of the service that was asked.
    Refuses(u16, &'static str),
    /// It is answered by these bytes in place of the authority's.
    Says(String),
    /// It is answered by the authority up to the end of this text, and then by what cannot be read.
    EndsAfter(&'static str),
    /// The next so many calls are answered so, and those after them by the authority.
    Times(usize, Box<Does>),
}

/// Where calls wait.
pub(crate) struct Gate {
    came: Notify,
    open: Semaphore,
}

impl Gate {
    /// Closed.
    pub(crate) fn closed() -> Arc<Self> {
        Arc::new(Self { came: Notify::new(), open: Semaphore::new(0) })
    }

    /// Comes back when a call waits.
    pub(crate) async fn reached(&self) {
        self.came.notified().await;
    }

    /// Lets every call go, now and later.
    pub(crate) fn open(&self) {
        self.open.add_permits(1);
    }
}

impl Does {
    /// AWS's word for a refusal.
    pub(crate) const fn refuses(status: u16, code: &'static str) -> Self {
        Self::Refuses(status, code)
    }

    /// An answer with this status, these headers and this body.
    pub(crate) fn answers(status: &str, headers: &str, body: &str) -> Self {
        Self::Says(spelled(status, headers, body))
    }
}

/// A relay at an address of its own.
pub(crate) struct Relay {
    pub(crate) endpoint: String,
    plan: Arc<Mutex<Plan>>,
    /// Until the relay is closed.
    serving: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Plan {
    /// By the call's name; that of `*` for all others.
    does: HashMap<&'static str, Does>,
    /// The calls that came, in order, whatever became of them.
    asked: Vec<String>,
    /// What STS gave out: access key ids, secrets and tokens.
    issued: Vec<String>,
}

impl Relay {
    /// In front of this authority.
    pub(crate) async fn start(authority: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let plan = Arc::new(Mutex::new(Plan::default()));
        let relayed = Arc::clone(&plan);
        let serving = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(relay(stream, authority.clone(), Arc::clone(&relayed)));
            }
        });
        Self { endpoint, plan, serving: Some(serving) }
    }

    /// From now on calls of this name, `*` for all that are not named, come to this.
    pub(crate) fn plant(&self, call: &'static str, does: Does) {
        self.plan.lock().unwrap().does.insert(call, does);
    }

    /// From now on everything is passed on.
    pub(crate) fn mend(&self) {
        self.plan.lock().unwrap().does.clear();
    }

    /// Nothing listens at the address any more.
    pub(crate) fn close(&mut self) {
        self.serving.take().unwrap().abort();
    }

    /// How many calls of this name came, tries of the same one included.
    pub(crate) fn asked(&self, call: &str) -> usize {
        self.plan.lock().unwrap().asked.iter().filter(|asked| *asked == call).count()
    }

    /// What STS gave out, whether or not it came through: of each credential its id, its secret and its token.
    pub(crate) fn issued(&self) -> Vec<String> {
        self.plan.lock().unwrap().issued.clone()
    }

    /// How many calls came at all.
    pub(crate) fn all_asked(&self) -> usize {
        self.plan.lock().unwrap().asked.len()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

impl Plan {
    fn of(&mut self, call: &str) -> Option<Does> {
        self.asked.push(call.to_owned());
        let named = if self.does.contains_key(call) { call } else { "*" };
        match self.does.get_mut(named)? {
            Does::Times(0, _) => None,
            Does::Times(left, inner) => {
                *left -= 1;
                Some((**inner).clone())
            }
            does => Some(does.clone()),
        }
    }
}

async fn relay(mut stream: TcpStream, authority: Router, plan: Arc<Mutex<Plan>>) {
    let Some(request) = read(&mut stream).await else { return };
    let (parts, body) = request.into_parts();
    let is_kms = parts.headers.contains_key("x-amz-target");
    let name = match parts.headers.get("x-amz-target") {
        Some(target) => target.to_str().unwrap().rsplit('.').next().unwrap().to_owned(),
        None => form_urlencoded::parse(&body).find(|(name, _)| name == "Action").unwrap().1.into_owned(),
    };
    let does = plan.lock().unwrap().of(&name);
    match &does {
        Some(Does::Hang) => std::future::pending().await,
        Some(Does::Cut | Does::Times(..)) => return,
        Some(Does::Says(bytes)) => {
            // Whoever asked may have hung up.
            let _ = stream.write_all(bytes.as_bytes()).await;
            return;
        }
        Some(Does::Refuses(status, code)) => {
            let _ = stream.write_all(refusal(*status, code, is_kms).as_bytes()).await;
            return;
        }
        Some(Does::Late(time)) => tokio::time::sleep(*time).await,
        Some(Does::Held(gate)) => {
            gate.came.notify_one();
            drop(gate.open.acquire().await.unwrap());
        }
        Some(Does::EndsAfter(_)) | None => {}
    }
    let answer = authority.oneshot(Request::from_parts(parts, Body::from(body))).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let text = String::from_utf8_lossy(&body);
    for name in ["AccessKeyId", "SecretAccessKey", "SessionToken"] {
        let value = text.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once('<'));
        plan.lock().unwrap().issued.extend(value.map(|(value, _)| value.to_owned()));
    }
    let body = match does {
        Some(Does::EndsAfter(end)) => {
            let (said, _) = text.split_once(end).unwrap();
            Bytes::from([said, end, "<<"].concat())
        }
        _ => body,
    };
    let mut bytes = format!("HTTP/1.1 {}\r\nconnection: close\r\ncontent-length: {}\r\n", parts.status, body.len()).into_bytes();
    for (name, value) in parts.headers.iter().filter(|(name, _)| *name != "content-length") {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    let _ = stream.write_all(&bytes).await;
}

fn refusal(status: u16, code: &str, is_kms: bool) -> String {
    let (kind, body) = if is_kms {
        ("application/x-amz-json-1.1", format!(r#"{{"__type":"{code}","message":"as planted"}}"#))
    } else {
        (
            "text/xml",
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>as planted</Message></Error></ErrorResponse>"
            ),
        )
    };
    spelled(&format!("{status} Planted"), &format!("content-type: {kind}\r\n"), &body)
}

fn spelled(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

/// A call, with the headers that its signature covers as they came.
async fn read(stream: &mut TcpStream) -> Option<Request<Vec<u8>>> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap().split(' ');
    let mut request = Request::builder().method(first.next().unwrap()).uri(first.next().unwrap());
    let mut length = 0;
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().unwrap();
        }
        request = request.header(name, value);
    }
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(request.body(body).unwrap())
}
