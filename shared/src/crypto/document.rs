//! The plaintext of a sealed document: a header, the content byte for byte, and padding that hides its length.
//!
//! frame = header length (u32, big-endian) || header (JSON) || content || zeros up to the next multiple of 16 KiB
//!
//! Knows no key and does not look into the content. Guarantees that content comes back byte for byte, and that nothing
//! is hidden beside it.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::id::DocumentId;

/// Largest summary, in bytes.
pub const SUMMARY_MAX: usize = 5 << 20;
/// Largest attachment, in bytes.
pub const ATTACHMENT_MAX: usize = 10 << 20;
/// Sealed lengths tell no more than a multiple of this: most summaries fall into the first few steps.
const STEP: usize = 16 << 10;
/// Longest header: 64 attachments with titles of 120 characters fit four times over.
const HEADER_MAX: usize = 64 << 10;

/// What an attachment may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MediaType {
    /// PDF.
    #[serde(rename = "application/pdf")]
    Pdf,
    /// PNG.
    #[serde(rename = "image/png")]
    Png,
    /// JPEG.
    #[serde(rename = "image/jpeg")]
    Jpeg,
}

impl MediaType {
    /// Judges by the first bytes, never by a name.
    pub fn sniff(content: &[u8]) -> Option<Self> {
        if content.starts_with(b"%PDF-") {
            Some(Self::Pdf)
        } else if content.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if content.starts_with(b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else {
            None
        }
    }

    /// The media type's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// An attachment, as the summary's header lists it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentLine {
    /// Its document.
    pub document: DocumentId,
    /// What the registrar called it.
    pub title: String,
    /// What it is.
    pub media_type: MediaType,
    /// Its length, in bytes.
    pub bytes: u64,
}

/// What a document says of itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Header {
    /// The patient summary: a FHIR R4 document bundle.
    Summary {
        /// Length of the content, in bytes.
        bytes: u64,
        /// Whether the patient is made up.
        drill: bool,
        /// What stands beside it.
        attachments: Vec<AttachmentLine>,
    },
    /// An attachment.
    Attachment {
        /// Length of the content, in bytes.
        bytes: u64,
        /// What the registrar called it.
        title: String,
        /// What it is.
        media_type: MediaType,
    },
}

impl Header {
    /// Length of the content, if its kind may be that long.
    fn content_length(&self) -> Result<usize, FrameFault> {
        let (bytes, limit) = match self {
            Self::Summary { bytes, .. } => (*bytes, SUMMARY_MAX),
            Self::Attachment { bytes, .. } => (*bytes, ATTACHMENT_MAX),
        };
        usize::try_from(bytes).ok().filter(|bytes| *bytes <= limit).ok_or(FrameFault::TooLarge)
    }
}

/// A frame taken apart.
pub struct Frame<'a> {
    /// What the document says of itself.
    pub header: Header,
    /// The content, byte for byte what was sealed.
    pub content: &'a [u8],
}

/// The plaintext is not a frame, or would not become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameFault {
    /// The content is longer than its kind allows, or the header longer than any needs to be.
    #[error("the document is too large")]
    TooLarge,
    /// The bytes are not a frame, or header and content disagree.
    #[error("the document is not readable")]
    Malformed,
}

/// Builds the plaintext to seal.
///
/// # Errors
/// When the content is too large for its kind, or is not as long as the header says.
pub fn frame(header: &Header, content: &[u8]) -> Result<Zeroizing<Vec<u8>>, FrameFault> {
    if header.content_length()? != content.len() {
        return Err(FrameFault::Malformed);
    }
    let json = Zeroizing::new(serde_json::to_vec(header).map_err(|_| FrameFault::Malformed)?);
    let length = u32::try_from(json.len()).ok().filter(|_| json.len() <= HEADER_MAX).ok_or(FrameFault::TooLarge)?;
    let total = (4 + json.len() + content.len()).next_multiple_of(STEP);
    let mut plaintext = Zeroizing::new(Vec::with_capacity(total));
    plaintext.extend_from_slice(&length.to_be_bytes());
    plaintext.extend_from_slice(&json);
    plaintext.extend_from_slice(content);
    plaintext.resize(total, 0);
    Ok(plaintext)
}

/// Takes a plaintext apart. Strict: lengths must fit, the header must be spelled as [`frame`] spells it, and what follows the
/// content must be zeros and no longer than needed.
pub fn parse_frame(plaintext: &[u8]) -> Result<Frame<'_>, FrameFault> {
    let (length, rest) = plaintext.split_first_chunk::<4>().ok_or(FrameFault::Malformed)?;
    let length = u32::from_be_bytes(*length) as usize;
    if length > HEADER_MAX || !plaintext.len().is_multiple_of(STEP) {
        return Err(FrameFault::Malformed);
    }
    let (json, rest) = rest.split_at_checked(length).ok_or(FrameFault::Malformed)?;
    let header: Header = serde_json::from_slice(json).map_err(|_| FrameFault::Malformed)?;
    // One spelling: no unknown member, white space or second form in which something could be hidden.
    let spelled = Zeroizing::new(serde_json::to_vec(&header).map_err(|_| FrameFault::Malformed)?);
    if spelled.as_slice() != json {
        return Err(FrameFault::Malformed);
    }
    let (content, padding) = rest.split_at_checked(header.content_length()?).ok_or(FrameFault::Malformed)?;
    if padding.len() >= STEP || padding.iter().any(|byte| *byte != 0) {
        return Err(FrameFault::Malformed);
    }
    Ok(Frame { header, content })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(bytes: u64) -> Header {
        Header::Summary { bytes, drill: true, attachments: Vec::new() }
    }

    #[test]
    fn content_comes_back_byte_for_byte_and_its_length_is_hidden() {
        for content in [&b""[..], b"\0\0\0", &vec![7; 20_000]] {
            let plaintext = frame(&header(content.len() as u64), content).unwrap();
            assert!(plaintext.len().is_multiple_of(STEP));
            assert!(parse_frame(&plaintext).unwrap().content == content);
        }
    }

    #[test]
    fn a_frame_that_does_not_add_up_is_refused() {
        let good = frame(&header(5), b"12345").unwrap();
        assert!(frame(&header(4), b"12345").is_err(), "header and content disagree");
        assert!(frame(&header(SUMMARY_MAX as u64 + 1), &vec![0; SUMMARY_MAX + 1]).is_err());
        let mut padded = good.clone();
        *padded.last_mut().unwrap() = 1;
        let mut long_header = good.clone();
        long_header[0] = 0xff;
        let longer = [good.as_slice(), &[0; STEP]].concat();
        for wrong in [&b""[..], &good[..STEP - 1], &padded, &long_header, &longer] {
            assert!(parse_frame(wrong).is_err());
        }
        let spelled = |json: &str| {
            let mut plaintext = u32::try_from(json.len()).unwrap().to_be_bytes().to_vec();
            plaintext.extend_from_slice(json.as_bytes());
            plaintext.resize(STEP, 0);
            parse_frame(&plaintext).is_ok()
        };
        assert!(spelled(r#"{"kind":"summary","bytes":0,"drill":true,"attachments":[]}"#));
        for hidden in [
            r#"{"kind":"summary","bytes":0,"drill":true,"attachments":[],"beside":"x"}"#,
            r#"{"kind":"summary","bytes":0,"drill":true,"attachments":[ ]}"#,
            r#"{"bytes":0,"kind":"summary","drill":true,"attachments":[]}"#,
        ] {
            assert!(!spelled(hidden), "{hidden}");
        }
        let too_long = |kind: &str, bytes: usize| {
            let json = match kind {
                "summary" => format!(r#"{{"kind":"summary","bytes":{bytes},"drill":false,"attachments":[]}}"#),
                _ => format!(r#"{{"kind":"attachment","bytes":{bytes},"title":"","media_type":"image/png"}}"#),
            };
            let mut plaintext = u32::try_from(json.len()).unwrap().to_be_bytes().to_vec();
            plaintext.extend_from_slice(json.as_bytes());
            plaintext.resize((4 + json.len() + bytes).next_multiple_of(STEP), 0);
            parse_frame(&plaintext).err()
        };
        for (kind, limit) in [("summary", SUMMARY_MAX), ("attachment", ATTACHMENT_MAX)] {
            assert_eq!(too_long(kind, limit), None);
            assert_eq!(too_long(kind, limit + 1), Some(FrameFault::TooLarge));
        }
    }

    #[test]
    fn a_header_is_as_long_as_it_may_be_and_no_longer() {
        let titled = |title: usize| Header::Attachment { bytes: 0, title: "t".repeat(title), media_type: MediaType::Pdf };
        let room = HEADER_MAX - serde_json::to_vec(&titled(0)).unwrap().len();
        assert!(parse_frame(&frame(&titled(room), b"").unwrap()).is_ok());
        assert_eq!(frame(&titled(room + 1), b"").err(), Some(FrameFault::TooLarge));
        let json = serde_json::to_vec(&titled(room + 1)).unwrap();
        let mut plaintext = [&u32::try_from(json.len()).unwrap().to_be_bytes(), json.as_slice()].concat();
        plaintext.resize(plaintext.len().next_multiple_of(STEP), 0);
        assert_eq!(parse_frame(&plaintext).err(), Some(FrameFault::Malformed));
    }

    #[test]
    fn media_types_have_the_names_of_the_wire() {
        for media_type in [MediaType::Pdf, MediaType::Png, MediaType::Jpeg] {
            assert_eq!(serde_json::json!(media_type), media_type.name());
        }
    }

    #[test]
    fn media_types_are_judged_by_their_bytes() {
        assert_eq!(MediaType::sniff(b"%PDF-1.7"), Some(MediaType::Pdf));
        assert_eq!(MediaType::sniff(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Some(MediaType::Png));
        assert_eq!(MediaType::sniff(b"\xff\xd8\xff\xe0\0\x10JFIF"), Some(MediaType::Jpeg));
        for other in [&b"<svg onload=x>"[..], b"", b"%PDF", b" %PDF-1.7", b"\x89PNG\n", b"\xff\xd8", b"GIF89a", b"<html>%PDF-"] {
            assert_eq!(MediaType::sniff(other), None);
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use proptest::prelude::*;

    use super::*;

    fn any_media_type() -> impl Strategy<Value = MediaType> {
        prop_oneof![Just(MediaType::Pdf), Just(MediaType::Png), Just(MediaType::Jpeg)]
    }

    proptest! {
        #[test]
        fn header_and_content_come_back(
            title: String, media_type in any_media_type(), content in prop::collection::vec(any::<u8>(), 0..3 * STEP),
        ) {
            let header = Header::Attachment { bytes: content.len() as u64, title, media_type };
            let plaintext = frame(&header, &content).unwrap();
            let read = parse_frame(&plaintext).unwrap();
            prop_assert!(read.header == header && read.content == content);
        }

        #[test]
        fn no_plaintext_breaks_the_parser(head in 0..200u32, rest: Vec<u8>) {
            let mut plaintext = head.to_be_bytes().to_vec();
            plaintext.extend_from_slice(&rest);
            plaintext.resize(plaintext.len().next_multiple_of(STEP), 0);
            prop_assert!(parse_frame(&plaintext).is_err());
        }
    }
}
