//! A reference while it is being typed: laid out as on the bracelet, and judged as far as it can be.

use zeroize::{Zeroize as _, Zeroizing};

use crate::reference::{DATA, GROUP, SPARE, TEXT_MAX, is_separator, letter, value_of};

/// A reference while it is being typed: what the field shows, and what can be said already.
pub struct Typing {
    /// What the field should show: groups as on the bracelet, upper case, look-alikes folded. As it was typed, when a
    /// character is foreign, so that the person finds it where they put it.
    pub text: Zeroizing<String>,
    /// Symbols so far; may be more than [`SYMBOLS`](crate::reference::SYMBOLS).
    pub count: usize,
    /// The first character that no bracelet carries: which, from 1, separators not counted.
    pub foreign: Option<usize>,
    /// A group that is wrong whatever comes after it: which, from 1. Only the last can be known to be, by its spare
    /// bits; every other group takes any symbols, and what is wrong in them shows when the reference is whole.
    pub wrong_group: Option<usize>,
}

impl Typing {
    /// Lays out what was typed so far. Drops nothing but what is past the longest text that is looked at.
    pub fn of(text: &str) -> Self {
        let mut typing =
            Self { text: Zeroizing::new(String::with_capacity(2 * TEXT_MAX)), count: 0, foreign: None, wrong_group: None };
        let text = text.get(..text.floor_char_boundary(TEXT_MAX)).unwrap_or_default();
        for (i, c) in text.chars().filter(|c| !is_separator(*c)).enumerate() {
            let Some(value) = value_of(c) else {
                typing.foreign = typing.foreign.or(Some(i + 1));
                continue;
            };
            if typing.count == DATA - 1 && value & SPARE != 0 {
                typing.wrong_group = Some((DATA - 1) / GROUP + 1);
            }
            // What is shown must not be past the longest text that is looked at, or showing it again would show less.
            if typing.text.len() + 2 <= TEXT_MAX {
                if typing.count > 0 && typing.count.is_multiple_of(GROUP) {
                    typing.text.push('-');
                }
                typing.text.push(letter(value));
            }
            typing.count += 1;
        }
        if typing.foreign.is_some() {
            typing.text.zeroize();
            typing.text.push_str(text);
            typing.wrong_group = None;
        }
        typing
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reference::{Reference, ReferenceDigest, ReferenceFault};

    fn read(text: &str) -> Result<ReferenceDigest, ReferenceFault> {
        Reference::parse(text).map(|reference| reference.digest())
    }

    #[test]
    fn typing_is_laid_out_as_on_the_bracelet() {
        let typing = Typing::of("abcdl o2");
        assert_eq!((typing.text.as_str(), typing.count, typing.foreign), ("ABCD-102", 7, None));
        let foreign = Typing::of("ab-c!d");
        assert_eq!((foreign.text.as_str(), foreign.count, foreign.foreign), ("ab-c!d", 4, Some(4)));
        assert_eq!(Typing::of(&"0".repeat(29)).count, 29, "one too many is shown, not swallowed");
        assert_eq!(Typing::of(&"\u{2013}".repeat(1_000_000)).count, 0);
        let longest = Typing::of(&"0".repeat(TEXT_MAX)).text;
        assert!(*Typing::of(&longest).text == *longest, "shown again it is the same");
        assert!(longest.len() > TEXT_MAX - GROUP, "and no shorter than need be");
    }

    #[test]
    fn typing_knows_a_wrong_last_group_before_it_is_whole() {
        let wrong_group = |last: &str| Typing::of(&format!("{}{last}", "0".repeat(DATA - 1))).wrong_group;
        for (last, known) in [("", None), ("0", None), ("4", None), ("W", None), ("1", Some(7)), ("2Z", Some(7)), ("!1", None)] {
            assert_eq!(wrong_group(last), known, "{last}");
        }
    }

    proptest! {
        #[test]
        fn laying_out_again_changes_nothing(text: String) {
            let laid_out = Typing::of(&text).text;
            prop_assert!(*Typing::of(&laid_out).text == *laid_out);
        }

        #[test]
        fn laying_out_never_changes_what_is_read(bytes: [u8; 16], cut in 0..35_usize, separator in "[-_. \u{2013}]{0,3}") {
            let printed = Reference::from_bytes(bytes).to_text().replace('-', &separator).to_lowercase();
            let typed: String = printed.chars().take(cut).collect();
            prop_assert_eq!(read(&Typing::of(&typed).text), read(&typed));
        }
    }
}
