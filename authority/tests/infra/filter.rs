//! The part of `CloudWatch`'s language of filter patterns that the template's alarms are written in.
//!
//! Nothing that is published judges it: moto and its kin take the pattern as a text, and the one crate that reads it is under the AGPL. So
//! it is read here, as strictly as policies are: what is not understood is no filter.
//! Source: `CloudWatch` Logs User Guide, "Filter pattern syntax for metric filters", "Matching terms in JSON log events".

use serde_json::Value;

/// The longest pattern that `CloudWatch` takes (API reference, `PutMetricFilter`).
const LONGEST: usize = 1024;

/// A pattern in braces: one about the members of an event.
pub(crate) struct Filter(Expression);

enum Expression {
    All(Vec<Self>),
    Any(Vec<Self>),
    Equals {
        selector: Vec<Step>,
        text: String,
        negated: bool,
    },
    /// A whole number, which a text is not.
    Is {
        selector: Vec<Step>,
        number: i64,
        negated: bool,
    },
    IsFalse(Vec<Step>),
    NotExists(Vec<Step>),
}

enum Step {
    Member(String),
    Element(usize),
}

impl Filter {
    pub(crate) fn parse(pattern: &str) -> Self {
        assert!(pattern.chars().count() <= LONGEST, "CloudWatch takes no pattern of {} characters", pattern.chars().count());
        let inside = pattern.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let tokens = tokens(inside.unwrap_or_else(|| panic!("no braces around {pattern}")));
        let mut rest = tokens.as_slice();
        let expression = Expression::parse(&mut rest);
        assert!(rest.is_empty(), "something is left over: {rest:?}");
        Self(expression)
    }

    pub(crate) fn matches(&self, event: &Value) -> bool {
        self.0.holds(event)
    }
}

impl Expression {
    /// Terms joined by `&&`, or by `||`. Which of the two binds closer nobody should have to know: both together need parentheses.
    fn parse(rest: &mut &[String]) -> Self {
        let mut terms = vec![Self::term(rest)];
        let Some(joint) = rest.first().filter(|token| ["&&", "||"].contains(&token.as_str())).cloned() else {
            return terms.remove(0);
        };
        while rest.first() == Some(&joint) {
            take(rest);
            terms.push(Self::term(rest));
        }
        if joint == "&&" { Self::All(terms) } else { Self::Any(terms) }
    }

    fn term(rest: &mut &[String]) -> Self {
        let first = take(rest);
        if first == "(" {
            let inner = Self::parse(rest);
            assert_eq!(take(rest), ")");
            return inner;
        }
        let selector = selector(&first);
        match take(rest).as_str() {
            "NOT" => {
                assert_eq!(take(rest), "EXISTS");
                Self::NotExists(selector)
            }
            "IS" => {
                assert_eq!(take(rest), "FALSE");
                Self::IsFalse(selector)
            }
            sign @ ("=" | "!=") => {
                let quoted = take(rest);
                let negated = sign == "!=";
                if let Ok(number) = quoted.parse() {
                    return Self::Is { selector, number, negated };
                }
                let text = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
                let text = text.unwrap_or_else(|| panic!("no text in quotes: {quoted}")).to_owned();
                Self::Equals { selector, text, negated }
            }
            other => panic!("no comparison: {other}"),
        }
    }

    /// A member that is not there is neither equal nor unequal to anything.
    fn holds(&self, event: &Value) -> bool {
        match self {
            Self::All(terms) => terms.iter().all(|term| term.holds(event)),
            Self::Any(terms) => terms.iter().any(|term| term.holds(event)),
            Self::Equals { selector, text, negated } => {
                at(event, selector).and_then(Value::as_str).is_some_and(|value| is_like(value, text) != *negated)
            }
            Self::Is { selector, number, negated } => {
                at(event, selector).and_then(Value::as_i64).is_some_and(|value| (value == *number) != *negated)
            }
            Self::IsFalse(selector) => at(event, selector) == Some(&Value::Bool(false)),
            Self::NotExists(selector) => at(event, selector).is_none(),
        }
    }
}

fn at<'a>(event: &'a Value, selector: &[Step]) -> Option<&'a Value> {
    selector.iter().try_fold(event, |value, step| match step {
        Step::Member(name) => value.get(name),
        Step::Element(place) => value.get(place),
    })
}

/// Whether a text is one in which `*` stands for anything.
fn is_like(value: &str, wanted: &str) -> bool {
    match wanted.split_once('*') {
        None => value == wanted,
        Some((first, others)) => value.strip_prefix(first).is_some_and(|rest| {
            rest.char_indices().map(|(place, _)| place).chain([rest.len()]).any(|from| is_like(&rest[from..], others))
        }),
    }
}

/// `$.resources[0].ARN`
fn selector(text: &str) -> Vec<Step> {
    let path = text.strip_prefix("$.").unwrap_or_else(|| panic!("no selector: {text}"));
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (name, element) = part.split_once('[').map_or((part, None), |(name, rest)| (name, rest.strip_suffix(']')));
        assert!(!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()), "no selector: {text}");
        steps.push(Step::Member(name.to_owned()));
        steps.extend(element.map(|element| Step::Element(element.parse().unwrap())));
    }
    steps
}

fn take(rest: &mut &[String]) -> String {
    let (first, others) = rest.split_first().unwrap_or_else(|| panic!("the pattern ends too early"));
    *rest = others;
    first.clone()
}

fn tokens(mut text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    loop {
        text = text.trim_start();
        let Some(first) = text.chars().next() else { return tokens };
        let sign = ["&&", "||", "!=", "=", "(", ")"].into_iter().find(|sign| text.starts_with(sign));
        let length = match (sign, first) {
            (Some(sign), _) => sign.len(),
            (None, '"') => text[1..].find('"').unwrap_or_else(|| panic!("a quote is not closed: {text}")) + 2,
            (None, _) => text.find(|next: char| next.is_whitespace() || "()=!&|\"".contains(next)).unwrap_or(text.len()),
        };
        assert!(length > 0, "no part of a pattern: {text}");
        let (token, others) = text.split_at(length);
        tokens.push(token.to_owned());
        text = others;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_absent_is_neither_equal_nor_unequal() {
        let event = json!({ "name": "Decrypt", "list": [{ "arn": "arn:aws:kms:x:key/1" }], "reads": false, "seconds": 900 });
        for (pattern, holds) in [
            (r#"{ $.name = "Decrypt" }"#, true),
            (r#"{ $.name = "De*" }"#, true),
            (r#"{ $.name = "*crypt*" }"#, true),
            (r#"{ $.name = "*crypts" }"#, false),
            (r#"{ $.name != "Encrypt" }"#, true),
            (r"{ $.seconds = 900 }", true),
            (r"{ $.seconds != 900 }", false),
            (r"{ $.seconds != 901 }", true),
            (r"{ $.name != 900 }", false),
            (r"{ $.nobody != 900 }", false),
            (r#"{ $.nobody = "*" }"#, false),
            (r#"{ $.nobody != "Encrypt" }"#, false),
            (r"{ $.nobody.knows NOT EXISTS }", true),
            (r"{ $.name NOT EXISTS }", false),
            (r"{ $.reads IS FALSE }", true),
            (r"{ $.name IS FALSE }", false),
            (r#"{ $.list[0].arn = "*key/1" }"#, true),
            (r#"{ $.list[1].arn = "*" }"#, false),
            (r#"{ ($.name = "Decrypt" || $.name = "x") && ($.reads IS FALSE) }"#, true),
            (r#"{ ($.name = "Decrypt" && $.name = "x") || ($.nobody = "y") }"#, false),
        ] {
            assert_eq!(Filter::parse(pattern).matches(&event), holds, "{pattern}");
        }
    }

    #[test]
    #[should_panic(expected = "left over")]
    fn and_beside_or_is_not_guessed_at() {
        Filter::parse(r#"{ $.a = "1" && $.b = "2" || $.c = "3" }"#);
    }
}
