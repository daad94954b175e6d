//! The session policy of a grant: what makes five minutes true at KMS itself (docs/ARCHITECTURE.md, Keys).

use halligan_shared::id::RecordId;
use serde_json::json;
use time::{OffsetDateTime, macros::format_description};

use super::{CONTEXT, Keys};

/// Allow Decrypt for this record and DeriveSharedSecret, both until the window closes and not a second longer.
///
/// Dates in IAM policies take no variables and compare to the second, so the end is written out, rounded down.
pub(super) fn of_window(keys: &Keys<'_>, record: &RecordId, ends_at: OffsetDateTime) -> String {
    let seconds = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    // The format has no part that could fail for a UTC instant; an empty date allows nothing.
    let end = ends_at.to_offset(time::UtcOffset::UTC).format(seconds).unwrap_or_default();
    let open = json!({ "aws:CurrentTime": end });
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
