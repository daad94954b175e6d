//! Each step of the path, walked as people walk it.

mod breaker;
mod decide;
mod doctor;
mod failure;
mod headers;
mod lockdown;
mod members;
mod openapi;
mod peer;
mod reenrolment;
mod release;
mod rotation;
mod seal;
mod serve;
mod sign_in;
mod wipe;
