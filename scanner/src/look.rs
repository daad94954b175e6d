//! The ways of looking at a frame: which scale, which threshold.
//!
//! The order of [`IN_TURN`] is by what each look finds that those before it do not, on photographs.

use rxing::{
    Binarizer, BinaryBitmap, Luma8Source,
    common::{GlobalHistogramBinarizer, HybridBinarizer},
};
use zeroize::Zeroizing;

use crate::{frame::Frame, symbols};

/// Side of the middle that is looked at twice as fine, in pixels.
const MIDDLE: usize = 640;

/// A way of looking at a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// At five scales, by a threshold that follows the light: the cheap one.
    Plain,
    /// Turned by an eighth: codes that stand on a corner, and edges that fall between pixels.
    Turned,
    /// The middle twice as fine: codes too far away.
    Middle,
    /// Small gaps closed: scratched and badly printed codes.
    Closed,
    /// One threshold for all: glare, which a local threshold takes for modules.
    Global,
    /// White on black.
    Inverted,
}

/// The costlier looks, in turn.
pub const IN_TURN: [Look; 5] = [Look::Turned, Look::Closed, Look::Middle, Look::Global, Look::Inverted];

type Found = Option<Zeroizing<String>>;

impl Look {
    /// The text of a code in the frame, by this look alone.
    pub fn read(self, frame: &Frame) -> Found {
        match self {
            Self::Plain => local(frame).or_else(|| coarse(frame)),
            Self::Turned => turned(frame),
            Self::Middle => local(&frame.middle(MIDDLE)?.finer()?),
            Self::Closed => local(&frame.closed()?).or_else(|| local(&frame.coarser::<3>()?.closed()?)),
            Self::Global => thirds(frame, global),
            Self::Inverted => thirds(frame, inverted),
        }
    }
}

/// A half, a third, a quarter and a ninth of it.
fn coarse(frame: &Frame) -> Found {
    let (half, third) = (frame.coarser::<2>()?, frame.coarser::<3>()?);
    local(&half).or_else(|| local(&third)).or_else(|| local(&half.coarser::<2>()?)).or_else(|| local(&third.coarser::<3>()?))
}

fn turned(frame: &Frame) -> Found {
    let turned = frame.turned()?;
    local(&turned).or_else(|| local(&turned.coarser::<3>()?))
}

/// All of it, then a third.
fn thirds(frame: &Frame, look: fn(&Frame) -> Found) -> Found {
    look(frame).or_else(|| look(&frame.coarser::<3>()?))
}

fn local(frame: &Frame) -> Found {
    symbols::read(HybridBinarizer::new(source(frame)?).get_black_matrix().ok()?)
}

fn global(frame: &Frame) -> Found {
    symbols::read(GlobalHistogramBinarizer::new(source(frame)?).get_black_matrix().ok()?)
}

fn inverted(frame: &Frame) -> Found {
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source(frame)?));
    bitmap.invert();
    symbols::read(bitmap.get_black_matrix())
}

fn source(frame: &Frame) -> Option<Luma8Source<'_>> {
    let (width, height) = (u32::try_from(frame.width()).ok()?, u32::try_from(frame.height()).ok()?);
    Luma8Source::new_with_slice(frame.luma(), width, height).ok()
}
