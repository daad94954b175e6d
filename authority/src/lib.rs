//! The embedded authority.
