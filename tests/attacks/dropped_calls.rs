//! A caller hangs up while the end of a window is being written: the window ends, and what has to follow follows. Or while they sign in again:
//! what goes on in the new session is not left in one that nobody can enter.

use std::{pin::pin, time::Duration};

use halligan_backend::{domain::member::SignedIn, services::Fault};
use halligan_shared::{
    bytes::Secret32,
    grant::WipeCause,
    member::Role,
    wire::{self, RequestState},
};

use crate::support::{Client, Opened, TestPortal, so_far};

/// More steps than any of these calls has.
const STEPS_MAX: usize = 10_000;
/// So many calls whose database was quicker than the hanging up are no accident.
const TRIES: usize = 100;

/// A record open at EMS-1, approved by DSP-1.
struct Scene {
    portal: TestPortal,
    opened: Opened,
    responder: SignedIn,
    dispatcher: SignedIn,
}

impl Scene {
    async fn set() -> Self {
        let portal = TestPortal::start().await;
        let (_, opened) = portal.opened(b"the record").await;
        let (responder, dispatcher) = (portal.past_the_gate("EMS-1").await, portal.past_the_gate("DSP-1").await);
        Self { portal, opened, responder, dispatcher }
    }

    fn holds(&self) -> bool {
        self.portal.portal.authority().holds(self.opened.release.grant)
    }

    async fn make(&self, call: Call) -> Result<(), Fault> {
        let (house, grant) = (&self.portal.portal, self.opened.release.grant);
        match call {
            Call::Revoke => house.revoke(&self.dispatcher, grant, &wire::RevokeBody { reason: String::new() }).await,
            Call::SignOut => house.sign_out(&self.responder, None).await,
            Call::Wipe => {
                let body = wire::WipedBody { cause: WipeCause::Left, secret: Secret32::new(self.opened.secret) };
                house.wiped(grant, &body).await
            }
        }
    }

    /// Makes a call again and again, each time hanging up one step later, until it has left something in the log. Whether that
    /// was without its answer: a database that was quick may have taken it further by one step than the time before.
    async fn is_hung_up_at_the_commit(&self, call: Call) -> bool {
        let before = self.portal.kinds().await.len();
        for steps in 1..STEPS_MAX {
            let answer = so_far(pin!(self.make(call)), steps).await;
            // Writers stand in line: behind this one, what was begun before is over.
            drop(self.portal.portal.store().begin().await.unwrap());
            if self.portal.kinds().await.len() > before {
                return answer.is_none();
            }
        }
        panic!("{call:?} left nothing in the log in {STEPS_MAX} steps");
    }
}

/// What ends a window, or needs its credentials no more.
#[derive(Debug, Clone, Copy)]
enum Call {
    Revoke,
    SignOut,
    /// By a page that may come back: the window goes on.
    Wipe,
}

#[tokio::test]
async fn an_end_whose_caller_hangs_up_leaves_no_credentials_and_tells_the_pages() {
    for call in [Call::Revoke, Call::SignOut, Call::Wipe] {
        assert!(Box::pin(hung_up_at_the_commit(call)).await, "no call of {TRIES} was met while it wrote: {call:?}");
    }
}

/// Whether one of the tries met the commit, and then whether what has to follow did.
async fn hung_up_at_the_commit(call: Call) -> bool {
    for _ in 0..TRIES {
        let scene = Box::pin(Scene::set()).await;
        let changes = scene.portal.portal.changes();
        if scene.is_hung_up_at_the_commit(call).await {
            assert!(!scene.holds(), "{call:?}");
            assert!(changes.has_changed().unwrap(), "{call:?}");
            return true;
        }
    }
    false
}

#[tokio::test]
async fn a_sign_in_whose_caller_hangs_up_keeps_what_goes_on_in_it() {
    let mut met = 0;
    for _ in 0..TRIES {
        let portal = TestPortal::start().await;
        let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
        let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"the record").await;
        let request = responder.ask(&reference).await.id;
        if is_hung_up_where_it_goes_on(&portal, &mut responder).await {
            let unheard = "select count(*) from http_session h join stay s on s.id = h.sign_in_id where s.unheard_at is not null";
            let written = async {
                while portal.count(unheard).await == 0 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(Duration::from_secs(20), written).await.expect("nobody can enter the session");
            responder.sign_in().await.done();
            let view = responder.request(request).await;
            assert!(view.here && matches!(view.state, RequestState::Pending { .. }), "{view:?}");
            met += 1;
        }
        // One may have been met where all was done but the answer.
        if met == 5 {
            return;
        }
    }
    panic!("{met} sign-ins of {TRIES} were met while they wrote");
}

/// Signs in again and again, each time hanging up one step later, until one has taken the place of the sign-in before. Whether that was
/// without its answer.
async fn is_hung_up_where_it_goes_on(portal: &TestPortal, client: &mut Client) -> bool {
    for steps in 1..STEPS_MAX {
        let ceremony = client.start_sign_in(None).await;
        let credential = client.device.sign(&ceremony.options).await;
        let answer = so_far(pin!(client.finish_sign_in(&ceremony, &credential)), steps).await;
        drop(portal.portal.store().begin().await.unwrap());
        if portal.kinds().await.contains(&"sign_in.followed".to_owned()) {
            return answer.is_none();
        }
    }
    panic!("no sign-in followed another in {STEPS_MAX} steps");
}

#[tokio::test]
async fn credentials_without_an_open_window_are_forgotten_whatever_ended_it() {
    for end in ["update access_grant set ending = 'revoked', ended_at = 1", "delete from access_grant"] {
        let scene = Box::pin(Scene::set()).await;
        scene.portal.portal.sweep().await.unwrap();
        assert!(scene.holds(), "the window is open");
        // Behind the portal's back: no step of its own ended this window.
        assert_eq!(scene.portal.tamper("delete from opening").await, 1);
        assert_eq!(scene.portal.tamper(end).await, 1);
        scene.portal.portal.sweep().await.unwrap();
        assert!(!scene.holds(), "{end}");
    }
}
