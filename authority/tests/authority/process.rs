//! Starting and stopping.

use std::net::SocketAddr;

use halligan_authority::{Authority, Settings, StartError};

use crate::support::{TestAuthority, TestClock};

#[tokio::test]
async fn it_listens_on_loopback_only() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[2001:db8::1]:0"] {
        let settings = Settings { listen: address.parse().unwrap(), keys_file: None };
        let refused = Authority::start(settings, TestClock::new().authority()).await.err();
        assert!(matches!(refused, Some(StartError::NotLoopback(_))), "{address}: {refused:?}");
    }
}

#[tokio::test]
async fn a_taken_port_is_said_to_be_taken() {
    let authority = TestAuthority::start().await;
    let listen: SocketAddr = authority.connection.endpoint.strip_prefix("http://").unwrap().parse().unwrap();
    let refused = Authority::start(Settings { listen, keys_file: None }, TestClock::new().authority()).await.err();
    assert!(matches!(refused, Some(StartError::Listen { .. })), "{refused:?}");
}

#[tokio::test]
async fn after_a_shutdown_nothing_answers() {
    let authority = TestAuthority::start().await;
    let sts = authority.sts(authority.backend());
    assert!(sts.get_caller_identity().send().await.is_ok());
    // The client keeps its connection open; that must not hold up the shutdown.
    authority.authority.shutdown().await;
    assert!(sts.get_caller_identity().send().await.is_err());
}

#[tokio::test]
async fn many_calls_at_once_are_all_answered() {
    let authority = TestAuthority::start().await;
    let (data_key, blob) = authority.data_key("ab").await;
    let grant = authority.grant("ab").await;
    let calls: Vec<_> = (0..64)
        .map(|_| {
            let request = grant.decrypt().ciphertext_blob(blob.clone()).encryption_context(crate::support::RECORD, "ab");
            tokio::spawn(request.send())
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().plaintext().unwrap().as_ref(), data_key);
    }
}
