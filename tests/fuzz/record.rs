//! What stands in a sealed document once it is open, and the points that keys are made of.

use halligan_shared::crypto::{self, ATTACHMENT_MAX, Blinding, Frame, Point, SUMMARY_MAX, Share, parse_frame};

/// Every frame is a multiple of this long (`shared/src/crypto/document.rs`).
const STEP: usize = 16 << 10;

/// A plaintext as an author could have sealed it, filled up to a length that is looked at.
pub(crate) fn frame(bytes: &[u8]) {
    let mut plaintext = bytes.to_vec();
    plaintext.resize(plaintext.len().next_multiple_of(STEP), 0);
    judge(&plaintext);
}

/// A header, and behind the first line break the content, framed with the right lengths.
pub(crate) fn header(bytes: &[u8]) {
    let (header, content) = bytes.split_at(bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len()));
    let content = content.get(1..).unwrap_or_default();
    let length = u32::try_from(header.len()).unwrap().to_be_bytes();
    frame(&[&length, header, content].concat());
}

/// What is read has one spelling: nothing can be hidden beside it.
fn judge(plaintext: &[u8]) {
    if let Ok(Frame { header, content }) = parse_frame(plaintext) {
        assert!(content.len() <= SUMMARY_MAX.max(ATTACHMENT_MAX));
        assert!(*crypto::frame(&header, content).unwrap() == *plaintext, "there is another spelling");
    }
}

/// A point is on the curve, and has one spelling of each kind; no x-coordinate breaks the unblinding.
pub(crate) fn point(bytes: &[u8]) {
    if let Ok(point) = Point::from_spki_der(bytes) {
        assert_eq!(point.to_spki_der(), bytes);
    }
    if let Ok(point) = Point::from_sec1(bytes) {
        assert_eq!(Point::from_sec1(point.as_bytes()), Ok(point));
        assert_eq!(Point::from_spki_der(&point.to_spki_der()), Ok(point));
        assert_eq!(serde_json::from_value::<Point>(serde_json::to_value(point).unwrap()).unwrap(), point);
        assert!(bytes == point.as_bytes() || bytes == &point.to_spki_der()[26..]);
        let (blinding, blinded) = Blinding::with(&[7; 32], &point).unwrap();
        assert!(blinded != point);
        let _: Option<Share> = bytes.last_chunk().and_then(|x| blinding.unblind(x).ok());
    }
}
