//! A camera frame as 8-bit luma.
//!
//! Guarantees that there are exactly as many pixels as width and height say, and no more than [`MAX_PIXELS`].

use zeroize::Zeroize;

/// Most pixels of a frame. The portal asks for 1280x720; what a camera delivers beyond 4K is refused, not searched.
pub const MAX_PIXELS: usize = 3840 * 2160;

/// Why a frame is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameFault {
    /// More pixels than [`MAX_PIXELS`].
    TooLarge,
    /// Width and height do not fit the number of bytes.
    Mismatch,
}

/// A frame: rows of luma, top to bottom, overwritten when dropped.
pub struct Frame {
    width: usize,
    height: usize,
    luma: Vec<u8>,
}

impl Frame {
    /// The frame of these luma values.
    pub fn from_luma(width: usize, height: usize, luma: Vec<u8>) -> Result<Self, FrameFault> {
        let pixels = width.checked_mul(height).filter(|pixels| *pixels <= MAX_PIXELS).ok_or(FrameFault::TooLarge)?;
        if luma.len() == pixels { Ok(Self { width, height, luma }) } else { Err(FrameFault::Mismatch) }
    }

    /// luma = (77 R + 150 G + 29 B) / 256, the weights of ITU-R BT.601, for four bytes a pixel.
    pub fn from_rgba(width: usize, height: usize, rgba: &[u8]) -> Result<Self, FrameFault> {
        let (pixels, rest) = rgba.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(FrameFault::Mismatch);
        }
        let luma = pixels.iter().map(|[red, green, blue, _]| luma(*red, *green, *blue)).collect();
        Self::from_luma(width, height, luma)
    }

    /// Its width, in pixels.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Its height, in pixels.
    pub const fn height(&self) -> usize {
        self.height
    }

    /// Its rows, one after the other.
    pub fn luma(&self) -> &[u8] {
        &self.luma
    }

    /// Its rows, top to bottom.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.luma.chunks_exact(self.width.max(1))
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.luma.zeroize();
    }
}

fn luma(red: u8, green: u8, blue: u8) -> u8 {
    let weighted = 77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue);
    // The weights add up to 256.
    u8::try_from(weighted >> 8).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grey_keeps_its_value() {
        let rgba: Vec<u8> = (0..=255).flat_map(|grey| [grey, grey, grey, 0]).collect();
        let frame = Frame::from_rgba(16, 16, &rgba).ok();
        assert!(frame.is_some_and(|frame| frame.luma().iter().copied().eq(0..=255)));
    }

    #[test]
    fn sizes_that_do_not_fit_are_refused() {
        let fault = |width, height, bytes| Frame::from_luma(width, height, vec![0; bytes]).err();
        assert_eq!(fault(4, 4, 15), Some(FrameFault::Mismatch));
        assert_eq!(fault(usize::MAX, 2, 0), Some(FrameFault::TooLarge));
        assert_eq!(fault(MAX_PIXELS + 1, 1, 0), Some(FrameFault::TooLarge));
        assert_eq!(fault(0, 0, 0), None);
        assert_eq!(Frame::from_rgba(1, 1, &[0; 5]).err(), Some(FrameFault::Mismatch));
    }
}
