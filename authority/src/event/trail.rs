//! An event as CloudTrail writes it (CloudTrail User Guide, "CloudTrail record contents"), so that what is built on the trail of AWS
//! (alarms, reconciliation) can be tried on this one.
//!
//! Three differences, on purpose: the session token that AWS writes into the event of `AssumeRole` is left out, because it is half of a
//! credential; there is no network between caller and authority, so the source is loopback and there are no TLS details; and
//! events are there at once, where AWS takes some minutes.

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Details, Event};
use crate::service::Service;

const VERSION: &str = "1.11";

impl Event {
    /// The record, or nothing for a call whose signature did not hold: such calls are in nobody's trail.
    pub fn cloudtrail(&self) -> Option<Value> {
        let Details { event_id, service, region, identity, user_agent, request, response, keys, error_message } = &self.details;
        let identity = identity.as_ref()?;
        let account = identity.get("accountId").cloned().unwrap_or_default();
        let mut record = json!({
            "eventVersion": VERSION,
            "userIdentity": identity,
            "eventTime": self.time.replace_nanosecond(0).ok().and_then(|time| OffsetDateTime::format(time, &Rfc3339).ok()),
            "eventSource": service.event_source(),
            "eventName": self.name,
            "awsRegion": region,
            "sourceIPAddress": "127.0.0.1",
            "userAgent": user_agent,
            "requestParameters": null,
            "responseElements": null,
            "requestID": self.request_id,
            "eventID": event_id,
            "readOnly": self.only_reads(),
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": account,
            "eventCategory": "Management",
        });
        let mut add = |name: &str, value: Value| record.as_object_mut().and_then(|members| members.insert(name.to_owned(), value));
        if let Some(code) = &self.error_code {
            // A refusal has neither parameters nor resources: only its words name what was asked for. And where KMS's clients read
            // `AccessDeniedException`, the trail says what it says for every service.
            add("errorCode", json!(if code == "AccessDeniedException" { "AccessDenied" } else { code }));
            add("errorMessage", json!(error_message));
        } else {
            add("requestParameters", request.clone().into());
            add("responseElements", json!(response));
            if !keys.is_empty() {
                let key = |arn: &String| json!({"accountId": account, "type": "AWS::KMS::Key", "ARN": arn});
                add("resources", keys.iter().map(key).collect());
            }
        }
        Some(record)
    }

    /// Whether the operation changes nothing, in CloudTrail's sense: using a key is reading, as is beginning a session.
    fn only_reads(&self) -> bool {
        match self.details.service {
            Service::Sts => true,
            Service::Kms => !["CreateKey", "RotateKeyOnDemand"].contains(&self.name.as_str()),
            Service::Iam => self.name.starts_with("Get"),
        }
    }
}
