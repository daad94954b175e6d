//! The patient's photograph, if the record carries one that is safe to show.
//!
//! Guarantees that what is shown is a PNG or JPEG by its first bytes, small in bytes and in pixels, and came from inside
//! the record: nothing is fetched.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::node::Node;
use crate::crypto::MediaType;

/// Largest photograph, in bytes after decoding: 512 KiB, a passport picture of good quality with room to spare.
const MAX_PHOTO: usize = 512 * 1024;
/// Largest side, in pixels. Decoders allocate by the picture's own word: 4096 by 4096 is 64 MiB.
const MAX_SIDE: u32 = 4096;

/// What the record holds as a photograph.
#[derive(Clone, PartialEq)]
pub enum Photo {
    /// Nothing.
    None,
    /// A picture to show.
    Shown {
        /// Its format.
        format: Format,
        /// The file.
        bytes: Vec<u8>,
    },
    /// Something that is not shown.
    NotShown {
        /// Why: one sentence.
        why: &'static str,
    },
}

/// Formats of photographs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
}

impl Format {
    /// The same, as attachments name it.
    pub const fn media_type(self) -> MediaType {
        match self {
            Self::Png => MediaType::Png,
            Self::Jpeg => MediaType::Jpeg,
        }
    }
}

/// The first photograph that can be shown, else why the first cannot.
pub(super) fn read(patient: Node<'_>) -> Photo {
    let mut reason = None;
    for attachment in patient.each("photo") {
        match attached(attachment) {
            Ok((format, bytes)) => return Photo::Shown { format, bytes },
            Err(why) => reason = reason.or(Some(why)),
        }
    }
    reason.map_or(Photo::None, |why| Photo::NotShown { why })
}

fn attached(attachment: Node<'_>) -> Result<(Format, Vec<u8>), &'static str> {
    let Some(data) = attachment.raw("data") else {
        return Err("The photograph is stored elsewhere. Links in a record are not followed.");
    };
    if data.len() > MAX_PHOTO / 3 * 4 + 1024 {
        return Err("The photograph is too large to show.");
    }
    let data: Vec<u8> = data.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(data).map_err(|_| "The photograph is damaged.")?;
    let (format, side) = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        (Format::Png, png_side(&bytes))
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        (Format::Jpeg, jpeg_side(&bytes))
    } else {
        return Err("The photograph is neither PNG nor JPEG.");
    };
    match side {
        Some(1..=MAX_SIDE) => Ok((format, bytes)),
        Some(_) => Err("The photograph is too large to show."),
        None => Err("The photograph is damaged."),
    }
}

/// The longer side: width and height stand at a fixed place (PNG specification, 11.2.2 IHDR).
fn png_side(bytes: &[u8]) -> Option<u32> {
    let number = |at: usize| Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk::<4>()?));
    Some(number(16)?.max(number(20)?))
}

/// The longer side: in the first start-of-frame segment (ITU T.81, B.2.2), found by walking the segments before it.
fn jpeg_side(bytes: &[u8]) -> Option<u32> {
    let number = |at: usize| Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk::<2>()?));
    let mut at = 2;
    loop {
        let [0xff, marker] = *bytes.get(at..)?.first_chunk::<2>()? else { return None };
        match marker {
            0xff => at += 1,
            // SOF0 to SOF15, without DHT, JPG and DAC, which stand among them.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                return Some(u32::from(number(at + 5)?.max(number(at + 7)?)));
            }
            // Every other segment before the frame begins with its length, which counts itself.
            _ => at += 2 + usize::from(number(at + 2)?).max(2),
        }
    }
}
