//! Sign-in, invitations, the session.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use halligan_shared::wire;
use tower_sessions::Session;

use super::{
    body::Body,
    browser::At,
    gate::{self, Who},
    problem::Refused,
};
use crate::{
    domain::member::SignedIn,
    services::{Fault, Portal, Stay},
};

/// The answer to a sign-out. What pages can store goes with it, and the worker that shows notices (W3C Clear Site Data, section 3.1, `storage`),
/// also where the page is gone before it could see to that. Cookies do not: the session's is taken back by name, and the one that the browser is
/// known by (see `browser`) stays. It says nothing of who was here, and without it whoever signs in next would be counted among strangers.
pub(super) struct SignedOut;

impl IntoResponse for SignedOut {
    fn into_response(self) -> Response {
        ([("clear-site-data", "\"storage\"")], ()).into_response()
    }
}

pub(super) async fn health() -> &'static str {
    "ok"
}

pub(super) async fn start(
    State(portal): State<Portal>,
    Body(body): Body<wire::StartSignIn>,
) -> Result<Json<wire::Ceremony>, Refused> {
    Ok(Json(portal.start_sign_in(body.agency_id.as_ref()).await?))
}

pub(super) async fn finish(
    State(portal): State<Portal>,
    session: Session,
    browser: At,
    Body(body): Body<wire::FinishSignIn>,
) -> Result<Json<wire::Session>, Refused> {
    let stay = portal.finish_sign_in(body.ceremony, &body.credential, browser.mark.as_deref()).await?;
    entered(portal, session, browser, stay).await
}

pub(super) async fn session(State(portal): State<Portal>, Who(who): Who, browser: At) -> Result<Json<wire::Session>, Refused> {
    Ok(Json(portal.session_view(&who, browser.mark.as_deref()).await?))
}

pub(super) async fn sign_out(State(portal): State<Portal>, session: Session, browser: At) -> Result<SignedOut, Refused> {
    match gate::who(&portal, &session).await? {
        Some(who) => portal.sign_out(&who, browser.mark.as_deref()).await?,
        // Whoever presses it wants nothing left here, and maybe never knew that the session was over already.
        None => portal.leave_unknown(browser.mark.as_deref()).await?,
    }
    session.flush().await?;
    Ok(SignedOut)
}

pub(super) async fn sign_out_everywhere(
    State(portal): State<Portal>,
    session: Session,
    Who(who): Who,
) -> Result<SignedOut, Refused> {
    portal.sign_out_everywhere(&who).await?;
    session.flush().await?;
    Ok(SignedOut)
}

pub(super) async fn view_invitation(
    State(portal): State<Portal>,
    Body(body): Body<wire::InvitationToken>,
) -> Result<Json<wire::InvitationView>, Refused> {
    Ok(Json(portal.view_invitation(&body.token).await?))
}

pub(super) async fn start_joining(
    State(portal): State<Portal>,
    Body(body): Body<wire::InvitationToken>,
) -> Result<Json<wire::Ceremony>, Refused> {
    Ok(Json(portal.start_joining(&body.token).await?))
}

pub(super) async fn finish_joining(
    State(portal): State<Portal>,
    session: Session,
    browser: At,
    Body(body): Body<wire::FinishInvitation>,
) -> Result<Json<wire::Session>, Refused> {
    let stay = portal.finish_joining(body).await?;
    entered(portal, session, browser, stay).await
}

/// Whoever else was signed in at this browser is signed out by it, with every window that was open: the cookie is another's now. And the
/// browser is told of nobody else's notices any more. Who hangs up meanwhile finds none of it half done.
async fn entered(portal: Portal, session: Session, browser: At, stay: Stay) -> Result<Json<wire::Session>, Refused> {
    let entering = tokio::spawn(async move {
        let who = portal.signed_in(stay).await?.ok_or(Refused::NotSignedIn)?;
        let entered = in_place_of_others(&portal, &session, browser.mark.as_deref(), (stay, &who)).await;
        // Maybe no browser has the new session: nothing goes on in it.
        if entered.is_err()
            && let Err(error) = portal.sign_out(&who, None).await
        {
            tracing::error!(%error, "a sign-in of which its browser was told that it failed still stands");
        }
        entered
    });
    entering.await.map_err(|_| Fault::Internal)?
}

async fn in_place_of_others(
    portal: &Portal,
    session: &Session,
    browser: Option<&str>,
    (stay, who): (Stay, &SignedIn),
) -> Result<Json<wire::Session>, Refused> {
    let before = gate::who(portal, session).await?;
    portal.succeed(before.as_ref(), who, browser).await?;
    gate::enter(session, stay).await?;
    // Whoever is in is in: what could not be ended now ends with the sign-out.
    if let Some(browser) = browser
        && let Err(error) = portal.leave_to(who, browser).await
    {
        tracing::error!(%error, "a browser is still told of another member's notices");
    }
    Ok(Json(portal.session_view(who, browser).await?))
}
