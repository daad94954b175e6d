//! What a person types and another one reads: it may say anything, and change nothing of how the rest is seen.

/// Characters that are not seen and change what is seen: control characters (C0, DEL, C1), direction marks and
/// overrides (Unicode Bidirectional Algorithm, section 2), invisible operators, the soft hyphen, interlinear
/// annotation, and tags. The joiners U+200C and U+200D stay: Persian and Indic names need them.
pub fn steers_display(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether nothing of a text steers how it is seen.
pub fn is_plain(text: &str) -> bool {
    !text.contains(steers_display)
}

/// A text as one line: white space of every kind is one space, and what steers how it is seen is left out.
pub fn one_line(text: &str) -> String {
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
    fn a_text_is_one_line_and_reads_as_it_was_typed() {
        let typed =
            "  Found\nalone,\t confused.\r\n\nConfirmed\u{2028}by \u{202e}nobody\u{202c}\u{200b}\u{feff} \u{85} at all\u{0} ";
        assert_eq!(one_line(typed), "Found alone, confused. Confirmed by nobody at all");
        assert!(!is_plain(typed) && is_plain(&one_line(typed)));
        assert_eq!(one_line(" \n\u{202e} "), "");
        // What names are written with stays.
        for name in ["علی\u{200c}رضا", "שלום", "क्\u{200d}ष", "Zoë 🧑\u{200d}⚕️"] {
            assert_eq!(one_line(name), name);
            assert!(is_plain(name), "{name}");
        }
    }
}
