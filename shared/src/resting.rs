//! How page and portal agree on since when a session rests: what the heads of calls and answers say of it.
//!
//! A session ends when it has rested for the idle limit, and only what a person does ends its rest. Streams of events do not, whatever their heads
//! say, nor does a call that is refused before it is let in.

/// On a call, with any value: the page makes it by itself, because a line was lost or an event came, and nobody touched anything for it.
pub const BY_ITSELF: &str = "x-halligan-by-itself";
/// On an answer, with any value: from here on the session rests anew.
pub const RENEWED: &str = "x-halligan-renewed";
