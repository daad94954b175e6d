//! The gate in front of every route, and what a handler learns from it.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderName, HeaderValue, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use halligan_shared::{
    paths,
    resting::{BY_ITSELF, RENEWED},
};
use time::OffsetDateTime;
use tower_sessions::{
    Session, SessionStore as _,
    session::{Id, Record},
};

use super::{
    address::{self, Caller},
    browser::{self, Browser},
    pace::{Pace, Paces},
    problem::Refused,
};
use crate::{
    domain::{door::View, member::SignedIn},
    services::{Fault, Portal, Stay},
    store::SIGNED_IN,
};

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Whoever is signed in.
    Member,
    /// Whoever is signed in and whom the policies let into this part of the portal.
    See(View),
    /// Computer-aided dispatch, which signs each call by itself and has no session.
    Machine,
}

/// Who calls: put there by the gate, so only gated routes can have it.
pub(super) struct Who(pub(super) SignedIn);

/// Who calls, signed in a short while ago: for acts that outlive the session.
pub(super) struct Fresh(pub(super) SignedIn);

impl FromRequestParts<Portal> for Fresh {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Refused> {
        let Who(who) = Who::from_request_parts(parts, portal).await?;
        portal.require_fresh(&who)?;
        Ok(Self(who))
    }
}

impl<S: Sync> FromRequestParts<S> for Who {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        parts.extensions.get::<SignedIn>().cloned().map(Self).ok_or(Refused::NotSignedIn)
    }
}

/// The gate of one route.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) portal: Portal,
    pub(super) paces: Arc<Paces>,
    pub(super) path: &'static str,
    pub(super) access: Access,
    pub(super) pace: Pace,
    /// How long an answer may take.
    pub(super) patience: Duration,
    /// Whether it is answered with a stream of events: nobody does anything by listening, nor a browser by listening again.
    pub(super) is_stream: bool,
}

/// Lets through who may and does not come too often, with who they are attached. The body has yet to come: whoever changes
/// something is judged once more when that is done (see `Portal::begin`).
pub(super) async fn admit(State(gate): State<Gate>, session: Session, mut request: Request, next: Next) -> Response {
    if gate.pace == Pace::SignIn {
        return gate.sign_in(request, next).await.unwrap_or_else(IntoResponse::into_response);
    }
    if gate.access == Access::Machine {
        return gate.machine(request, next).await.unwrap_or_else(IntoResponse::into_response);
    }
    let browser = browser::known(&gate.portal, request.headers());
    match gate.judge(&session, browser, address::of(&request)).await {
        Ok(Some(signed_in)) => {
            let is_act = gate.is_act(&request);
            request.extensions_mut().insert(signed_in);
            let response = gate.answer(request, next).await;
            if is_act { renewed(&session, response) } else { response }
        }
        // Whoever is let in as anybody does nothing in a session.
        Ok(None) => gate.answer(request, next).await,
        Err(refused) => refused.into_response(),
    }
}

/// The answer to what a person did: the session rests anew. What ended it meanwhile stays, and of a fault of ours nothing is kept.
fn renewed(session: &Session, mut response: Response) -> Response {
    if session.id().is_some() && !response.status().is_server_error() {
        // Taken for a change, whatever it is set to, and changes are saved.
        session.set_expiry(session.expiry());
        tell_renewed(&mut response);
    }
    response
}

fn tell_renewed(response: &mut Response) {
    response.headers_mut().insert(HeaderName::from_static(RENEWED), HeaderValue::from_static("1"));
}

impl Gate {
    /// Whether a call is one of a person, who touched something for it.
    fn is_act(&self, request: &Request) -> bool {
        !self.is_stream && !request.headers().contains_key(BY_ITSELF)
    }

    /// Who calls, unless the route is not for them or they come too often.
    async fn judge(&self, session: &Session, browser: Option<Browser>, caller: Caller) -> Result<Option<SignedIn>, Refused> {
        let Some(signed_in) = who(&self.portal, session).await? else {
            match self.pace {
                Pace::First => {}
                Pace::After => self.paces.after(browser, caller)?,
                _ => self.paces.stranger(caller)?,
            }
            return if self.access == Access::Public { Ok(None) } else { Err(Refused::NotSignedIn) };
        };
        self.paces.member(self.pace, &signed_in)?;
        match self.access {
            // A machine has no session; see `machine`.
            Access::Public | Access::Machine => Ok(None),
            Access::See(view) if !self.portal.policies().may_see(&signed_in.member, view) => {
                Err(Refused::NotAllowed(self.portal.policies().roles_that_see(view)))
            }
            Access::Member | Access::See(_) => Ok(Some(signed_in)),
        }
    }

    /// A step of signing in. The browser is known again once somebody is in.
    async fn sign_in(self, request: Request, next: Next) -> Result<Response, Refused> {
        let browser = browser::known(&self.portal, request.headers());
        self.paces.sign_in(browser, address::of(&request))?;
        let mut response = self.answer(request, next).await;
        if matches!(self.path, paths::SIGN_IN_FINISH | paths::INVITATION_FINISH) && response.status().is_success() {
            // Whoever is in is in, known again or not.
            if let Ok((name, value)) = browser::remember(&self.portal, browser) {
                response.headers_mut().append(name, value);
            }
            tell_renewed(&mut response);
        }
        Ok(response)
    }

    /// A call of computer-aided dispatch, as far as its head says: whoever reads the body compares it with what was signed.
    async fn machine(self, mut request: Request, next: Next) -> Result<Response, Refused> {
        let signed = match &self.portal.settings().cad {
            Some(key) => {
                key.check(request.method(), request.uri(), request.headers(), self.portal.clock().now()).map_err(Refused::NotSigned)
            }
            None => Err(Refused::NoFeed),
        };
        match signed {
            Ok(signed) => {
                self.paces.feed(signed.signature, address::of(&request))?;
                request.extensions_mut().insert(signed);
                Ok(self.answer(request, next).await)
            }
            Err(refused) => {
                self.paces.stranger(address::of(&request))?;
                Err(refused)
            }
        }
    }

    async fn answer(&self, request: Request, next: Next) -> Response {
        // A stream of events is answered at once, and then goes on for as long as it likes.
        tokio::time::timeout(self.patience, next.run(request)).await.unwrap_or_else(|_| Refused::TooSlow.into_response())
    }
}

/// Who is behind a session now.
pub(super) async fn who(portal: &Portal, session: &Session) -> Result<Option<SignedIn>, Refused> {
    let Some(stay) = session.get::<Stay>(SIGNED_IN).await? else { return Ok(None) };
    let signed_in = portal.calls_in(stay).await?;
    if signed_in.is_none() {
        session.flush().await?;
    }
    Ok(signed_in)
}

/// Who is behind a session now for whoever only listens in it, which saves nothing; and when it is over if nothing more is done in it, by
/// the earlier of its limits. `None`: it is over.
pub(super) async fn listens(portal: &Portal, session: &Id) -> Result<Option<(SignedIn, OffsetDateTime)>, Refused> {
    let Some(Record { mut data, expiry_date, .. }) = portal.sessions().load(session).await? else { return Ok(None) };
    let Some(stay) = data.remove(SIGNED_IN) else { return Ok(None) };
    let stay = serde_json::from_value(stay).map_err(|_| Fault::Internal)?;
    let Some(who) = portal.calls_in(stay).await? else { return Ok(None) };
    let ends = expiry_date.min(who.since + portal.settings().limits.session);
    Ok(Some((who, ends)))
}

/// Makes a session this member's, under a new id: one known before sign-in is worth nothing after it. It is written down at once: a stay
/// without one is over (see `sign_in_over` of the store).
pub(super) async fn enter(session: &Session, stay: Stay) -> Result<(), Refused> {
    session.cycle_id().await?;
    session.insert(SIGNED_IN, stay).await?;
    Ok(session.save().await?)
}

impl From<Infallible> for Refused {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
