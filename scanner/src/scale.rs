//! Other versions of a frame: coarser, finer, smaller, turned, mended.

use crate::frame::Frame;

/// Neither black nor white: what lies outside a frame is no code.
const GREY: u8 = 128;

impl Frame {
    /// A frame `N` times coarser: the mean of `N` by `N` pixels. What does not fill a whole square at the right and bottom edges
    /// is left out.
    pub(crate) fn coarser<const N: usize>(&self) -> Option<Self> {
        let (width, height) = (self.width() / N, self.height() / N);
        if width == 0 || height == 0 {
            return None;
        }
        let mut luma = Vec::with_capacity(width * height);
        let mut sums = vec![0_u32; width];
        let squares = u32::try_from(N * N).ok()?;
        for rows in self.luma().chunks_exact(self.width() * N) {
            sums.fill(squares / 2);
            for row in rows.chunks_exact(self.width()) {
                for (sum, pixels) in sums.iter_mut().zip(row.as_chunks::<N>().0) {
                    *sum += pixels.iter().map(|pixel| u32::from(*pixel)).sum::<u32>();
                }
            }
            luma.extend(sums.iter().map(|sum| byte(sum / squares)));
        }
        Self::from_luma(width, height, luma).ok()
    }

    /// The middle of it, at most `side` pixels wide and high.
    pub(crate) fn middle(&self, side: usize) -> Option<Self> {
        let (width, height) = (self.width().min(side), self.height().min(side));
        let (left, top) = ((self.width() - width) / 2, (self.height() - height) / 2);
        let mut luma = Vec::with_capacity(width * height);
        for row in self.rows().skip(top).take(height) {
            luma.extend_from_slice(row.get(left..left + width)?);
        }
        Self::from_luma(width, height, luma).ok()
    }

    /// A frame turned by 45 degrees and `sqrt(2)` times coarser, so that it holds as many pixels more as its corners need:
    /// pixel (x, y) is the one at ((x + y) - a, (y - x) + b). Corners that are not of the frame are grey.
    pub(crate) fn turned(&self) -> Option<Self> {
        let (width, height) = (i32::try_from(self.width()).ok()?, i32::try_from(self.height()).ok()?);
        let side = (width + height).div_euclid(2);
        let mut luma = Vec::with_capacity(usize::try_from(side).ok()?.checked_pow(2)?);
        for y in 0..side {
            for x in 0..side {
                let (column, row) = (x + y - height.div_euclid(2), y - x + height.div_euclid(2));
                luma.push(self.at(column, row).unwrap_or(GREY));
            }
        }
        let side = usize::try_from(side).ok()?;
        Self::from_luma(side, side, luma).ok()
    }

    /// The frame with small bright gaps in the dark closed: the darkest of 3 by 3 pixels, then the brightest of those.
    pub(crate) fn closed(&self) -> Option<Self> {
        let dark = self.of_three_by_three(u8::min)?;
        dark.of_three_by_three(u8::max)
    }

    fn of_three_by_three(&self, choose: impl Fn(u8, u8) -> u8) -> Option<Self> {
        let across: Vec<u8> = self.rows().flat_map(|row| with_neighbours(row, 1, &choose)).collect();
        Self::from_luma(self.width(), self.height(), with_neighbours(&across, self.width(), choose)).ok()
    }

    fn at(&self, column: i32, row: i32) -> Option<u8> {
        let (column, row) = (usize::try_from(column).ok()?, usize::try_from(row).ok()?);
        if column < self.width() { self.luma().get(row * self.width() + column).copied() } else { None }
    }

    /// A frame twice as fine, bilinear: each pixel becomes four, at a quarter of the way to its neighbours.
    pub(crate) fn finer(&self) -> Option<Self> {
        let rows: Vec<Vec<u8>> = self.rows().map(doubled).collect();
        let mut luma = Vec::with_capacity(4 * self.luma().len());
        for (i, row) in rows.iter().enumerate() {
            let above = rows.get(i.saturating_sub(1)).unwrap_or(row);
            let below = rows.get(i + 1).unwrap_or(row);
            luma.extend(row.iter().zip(above).map(|(near, far)| quarter_way(*near, *far)));
            luma.extend(row.iter().zip(below).map(|(near, far)| quarter_way(*near, *far)));
        }
        Self::from_luma(2 * self.width(), 2 * self.height(), luma).ok()
    }
}

/// Each pixel, or one of the two that lie `step` before and after it.
fn with_neighbours(pixels: &[u8], step: usize, choose: impl Fn(u8, u8) -> u8) -> Vec<u8> {
    let mut chosen = pixels.to_vec();
    for (here, before) in chosen.iter_mut().skip(step).zip(pixels) {
        *here = choose(*here, *before);
    }
    for (here, after) in chosen.iter_mut().zip(pixels.iter().skip(step)) {
        *here = choose(*here, *after);
    }
    chosen
}

fn doubled(row: &[u8]) -> Vec<u8> {
    let mut finer = Vec::with_capacity(2 * row.len());
    let mut before = row.first().copied().unwrap_or_default();
    for (i, pixel) in row.iter().enumerate() {
        let after = row.get(i + 1).unwrap_or(pixel);
        finer.extend([quarter_way(*pixel, before), quarter_way(*pixel, *after)]);
        before = *pixel;
    }
    finer
}

fn quarter_way(near: u8, far: u8) -> u8 {
    byte((3 * u32::from(near) + u32::from(far) + 2) / 4)
}

fn byte(value: u32) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(width: usize, height: usize, luma: &[u8]) -> Frame {
        Frame::from_luma(width, height, luma.to_vec()).unwrap_or_else(|fault| unreachable!("{fault:?}"))
    }

    fn luma(frame: Option<Frame>) -> Option<Vec<u8>> {
        frame.map(|frame| frame.luma().to_vec())
    }

    #[test]
    fn coarser_is_the_mean_and_leaves_the_rest_out() {
        let pixels = [0, 4, 8, 12, 99, 0, 4, 8, 14, 99, 99, 99, 99, 99, 99];
        assert_eq!(luma(frame(5, 3, &pixels).coarser::<2>()), Some(vec![2, 11]));
        assert_eq!(luma(frame(2, 1, &[1, 2]).coarser::<3>()), None);
    }

    #[test]
    fn the_middle_is_cut_out() {
        let pixels: Vec<u8> = (0..20).collect();
        assert_eq!(luma(frame(5, 4, &pixels).middle(2)), Some(vec![6, 7, 11, 12]));
        assert_eq!(luma(frame(5, 4, &pixels).middle(100)), Some(pixels));
    }

    #[test]
    fn closing_fills_gaps_and_keeps_edges() {
        let stripes = [0, 200, 0, 0, 0, 200, 200, 200, 200];
        let pixels: Vec<u8> = stripes.repeat(5);
        let closed = [0, 0, 0, 0, 0, 200, 200, 200, 200];
        assert_eq!(luma(frame(9, 5, &pixels).closed()), Some(closed.repeat(5)));
    }

    #[test]
    fn turning_keeps_every_second_pixel() {
        let turned = frame(4, 2, &[1, 2, 3, 4, 5, 6, 7, 8]).turned();
        assert_eq!(luma(turned), Some(vec![GREY, 1, GREY, GREY, 6, 3, GREY, GREY, 8]));
    }

    #[test]
    fn finer_keeps_flat_flat_and_edges_apart() {
        assert_eq!(luma(frame(1, 1, &[7]).finer()), Some(vec![7; 4]));
        assert_eq!(luma(frame(2, 1, &[0, 100]).finer()), Some(vec![0, 25, 75, 100, 0, 25, 75, 100]));
        assert_eq!(luma(frame(0, 0, &[]).finer()), Some(Vec::new()));
    }
}
