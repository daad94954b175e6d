//! What the decoder reads, and what it does not.

mod clean;
mod hostile;
mod picture;
