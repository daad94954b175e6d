//! Pictures to read: codes as a camera might see them, and pictures made to be a nuisance.

use fast_qr::{ECL, QRBuilder};
use halligan_decoder::Frame;

/// What a bracelet's code holds, in length and kind.
pub const TEXT: &str = "https://portal.example/s#0123456789ABCDEFGHJKMNPQRSTV";

/// A code in a frame.
#[derive(Clone, Copy)]
pub struct Scene {
    pub width: usize,
    pub height: usize,
    /// Pixels of a module.
    pub module: f64,
    /// Degrees, clockwise.
    pub angle: f64,
    /// How far the middle of the code lies from the middle of the frame, in pixels.
    pub aside: (f64, f64),
    /// Radius over which pixels run into each other.
    pub blur: usize,
    /// Luma of modules and of what is around them.
    pub ink: (u8, u8),
}

impl Default for Scene {
    fn default() -> Self {
        Self { width: 640, height: 480, module: 5.0, angle: 0.0, aside: (0.0, 0.0), blur: 0, ink: (30, 220) }
    }
}

impl Scene {
    /// This scene with a code of this text.
    pub fn of(self, text: &str) -> Option<Frame> {
        Frame::from_luma(self.width, self.height, self.luma(&[(text, self.aside)])?).ok()
    }

    /// This scene with several codes, each so far from the middle.
    pub fn of_several(self, codes: &[(&str, (f64, f64))]) -> Option<Frame> {
        Frame::from_luma(self.width, self.height, self.luma(codes)?).ok()
    }

    fn luma(self, codes: &[(&str, (f64, f64))]) -> Option<Vec<u8>> {
        let mut luma = vec![self.ink.1; self.width * self.height];
        for (text, aside) in codes {
            self.draw(&mut luma, text, *aside)?;
        }
        Some(blurred(&luma, self.width, self.blur))
    }

    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small coordinates")]
    fn draw(self, luma: &mut [u8], text: &str, aside: (f64, f64)) -> Option<()> {
        let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
        let (sin, cos) = self.angle.to_radians().sin_cos();
        let half = code.size as f64 / 2.0;
        for (i, pixel) in luma.iter_mut().enumerate() {
            let x = (i % self.width) as f64 + 0.5 - self.width as f64 / 2.0 - aside.0;
            let y = (i / self.width) as f64 + 0.5 - self.height as f64 / 2.0 - aside.1;
            let (column, row) = ((x * cos + y * sin) / self.module + half, (y * cos - x * sin) / self.module + half);
            let is_inside = |place: f64| (0.0..code.size as f64).contains(&place);
            if is_inside(column) && is_inside(row) && code.data.get(row as usize * code.size + column as usize)?.value() {
                *pixel = self.ink.0;
            }
        }
        Some(())
    }
}

/// The mean over a square around each pixel, edges repeated.
fn blurred(luma: &[u8], width: usize, radius: usize) -> Vec<u8> {
    let height = luma.len() / width.max(1);
    let around = |middle: usize, end: usize| middle.saturating_sub(radius)..(middle + radius + 1).min(end);
    let mean = |i: usize| {
        let columns = around(i % width, width);
        let rows = around(i / width, height).filter_map(|row| luma.get(row * width + columns.start..row * width + columns.end));
        let (sum, count) = rows.flatten().fold((0, 0), |(sum, count), pixel| (sum + u32::from(*pixel), count + 1));
        u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX)
    };
    if radius == 0 { luma.to_vec() } else { (0..luma.len()).map(mean).collect() }
}

/// The same grain for the same seed (xorshift).
pub fn noise(width: usize, height: usize, seed: u32) -> Option<Frame> {
    let mut state = seed.max(1);
    let grain = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    });
    Frame::from_luma(width, height, grain.take(width * height).collect()).ok()
}

/// Each pixel by its column and row.
pub fn pattern(width: usize, height: usize, is_dark: impl Fn(usize, usize) -> bool) -> Option<Frame> {
    let luma = (0..width * height).map(|i| if is_dark(i % width, i / width) { 10 } else { 245 });
    Frame::from_luma(width, height, luma.collect()).ok()
}
