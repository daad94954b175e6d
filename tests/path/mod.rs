//! Each step of the path, walked as people walk it.

mod alone;
mod breaker;
mod bulk;
mod decide;
mod doctor;
mod doors;
mod drill;
mod failure;
mod headers;
mod incidents;
mod lifecycle;
mod lockdown;
mod members;
mod notices;
mod openapi;
mod peer;
mod policy;
mod reenrolment;
mod release;
mod review;
mod rotation;
mod seal;
mod serve;
mod sign_in;
mod standing_rule;
mod wipe;
