//! What a person types and another one reads: it may say anything, and change nothing of how the rest is seen.

use std::ops::RangeInclusive;

/// Characters that are not seen and change what is seen, or pass for something: control characters (C0, DEL, C1), breaks of lines and
/// paragraphs, direction marks and overrides (Unicode Bidirectional Algorithm, section 2), interlinear annotation, and what is ignorable
/// by default (Unicode, section 5.21; `Default_Ignorable_Code_Point` in `DerivedCoreProperties.txt`), letters that show nothing among it.
/// Of those stay the joiners U+200C and U+200D, which Persian and Indic names need, and the selectors of variants.
pub fn steers_display(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}')
}

/// Whether a character shows something by itself.
fn is_seen(character: char) -> bool {
    let joins_or_selects = matches!(character, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
    !(character.is_whitespace() || joins_or_selects || steers_display(character))
}

/// Whether nothing of a text steers how it is seen.
pub fn is_plain(text: &str) -> bool {
    !text.contains(steers_display)
}

/// Why a text is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It has fewer or more characters than it may have.
    Length,
    /// Something in it steers how it is seen, or nothing of it is seen.
    Hidden,
}

/// What somebody typed, as it may be kept: trimmed, of so many characters, with nothing that steers how it is seen.
pub fn kept(typed: &str, characters: RangeInclusive<usize>) -> Result<&str, Unfit> {
    let text = typed.trim();
    if !characters.contains(&text.chars().count()) {
        Err(Unfit::Length)
    } else if is_plain(text) && (text.is_empty() || text.contains(is_seen)) {
        Ok(text)
    } else {
        Err(Unfit::Hidden)
    }
}

/// A text as one line: white space of every kind is one space, and what steers how it is seen is left out. Nothing is left of one of which
/// nothing is seen.
pub fn one_line(text: &str) -> String {
    if !text.contains(is_seen) {
        return String::new();
    }
    let kept: String = text.chars().filter(|c| c.is_whitespace() || !steers_display(*c)).collect();
    let mut words = kept.split_whitespace();
    let mut line = words.next().unwrap_or_default().to_owned();
    for word in words {
        line.push(' ');
        line.push_str(word);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_trimmed_bounded_and_plain() {
        assert_eq!(kept("  Zoë \n", 1..=3), Ok("Zoë"));
        assert_eq!(kept("", 0..=3), Ok(""));
        for text in ["", "   ", "Zoës"] {
            assert_eq!(kept(text, 1..=3), Err(Unfit::Length), "{text:?}");
        }
        for text in ["Z\u{202e}", "Z\u{2028}Z", "\u{200d}", "\u{3164}", "\u{fe0f} \u{200c}"] {
            assert_eq!(kept(text, 0..=3), Err(Unfit::Hidden), "{text:?}");
        }
    }

    #[test]
    fn whatever_steers_makes_a_text_unfit_by_itself() {
        for steers in ('\0'..=char::MAX).filter(|character| steers_display(*character)) {
            assert!(!is_plain(&format!("a{steers}b")), "{steers:?}");
            let between = one_line(&format!("a{steers}b"));
            assert_eq!(between.replace(' ', ""), "ab", "{steers:?}");
        }
        for ignorable in [
            '\u{34f}',
            '\u{115f}',
            '\u{17b4}',
            '\u{180b}',
            '\u{2028}',
            '\u{2065}',
            '\u{3164}',
            '\u{ffa0}',
            '\u{1d173}',
            '\u{e0fff}',
        ] {
            assert!(steers_display(ignorable), "{ignorable:?}");
        }
    }

    #[test]
    fn a_text_is_one_line_and_reads_as_it_was_typed() {
        let typed =
            "  Found\nalone,\t confused.\r\n\nConfirmed\u{2028}by \u{202e}nobody\u{202c}\u{200b}\u{feff} \u{85} at all\u{0} ";
        assert_eq!(one_line(typed), "Found alone, confused. Confirmed by nobody at all");
        assert!(!is_plain(typed) && is_plain(&one_line(typed)));
        for nothing in [" \n\u{202e} ", "\u{3164}\u{3164} \u{3164}", "\u{200d} \u{200c}"] {
            assert_eq!(one_line(nothing), "");
        }
        // What names are written with stays.
        for name in ["علی\u{200c}رضا", "שלום", "क्\u{200d}ष", "Zoë 🧑\u{200d}⚕️"] {
            assert_eq!(one_line(name), name);
            assert!(is_plain(name), "{name}");
        }
    }
}
