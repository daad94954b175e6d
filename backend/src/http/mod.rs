//! HTTP: thin. A handler takes its input apart, calls one service, and puts the answer into wire types.

mod address;
mod assets;
mod audit;
mod body;
mod browser;
mod bulk;
mod decide;
mod doctor;
mod drill;
mod events;
mod gate;
mod incidents;
mod lockdown;
mod members;
mod notices;
mod openapi;
mod operations;
mod pace;
mod problem;
mod reenrolment;
mod release;
mod request;
mod review;
mod routes;
mod seal;
mod security;
mod sign_in;
mod streams;
mod uploads;
mod user_agent;

use std::sync::Arc;

use axum::Router;

pub use self::{
    gate::Access,
    pace::Pace,
    routes::{Entry, entries},
};
use crate::services::Portal;

/// The whole portal as one router: the route table inside the layer stack.
pub fn router(portal: &Portal) -> Router {
    let sessions = security::sessions(portal);
    let paces = Arc::new(pace::Paces::new(&portal.settings().rates, portal.clock().clone()));
    let proxies = Arc::new(address::Proxies::new(portal.settings().proxies.clone()));
    let routes::Table { router, rows, .. } = routes::table(portal, &paces);
    let entries: Arc<[Entry]> = rows.iter().map(|(entry, _)| entry.clone()).collect();
    let document = Arc::new(openapi::Document::of(&rows, portal.settings()));
    router
        .method_not_allowed_fallback(problem::wrong_method)
        .with_state(portal.clone())
        // The last layer added is the first to see a request.
        .layer(sessions)
        .layer(axum::middleware::from_fn_with_state(portal.clone(), security::keep_cookie))
        .layer(axum::Extension(Arc::new(streams::Streams::default())))
        .layer(axum::Extension(Arc::new(uploads::Uploads::default())))
        .layer(axum::Extension(document))
        .layer(axum::middleware::from_fn_with_state((portal.clone(), paces, entries), security::same_origin))
        .fallback(assets::serve)
        // Within the headers: what a panic becomes has them like any other answer.
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(problem::panicked))
        .layer(axum::middleware::from_fn_with_state(portal.clone(), security::headers))
        .layer(axum::middleware::from_fn_with_state(proxies, address::know))
        .layer(axum::middleware::from_fn(security::request_id))
}
