//! Each step of the path, walked as people walk it.

mod decide;
mod doctor;
mod failure;
mod headers;
mod openapi;
mod release;
mod seal;
mod serve;
mod sign_in;
mod wipe;
