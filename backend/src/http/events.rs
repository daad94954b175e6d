//! Server-sent events: the whole picture each time something may have changed, so that a browser that reconnects is
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
use tokio::sync::watch;
use tower_sessions::Session;

use super::{
    body::Id,
    gate::{self, Who},
    pace::{Paces, Stream as Place},
    problem::Refused,
};
use crate::{domain::member::SignedIn, services::Portal};

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
    Extension(paces): Extension<Arc<Paces>>,
    Who(who): Who,
    Id(id): Id<RequestId>,
) -> Result<Pictures<wire::RequestView>, Refused> {
    portal.request_of(&who, id).await?;
    let place = paces.stream(who.member.id)?;
    Ok(live(portal, session, place, move |portal, who| async move {
        let request = portal.request_of(&who, id).await?;
        Ok(portal.request_view(&who, request).await?)
    }))
}

/// The changes of the desk.
pub(super) async fn desk(
    State(portal): State<Portal>,
    session: Session,
    Extension(paces): Extension<Arc<Paces>>,
    Who(who): Who,
) -> Result<Pictures<wire::Desk>, Refused> {
    let place = paces.stream(who.member.id)?;
    Ok(live(portal, session, place, |portal, who| async move { Ok(portal.desk(&who).await?) }))
}

struct Watching<P> {
    portal: Portal,
    session: Session,
    changes: watch::Receiver<u64>,
    picture: P,
    first: bool,
    _place: Place,
}

/// A stream of pictures, one at once and one after each change, while the session lives.
fn live<T, P, F>(portal: Portal, session: Session, place: Place, picture: P) -> Pictures<T>
where
    T: Serialize,
    P: Fn(Portal, SignedIn) -> F + Send + 'static,
    F: Future<Output = Result<T, Refused>> + Send,
{
    let watching = Watching { changes: portal.changes(), portal, session, picture, first: true, _place: place };
    let events = Box::pin(stream::unfold(watching, |mut watching| async move {
        if !watching.first && watching.changes.changed().await.is_err() {
            return None;
        }
        watching.first = false;
        watching.changes.mark_unchanged();
        // Read anew each time: the session may have been ended from elsewhere, and then the stream ends with it. The
        // browser's next attempt is refused, which is how the page learns.
        let who = match watching.session.load().await {
            Ok(()) => gate::who(&watching.portal, &watching.session).await.ok().flatten()?,
            Err(_) => return None,
        };
        let picture = (watching.picture)(watching.portal.clone(), who).await.ok()?;
        let text = serde_json::to_string(&picture).ok()?;
        Some((Ok(Event::default().event("picture").data(text)), watching))
    }));
    Pictures { events, picture: PhantomData }
}
