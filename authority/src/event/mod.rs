//! The log of calls, for reconciliation: who called what, on which key, for which record, and what came of it.
//!
//! It never holds a secret, a token, a plaintext or a ciphertext. It is bounded and in memory, and tells whoever wants to keep more;
//! evidence that must last is the audit log's, which this log is compared with.

mod trail;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::service::Service;

/// How many of the latest events are kept: the calls of more than a thousand releases.
const KEPT: usize = 4096;

/// One call, answered or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When the authority answered.
    pub time: OffsetDateTime,
    /// The `x-amzn-requestid` of the answer.
    pub request_id: String,
    /// The operation, such as `Decrypt`; `Unknown` where the request named none that exists, or was refused
    /// before anybody looked.
    pub name: String,
    /// The caller's ARN, once the signature was checked. For a session: `arn:aws:sts::…:assumed-role/<role>/<session name>`.
    pub principal_arn: Option<String>,
    /// The access key that the request claimed; proven only where there is a principal.
    pub access_key_id: Option<String>,
    /// The session's name: of the caller, or of the session that this call began.
    pub session_name: Option<String>,
    /// The session's source identity: of the caller, or of the session that this call began.
    pub source_identity: Option<String>,
    /// The access key of the session that this call began.
    pub issued_access_key_id: Option<String>,
    /// The ARN of the key or role that was asked for.
    pub resource: Option<String>,
    /// The encryption context of the request. It holds record ids, never references.
    pub encryption_context: BTreeMap<String, String>,
    /// AWS's code for the refusal; nothing if the call succeeded. A dry run that would succeed says `DryRunOperationException`.
    pub error_code: Option<String>,
    pub(crate) details: Details,
}

/// What CloudTrail writes beside the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Details {
    pub(crate) event_id: String,
    pub(crate) service: Service,
    pub(crate) region: String,
    /// `userIdentity`, once the signature was checked.
    pub(crate) identity: Option<Value>,
    pub(crate) user_agent: Option<String>,
    /// `requestParameters`, without ciphertexts and points.
    pub(crate) request: Map<String, Value>,
    /// `responseElements`, for calls that change something or begin a session, without secrets and tokens.
    pub(crate) response: Option<Value>,
    /// Every key that was asked for.
    pub(crate) keys: Vec<String>,
    pub(crate) error_message: Option<String>,
}

impl Event {
    pub(crate) fn begun(time: OffsetDateTime, service: Service, request_id: String, event_id: String) -> Self {
        Self {
            time,
            request_id,
            name: "Unknown".to_owned(),
            principal_arn: None,
            access_key_id: None,
            session_name: None,
            source_identity: None,
            issued_access_key_id: None,
            resource: None,
            encryption_context: BTreeMap::new(),
            error_code: None,
            details: Details {
                event_id,
                service,
                region: String::new(),
                identity: None,
                user_agent: None,
                request: Map::new(),
                response: None,
                keys: Vec::new(),
                error_message: None,
            },
        }
    }
}

/// The latest events, oldest first, and who is told of each.
#[derive(Default)]
pub(crate) struct EventLog(Mutex<Log>);

#[derive(Default)]
struct Log {
    latest: VecDeque<Event>,
    listener: Option<Listener>,
}

type Listener = Box<dyn FnMut(&Event) + Send>;

impl EventLog {
    pub(crate) fn record(&self, event: Event) {
        let mut log = self.lock();
        if let Some(listener) = &mut log.listener {
            listener(&event);
        }
        if log.latest.len() == KEPT {
            log.latest.pop_front();
        }
        log.latest.push_back(event);
    }

    /// From now on `listener` is told of each event, before its call is answered.
    pub(crate) fn tell(&self, listener: impl FnMut(&Event) + Send + 'static) {
        self.lock().listener = Some(Box::new(listener));
    }

    pub(crate) fn snapshot(&self) -> Vec<Event> {
        self.lock().latest.iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_log_forgets_the_oldest_first() {
        let log = EventLog::default();
        for number in 0..=KEPT {
            log.record(Event::begun(datetime!(2026-11-23 10:00 UTC), Service::Kms, number.to_string(), String::new()));
        }
        let kept = log.snapshot();
        assert_eq!(kept.len(), KEPT);
        assert_eq!(kept[0].request_id, "1");
    }
}
