//! Reads the text of a QR code out of a camera frame.
//!
//! Knows neither browser nor bracelet: what a text means is for others to say. Guarantees that each frame costs a bounded
//! time whatever it shows, that no frame makes it panic, and that what it read is overwritten when dropped.
//!
//! One cheap look at every frame, and one of the costlier looks in turn: a hand moves, so the next frame is another chance.

mod frame;
mod look;
mod reader;
mod scale;
mod symbols;

pub use frame::{Frame, FrameFault, MAX_PIXELS};
pub use look::{IN_TURN, Look};
pub use reader::Reader;
