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

/// Whether a character joins those beside it, or selects how the one before it looks.
fn joins_or_selects(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Whether a character shows something by itself. White space does not, nor what is empty by its name: a pattern of Braille without dots,
/// a note without a head, and the blanks of hieroglyphs with what arranges these (Unicode, section 11.4).
fn is_seen(character: char) -> bool {
    let is_blank = matches!(character, '\u{2800}' | '\u{1d159}' | '\u{13430}'..='\u{13442}');
    !(character.is_whitespace() || is_blank || joins_or_selects(character) || steers_display(character))
}

/// Most marks in a row on one letter. Vietnamese and Thai need two, pointed Hebrew three, Burmese four; more of them are painted over
/// whatever stands in the lines beside.
const MARKS_MAX: usize = 4;

/// Counts marks that are piled up on one letter, over joiners and selectors, between which they are piled up all the same.
#[derive(Debug, Clone, Default)]
pub struct Marks(usize);

impl Marks {
    /// Whether there is room for the next character: for one that is no mark there always is.
    pub fn leave_room(&mut self, next: char) -> bool {
        if is_mark(next) {
            self.0 = self.0.saturating_add(1);
        } else if !joins_or_selects(next) {
            self.0 = 0;
        }
        self.0 <= MARKS_MAX
    }
}

/// Whether a character is a mark on the letter before it, in whatever script (`Grapheme_Extend` in `DerivedCoreProperties.txt`). The
/// standard library has the table, and tells of it here alone: such a character it escapes where it begins a text, and nowhere else.
fn is_mark(character: char) -> bool {
    // The first that there is.
    if character < '\u{300}' || joins_or_selects(character) {
        return false;
    }
    let text = String::from_iter([character, character]);
    let mut escaped = text.escape_debug();
    escaped.next() == Some('\\') && escaped.last() == Some(character)
}

/// Whether nothing of a text steers how it is seen.
pub fn is_plain(text: &str) -> bool {
    let mut marks = Marks::default();
    !text.contains(|character| steers_display(character) || !marks.leave_room(character))
}

/// Why a text is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It has fewer or more characters than it may have.
    Length,
    /// Something in it steers how it is seen, marks are piled up in it, or nothing of it is seen.
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

/// A text as one line: white space of every kind is one space, and what steers how it is seen is left out, of marks that are piled up those
/// past the fourth. Nothing is left of one of which nothing is seen.
pub fn one_line(text: &str) -> String {
    if !text.contains(is_seen) {
        return String::new();
    }
    let mut marks = Marks::default();
    let kept = text.chars().filter(|c| c.is_whitespace() || !steers_display(*c)).filter(|c| marks.leave_room(*c));
    let kept: String = kept.collect();
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
        for text in
            ["Z\u{202e}", "Z\u{2028}Z", "\u{200d}", "\u{3164}", "\u{fe0f} \u{200c}", "\u{2800}\u{2800}", "\u{1d159} \u{13441}"]
        {
            assert_eq!(kept(text, 0..=3), Err(Unfit::Hidden), "{text:?}");
        }
        assert_eq!(kept("a\u{2800}b", 1..=3), Ok("a\u{2800}b"), "beside something that is seen");
    }

    #[test]
    fn marks_are_not_piled_up() {
        // Latin, Thai, Hebrew and enclosing ones, and with joiners and selectors between.
        for mark in ["\u{300}", "\u{e47}", "\u{5b0}", "\u{20dd}", "\u{301}\u{200d}", "\u{301}\u{fe0f}"] {
            let [most, more, many] = [4, 5, 900].map(|times| format!("a{}b", mark.repeat(times)));
            assert_eq!(kept(&most, 1..=9999), Ok(&*most), "{mark:?}");
            assert_eq!(one_line(&most), most);
            for piled in [more, many] {
                assert_eq!(kept(&piled, 1..=9999), Err(Unfit::Hidden), "{mark:?}");
                let line = one_line(&piled);
                assert!(is_plain(&line) && line.starts_with(most.trim_end_matches('b')) && line.ends_with('b'), "{line:?}");
                assert_eq!(line.matches(is_mark).count(), MARKS_MAX);
            }
        }
        // What is left out separates nothing, and each letter has its own.
        assert_eq!(one_line(&"\u{301}\u{200b}".repeat(9).replacen('\u{301}', "a\u{301}", 1)), format!("a{}", "\u{301}".repeat(4)));
        assert!(is_plain(&"a\u{301}\u{301}\u{301}".repeat(9)));
    }

    /// Blocks of combining marks (Unicode, section 7.9), and letters among which none may be.
    #[test]
    fn a_mark_is_told_from_a_letter() {
        for block in [
            '\u{300}'..='\u{36f}',
            '\u{483}'..='\u{489}',
            '\u{1ab0}'..='\u{1ace}',
            '\u{1dc0}'..='\u{1dff}',
            '\u{20d0}'..='\u{20f0}',
            '\u{fe20}'..='\u{fe2f}',
        ] {
            for mark in block.filter(|mark| !steers_display(*mark)) {
                assert!(is_mark(mark), "{mark:?}");
            }
        }
        for other in "aß\u{2ff}Жא\u{5d0}ก\u{e01}क你\u{3042}\u{ac00}🧑\u{e000}\u{10ffff}\\\"'".chars() {
            assert!(!is_mark(other), "{other:?}");
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
        for name in [
            "علی\u{200c}رضا",
            "שלום",
            "שּׁ\u{5b8}לו\u{5b9}ם",
            "क्\u{200d}ष",
            "Zoë 🧑\u{200d}⚕️",
            "Tie\u{302}\u{301}n",
            "น้ำ",
            "လျှို့",
            "བསྒྲུབས",
        ] {
            assert_eq!(one_line(name), name);
            assert!(is_plain(name), "{name}");
        }
    }
}
