//! All forms of all needles, looked for at once.

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::{
    deflated,
    form::{Form, Needle},
};

/// Forms of needles, ready to be looked for.
pub struct Search {
    automaton: AhoCorasick,
    patterns: Vec<Pattern>,
    longest: usize,
    unpacked: bool,
}

struct Pattern {
    needle: String,
    form: Form,
}

/// Something found.
pub struct Hit<'a> {
    /// Which needle.
    pub needle: &'a str,
    /// In which form, and inside which packing.
    pub form: String,
    /// Where it begins, or its packing does, in bytes from the beginning of what was searched.
    pub at: usize,
    /// What stands around it.
    pub around: String,
}

impl Search {
    /// A search for these; `unpacked`: compressed bytes are passed over.
    pub fn new(needles: &[Needle], unpacked: bool) -> anyhow::Result<Self> {
        let mut patterns = Vec::new();
        for needle in needles {
            patterns.extend(needle.forms()?.into_iter().map(|form| Pattern { needle: needle.name.clone(), form }));
        }
        let automaton =
            AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(patterns.iter().map(|pattern| &pattern.form.bytes))?;
        let longest = patterns.iter().map(|pattern| pattern.form.bytes.len()).max().unwrap_or(0);
        Ok(Self { automaton, patterns, longest, unpacked })
    }

    /// How much of two neighbouring pieces must be the same, in bytes, so that nothing is missed between them.
    pub fn overlap(&self) -> usize {
        self.longest.max(deflated::WINDOW)
    }

    /// Reports what is found, in plain bytes and in compressed ones.
    pub fn run<'a>(&'a self, bytes: &[u8], mut report: impl FnMut(Hit<'a>)) {
        self.plain(bytes, "", None, &mut report);
        if self.unpacked {
            return;
        }
        deflated::streams(bytes, |at, packing, inflated| {
            self.plain(inflated, packing, Some(at), &mut report);
        });
    }

    fn plain<'a>(&'a self, bytes: &[u8], packing: &str, at: Option<usize>, report: &mut impl FnMut(Hit<'a>)) {
        for found in self.automaton.find_overlapping_iter(bytes) {
            let Some(Pattern { needle, form }) = self.patterns.get(found.pattern().as_usize()) else { continue };
            report(Hit {
                needle,
                form: format!("{packing}{}", form.label),
                at: at.unwrap_or(found.start()),
                around: around(bytes, found.start(), found.end()),
            });
        }
    }
}

/// What stands before and after a hit: printable characters, dots for the rest.
fn around(bytes: &[u8], start: usize, end: usize) -> String {
    /// In bytes, on either side.
    const MARGIN: usize = 48;
    let piece = bytes.get(start.saturating_sub(MARGIN)..bytes.len().min(end + MARGIN)).unwrap_or_default();
    piece.iter().map(|byte| if matches!(byte, b' '..=b'~') { char::from(*byte) } else { '.' }).collect()
}
