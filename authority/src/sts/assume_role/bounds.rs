//! The bounds of `AssumeRole`'s parameters, from the API model (sts/2011-06-15) and the STS API reference.

use time::Duration;

use crate::refusal::Refusal;

/// `DurationSeconds`: 900 to 43200, one hour if not given.
const SECONDS: std::ops::RangeInclusive<i64> = 900..=43_200;
const DEFAULT_SECONDS: i64 = 3600;
/// Characters of an inline session policy.
const MAX_POLICY: usize = 2048;
const MAX_TAGS: usize = 50;
const MAX_TAG_KEY: usize = 128;
const MAX_TAG_VALUE: usize = 256;
/// Bytes of policy and tags together. AWS packs both into a form of its own and tells only how full it is; this is a bound of ours.
const MAX_PACKED: usize = 4096;

pub(super) fn arn(text: String) -> Result<String, Refusal> {
    let length = text.chars().count();
    if (20..=2048).contains(&length) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text)
    } else {
        Err(unfit("roleArn", "must be an ARN of 20 to 2048 characters"))
    }
}

/// A session name or a source identity: `[\w+=,.@-]{2,64}`.
pub(super) fn name(member: &str, text: String) -> Result<String, Refusal> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    if (2..=64).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(text)
    } else {
        Err(unfit(member, r"must satisfy regular expression pattern: [\w+=,.@-]{2,64}"))
    }
}

pub(super) fn policy(text: String) -> Result<String, Refusal> {
    let allowed = |symbol: char| matches!(symbol, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    if text.chars().count() > MAX_POLICY {
        Err(unfit("policy", "must have length less than or equal to 2048"))
    } else if text.is_empty() || !text.chars().all(allowed) {
        Err(unfit("policy", r"must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+"))
    } else {
        Ok(text)
    }
}

pub(super) fn duration(text: Option<String>) -> Result<Duration, Refusal> {
    let Some(text) = text else {
        return Ok(Duration::seconds(DEFAULT_SECONDS));
    };
    match text.parse::<i64>() {
        Ok(seconds) if SECONDS.contains(&seconds) => Ok(Duration::seconds(seconds)),
        _ => Err(unfit("durationSeconds", "must have value between 900 and 43200")),
    }
}

/// Keys and values of `[\p{L}\p{Z}\p{N}_.:/=+\-@]`, with Rust's notions of letter, number and space for Unicode's.
pub(super) fn tags(tags: Vec<(String, String)>) -> Result<Vec<(String, String)>, Refusal> {
    let allowed =
        |symbol: char| symbol.is_alphanumeric() || (symbol.is_whitespace() && !symbol.is_control()) || "_.:/=+-@".contains(symbol);
    if tags.len() > MAX_TAGS {
        return Err(unfit("tags", "must have length less than or equal to 50"));
    }
    for (place, (key, value)) in tags.iter().enumerate() {
        if !(1..=MAX_TAG_KEY).contains(&key.chars().count()) || !key.chars().all(allowed) {
            return Err(unfit("tags.member.key", r"must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}"));
        }
        if value.chars().count() > MAX_TAG_VALUE || !value.chars().all(allowed) {
            return Err(unfit("tags.member.value", r"must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}"));
        }
        // Tag keys compare without case.
        if tags.iter().take(place).any(|(earlier, _)| earlier.to_lowercase() == key.to_lowercase()) {
            return Err(Refusal::Validation(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.".to_owned(),
            ));
        }
    }
    Ok(tags)
}

/// How full policy and tags make the token, in percent, rounded up.
pub(super) fn packed_size(policy: Option<&str>, tags: &[(String, String)]) -> Result<usize, Refusal> {
    let size = policy.map_or(0, str::len) + tags.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>();
    let percent = (size * 100).div_ceil(MAX_PACKED);
    if percent > 100 {
        return Err(Refusal::PackedPolicyTooLarge(format!(
            "Packed size of session policy and tags consumes {percent}% of allotted space."
        )));
    }
    Ok(percent)
}

/// Names the member and the rule, not the value.
fn unfit(member: &str, rule: &str) -> Refusal {
    Refusal::Validation(format!("1 validation error detected: Value at '{member}' failed to satisfy constraint: Member {rule}"))
}
