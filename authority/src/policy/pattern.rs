//! Texts of a policy that stand for many: with `*` for any run of characters, `?` for exactly one, and policy variables.
//!
//! What a variable stands for is taken as it is: a `*` in a tag's value is a star, not a wildcard, so nobody who may choose a
//! tag widens a policy by it. A variable without a value in the request makes its whole text match nothing.

use super::{Act, MalformedPolicy, key::Key};

/// A text with wildcards and variables.
#[derive(Clone)]
pub(super) struct Pattern(Vec<Piece>);

/// An ARN whose parts are matched one by one, so that no wildcard reaches over a colon into the next part.
#[derive(Clone)]
pub(super) struct ArnPattern(Vec<Pattern>);

#[derive(Clone)]
enum Piece {
    Exactly(char),
    One,
    Run,
    Variable(Key),
}

/// What `*`, `?` and `${…}` mean in a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) wildcards: bool,
    /// Only the version of 2012 has variables; in the older one they would be plain text, which nobody means.
    pub(super) variables: bool,
}

/// `arn:partition:service:region:account:resource`.
const ARN_PARTS: usize = 6;

impl Pattern {
    pub(super) fn parse(text: &str, meaning: Meaning) -> Result<Self, MalformedPolicy> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(symbol) = rest.chars().next() {
            if let Some(inside) = rest.strip_prefix("${") {
                let (name, after) = inside.split_once('}').ok_or_else(|| MalformedPolicy::Variable(text.to_owned()))?;
                pieces.push(variable(name, meaning).ok_or_else(|| MalformedPolicy::Variable(text.to_owned()))?);
                rest = after;
                continue;
            }
            pieces.push(match symbol {
                '*' if meaning.wildcards => Piece::Run,
                '?' if meaning.wildcards => Piece::One,
                _ => Piece::Exactly(symbol),
            });
            rest = rest.get(symbol.len_utf8()..).unwrap_or_default();
        }
        Ok(Self(pieces))
    }

    pub(super) fn matches(&self, text: &str, act: &Act<'_>) -> bool {
        self.resolved(act).is_some_and(|pattern| matches(&pattern, text))
    }

    fn resolved(&self, act: &Act<'_>) -> Option<Vec<Piece>> {
        let mut resolved = Vec::with_capacity(self.0.len());
        for piece in &self.0 {
            match piece {
                Piece::Variable(key) => resolved.extend(act.text(key)?.chars().map(Piece::Exactly)),
                plain => resolved.push(plain.clone()),
            }
        }
        Some(resolved)
    }
}

impl ArnPattern {
    pub(super) fn parse(text: &str, meaning: Meaning) -> Result<Option<Self>, MalformedPolicy> {
        let Pattern(pieces) = Pattern::parse(text, meaning)?;
        let parts = pieces.splitn(ARN_PARTS, |piece| matches!(piece, Piece::Exactly(':')));
        let parts: Vec<_> = parts.map(|part| Pattern(part.to_vec())).collect();
        Ok((parts.len() == ARN_PARTS && text.starts_with("arn:")).then_some(Self(parts)))
    }

    pub(super) fn matches(&self, text: &str, act: &Act<'_>) -> bool {
        let parts: Vec<_> = text.splitn(ARN_PARTS, ':').collect();
        parts.len() == ARN_PARTS && self.0.iter().zip(parts).all(|(pattern, part)| pattern.matches(part, act))
    }
}

/// `${*}`, `${?}` and `${$}` are those characters themselves.
fn variable(name: &str, meaning: Meaning) -> Option<Piece> {
    let piece = match name {
        "*" => Piece::Exactly('*'),
        "?" => Piece::Exactly('?'),
        "$" => Piece::Exactly('$'),
        _ => Piece::Variable(Key::parse(name).ok().filter(Key::is_variable)?),
    };
    meaning.variables.then_some(piece)
}

/// Time is bounded by the product of both lengths: the matcher only ever goes back to the last `*`, so a hostile pattern costs no
/// more than that.
fn matches(pattern: &[Piece], text: &str) -> bool {
    let (mut pattern, mut text) = (pattern, text.chars());
    // Where to resume when a later character fails: after the last `*`, one character further into the text.
    let mut resume = None;
    loop {
        let mut after = text.clone();
        match (pattern.split_first(), after.next()) {
            (None, None) => return true,
            (Some((Piece::Run, rest)), _) => {
                pattern = rest;
                resume = Some((rest, text.clone()));
            }
            (Some((piece, rest)), Some(symbol)) if stands_for(piece, symbol) => {
                pattern = rest;
                text = after;
            }
            _ => {
                let Some((pattern_again, mut text_again)) = resume else {
                    return false;
                };
                if text_again.next().is_none() {
                    return false;
                }
                pattern = pattern_again;
                text = text_again.clone();
                resume = Some((pattern_again, text_again));
            }
        }
    }
}

fn stands_for(piece: &Piece, symbol: char) -> bool {
    match piece {
        Piece::Exactly(wanted) => *wanted == symbol,
        Piece::One => true,
        Piece::Run | Piece::Variable(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pattern(text: &str) -> Vec<Piece> {
        Pattern::parse(text, Meaning { wildcards: true, variables: true }).unwrap().0
    }

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
        assert!(!matches(&pattern(&"*a".repeat(500)), &"a".repeat(499)));
        assert!(!matches(&pattern(&format!("{}b", "*a".repeat(200))), &"a".repeat(2000)));
    }

    #[test]
    fn escaped_wildcards_are_characters() {
        assert!(matches(&pattern("a${*}${?}${$}"), "a*?$"));
        assert!(!matches(&pattern("a${*}"), "abc"));
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(wanted in "[ab*?]{0,8}", text in "[abc]{0,8}") {
            let definition: Vec<char> = wanted.chars().collect();
            let given: Vec<char> = text.chars().collect();
            prop_assert_eq!(matches(&pattern(&wanted), &text), by_definition(&definition, &given));
        }
    }
}
