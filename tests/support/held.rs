//! A call that is held open: past the gate, with half of its body still to come; or one that comes only some steps far.

use std::{convert::Infallible, future::poll_fn, pin::Pin, sync::Arc, task::Poll};

use axum::{
    body::{Body, Bytes},
    http::Method,
};
use futures_util::stream;
use tokio::{
    sync::{Notify, oneshot},
    task::JoinHandle,
};

use super::{Answer, Client};

/// A call that waits for the rest of its body.
pub(crate) struct Held {
    rest: oneshot::Sender<()>,
    answer: JoinHandle<Answer>,
}

impl Client {
    /// Begins a call with a JSON body, and comes back when the portal waits for the second half: the gate has judged by then.
    pub(crate) async fn hold(&self, method: Method, path: &str, body: &impl serde::Serialize) -> Held {
        self.hold_bytes(method, path, serde_json::to_vec(body).unwrap(), "application/json").await
    }

    /// The same with a body of any kind.
    pub(crate) async fn hold_bytes(&self, method: Method, path: &str, body: Vec<u8>, content_type: &'static str) -> Held {
        let half = body.split_at(body.len() / 2);
        let halves = (Bytes::copy_from_slice(half.0), Bytes::copy_from_slice(half.1));
        let (rest, released) = oneshot::channel();
        let asked = Arc::new(Notify::new());
        let (mut client, path, asking) = (self.clone(), path.to_owned(), Arc::clone(&asked));
        let mut answer = tokio::spawn(async move {
            let first = stream::iter([Ok::<_, Infallible>(halves.0)]);
            let second = stream::once(async move {
                asking.notify_one();
                released.await.unwrap();
                Ok(halves.1)
            });
            let held = Body::from_stream(futures_util::StreamExt::chain(first, second));
            client.call_with(method, &path, held, Some(&body), content_type).await
        });
        tokio::select! {
            () = asked.notified() => {}
            answer = &mut answer => panic!("nobody asked for the body: {}", answer.unwrap().status),
        }
        Held { rest, answer }
    }
}

impl Held {
    /// Sends the rest; how the call is answered.
    pub(crate) async fn finish(self) -> Answer {
        self.rest.send(()).unwrap();
        self.answer.await.unwrap()
    }

    /// Hangs up, as far as the body came.
    pub(crate) async fn hang_up(self) {
        self.answer.abort();
        assert!(self.answer.await.is_err());
    }
}

/// Lets a call come so many steps far, each of them up to something it has to wait for. Its answer, if it got that far.
pub(crate) async fn so_far<F: Future>(mut call: Pin<&mut F>, mut steps: usize) -> Option<F::Output> {
    poll_fn(|context| match call.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending if steps <= 1 => Poll::Ready(None),
        Poll::Pending => {
            steps -= 1;
            Poll::Pending
        }
    })
    .await
}
