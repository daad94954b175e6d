//! The portal's backend: http (thin) -> services (one step a file) -> domain (pure rules); store and aws are the
//! outside worlds. Nothing here ever holds a reference, a data key or a plaintext: it relays share 1 and a blinded
//! share 2, and keeps the evidence.

pub mod aws;
pub mod cad;
pub mod clock;
pub mod config;
pub mod domain;
pub mod http;
pub mod log;
mod network;
pub mod outside;
pub mod passkeys;
pub mod policy;
pub mod server;
pub mod services;
pub mod store;
