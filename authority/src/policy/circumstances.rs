//! What surrounds a request and conditions may speak of.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::key::Key;

/// The moment of a request, and the condition keys that it carries. What is not put here is absent from the request.
#[derive(Clone, Debug)]
pub struct Circumstances {
    current_time: OffsetDateTime,
    token_issue_time: Option<OffsetDateTime>,
    /// By the key's name in lower case.
    values: BTreeMap<String, Vec<String>>,
}

impl Circumstances {
    /// A request at `current_time` by a long-term access key, and nothing more.
    pub fn at(current_time: OffsetDateTime) -> Self {
        Self { current_time, token_issue_time: None, values: BTreeMap::new() }
    }

    /// `aws:TokenIssueTime`: when the caller's session began.
    #[must_use]
    pub fn issued_at(self, time: OffsetDateTime) -> Self {
        Self { token_issue_time: Some(time), ..self }
    }

    /// One more condition key, such as `kms:EncryptionContext:halligan:record`, with its one value. Names compare without case,
    /// so of two names that differ only in case the later stays: a request with both must be refused before it gets here.
    #[must_use]
    pub fn with(self, key: &str, value: impl Into<String>) -> Self {
        self.with_all(key, [value.into()])
    }

    /// One more condition key with several values, such as `aws:TagKeys`.
    #[must_use]
    pub fn with_all(mut self, key: &str, values: impl IntoIterator<Item = String>) -> Self {
        self.values.insert(key.to_lowercase(), values.into_iter().collect());
        self
    }

    /// IAM compares dates to the second.
    pub(super) fn date(&self, key: &Key) -> Option<i64> {
        match key.name.as_str() {
            "aws:currenttime" => Some(self.current_time),
            "aws:tokenissuetime" => self.token_issue_time,
            _ => None,
        }
        .map(OffsetDateTime::unix_timestamp)
    }

    pub(super) fn texts(&self, key: &Key) -> Option<&[String]> {
        self.values.get(&key.name).map(Vec::as_slice)
    }
}
