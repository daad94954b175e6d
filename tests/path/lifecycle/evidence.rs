//! What has to stand in the store and in the log, whatever happened: who is told, what is reviewed and by whom, and that nothing was
//! released but through one door, by signatures that hold.

use std::collections::{BTreeMap, BTreeSet};

use halligan_backend::{passkeys::Passkeys, services::ChainState};
use halligan_shared::{bytes::Bytes, door::Door, id::PasskeyId, review::ReviewReason};
use serde_json::{Value, json};

use super::{
    model::{Model, Stands, WINDOW},
    portal::Scene,
    steps::CASES,
};

impl Scene {
    /// Of each request the portal has the review that the rules ask for, or none: its owner took no part in it and is not kept out.
    pub(super) async fn check_reviews(&self, model: &Model) {
        for case in 0..CASES {
            let Some(id) = self.requests[case] else { continue };
            let sql = "select v.reason, v.closed_at is not null, m.agency_id from review v left join member m on m.id = v.owner_id where v.request_id = $1";
            let found: Vec<(String, bool, Option<String>)> =
                sqlx::query_as(sql).bind(id.to_string()).fetch_all(&self.database).await.unwrap();
            let has: Vec<_> = found.iter().map(|(reason, is_closed, _)| (reason.as_str(), *is_closed)).collect();
            let wanted = model.cases[case].review.map(|(reason, is_closed)| (ReviewReason::word(reason), is_closed));
            assert_eq!(has, Vec::from_iter(wanted), "the review of case {case}");
            if let Some((_, false, owner)) = found.first() {
                let may_be = ["DSP-1", "PRV-1"].map(Some);
                assert!(may_be.contains(&owner.as_deref()), "{owner:?} reviews case {case}");
                let is_theirs = owner.as_deref() == Some("DSP-1");
                assert!(!(is_theirs && model.cases[case].took_part & 1 != 0), "its owner took part in case {case}");
                assert!(!(is_theirs && model.is_out[0]), "the owner of case {case} is kept out");
            }
        }
    }

    /// Once what is over was written down: told is exactly what goes on.
    pub(super) async fn check_notices(&self, model: &Model) {
        for case in 0..CASES {
            let Some(id) = self.requests[case] else { continue };
            let sql = "select topic, count(*) from notice where about in ($1, $2) and closed_at is null and topic in ('request_waits', 'opened_alone', 'review_unowned') group by topic order by topic";
            let told: Vec<(String, i64)> = sqlx::query_as(sql)
                .bind(id.to_string())
                .bind(format!("review of nobody's {id}"))
                .fetch_all(&self.database)
                .await
                .unwrap();
            let goes_on = match model.cases[case].stands {
                Stands::Pending { .. } => vec![("request_waits".to_owned(), 1)],
                Stands::Approved { door: Door::Override, .. } | Stands::Open { door: Door::Override, .. } => {
                    vec![("opened_alone".to_owned(), 1)]
                }
                _ => Vec::new(),
            };
            assert_eq!(told, goes_on, "what is told of case {case}");
            self.check_ends(&id.to_string(), model.cases[case].stands).await;
            // The review stands in its owner's inbox and in nobody else's.
            let sql = "select m.agency_id from notice n join notice_to t on t.notice_id = n.id join member m on m.id = t.member_id where n.about = $1 and n.topic = 'review_opened' and n.closed_at is null";
            let told: Vec<String> = sqlx::query_scalar(sql).bind(format!("review {id}")).fetch_all(&self.database).await.unwrap();
            let sql = "select m.agency_id from review v join member m on m.id = v.owner_id where v.request_id = $1 and v.closed_at is null";
            let owner: Vec<String> = sqlx::query_scalar(sql).bind(id.to_string()).fetch_all(&self.database).await.unwrap();
            assert_eq!(told, owner, "who is told of the review of case {case}");
        }
    }

    /// The last notices of a request ended as it did, and by whom.
    async fn check_ends(&self, request: &str, stands: Stands) {
        for topic in ["request_waits", "opened_alone"] {
            let sql =
                "select closed_how, closed_by from notice where about = $1 and topic = $2 order by made_at desc, id desc limit 1";
            let row: Option<(Option<String>, Option<String>)> =
                sqlx::query_as(sql).bind(request).bind(topic).fetch_optional(&self.database).await.unwrap();
            let Some((Some(how), by)) = row else { continue };
            let is_waiting = topic == "request_waits";
            // A door that holds no more may leave the request to another at once: the notice ended with the first one.
            let is_opened = is_waiting && ["approved", "by_rule", "alone"].contains(&how.as_str());
            let fits = match stands {
                Stands::Nowhere | Stands::Pending { .. } => !is_waiting,
                Stands::Approved { .. } | Stands::Open { .. } => is_opened,
                Stands::Over { .. } => is_opened || !is_waiting && how == "ended",
                Stands::Denied => is_opened || how == "denied",
                Stands::Cancelled => is_opened || how == "withdrawn",
                Stands::Expired => how == "expired",
                Stands::Lapsed => is_opened || !is_waiting && how == "expired",
            };
            assert!(fits, "{topic} ended as {how}, and the request is {stands:?}");
            let is_by = |prefix: &str| by.as_deref().is_some_and(|by| by.starts_with(prefix));
            let by_whom = match how.as_str() {
                "denied" | "approved" => is_by("DSP-"),
                "alone" => is_by("EMS-"),
                // Keeping somebody out withdraws what they asked.
                "withdrawn" => is_by("EMS-") || is_by("ADM-"),
                // Where the rule came to hold while the request waited, nobody opened it.
                "by_rule" => by.is_none() || is_by("EMS-"),
                "expired" => by.is_none(),
                // By whoever ended the window.
                "ended" => match self.ending_of(request).await.as_str() {
                    "revoked" => is_by("DSP-"),
                    "wiped" => is_by("EMS-"),
                    "expired" | "locked_down" => by.is_none(),
                    "logged_off" => by.is_some(),
                    other => panic!("no window ends as {other}"),
                },
                other => panic!("no notice of a request ends as {other}"),
            };
            assert!(by_whom, "{topic} ended as {how} by {by:?}");
        }
    }

    /// How the window of a request ended.
    async fn ending_of(&self, request: &str) -> String {
        let sql = "select ending from access_grant where request_id = $1";
        sqlx::query_scalar(sql).bind(request).fetch_one(&self.database).await.unwrap()
    }

    /// Time alone ended everything: nothing waits, nothing is open, nobody holds credentials, and nobody is told that something goes on.
    pub(super) async fn check_rest(&self) {
        let open = "select (select count(*) from access_request where state in ('pending', 'approved')) + (select count(*) from access_grant where ending is null) + (select count(*) from notice where closed_at is null and topic in ('request_waits', 'opened_alone'))";
        let open: i64 = sqlx::query_scalar(open).fetch_one(&self.database).await.unwrap();
        assert_eq!((open, self.portal.portal.authority().held()), (0, Vec::new()), "what time alone does not end");
    }

    /// The place of the last event.
    pub(super) async fn last_event(&self) -> u64 {
        self.portal.portal.store().audit_head().await.unwrap().unwrap().0
    }

    /// Reads the log since a place as an auditor does.
    pub(super) async fn check_log(&self, mut since: u64) {
        assert!(matches!(self.portal.chain().await, ChainState::Holds { .. }), "{:?}", self.portal.chain().await);
        let (mut log, store) = (Log::default(), self.portal.portal.store());
        let passkeys = Passkeys::new(self.portal.portal.settings()).unwrap();
        loop {
            let rows = store.audit_chain(since).await.unwrap();
            if rows.is_empty() {
                break;
            }
            for row in rows.into_iter().flatten() {
                since = row.sequence;
                let event: Value = serde_json::from_str(&row.text).unwrap();
                let facts = &event["facts"];
                if facts["assertion"].is_object() {
                    let id: PasskeyId = facts["passkey"].as_str().unwrap().parse().unwrap();
                    let passkey = store.passkey(id).await.unwrap().unwrap();
                    let holds = passkeys.has_signed(&passkey.passkey, &facts["statement"], &facts["assertion"]);
                    let signer = store.member(passkey.member).await.unwrap().unwrap().agency_id;
                    assert!(holds && event["actor"] == signer.as_str(), "a signature: {event}");
                    // Of a lockdown both admins sign the very same words.
                    let is_own = event["actor"] == facts["statement"]["agency_id"];
                    assert!(is_own || row.kind.starts_with("lockdown."), "in another's name: {event}");
                }
                log.read(&row.kind, row.at, facts);
            }
        }
        assert_eq!(log.open, BTreeMap::new(), "windows without an end");
    }
}

/// What the log said so far.
#[derive(Default)]
struct Log {
    /// By request, the digest of what its responder signed.
    filed: BTreeMap<String, Value>,
    /// Requests that a dispatcher approved, and that their responder opened alone.
    approved: BTreeSet<String>,
    alone: BTreeSet<String>,
    /// Requests that a door stands open of, and which.
    doors: BTreeMap<String, Value>,
    /// Requests whose record was opened, and that are reviewed.
    released: BTreeSet<String>,
    reviewed: BTreeSet<String>,
    /// Open windows: whose, and since when.
    open: BTreeMap<String, (String, i64)>,
}

impl Log {
    fn read(&mut self, kind: &str, at: i64, facts: &Value) {
        let id = facts["request"].as_str().or_else(|| facts["statement"]["request"].as_str()).unwrap_or_default().to_owned();
        let grant = facts["grant"].as_str().unwrap_or_default().to_owned();
        match kind {
            "request.filed" => {
                let digest = Bytes::<32>::from_hex(facts["digest"].as_str().unwrap()).unwrap();
                self.filed.insert(id, json!(digest));
            }
            "request.decided" => {
                let statement = &facts["statement"];
                let several = statement["requests"].as_array();
                let one = several.map_or(Some(statement), |several| several.iter().find(|one| one["request"] == id.as_str()));
                assert_eq!(one.unwrap()["request_digest"], self.filed[&id], "signed for that very request: {facts}");
                match statement["verdict"].as_str() {
                    Some("approve") | None => drop(self.approved.insert(id)),
                    _ => drop(self.doors.remove(&id)),
                }
            }
            "request.overridden" => {
                assert_eq!(facts["statement"]["request_digest"], self.filed[&id], "signed for that very request: {facts}");
                self.alone.insert(id);
            }
            "request.opened" => {
                let begins = match serde_json::from_value(facts["door"].clone()).unwrap() {
                    Door::Dispatcher => {
                        assert!(self.approved.contains(&id), "nobody decided: {facts}");
                        "dispatcher-"
                    }
                    Door::Override => {
                        assert!(self.alone.contains(&id), "nobody signed: {facts}");
                        "override-"
                    }
                    Door::Policy => "policy-",
                };
                let policies = facts["policy"]["policies"].as_array().unwrap();
                assert!(
                    !policies.is_empty() && policies.iter().all(|policy| policy.as_str().unwrap().starts_with(begins)),
                    "{facts}"
                );
                assert_eq!(self.doors.insert(id, facts["door"].clone()), None, "a second door: {facts}");
            }
            "request.waits_again" => {
                assert_eq!(self.doors.remove(&id), Some(facts["door"].clone()), "it was not open: {facts}");
            }
            "record.opened" => {
                assert_eq!(self.doors.get(&id), Some(&facts["door"]), "no door, or another: {facts}");
                assert!(self.released.insert(id.clone()), "released a second time: {facts}");
                self.open.insert(grant, (id, at));
            }
            "record.opened_again" => {
                let (of, since) = &self.open[&grant];
                assert!(*of == id && at < since + WINDOW && self.doors[&id] == facts["door"], "outside of its window: {facts}");
            }
            "document.sent" => assert!(at < self.open[&grant].1 + WINDOW, "after its window: {facts}"),
            "grant.ended" => assert!(self.open.remove(&grant).is_some(), "ended twice: {facts}"),
            "record.not_opened" => assert_eq!(facts["grant"], Value::Null, "a window that nothing came of: {facts}"),
            "review.opened" => {
                assert!(self.reviewed.insert(id.clone()), "a second review: {facts}");
                assert!(self.doors.contains_key(&id), "of what no door opened: {facts}");
            }
            "request.altered" | "wipe_receipt.unfit" => panic!("{kind}: {facts}"),
            _ => {}
        }
    }
}
