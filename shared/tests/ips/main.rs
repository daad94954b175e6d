//! International Patient Summaries: what is refused, what is shown, and that nothing panics.

#![expect(clippy::panic, clippy::expect_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod bounds;
mod clinical;
mod documents;
mod head;
mod items;
mod parts;
mod presence;
mod properties;
mod refusal;
mod text;
mod values;
