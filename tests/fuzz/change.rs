//! Small changes to an input that is nearly right: what random bytes never are.

/// What stands where something else should: ends of ranges, other types, text that steers.
const TOKENS: [&str; 20] = [
    "null",
    "true",
    "-1",
    "0",
    "1e400",
    "18446744073709551616",
    "1e-7",
    "\"\"",
    "[]",
    "{}",
    "[[[[[[[[",
    "\\u0000",
    "\\ud800",
    "\u{202e}",
    "\u{feff}",
    "\u{e9}",
    "%00",
    "=",
    "/",
    "\r\n",
];

/// One change: which kind, where, and by what.
pub(crate) type Edit = (u8, u32, u16);

/// The input `from` (counted round) of a corpus after some changes.
pub(crate) fn changed(corpus: &[Vec<u8>], from: usize, edits: &[Edit]) -> Vec<u8> {
    let mut bytes = corpus[from % corpus.len()].clone();
    for (kind, at, by) in edits {
        apply(&mut bytes, *kind, *at as usize, usize::from(*by), corpus);
    }
    bytes
}

fn apply(bytes: &mut Vec<u8>, kind: u8, at: usize, by: usize, corpus: &[Vec<u8>]) {
    let at = at % (bytes.len() + 1);
    let run = at..bytes.len().min(at + 1 + by % 32);
    match kind % 7 {
        0 if at < bytes.len() => bytes[at] ^= 1 << (by % 8),
        1 => drop(bytes.splice(run, [by.to_le_bytes()[0]])),
        2 => drop(bytes.drain(run)),
        3 => {
            let copy = bytes[run].to_vec();
            drop(bytes.splice(at..at, copy));
        }
        4 => drop(bytes.splice(at..at, TOKENS[by % TOKENS.len()].bytes())),
        5 => {
            let other = &corpus[by % corpus.len()];
            let piece = &other[at.min(other.len())..other.len().min(at + 64)];
            drop(bytes.splice(at..at, piece.iter().copied()));
        }
        _ => bytes.truncate(at),
    }
}
