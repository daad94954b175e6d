//! A look at the raw bytes before anything is allocated: length, encoding, nesting and number of values.
//!
//! Knows nothing of FHIR. Guarantees that what it lets pass can be parsed into a tree of bounded size: a few tens of
//! megabytes at worst, however the file was made.

use super::fault::Fault;

/// Longest summary, in bytes: 5 MiB. The largest public sample has 1.8 MB; what is longer carries scans, which
/// belong into attachments.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;

/// Deepest nesting of objects and arrays. The samples of the IPS guide reach 12, and an extension in an extension adds
/// four; 64 leaves room for what nobody has written yet, stays below the 128 at which `serde_json` stops, so that
/// our sentence is the one that is read, and costs a browser's stack of 1 MiB little.
pub const MAX_DEPTH: usize = 64;

/// Most entries of a Bundle. A summary of a very ill person has some hundreds.
pub const MAX_ENTRIES: usize = 5_000;

/// Most JSON values (objects, arrays and scalars). The samples spend 32 to 54 bytes on a value even without white space,
/// so 5 MiB of real summary stay below this; 5 MiB of `[],[],[]` do not. An object costs under 1 KiB in the tree, so the tree stays
/// under 80 MB in the worst case and under 20 MB in a real one.
pub const MAX_VALUES: usize = 160_000;

/// The text of a document within the bounds, without a byte order mark.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Fault> {
    if bytes.len() > MAX_BYTES {
        return Err(Fault::TooLarge { bytes: bytes.len() });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| Fault::NotUtf8 { at: error.valid_up_to() })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with('<') {
        return Err(Fault::Xml);
    }
    bounds(text.as_bytes())?;
    Ok(text)
}

/// Walks the brackets and commas outside strings. Says nothing of whether the text is JSON: a text that is not is
/// counted all the same, and refused by the parser afterwards.
fn bounds(text: &[u8]) -> Result<(), Fault> {
    let mut depth = 0_usize;
    let mut values = 1_usize;
    // Elements after the first of the list being read at depth 2, where Bundle.entry stands.
    let mut entries = None;
    let mut in_string = false;
    let mut escaped = false;
    for byte in text {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                values += 1;
                if depth == 2 {
                    entries = (*byte == b'[').then_some(1_usize);
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => {
                values += 1;
                if let (2, Some(count)) = (depth, &mut entries) {
                    *count += 1;
                }
            }
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(Fault::TooDeep);
        }
        if entries.is_some_and(|count| count > MAX_ENTRIES) {
            return Err(Fault::TooManyEntries);
        }
        if values > MAX_VALUES {
            return Err(Fault::TooManyValues);
        }
    }
    Ok(())
}
