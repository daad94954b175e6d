//! The pure rules: lifecycles and what an event of the log is. Knows no HTTP, AWS, SQL, clock or randomness.

pub mod audit;
pub mod decoy;
pub mod door;
pub mod drill;
pub mod incident;
pub mod member;
pub mod notice;
pub mod request;
pub mod review;
pub mod scan;
