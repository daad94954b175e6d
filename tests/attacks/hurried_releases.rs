//! Many first releases at once: every one that gets shares has an event, a commitment and KMS calls of its own.

use crate::support::TestPortal;

const AT_ONCE: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_release_of_many_at_once_goes_unlogged() {
    let portal = TestPortal::start().await;
    let (mut responder, request) = portal.approved(b"the record").await;
    let point = responder.point(request).await;

    let pages: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let mut page = responder.clone();
            tokio::spawn(async move { page.try_release(request, &point).await.status.is_success() })
        })
        .collect();
    let mut opened = 0;
    for page in pages {
        opened += usize::from(page.await.unwrap());
    }

    let kinds = portal.kinds().await;
    let count = |kind: &str| kinds.iter().filter(|found| *found == kind).count();
    let events = count("record.opened") + count("record.opened_again");
    assert!(opened >= 1);
    assert_eq!(count("record.opened"), 1, "the window starts once");
    assert!(opened <= events, "{opened} openings, {events} events");
    assert_eq!(portal.count("select count(*) from opening").await, i64::try_from(events).unwrap(), "each owes a receipt");
    assert!(portal.calls("Decrypt") >= opened && portal.calls("DeriveSharedSecret") >= opened, "each by calls of its own");
}
