//! Refusing the decrypter role's sessions, all of them or the older ones, at the authority itself.
//!
//! STS takes no session back. What IAM offers in its place is a policy on the role that denies everything to its sessions, or to those
//! issued before an instant; its console writes such a one too ("Revoke active sessions"). Each word takes the place of the last.

use serde_json::json;
use time::{OffsetDateTime, UtcOffset, macros::format_description};

use super::{Authority, AuthorityFault};

/// The portal's own: what somebody denies by hand in IAM's console, which calls it `AWSRevokeOlderSessions`, is never written over or
/// taken away by the portal.
const POLICY: &str = "HalliganLockdown";

impl Authority {
    /// Has every session of the decrypter role refused, whoever holds it and whenever it was issued. AWS says that this may take some
    /// minutes to be so everywhere.
    pub async fn deny_every_session(&self) -> Result<(), AuthorityFault> {
        self.deny(&json!({ "Effect": "Deny", "Action": "*", "Resource": "*" })).await
    }

    /// Has those refused that were issued before `before`, by the authority's clock. Later ones are not touched.
    pub async fn deny_older_sessions(&self, before: OffsetDateTime) -> Result<(), AuthorityFault> {
        // Policies compare dates to the second; the format has no part that could fail for a UTC instant.
        let seconds = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        let before = before.to_offset(UtcOffset::UTC).format(seconds).unwrap_or_default();
        self.deny(&json!({
            "Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": { "DateLessThan": { "aws:TokenIssueTime": before } },
        }))
        .await
    }

    async fn deny(&self, statement: &serde_json::Value) -> Result<(), AuthorityFault> {
        let document = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        let put = self.iam.put_role_policy().role_name(self.decrypter_role_name()).policy_name(POLICY).policy_document(document);
        self.budget().call("PutRolePolicy", put.send()).await.map(drop)
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
