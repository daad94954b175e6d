//! Each step of the path, walked as people walk it.

mod decide;
mod release;
mod seal;
mod sign_in;
mod wipe;
