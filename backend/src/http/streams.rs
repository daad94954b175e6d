//! How many streams of events are listened to at once.
//!
//! The newest one counts: the page that somebody looks at was opened last, and a stream whose other end went away without a word
//! must not keep it out. Whose stream ends for that may come again, and is the newest then.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use halligan_shared::id::{MemberId, SignInId};
use tokio::sync::Notify;

use crate::domain::member::SignedIn;

/// Most streams of one session: a page has one, and a browser opens six connections to one host over HTTP/1.
const SESSION_MAX: usize = 6;
/// Most streams of one member: a dispatcher has some screens, and a phone.
const MEMBER_MAX: usize = 12;

/// Who listens, oldest first.
#[derive(Default)]
pub(super) struct Streams(Mutex<HashMap<MemberId, VecDeque<Listener>>>);

struct Listener {
    sign_in: SignInId,
    lost: Arc<Notify>,
}

impl Streams {
    /// A place for one more stream, which the oldest has to make where there is none.
    pub(super) fn open(self: &Arc<Self>, who: &SignedIn) -> Place {
        let lost = Arc::new(Notify::new());
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = streams.entry(who.member.id).or_default();
        let of_session = || own.iter().enumerate().filter(|(_, listener)| listener.sign_in == who.sign_in);
        let goes = if of_session().count() >= SESSION_MAX {
            of_session().next().map(|(place, _)| place)
        } else {
            (own.len() >= MEMBER_MAX).then_some(0)
        };
        if let Some(listener) = goes.and_then(|place| own.remove(place)) {
            listener.lost.notify_one();
        }
        own.push_back(Listener { sign_in: who.sign_in, lost: Arc::clone(&lost) });
        Place { member: who.member.id, lost, streams: Arc::clone(self) }
    }
}

/// A stream's place, free again as soon as one of those who hold it drops it: the stream's work, or the answer that it goes out by.
#[derive(Clone)]
pub(super) struct Place {
    member: MemberId,
    lost: Arc<Notify>,
    streams: Arc<Streams>,
}

impl Place {
    /// Waits until a newer stream has the place.
    pub(super) async fn lost(&self) {
        self.lost.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut streams = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = streams.get_mut(&self.member) {
            own.retain(|listener| !Arc::ptr_eq(&listener.lost, &self.lost));
            if own.is_empty() {
                streams.remove(&self.member);
            }
        }
    }
}
