//! QR codes in a picture of black and white.
//!
//! Guarantees a bound on what a picture full of finder patterns can cost: so many patterns, so many triples of them, no more.

use rxing::{
    common::{BitMatrix, DetectorRXingResult as _},
    qrcode::cpp_port::{
        decoder::Decode,
        detector::{FindFinderPatterns, FinderPatternSet, GenerateFinderPatternSets, SampleQR},
    },
};
use zeroize::Zeroizing;

/// Most finder patterns that are looked at. The largest come first: those of the code that is held to the camera.
const MAX_PATTERNS: usize = 128;
/// Most triples of finder patterns that are read as a code; the most plausible come first.
const MAX_TRIPLES: usize = 256;

/// The text of the code that is aimed at; without one, of any other.
pub fn read(bits: &BitMatrix) -> Option<Zeroizing<String>> {
    let mut patterns = FindFinderPatterns(bits, true, 0);
    patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.size));
    patterns.truncate(MAX_PATTERNS);
    let mut aside = None;
    for triple in GenerateFinderPatternSets(&mut patterns).iter().take(MAX_TRIPLES) {
        let is_aimed_at = is_aimed_at(bits, triple);
        if aside.is_some() && !is_aimed_at {
            continue;
        }
        if let Some(text) = decode(bits, triple) {
            if is_aimed_at {
                return Some(text);
            }
            aside = Some(text);
        }
    }
    aside
}

/// Whether the middle of the code lies in the middle of the picture. With two bracelets in view, that is the one meant.
fn is_aimed_at(bits: &BitMatrix, triple: &FinderPatternSet) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "sides of a frame, far below 2^23")]
    let (width, height) = (bits.width() as f32, bits.height() as f32);
    let from_middle = |a: f32, b: f32, side: f32| ((a + b - side) / 2.0).abs();
    let reach = width.min(height) / 4.0;
    from_middle(triple.bl.p.x, triple.tr.p.x, width) < reach && from_middle(triple.bl.p.y, triple.tr.p.y, height) < reach
}

fn decode(bits: &BitMatrix, triple: &FinderPatternSet) -> Option<Zeroizing<String>> {
    let sampled = SampleQR(bits, triple).ok()?;
    let decoded = Decode(sampled.getBits()).ok()?;
    decoded.isValid().then(|| Zeroizing::new(decoded.text()))
}
