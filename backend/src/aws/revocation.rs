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

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };
    use zeroize::Zeroizing;

    use super::{
        super::{Authority, AuthorityFault, AuthoritySettings},
        POLICY,
    };
    use crate::clock::Clock;

    const BEFORE: time::OffsetDateTime = datetime!(2026-11-26 10:05:01 UTC);

    /// An authority whose every call is answered by these bytes, and what was said to it first.
    async fn told(
        answer: String,
        call: impl AsyncFnOnce(&Authority) -> Result<(), AuthorityFault>,
    ) -> (String, Result<(), AuthorityFault>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (heard, mut hearing) = tokio::sync::mpsc::unbounded_channel();
        let answering = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut call = Vec::new();
                while !is_whole(&call) {
                    stream.read_buf(&mut call).await.unwrap();
                }
                heard.send(String::from_utf8(call).unwrap()).unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let settings = AuthoritySettings {
            endpoint: Some(endpoint),
            credentials: Some(("id".to_owned(), Zeroizing::new("secret".to_owned()))),
            decrypter_role: "arn:aws:iam::123456789012:role/halligan/KEK-Responder-Decrypter".to_owned(),
            ..AuthoritySettings::absent()
        };
        let outcome = call(&Authority::connect(settings, Clock::system()).await).await;
        answering.abort();
        let said = hearing.recv().await.unwrap();
        (said.split_once("\r\n\r\n").unwrap().1.to_owned(), outcome)
    }

    /// Whether as much has come as the headers say.
    fn is_whole(call: &[u8]) -> bool {
        let text = String::from_utf8_lossy(call);
        let Some((headers, body)) = text.split_once("\r\n\r\n") else { return false };
        let length =
            headers.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok());
        length.is_some_and(|length| body.len() >= length)
    }

    fn answer(status: &str, body: &str) -> String {
        format!("HTTP/1.1 {status}\r\ncontent-type: text/xml\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
    }

    fn refusal(status: &str, code: &str) -> String {
        answer(status, &format!("<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message/></Error></ErrorResponse>"))
    }

    /// The statements that were put on the decrypter.
    async fn put(call: impl AsyncFnOnce(&Authority) -> Result<(), AuthorityFault>) -> serde_json::Value {
        let (said, outcome) = told(answer("200 OK", ""), call).await;
        assert!(outcome.is_ok(), "{outcome:?}");
        let said: std::collections::BTreeMap<String, String> = url::form_urlencoded::parse(said.as_bytes()).into_owned().collect();
        assert_eq!(said["Action"], "PutRolePolicy");
        assert_eq!((said["RoleName"].as_str(), said["PolicyName"].as_str()), ("KEK-Responder-Decrypter", POLICY));
        let document: serde_json::Value = serde_json::from_str(&said["PolicyDocument"]).unwrap();
        document["Statement"].clone()
    }

    #[tokio::test]
    async fn every_session_of_the_decrypter_is_denied_everything_whatever_a_clock_says() {
        let statements = put(async |authority| authority.deny_every_session().await).await;
        assert_eq!(statements, serde_json::json!([{ "Effect": "Deny", "Action": "*", "Resource": "*" }]));
    }

    #[tokio::test]
    async fn older_sessions_of_the_decrypter_are_denied_everything_and_no_others() {
        let statements = put(async |authority| authority.deny_older_sessions(BEFORE).await).await;
        let expected = serde_json::json!([{
            "Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": { "DateLessThan": { "aws:TokenIssueTime": "2026-11-26T10:05:01Z" } },
        }]);
        assert_eq!(statements, expected);
    }

    #[tokio::test]
    async fn a_deny_that_is_not_there_is_as_good_as_taken_away() {
        for answer in [answer("200 OK", ""), refusal("404 Not Found", "NoSuchEntity")] {
            let (said, outcome) = told(answer, async |authority| authority.deny_no_session().await).await;
            assert!(said.contains("Action=DeleteRolePolicy") && said.contains("PolicyName=HalliganLockdown"), "{said}");
            assert!(outcome.is_ok(), "{outcome:?}");
        }
    }

    #[tokio::test]
    async fn a_refusal_is_told_and_no_success() {
        let denied = || refusal("403 Forbidden", "AccessDenied");
        let (_, put) = told(denied(), async |authority| authority.deny_older_sessions(BEFORE).await).await;
        assert_eq!(put.unwrap_err().without_request(), "PutRolePolicy was refused: AccessDenied, status 403");
        let (_, removed) = told(denied(), async |authority| authority.deny_no_session().await).await;
        assert_eq!(removed.unwrap_err().without_request(), "DeleteRolePolicy was refused: AccessDenied, status 403");
    }
}
