//! A member opens stream after stream of events, each of which keeps a connection and is written at every change; leaves one
//! open on a screen that nobody sits at any more; or takes nothing of what a stream says, and so never its end.

use std::time::Duration;

use axum::{
    body::{BodyDataStream, Bytes},
    http::{Request, StatusCode, header},
};
use futures_util::StreamExt as _;
use h2::{RecvStream, client::SendRequest};
use halligan_shared::{member::Role, paths};
use serde_json::json;
use tokio::net::TcpStream;

use crate::support::{Client, ORIGIN, Served, TestPortal, here};

/// Of one session, and of one member.
const MOST: [usize; 2] = [6, 12];
/// Longest wait for what is sure to come, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

async fn listen(client: &mut Client) -> BodyDataStream {
    let stream = client.listen(paths::DESK_EVENTS).await;
    assert_eq!(stream.status(), StatusCode::OK);
    stream.into_body().into_data_stream()
}

/// Whether a stream goes on until its next picture.
async fn goes_on(stream: &mut BodyDataStream) -> bool {
    let picture = async {
        loop {
            match stream.next().await {
                // In between it says that it is still there.
                Some(event) if event.as_ref().unwrap().starts_with(b"event: picture") => return true,
                Some(_) => {}
                None => return false,
            }
        }
    };
    tokio::time::timeout(PATIENCE, picture).await.unwrap()
}

#[tokio::test]
async fn the_newest_stream_of_a_session_takes_the_place_of_the_oldest() {
    let portal = TestPortal::start().await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let mut streams = Vec::new();
    for _ in 0..=MOST[0] {
        streams.push(listen(&mut dispatcher).await);
    }
    for (place, stream) in streams.iter_mut().enumerate() {
        assert_eq!(goes_on(stream).await, place != 0, "{place}");
    }
    // A closed one makes room.
    drop(streams.pop());
    let mut next = listen(&mut dispatcher).await;
    portal.member("EMS-1", &[Role::Responder]).await;
    assert!(goes_on(&mut next).await && goes_on(&mut streams[1]).await);
}

#[tokio::test]
async fn a_member_listens_to_a_dozen_streams_and_no_more() {
    let portal = TestPortal::start().await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let mut streams = vec![listen(&mut portal.member("DSP-2", &[Role::Dispatcher]).await).await];
    let mut browsers = Vec::new();
    for _ in 0..=MOST[1] / 4 {
        let mut browser = dispatcher.other_browser();
        assert!(browser.sign_in().await.status.is_success());
        browsers.push(browser);
    }
    for place in 0..=MOST[1] {
        streams.push(listen(&mut browsers[place / 4]).await);
    }
    for (place, stream) in streams.iter_mut().enumerate() {
        assert_eq!(goes_on(stream).await, place != 1, "{place}: another's, and then from the oldest on");
    }
    assert_eq!(dispatcher.status(paths::DESK).await, StatusCode::OK);
}

#[tokio::test]
async fn a_stream_ends_with_its_session_and_nothing_has_to_happen_for_that() {
    let portal = TestPortal::start().await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let mut stream = listen(&mut dispatcher).await;
    assert!(goes_on(&mut stream).await);
    // Whatever is done in the session prolongs it, and listening is nothing done.
    portal.pass(1_799_999);
    assert_eq!(dispatcher.status(paths::SESSION).await, StatusCode::OK);
    portal.pass(1_799_999);
    // Longer than it takes to look: nothing ends it, and nothing is new.
    assert!(tokio::time::timeout(Duration::from_secs(3), goes_on(&mut stream)).await.is_err(), "it was renewed");
    portal.member("EMS-1", &[Role::Responder]).await;
    assert!(goes_on(&mut stream).await, "and goes on");
    portal.pass(1);
    assert!(!goes_on(&mut stream).await, "it rested for half an hour");
}

#[tokio::test]
async fn a_stream_ends_at_the_absolute_limit_of_its_session() {
    let portal = TestPortal::start().await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    for _ in 0..47 {
        portal.pass(900_000);
        assert_eq!(dispatcher.status(paths::SESSION).await, StatusCode::OK);
    }
    let mut stream = listen(&mut dispatcher).await;
    assert!(goes_on(&mut stream).await);
    portal.pass(900_000);
    assert!(!goes_on(&mut stream).await, "twelve hours are over");
}

/// A connection over HTTP/2 that takes no byte of any answer, but says that it is still there.
async fn takes_nothing(served: &Served) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(served.address).await.unwrap();
    let (sender, connection) = h2::client::Builder::new().initial_window_size(0).handshake(stream).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn listen_over(sender: &SendRequest<Bytes>, member: &Client) -> RecvStream {
    let mut sender = sender.clone().ready().await.unwrap();
    let request = Request::get(format!("http://localhost{}", paths::DESK_EVENTS)).header(header::ORIGIN, ORIGIN);
    let request = request.header(header::COOKIE, member.cookie.as_ref().unwrap()).body(()).unwrap();
    let answer = sender.send_request(request, true).unwrap().0.await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.into_body()
}

/// Waits until so many streams are worked for, and whether that came.
async fn are_worked_for(portal: &TestPortal, streams: usize) -> bool {
    let so_many = async {
        while portal.portal.listeners() != streams {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, so_many).await.is_ok()
}

#[tokio::test]
async fn a_stream_of_which_nothing_is_taken_ends_like_any_other() {
    let portal = TestPortal::start().await;
    let served = Served::start(&portal, here(None)).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let (one, other) = (takes_nothing(&served).await, takes_nothing(&served).await);
    let mut streams = Vec::new();
    for place in 0..3 * MOST[0] {
        streams.push(listen_over(if place % 2 == 0 { &one } else { &other }, &dispatcher).await);
    }
    assert!(are_worked_for(&portal, MOST[0]).await, "{} are", portal.portal.listeners());
    // At changes nothing is made for it, and it stays.
    portal.member("EMS-1", &[Role::Responder]).await;
    // Who gives up makes room at once.
    drop(streams.split_off(3 * MOST[0] - 2));
    assert!(are_worked_for(&portal, MOST[0] - 2).await, "{} are", portal.portal.listeners());
    // Nothing has to be said for the end of a session, nor heard.
    portal.pass(1_800_000);
    assert!(are_worked_for(&portal, 0).await, "{} are", portal.portal.listeners());

    assert!(dispatcher.sign_in().await.status.is_success());
    streams.push(listen_over(&one, &dispatcher).await);
    assert!(are_worked_for(&portal, 1).await, "{} are", portal.portal.listeners());
    dispatcher.post(paths::SIGN_OUT, &json!(null)).await.done();
    assert!(are_worked_for(&portal, 0).await, "{} are", portal.portal.listeners());
}
