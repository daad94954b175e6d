//! Compressed bytes: zlib and gzip streams and entries of ZIP files, found by their first bytes.
//!
//! A raw deflate stream has no mark, and is found only where a ZIP entry's header says that it begins.

use flate2::{Decompress, FlushDecompress};
use memchr::memchr3_iter;

/// How much of a stream is read, in bytes.
pub const WINDOW: usize = 256 << 10;
/// How much may come out of it, in bytes.
const INFLATED_MAX: usize = 4 << 20;
/// What comes out of bytes that are no stream before they are found out is shorter than this, mostly.
const INFLATED_MIN: usize = 16;

/// Hands over what comes out of each stream, with where it begins and what packs it. A broken or cut stream gives what came before
/// the break.
pub fn streams(bytes: &[u8], mut take: impl FnMut(usize, &'static str, &[u8])) {
    let mut inflated = Vec::with_capacity(INFLATED_MAX);
    for at in memchr3_iter(b'x', 0x1f, b'P', bytes) {
        let Some(rest) = bytes.get(at..) else { continue };
        let Some((packing, header)) = packing(rest) else { continue };
        let stream = rest.get(header..rest.len().min(WINDOW)).unwrap_or_default();
        inflated.clear();
        // An error, or an end that does not come: what came out so far is what counts.
        let _ = Decompress::new(false).decompress_vec(stream, &mut inflated, FlushDecompress::Finish);
        if inflated.len() >= INFLATED_MIN {
            take(at, packing, &inflated);
        }
    }
}

/// What packs a stream that begins here, and the length of its header.
fn packing(rest: &[u8]) -> Option<(&'static str, usize)> {
    match rest {
        // RFC 1950: deflate with a window of 32 KiB, the four levels, no dictionary.
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Some(("zlib > ", 2)),
        // RFC 1952: deflate, no optional fields.
        [0x1f, 0x8b, 8, 0, ..] => Some(("gzip > ", 10)),
        // APPNOTE 4.3.7: method 8; lengths of name and extra field.
        [b'P', b'K', 3, 4, _, _, _, _, 8, 0, ..] => {
            let length = |at: usize| Some(usize::from(u16::from_le_bytes([*rest.get(at)?, *rest.get(at + 1)?])));
            Some(("zip > ", 30 + length(26)? + length(28)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{
        Compression,
        write::{GzEncoder, ZlibEncoder},
    };

    use super::*;

    #[test]
    fn streams_are_found_amid_other_bytes_and_when_they_are_cut() {
        let text = b"a canary that is sung over and over, over and over".repeat(40);
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(&text).unwrap();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(&text).unwrap();
        for stream in [zlib.finish().unwrap(), gzip.finish().unwrap()] {
            for length in [stream.len(), stream.len() - 12] {
                let bytes = [b"before", &stream[..length], b"after"].concat();
                let mut found = Vec::new();
                streams(&bytes, |at, _, inflated| {
                    found.push((at, inflated.starts_with(b"a canary that is sung")));
                });
                assert!(found.contains(&(6, true)), "{found:?}");
            }
        }
    }
}
