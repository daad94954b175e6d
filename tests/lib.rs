//! The integration tests stand in `main.rs` and its folders: `support` drives the portal as people and browsers do,
//! `path` walks each step of it, `attacks` holds one attack a file.
