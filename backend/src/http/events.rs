//! Server-sent events: the whole picture each time it is another, so that a browser that reconnects is
//! up to date with its first event and nothing has to be replayed.

use std::{convert::Infallible, marker::PhantomData, pin::Pin, sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{Stream, stream};
use halligan_shared::{id::RequestId, wire};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use tokio::sync::{Notify, mpsc, watch};
use tower_sessions::Session;

use super::{
    body::Id,
    gate::{self, Who},
    problem::Refused,
    streams::{Place, Streams},
};
use crate::{
    domain::{door::View, member::SignedIn},
    services::Portal,
};

/// How often a stream looks whether its session is over. Listening is no activity: without a change to tell, nothing else would
/// wake it.
const LOOK: Duration = Duration::from_secs(1);

/// A stream whose every event is a whole `T`.
pub(super) struct Pictures<T> {
    events: Pin<Box<dyn Stream<Item = Result<Event, Infallible>> + Send>>,
    picture: PhantomData<fn() -> T>,
}

impl<T> IntoResponse for Pictures<T> {
    fn into_response(self) -> Response {
        Sse::new(self.events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response()
    }
}

/// The changes of one request.
pub(super) async fn request(
    State(portal): State<Portal>,
    session: Session,
    Extension(streams): Extension<Arc<Streams>>,
    Who(who): Who,
    Id(id): Id<RequestId>,
) -> Result<Pictures<wire::RequestView>, Refused> {
    portal.request_of(&who, id).await?;
    let place = streams.open(&who);
    Ok(live(portal, session, place, Some(View::Request), move |portal, who| async move {
        let request = portal.request_of(&who, id).await?;
        Ok(portal.request_view(&who, request).await?)
    }))
}

/// The changes of the desk.
pub(super) async fn desk(
    State(portal): State<Portal>,
    session: Session,
    Extension(streams): Extension<Arc<Streams>>,
    Who(who): Who,
) -> Result<Pictures<wire::Desk>, Refused> {
    let place = streams.open(&who);
    let desk = portal.open_desk(who.member.id);
    Ok(live(portal, session, place, Some(View::Desk), move |portal, who| {
        // On a screen for as long as its stream lives.
        let _ = &desk;
        async move { Ok(portal.live_desk(&who).await?) }
    }))
}

/// The changes of the member's notices.
pub(super) async fn notices(
    State(portal): State<Portal>,
    session: Session,
    Extension(streams): Extension<Arc<Streams>>,
    Who(who): Who,
) -> Result<Pictures<wire::NoticeBoard>, Refused> {
    let place = streams.open(&who);
    Ok(live(portal, session, place, None, |portal, who| async move { Ok(portal.notices(&who).await?) }))
}

/// The changes of how many notices the member has not read.
pub(super) async fn unread(
    State(portal): State<Portal>,
    session: Session,
    Extension(streams): Extension<Arc<Streams>>,
    Who(who): Who,
) -> Result<Pictures<wire::Unread>, Refused> {
    let place = streams.open(&who);
    Ok(live(portal, session, place, None, |portal, who| async move { Ok(portal.unread(&who).await?) }))
}

/// The changes of the lockdown.
pub(super) async fn lockdown(
    State(portal): State<Portal>,
    session: Session,
    Extension(streams): Extension<Arc<Streams>>,
    Who(who): Who,
) -> Result<Pictures<wire::LockdownBoard>, Refused> {
    let place = streams.open(&who);
    Ok(live(portal, session, place, Some(View::Administer), |portal, who| async move { Ok(portal.lockdown_board(&who).await?) }))
}

struct Watching<P> {
    portal: Portal,
    session: Session,
    changes: watch::Receiver<u64>,
    picture: P,
    /// The digest of what was sent last; nothing yet at first. Not the picture: what lies about can be found.
    last: Option<[u8; 32]>,
    /// Whether there may be another picture since that one was made.
    is_news: bool,
    /// What part of the portal it shows, where not everybody may see it.
    view: Option<View>,
    /// When the session is over, unless something is done in it meanwhile.
    ends: OffsetDateTime,
    place: Place,
    /// Told each time the other end has taken what it was sent.
    taken: Arc<Notify>,
    is_taken: bool,
    /// Where pictures go: one at a time, and only once the one before was taken.
    events: mpsc::Sender<Event>,
}

/// A stream of pictures, one at once and one after each change of what it shows, while the session lives.
///
/// Its work is a task of its own. An answer is asked for more only as fast as its other end takes it, which over HTTP/2 may be never:
/// the end of the place or of the session ends the task all the same, and with it all that the stream held but its last picture.
fn live<T, P, F>(portal: Portal, session: Session, place: Place, view: Option<View>, picture: P) -> Pictures<T>
where
    T: Serialize,
    P: Fn(Portal, SignedIn) -> F + Send + 'static,
    F: Future<Output = Result<T, Refused>> + Send,
{
    let (ends, own) = (portal.clock().now(), place.clone());
    let (taken, (events, pictures)) = (Arc::new(Notify::new()), mpsc::channel(1));
    let mut watching = Watching {
        changes: portal.changes(),
        portal,
        session,
        picture,
        last: None,
        is_news: true,
        view,
        ends,
        place,
        taken: Arc::clone(&taken),
        is_taken: false,
        events,
    };
    tokio::spawn(async move { while watching.tell().await.is_some() {} });
    let events = Box::pin(stream::unfold((taken, pictures, own), |(taken, mut pictures, own)| async move {
        taken.notify_one();
        let event = pictures.recv().await?;
        Some((Ok(event), (taken, pictures, own)))
    }));
    Pictures { events, picture: PhantomData }
}

impl<P> Watching<P> {
    /// Sends the next picture. `None`: nobody is to be told any more.
    async fn tell<T, F>(&mut self) -> Option<()>
    where
        T: Serialize,
        P: Fn(Portal, SignedIn) -> F,
        F: Future<Output = Result<T, Refused>>,
    {
        loop {
            self.due().await?;
            self.is_news = false;
            self.changes.mark_unchanged();
            let who = self.still().await?;
            let picture = (self.picture)(self.portal.clone(), who).await.ok()?;
            let text = serde_json::to_string(&picture).ok()?;
            // Most changes are none of what somebody looks at.
            let digest = Sha256::digest(&text).into();
            if self.last.replace(digest) != Some(digest) {
                self.is_taken = false;
                return self.events.try_send(Event::default().event("picture").data(text)).ok();
            }
        }
    }

    /// Waits until there may be something new, and the other end takes it: whoever is slow gets the newest picture, and not all
    /// that were before it. `None`: nobody is to be told any more, however little they take.
    async fn due(&mut self) -> Option<()> {
        while !(self.is_news && self.is_taken) {
            tokio::select! {
                biased;
                () = self.place.lost() => return None,
                () = self.events.closed() => return None,
                () = self.taken.notified(), if !self.is_taken => {
                    self.is_taken = true;
                    continue;
                }
                changed = self.changes.changed() => changed.ok()?,
                () = tokio::time::sleep(LOOK) => if self.portal.clock().now() < self.ends { continue },
            }
            self.is_news = true;
            if !self.is_taken {
                self.still().await?;
            }
        }
        Some(())
    }

    /// Who listens, read anew each time: the session may have run out, or have been ended from elsewhere, and then the stream
    /// ends with it. The browser's next attempt is refused, which is how the page learns.
    async fn still(&mut self) -> Option<SignedIn> {
        let (who, ends) = gate::listens(&self.portal, &self.session.id()?).await.ok()??;
        self.ends = ends;
        let sees = |view| self.portal.policies().may_see(&who.member, view);
        self.view.is_none_or(sees).then_some(who)
    }
}
