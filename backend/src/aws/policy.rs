//! The session policy of a grant: what makes five minutes true at KMS itself (docs/ARCHITECTURE.md, Keys).

use halligan_shared::id::RecordId;
use serde_json::{Value, json};
use time::{OffsetDateTime, macros::format_description};

use super::{CONTEXT, Keys};

/// Allow Decrypt for this record and DeriveSharedSecret, both until the window closes and not a second longer.
///
/// Dates in IAM policies take no variables and compare to the second, so the end is written out, rounded down.
pub(super) fn of_window(keys: &Keys<'_>, record: &RecordId, ends_at: OffsetDateTime) -> String {
    let open = until(ends_at);
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow", "Action": "kms:Decrypt", "Resource": keys.kek,
                "Condition": { "DateLessThan": open, "StringEquals": { format!("kms:EncryptionContext:{CONTEXT}"): record.to_string() } },
            },
            { "Effect": "Allow", "Action": "kms:DeriveSharedSecret", "Resource": keys.agreement_key, "Condition": { "DateLessThan": open } },
        ],
    })
    .to_string()
}

/// Allow Decrypt for any record until then: for the trial whether role and key bind a session to its record where this does not.
pub(super) fn of_any_record(keys: &Keys<'_>, ends_at: OffsetDateTime) -> String {
    let open = until(ends_at);
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": "kms:Decrypt", "Resource": keys.kek, "Condition": { "DateLessThan": open } }],
    })
    .to_string()
}

fn until(ends_at: OffsetDateTime) -> Value {
    let seconds = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    // The format has no part that could fail for a UTC instant; an empty date allows nothing.
    let end = ends_at.to_offset(time::UtcOffset::UTC).format(seconds).unwrap_or_default();
    json!({ "aws:CurrentTime": end })
}
