//! The portal's API: one async function an endpoint, on top of one client.
//!
//! Knows paths and wire types, and nothing of pages, signals or the DOM.

pub mod audit;
pub mod ceremony;
pub mod client;
pub mod desk;
pub mod doctor;
pub mod drill;
pub mod join;
pub mod lockdown;
pub mod members;
pub mod notices;
pub mod passkeys;
pub mod readiness;
pub mod reenrolment;
pub mod release;
pub mod request;
pub mod review;
pub mod seal;
pub mod sign_in;
