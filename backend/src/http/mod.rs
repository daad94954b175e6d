//! HTTP: thin. A handler takes its input apart, calls one service, and puts the answer into wire types.

mod assets;
mod audit;
mod body;
mod decide;
mod events;
mod gate;
mod members;
mod problem;
mod release;
mod request;
mod routes;
mod seal;
mod security;
mod sign_in;

use axum::Router;

pub use self::{
    gate::Access,
    routes::{Entry, entries},
};
use crate::services::Portal;

/// The whole portal as one router: the route table inside the layer stack.
pub fn router(portal: &Portal) -> Router {
    let sessions = security::sessions(portal);
    routes::table(portal)
        .router
        .with_state(portal.clone())
        // The last layer added is the first to see a request.
        .layer(sessions)
        .layer(axum::middleware::from_fn_with_state(portal.clone(), security::same_origin))
        .layer(axum::extract::DefaultBodyLimit::max(security::BODY_MAX))
        .fallback(assets::serve)
        .layer(axum::middleware::from_fn_with_state(portal.clone(), security::headers))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(problem::panicked))
        .layer(axum::middleware::from_fn(security::request_id))
}
