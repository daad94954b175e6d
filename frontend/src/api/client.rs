//! Calls to the portal's own backend: JSON or bytes, same origin only, never cached.
//!
//! Knows no endpoint. Guarantees that every failure becomes a [`Refusal`] with a sentence for a person, that a lost
//! session is told once, to whoever asked to hear of it, without the caller's doing, and that no call keeps a session for which nobody touched
//! the page.

use std::cell::{Cell, RefCell};

use gloo_net::http::{Method, Request, RequestBuilder};
use halligan_shared::{
    resting::{BY_ITSELF, RENEWED},
    wire::{Problem, ProblemCode},
};
use serde::{Serialize, de::DeserializeOwned};
use web_sys::{AbortSignal, RequestCache, RequestCredentials, RequestMode};
use zeroize::Zeroizing;

use crate::browser::clock::Deadline;

/// How long an answer in JSON may take, in milliseconds: a release waits for STS and KMS, twice over.
const JSON_PATIENCE: u32 = 30_000;
/// How long a sealed document may take, in milliseconds: 10 MiB over a bad mobile link of 1 Mbit/s.
const BYTES_PATIENCE: u32 = 120_000;
/// How long after a touch calls are made for it, in seconds. What follows later the page does by itself: the touch has renewed the session by then.
const TOUCHED_FOR: f64 = 2.0;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The backend refused, in words.
    Problem(Problem),
    /// Nothing of the portal's came back: no network, no backend, or something else in between.
    Offline,
    /// The portal answered, and not in this page's words.
    Unreadable,
}

impl Refusal {
    /// What happened and what to do next.
    pub fn sentence(&self) -> String {
        match self {
            Self::Problem(problem) => problem.detail.clone(),
            Self::Offline => {
                "The portal cannot be reached. Check the connection and try again; nothing you entered is lost.".to_owned()
            }
            Self::Unreadable => {
                "The portal answered in a way that this page does not understand. It may have been renewed: reload the page."
                    .to_owned()
            }
        }
    }

    /// How long to wait until the same would be taken, in seconds, if it is only for that.
    pub const fn wait(&self) -> Option<u32> {
        match self {
            Self::Problem(problem) => problem.wait,
            Self::Offline | Self::Unreadable => None,
        }
    }

    /// Whether the backend may have done what was asked, its answer lost.
    pub const fn is_in_doubt(&self) -> bool {
        matches!(self, Self::Offline | Self::Unreadable)
    }

    /// The stable code, if the backend gave one.
    pub const fn code(&self) -> Option<ProblemCode> {
        match self {
            Self::Problem(problem) => Some(problem.code),
            Self::Offline | Self::Unreadable => None,
        }
    }
}

thread_local! {
    /// When somebody last touched the page. Whoever has it loaded, which makes the first call, touches it.
    static TOUCHED: Cell<Deadline> = Cell::new(Deadline::after(0.0));
    /// When the portal last said that the session rests anew: its own word alone, whatever else answers in its place.
    static RENEWED_AT: Cell<Deadline> = Cell::new(Deadline::after(0.0));
    static ON_LAPSE: RefCell<Option<OnLapse>> = const { RefCell::new(None) };
    /// How often somebody signed in at this page, as far as it knows.
    static SIGN_INS: Cell<u32> = const { Cell::new(0) };
}

/// Why somebody has to sign in again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lapse {
    /// Nobody is signed in.
    Over,
    /// Somebody is, and for what was called signed in too long ago.
    Stale,
}

type OnLapse = Box<dyn Fn(Lapse)>;

/// Whom to tell when the backend says that somebody has to sign in. The last one to ask is told.
pub fn on_lapse(tell: impl Fn(Lapse) + 'static) {
    ON_LAPSE.set(Some(Box::new(tell)));
}

/// Notes that somebody has signed in: what was called before that, and is answered after it, tells nothing of this sign-in.
pub fn signed_in() {
    SIGN_INS.set(SIGN_INS.get().wrapping_add(1));
}

/// Notes that somebody touches the page: what is called now is called for that.
pub fn touched() {
    TOUCHED.set(Deadline::after(0.0));
}

/// Seconds for which the session has rested, a sleep of the device included.
pub fn seconds_rested() -> f64 {
    RENEWED_AT.get().elapsed()
}

/// GET, answered in JSON.
pub async fn get<T: DeserializeOwned>(path: &str) -> Result<T, Refusal> {
    decode(&exchange(call(Method::GET, path, JSON_PATIENCE).build()).await?)
}

/// POST of a JSON body.
pub async fn post<B: Serialize, T: DeserializeOwned>(path: &str, body: &B) -> Result<T, Refusal> {
    decode(&exchange(call(Method::POST, path, JSON_PATIENCE).json(body)).await?)
}

/// POST without a body.
pub async fn post_empty<T: DeserializeOwned>(path: &str) -> Result<T, Refusal> {
    decode(&exchange(call(Method::POST, path, JSON_PATIENCE).build()).await?)
}

/// PUT of a JSON body.
pub async fn put<B: Serialize, T: DeserializeOwned>(path: &str, body: &B) -> Result<T, Refusal> {
    decode(&exchange(call(Method::PUT, path, JSON_PATIENCE).json(body)).await?)
}

/// DELETE.
pub async fn delete<T: DeserializeOwned>(path: &str) -> Result<T, Refusal> {
    decode(&exchange(call(Method::DELETE, path, JSON_PATIENCE).build()).await?)
}

/// PUT of bytes.
pub async fn put_bytes<T: DeserializeOwned>(path: &str, bytes: &[u8]) -> Result<T, Refusal> {
    let body = js_sys::Uint8Array::from(bytes);
    let call = call(Method::PUT, path, BYTES_PATIENCE).header("content-type", "application/octet-stream");
    decode(&exchange(call.body(body)).await?)
}

/// GET, answered in bytes.
pub async fn get_bytes(path: &str) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    exchange(call(Method::GET, path, BYTES_PATIENCE).build()).await
}

fn call(method: Method, path: &str, patience: u32) -> RequestBuilder {
    let call = RequestBuilder::new(path)
        .method(method)
        .mode(RequestMode::SameOrigin)
        .credentials(RequestCredentials::SameOrigin)
        .cache(RequestCache::NoStore)
        .header("accept", "application/json, application/octet-stream")
        .abort_signal(Some(&AbortSignal::timeout_with_u32(patience)));
    if TOUCHED.get().elapsed() < TOUCHED_FOR { call } else { call.header(BY_ITSELF, "1") }
}

// Not generic: compiled once for all endpoints.
async fn exchange(request: Result<Request, gloo_net::Error>) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let sign_ins = SIGN_INS.get();
    let answer = request.map_err(|_| Refusal::Offline)?.send().await.map_err(|_| Refusal::Offline)?;
    if answer.headers().has(RENEWED) {
        RENEWED_AT.set(Deadline::after(0.0));
    }
    let body = Zeroizing::new(answer.binary().await.map_err(|_| Refusal::Offline)?);
    if answer.ok() {
        return Ok(body);
    }
    let problem = serde_json::from_slice::<Problem>(&body).map_err(|_| Refusal::Offline)?;
    let lapse = match problem.code {
        ProblemCode::NotSignedIn => Some(Lapse::Over),
        ProblemCode::StaleSignIn => Some(Lapse::Stale),
        _ => None,
    };
    if let Some(lapse) = lapse.filter(|_| SIGN_INS.get() == sign_ins) {
        ON_LAPSE.with_borrow(|tell| tell.iter().for_each(|tell| tell(lapse)));
    }
    Err(Refusal::Problem(problem))
}

/// An answer without a body reads as `null`, which is `()`.
fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(if body.is_empty() { b"null" } else { body }).map_err(|_| Refusal::Unreadable)
}
