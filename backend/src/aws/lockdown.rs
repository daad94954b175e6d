//! Refusing the decrypter role's sessions, all of them or the older ones, at the authority itself.
//!
//! STS takes no session back. What IAM offers in its place is a policy on the role that denies everything to its sessions, or to those
//! issued before an instant; its console writes such a one too ("Revoke active sessions"). Each word takes the place of the last.

use std::fmt;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339, macros::format_description};

use super::{Authority, AuthorityFault};

/// The portal's own: what somebody denies by hand in IAM's console, which calls it `AWSRevokeOlderSessions`, is never written over or
/// taken away by the portal.
const POLICY: &str = "HalliganLockdown";

/// Which sessions of the decrypter role the portal's policy there refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// None: the policy is not there.
    None,
    /// Every one.
    All,
    /// Those issued before this.
    Older(OffsetDateTime),
    /// What the portal never wrote.
    Otherwise,
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => write!(f, "the role has no policy {POLICY}"),
            Self::All => write!(f, "{POLICY} refuses every session"),
            Self::Older(before) => write!(f, "{POLICY} refuses sessions from before {}", to_the_second(*before)),
            Self::Otherwise => write!(f, "{POLICY} is not as the portal writes it"),
        }
    }
}

impl Authority {
    /// Has every session of the decrypter role refused, whoever holds it and whenever it was issued. AWS says that this may take some
    /// minutes to be so everywhere.
    pub async fn deny_every_session(&self) -> Result<(), AuthorityFault> {
        self.deny(&of_all()).await
    }

    /// Has those refused that were issued before `before`, by the authority's clock. Later ones are not touched.
    pub async fn deny_older_sessions(&self, before: OffsetDateTime) -> Result<(), AuthorityFault> {
        self.deny(&of_older(before)).await
    }

    async fn deny(&self, document: &Value) -> Result<(), AuthorityFault> {
        let put = self.iam.put_role_policy().role_name(self.decrypter_role_name()).policy_name(POLICY);
        self.budget().call("PutRolePolicy", put.policy_document(document.to_string()).send()).await.map(drop)
    }

    /// What that policy says now. AWS may take some seconds to tell what was just written.
    pub async fn denied(&self) -> Result<Denied, AuthorityFault> {
        let get = self.iam.get_role_policy().role_name(self.decrypter_role_name()).policy_name(POLICY);
        let answer = match self.budget().call("GetRolePolicy", get.send()).await {
            Err(fault) if fault.code() == Some("NoSuchEntity") => return Ok(Denied::None),
            answer => answer?,
        };
        match answer.policy_document() {
            "" => Err(AuthorityFault::Unusable("GetRolePolicy")),
            text => Ok(read(text)),
        }
    }

    /// Takes that policy away. That it is not there is as good.
    pub async fn deny_no_session(&self) -> Result<(), AuthorityFault> {
        let delete = self.iam.delete_role_policy().role_name(self.decrypter_role_name()).policy_name(POLICY);
        match self.budget().call("DeleteRolePolicy", delete.send()).await {
            Err(fault) if fault.code() == Some("NoSuchEntity") => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// `KEK-Responder-Decrypter` of `arn:aws:iam::123456789012:role/path/KEK-Responder-Decrypter`.
    fn decrypter_role_name(&self) -> &str {
        let arn = self.settings.decrypter_role.as_str();
        arn.rsplit_once('/').map_or(arn, |(_, name)| name)
    }
}

fn of_all() -> Value {
    document(&json!({ "Effect": "Deny", "Action": "*", "Resource": "*" }))
}

fn of_older(before: OffsetDateTime) -> Value {
    let before = to_the_second(before);
    document(&json!({
        "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": { "DateLessThan": { "aws:TokenIssueTime": before } },
    }))
}

fn document(statement: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

/// As policies compare dates; the format has no part that could fail for a UTC instant.
fn to_the_second(time: OffsetDateTime) -> String {
    let seconds = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    time.to_offset(UtcOffset::UTC).format(seconds).unwrap_or_default()
}

/// A policy as IAM hands it out. Whatever is not word for word the portal's own is taken for nothing that it knows: what a policy
/// that somebody else wrote refuses is not for this to judge.
fn read(text: &str) -> Denied {
    let decoded = percent_decode_str(text).decode_utf8_lossy();
    let Ok(found) = serde_json::from_str::<Value>(&decoded) else { return Denied::Otherwise };
    if found == of_all() {
        return Denied::All;
    }
    let before = found.pointer("/Statement/0/Condition/DateLessThan/aws:TokenIssueTime").and_then(Value::as_str);
    match before.and_then(|before| OffsetDateTime::parse(before, &Rfc3339).ok()) {
        Some(before) if found == of_older(before) => Denied::Older(before),
        _ => Denied::Otherwise,
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn what_the_portal_wrote_is_known_again_and_nothing_else_is() {
        let before = datetime!(2026-11-23 10:00:07 UTC);
        let handed_out = |document: &Value| {
            percent_encoding::utf8_percent_encode(&document.to_string(), percent_encoding::NON_ALPHANUMERIC).to_string()
        };
        assert_eq!(read(&handed_out(&of_all())), Denied::All);
        assert_eq!(read(&handed_out(&of_older(before))), Denied::Older(before));
        let mut narrowed = of_all();
        *narrowed.pointer_mut("/Statement/0/Resource").unwrap() = json!("arn:aws:kms:::key/other");
        let mut conditional = of_older(before);
        *conditional.pointer_mut("/Statement/0/Condition").unwrap() = json!({ "DateLessThan": { "aws:TokenIssueTime": "2026-11-23T10:00:07Z" }, "StringEquals": { "aws:username": "nobody" } });
        for other in [narrowed, conditional, json!({})] {
            assert_eq!(read(&handed_out(&other)), Denied::Otherwise, "{other}");
        }
        assert_eq!(read("%"), Denied::Otherwise);
    }
}
