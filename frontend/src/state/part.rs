//! Which part of the portal this module is.

use halligan_shared::paths;
use leptos::prelude::*;

/// A part: a module of its own, with pages of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The emergency path.
    Path,
    /// The desks, joining, and passkeys.
    Desks,
}

impl Part {
    /// Provides it.
    pub fn provide(self) {
        provide_context(self);
    }

    /// Whether a path belongs to this part. The backend serves paths by the same rule.
    pub fn holds(self, path: &str) -> bool {
        paths::is_desk_page(path) == (self == Self::Desks)
    }
}

/// This module's part.
pub fn use_part() -> Part {
    expect_context()
}
