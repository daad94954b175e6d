//! The portal's backend.
