//! Server-sent events: the whole picture each time something may have changed, so that a browser that reconnects is
//! up to date with its first event and nothing has to be replayed.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, stream};
use halligan_shared::id::RequestId;
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

type Events = Sse<axum::response::sse::KeepAliveStream<std::pin::Pin<Box<dyn Stream<Item = Result<Event, Infallible>> + Send>>>>;

/// The changes of one request.
pub(super) async fn request(
    State(portal): State<Portal>,
    session: Session,
    Extension(paces): Extension<Arc<Paces>>,
    Who(who): Who,
    Id(id): Id<RequestId>,
) -> Result<Events, Refused> {
    portal.request_of(&who, id).await?;
    let place = paces.stream(who.member.id)?;
    Ok(live(portal, session, place, move |portal, who| async move {
        let request = portal.request_of(&who, id).await?;
        Ok(serde_json::to_string(&portal.request_view(&who, request).await?).ok())
    }))
}

/// The changes of the desk.
pub(super) async fn desk(
    State(portal): State<Portal>,
    session: Session,
    Extension(paces): Extension<Arc<Paces>>,
    Who(who): Who,
) -> Result<Events, Refused> {
    let place = paces.stream(who.member.id)?;
    Ok(live(portal, session, place, |portal, who| async move { Ok(to_text(&portal.desk(&who).await?)) }))
}

fn to_text(picture: &impl Serialize) -> Option<String> {
    serde_json::to_string(picture).ok()
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
fn live<P, F>(portal: Portal, session: Session, place: Place, picture: P) -> Events
where
    P: Fn(Portal, SignedIn) -> F + Send + 'static,
    F: Future<Output = Result<Option<String>, Refused>> + Send,
{
    let watching = Watching { changes: portal.changes(), portal, session, picture, first: true, _place: place };
    let pictures: std::pin::Pin<Box<dyn Stream<Item = Result<Event, Infallible>> + Send>> =
        Box::pin(stream::unfold(watching, |mut watching| async move {
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
            let text = (watching.picture)(watching.portal.clone(), who).await.ok().flatten()?;
            Some((Ok(Event::default().event("picture").data(text)), watching))
        }));
    Sse::new(pictures).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}
