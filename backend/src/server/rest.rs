//! How long a connection may stay while nothing is asked over it.
//!
//! HTTP/1 knows such a limit by itself. HTTP/2 asks the other end whether it is still there, and whoever says yes for ever would
//! keep a place for ever: so calls are counted here, each until the last byte of its answer, and a stream of events is one.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Once},
    task::{Context, Poll},
    time::Duration,
};

use axum::{body::Body, response::Response};
use axum_server::ConnectionShutdown;
use hyper::{
    Request,
    body::{Bytes, Frame, Incoming, SizeHint},
};
use tokio::sync::watch;
use tower::Service;

use super::PING;

/// What answers over one connection, and closes it when nothing was asked for so long.
#[derive(Clone)]
pub(super) struct Resting<S> {
    service: S,
    connection: Arc<Connection>,
}

struct Connection {
    rest: Duration,
    /// How many calls are under way.
    calls: watch::Sender<usize>,
    watched: Once,
}

impl<S> Resting<S> {
    pub(super) fn new(service: S, rest: Duration) -> Self {
        Self { service, connection: Arc::new(Connection { rest, calls: watch::Sender::new(0), watched: Once::new() }) }
    }
}

impl<S> Service<Request<Incoming>> for Resting<S>
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send + 'static>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        let call = Call::begin(&self.connection);
        // The door of a connection comes with its first call; how long that may take is limited elsewhere.
        if let Some(door) = request.extensions().get::<ConnectionShutdown>() {
            let (calls, rest, door) = (self.connection.calls.subscribe(), self.connection.rest, door.clone());
            self.connection.watched.call_once(|| {
                tokio::spawn(async move {
                    if rested(calls.clone(), rest).await {
                        // The other end is told first, and may have just asked something. It has to confirm that; if it
                        // does not, it is not waited for.
                        door.graceful_shutdown();
                        if rested(calls, PING).await {
                            door.shutdown();
                        }
                    }
                });
            });
        }
        let answer = self.service.call(request);
        Box::pin(async move { answer.await.map(|answer| answer.map(|body| Body::new(Sending { body, _call: call }))) })
    }
}

/// Waits until nothing was under way for so long; `false` when the connection ended before.
async fn rested(mut calls: watch::Receiver<usize>, rest: Duration) -> bool {
    loop {
        if calls.wait_for(|calls| *calls == 0).await.is_err() {
            return false;
        }
        tokio::select! {
            // Also when a call came and went: then the rest begins anew.
            another = calls.changed() => if another.is_err() { return false },
            () = tokio::time::sleep(rest) => return true,
        }
    }
}

/// A call under way, until it is dropped.
struct Call(Arc<Connection>);

impl Call {
    fn begin(connection: &Arc<Connection>) -> Self {
        connection.calls.send_modify(|calls| *calls += 1);
        Self(Arc::clone(connection))
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.0.calls.send_modify(|calls| *calls = calls.saturating_sub(1));
    }
}

/// The body of an answer, which belongs to its call.
struct Sending {
    body: Body,
    _call: Call,
}

impl hyper::body::Body for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
