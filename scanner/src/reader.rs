//! The reader of a camera's frames, one after the other.

use zeroize::Zeroizing;

use crate::{
    frame::Frame,
    look::{IN_TURN, Look},
};

/// Smallest side that a code can have: 21 modules (ISO/IEC 18004, version 1), each at least a pixel.
const SMALLEST: usize = 21;

/// Reads frames, and remembers which costlier look is next.
#[derive(Debug, Default)]
pub struct Reader {
    next: usize,
}

impl Reader {
    /// The text of a code in this frame.
    pub fn read(&mut self, frame: &Frame) -> Option<Zeroizing<String>> {
        if frame.width().min(frame.height()) < SMALLEST {
            return None;
        }
        Look::Plain.read(frame).or_else(|| self.costlier().read(frame))
    }

    fn costlier(&mut self) -> Look {
        let look = IN_TURN.get(self.next).copied().unwrap_or(Look::Plain);
        self.next = (self.next + 1) % IN_TURN.len();
        look
    }
}
