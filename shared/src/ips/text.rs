//! Text of a record made safe to show: cleaned of what steers the display, bounded, and never markup.
//!
//! Knows nothing of FHIR beyond that a narrative is XHTML. Guarantees of every string it returns: no control
//! character but the line break (and that only in narratives), no character that changes the direction of what stands
//! beside it, no marks piled up over the lines beside, and no more characters than asked for.

use crate::shown::{self, Marks};

/// Characters read for each that may be shown: what is folded or dropped counts too, so that a field of five million
/// blanks costs no more than one of a few thousand.
pub(super) const READ_PER_SHOWN: usize = 8;

/// Cleans one field: white space runs become one blank, what steers the display goes, the end is cut at `most`
/// characters with an ellipsis.
pub fn clean(raw: &str, most: usize) -> String {
    collect(raw.chars(), most, false)
}

/// A narrative (XHTML) as plain text: tags go, blocks and rows become lines, scripts, styles and comments vanish,
/// entities are decoded (once: what they spell is text, never a tag), and the result is cleaned as [`clean`] does, with lines kept.
pub fn narrative(xhtml: &str, most: usize) -> String {
    let mut out = String::new();
    let enough = most.saturating_mul(READ_PER_SHOWN);
    let mut rest = xhtml;
    while let Some((before, at_mark)) = split_at(rest, &['<', '&']).filter(|_| out.len() <= enough) {
        push_folded(before, &mut out);
        rest = match at_mark.strip_prefix('&') {
            Some(entity) => decode(entity, &mut out),
            None => skip_tag(at_mark, &mut out),
        };
    }
    if out.len() <= enough {
        push_folded(rest, &mut out);
    }
    collect(out.chars(), most, true)
}

/// Line breaks of the markup itself are blanks to a reader.
fn push_folded(text: &str, out: &mut String) {
    out.extend(text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }));
}

/// `text` split before the first of `marks`; `None` if there is none.
fn split_at<'a>(text: &'a str, marks: &[char]) -> Option<(&'a str, &'a str)> {
    text.find(marks).and_then(|at| text.split_at_checked(at))
}

/// Decodes the entity whose name begins `rest` (after the ampersand) and returns what follows it. An ampersand that
/// begins no known entity stays an ampersand.
fn decode<'a>(rest: &'a str, out: &mut String) -> &'a str {
    // The longest form is "#1114111;".
    let name = rest.find(';').filter(|end| *end <= 9).and_then(|end| Some((rest.get(..end)?, rest.get(end + 1..)?)));
    let decoded = name.and_then(|(name, after)| {
        let character = match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            "nbsp" => ' ',
            _ => {
                let number = name.strip_prefix('#')?;
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => number.parse(),
                };
                char::from_u32(code.ok()?)?
            }
        };
        Some((character, after))
    });
    let (character, after) = decoded.unwrap_or(('&', rest));
    out.push(character);
    after
}

/// Skips the tag, comment or processing instruction at the start of `rest`. An unfinished one hides the rest, as it
/// would in a browser: text inside a tag was never meant to be read.
fn skip_tag<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let after = |mark: &str| rest.split_once(mark).map_or("", |(_, after)| after);
    if rest.starts_with("<!--") {
        return after("-->");
    }
    let name = rest.trim_start_matches(['<', '/']);
    let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    match name {
        "br" | "p" | "div" | "li" | "ul" | "ol" | "tr" | "table" | "caption" | "dt" | "dd" | "pre" | "blockquote" | "h1" | "h2"
        | "h3" | "h4" | "h5" | "h6" => out.push('\n'),
        "td" | "th" if rest.starts_with("</") => out.push_str(" · "),
        "script" | "style" if !rest.starts_with("</") => {
            return after(if name == "script" { "</script>" } else { "</style>" });
        }
        _ => {}
    }
    after(">")
}

/// The characters that may be shown, white space folded, at most `most` of them.
fn collect(raw: impl Iterator<Item = char>, most: usize, keep_lines: bool) -> String {
    let mut out = String::new();
    let mut count = 0;
    let mut gap = None;
    let mut marks = Marks::default();
    for character in raw.take(most.saturating_mul(READ_PER_SHOWN)) {
        if character.is_whitespace() {
            let line = keep_lines && !matches!(character, ' ' | '\t' | '\u{a0}');
            gap = Some(if line || gap == Some('\n') { '\n' } else { ' ' });
            continue;
        }
        if shown::steers_display(character) || !marks.leave_room(character) {
            continue;
        }
        let gap = gap.take().filter(|_| !out.is_empty());
        if count + usize::from(gap.is_some()) >= most {
            out.push('…');
            break;
        }
        if let Some(gap) = gap {
            out.push(gap);
            count += 1;
        }
        out.push(character);
        count += 1;
    }
    out
}
