//! What both sides of Halligan must agree on: ids, paths, wire types, references, the record's cryptography, and
//! the reading of patient summaries.
//!
//! Compiled natively into the backend and as wasm into the browser. Knows no HTTP client or server, no clock and no
//! storage; randomness only where a key or an id is born, from the platform's own source.

pub mod assignment;
pub mod audit;
pub mod bracelet;
pub mod bytes;
pub mod crypto;
pub mod door;
pub mod drill;
pub mod grant;
pub mod id;
pub mod incident;
pub mod ips;
pub mod justification;
pub mod member;
pub mod notice;
pub mod outcome;
pub mod paths;
pub mod reference;
pub mod resting;
pub mod review;
pub mod shown;
pub mod statement;
pub mod typing;
pub mod wire;
