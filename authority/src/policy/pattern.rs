//! The wildcards of `Action` and `Resource`: `*` stands for any run of characters, `?` for exactly one.

/// Whether `text` matches `pattern`. Time is bounded by the product of both lengths: the matcher only ever goes back to
/// the last `*`, so a hostile pattern costs no more than that.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    // Where to resume when a later character fails: after the last `*`, one character further into the text.
    let mut resume = None;
    loop {
        let after_text = {
            let mut rest = text.clone();
            rest.next().map(|symbol| (symbol, rest))
        };
        let mut after_pattern = pattern.clone();
        match (after_pattern.next(), after_text) {
            (None, None) => return true,
            (Some('*'), _) => {
                pattern = after_pattern;
                resume = Some((pattern.clone(), text.clone()));
            }
            (Some(wanted), Some((symbol, rest))) if wanted == '?' || wanted == symbol => {
                pattern = after_pattern;
                text = rest;
            }
            _ => {
                let Some((pattern_again, mut text_again)) = resume else {
                    return false;
                };
                if text_again.next().is_none() {
                    return false;
                }
                pattern = pattern_again.clone();
                text = text_again.clone();
                resume = Some((pattern_again, text_again));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::matches;

    /// The definition, as plainly as it can be written.
    fn by_definition(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), None) => by_definition(rest, text),
            (Some(('*', rest)), Some((_, shorter))) => by_definition(rest, text) || by_definition(pattern, shorter),
            (Some(('?', rest)), Some((_, shorter))) => by_definition(rest, shorter),
            (Some((wanted, rest)), Some((symbol, shorter))) => wanted == symbol && by_definition(rest, shorter),
            _ => false,
        }
    }

    #[test]
    fn a_hostile_pattern_ends() {
        assert!(!matches(&"*a".repeat(500), &"a".repeat(499)));
        assert!(!matches(&format!("{}b", "*a".repeat(200)), &"a".repeat(2000)));
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(pattern in "[ab*?]{0,8}", text in "[abc]{0,8}") {
            let wanted: Vec<char> = pattern.chars().collect();
            let given: Vec<char> = text.chars().collect();
            prop_assert_eq!(matches(&pattern, &text), by_definition(&wanted, &given));
        }
    }
}
