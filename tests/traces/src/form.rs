//! The forms that bytes take on their way through a browser, a backend and their files.

use std::fmt::Write as _;

use anyhow::ensure;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

/// Shortest needle, in bytes: anything shorter is found by chance in a few hundred megabytes.
const SHORTEST: usize = 8;

/// What is looked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Needle {
    /// How hits call it.
    pub name: String,
    /// The bytes, in base64.
    bytes: String,
}

/// Bytes in one form.
pub struct Form {
    /// How hits call it.
    pub label: String,
    /// What to look for.
    pub bytes: Vec<u8>,
}

impl Needle {
    /// Every form, each once.
    pub fn forms(&self) -> anyhow::Result<Vec<Form>> {
        let bytes = STANDARD.decode(&self.bytes)?;
        ensure!(bytes.len() >= SHORTEST, "{} is too short to be looked for", self.name);
        let mut forms = Forms(Vec::new());
        forms.add("as is", bytes.clone());
        forms.add("UTF-16", utf16(std::str::from_utf8(&bytes).ok(), &bytes));
        match std::str::from_utf8(&bytes) {
            Ok(text) => forms.add_text(text),
            // A big number is held by its limbs, lowest first.
            Err(_) => forms.add("reversed", bytes.iter().rev().copied().collect()),
        }
        for spelling in spellings(&bytes) {
            forms.add(&format!("{} in UTF-16", spelling.label), utf16(None, &spelling.bytes));
            forms.add(&spelling.label, spelling.bytes);
        }
        Ok(forms.0)
    }
}

struct Forms(Vec<Form>);

impl Forms {
    fn add(&mut self, label: &str, bytes: Vec<u8>) {
        if self.0.iter().all(|form| form.bytes != bytes) {
            self.0.push(Form { label: label.to_owned(), bytes });
        }
    }

    fn add_text(&mut self, text: &str) {
        // V8 and Blink keep text of these characters in one byte each.
        if let Some(latin) = text.chars().map(|letter| u8::try_from(letter).ok()).collect() {
            self.add("Latin-1", latin);
        }
        let json = json_ascii(text);
        self.add("JSON-escaped in UTF-16", utf16(None, &json));
        self.add("JSON-escaped", json);
        let percent = percent(text);
        self.add("percent-encoded in UTF-16", utf16(None, &percent));
        self.add("percent-encoded", percent);
    }
}

/// Bytes as ASCII text, in every way that programs write them.
fn spellings(bytes: &[u8]) -> Vec<Form> {
    let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let list = |between: &str| bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(between).into_bytes();
    let mut all = vec![
        Form { label: "hex".to_owned(), bytes: hex.to_uppercase().into_bytes() },
        Form { label: "hex".to_owned(), bytes: hex.into_bytes() },
        Form { label: "list of numbers".to_owned(), bytes: list(",") },
        Form { label: "list of numbers, as Rust prints it".to_owned(), bytes: list(", ") },
    ];
    for before in 0..3 {
        let standard = base64_within(bytes, before);
        let url = standard.iter().map(|letter| match letter {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        });
        all.push(Form { label: format!("base64 at {before}"), bytes: url.collect() });
        all.push(Form { label: format!("base64 at {before}"), bytes: standard });
    }
    all
}

/// The characters that these bytes, and nothing around them, decide when `before` bytes (modulo three) stand before them.
fn base64_within(bytes: &[u8], before: usize) -> Vec<u8> {
    let shifted = [vec![0; before], bytes.to_vec()].concat();
    let (first, end) = ((before * 8).div_ceil(6), shifted.len() * 8 / 6);
    STANDARD.encode(shifted).into_bytes().drain(first..end).collect()
}

/// Text in UTF-16, or each byte widened, as JavaScript keeps a string of bytes.
fn utf16(text: Option<&str>, bytes: &[u8]) -> Vec<u8> {
    text.map_or_else(
        || bytes.iter().flat_map(|byte| [*byte, 0]).collect(),
        |text| text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    )
}

/// The inside of a JSON string in ASCII alone.
fn json_ascii(text: &str) -> Vec<u8> {
    let mut json = String::new();
    for letter in text.chars() {
        match letter {
            '"' | '\\' => json.extend(['\\', letter]),
            ' '..='~' => json.push(letter),
            _ => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    let _ = write!(json, "\\u{unit:04x}");
                }
            }
        }
    }
    json.into_bytes()
}

fn percent(text: &str) -> Vec<u8> {
    let letters = text.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    letters.collect::<String>().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_found_whatever_stands_around() {
        for before in 0..6 {
            for after in 0..4 {
                let whole = STANDARD.encode([&vec![0xa5; before][..], b"a canary", &vec![0x5a; after]].concat());
                let part = String::from_utf8(base64_within(b"a canary", before % 3)).unwrap();
                assert!(whole.contains(&part), "{before} before, {after} after: {part} in {whole}");
            }
        }
    }

    #[test]
    fn text_outside_of_ascii_has_a_form_for_each_encoding() {
        let needle = Needle { name: String::new(), bytes: STANDARD.encode("Grün \"x\" ок") };
        let forms = needle.forms().unwrap();
        let has = |bytes: &[u8]| forms.iter().any(|form| form.bytes == bytes);
        assert!(has("Grün \"x\" ок".as_bytes()));
        assert!(has(br#"Gr\u00fcn \"x\" \u043e\u043a"#));
        assert!(has(b"Gr%C3%BCn%20%22x%22%20%D0%BE%D0%BA"));
    }
}
