//! A member opens stream after stream of events, each of which keeps a connection and is written at every change.

use axum::http::StatusCode;
use halligan_shared::{member::Role, paths};

use crate::support::TestPortal;

const STREAMS_MAX: usize = 12;

#[tokio::test]
async fn a_member_listens_to_a_dozen_streams_and_no_more() {
    let portal = TestPortal::start().await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let mut other = portal.member("DSP-2", &[Role::Dispatcher]).await;
    let mut open = Vec::new();
    for _ in 0..STREAMS_MAX {
        let stream = dispatcher.listen(paths::DESK_EVENTS).await;
        assert_eq!(stream.status(), StatusCode::OK);
        open.push(stream);
    }
    assert_eq!(dispatcher.listen(paths::DESK_EVENTS).await.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(other.listen(paths::DESK_EVENTS).await.status(), StatusCode::OK);
    open.pop();
    assert_eq!(dispatcher.listen(paths::DESK_EVENTS).await.status(), StatusCode::OK, "a closed one makes room");
}
