//! What a notice says. Never of which record, of what bracelet, or of what patient: it is shown on lock screens and goes to other systems.

use halligan_shared::{
    audit::Kind,
    door::Door,
    grant::Ending,
    id::{NoticeId, RequestId},
    justification::Severity,
    member::{AgencyId, DisplayName},
    notice::{Closing, Topic},
    review::Finding,
    statement::Verdict,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

use super::audit::Event;

/// What a notice knows of what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct About {
    /// Who did it, or asks.
    pub who: Option<DisplayName>,
    /// How much time there is.
    pub severity: Option<Severity>,
    /// For which incident. A person typed it, so it stays in the portal.
    pub incident: Option<String>,
    /// What the drill is called, which a person typed as well, or the device.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether it is a drill, or the patient is made up.
    #[serde(default)]
    pub drill: bool,
    /// What a review found.
    #[serde(default)]
    pub finding: Option<Finding>,
}

/// A notice.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The id.
    pub id: NoticeId,
    /// What it is about, in a word.
    pub topic: Topic,
    /// The id of that.
    pub about: String,
    /// What is known of it.
    pub facts: About,
    /// When it was made.
    pub made_at: OffsetDateTime,
    /// Until when there is any use in telling it.
    pub until: OffsetDateTime,
    /// How it ended.
    pub closed: Option<Closed>,
}

/// How a notice ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// How.
    pub how: Closing,
    /// By whom, where somebody did.
    pub by: Option<AgencyId>,
    /// When.
    pub at: OffsetDateTime,
}

/// What a notice of a request's review is about: not the request, whose notices end with its window.
pub fn review_notice(request: RequestId) -> String {
    format!("review {request}")
}

/// What the admins are told of while nobody may do a review: it ends when it is somebody's.
pub fn unowned_notice(request: RequestId) -> String {
    format!("review of nobody's {request}")
}

/// What an event ends of what was told.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    /// What the notices are about that end.
    pub abouts: Vec<String>,
    /// How.
    pub how: Closing,
    /// By whom, as members are told.
    pub by: Option<AgencyId>,
}

/// The notices that end with an event, about this request where it is about one. What ends in any other way has no event.
pub fn ended_by(event: &Event, request: Option<RequestId>) -> Option<Ended> {
    let fact = |pointer: &str| event.facts.pointer(pointer).and_then(Value::as_str);
    let (by, of_request) = (event.actor.clone(), request.map(|request| vec![request.to_string()]));
    let of_reenrolment = || fact("/reenrolment").map(|id| vec![id.to_owned()]);
    let (abouts, how, by) = match event.kind {
        Kind::RequestOpened => {
            let how = match Door::ALL.into_iter().find(|door| fact("/door") == Some(door.word()))? {
                Door::Dispatcher => Closing::Approved,
                Door::Policy => Closing::ByRule,
                Door::Override => Closing::Alone,
            };
            (of_request?, how, by)
        }
        Kind::RequestDecided => {
            fact("/statement/verdict").filter(|verdict| *verdict != Verdict::Approve.word())?;
            (of_request?, Closing::Denied, by)
        }
        Kind::RequestCancelled => (of_request?, Closing::Withdrawn, by),
        Kind::RequestExpired | Kind::RequestLapsed => (of_request?, Closing::Expired, None),
        // A lockdown is nobody's alone: two admins signed it.
        Kind::GrantEnded => (of_request?, Closing::Ended, by.filter(|_| fact("/ending") != Some(Ending::LockedDown.word()))),
        Kind::ReviewClosed => request.map(|id| (vec![review_notice(id), unowned_notice(id)], Closing::Done, by))?,
        Kind::ReviewAssigned => {
            fact("/owner")?;
            (vec![unowned_notice(request?)], Closing::Done, by)
        }
        Kind::DrillEnded => (vec![fact("/drill_id")?.to_owned()], Closing::Over, by),
        Kind::MemberReenrolmentStopped => (of_reenrolment()?, Closing::Stopped, by),
        Kind::MemberReenrolmentDone => (of_reenrolment()?, Closing::Done, None),
        _ => return None,
    };
    Some(Ended { abouts, how, by })
}

/// The id in what a notice is about.
pub(super) fn id_in(about: &str) -> &str {
    about.rsplit(' ').next().unwrap_or(about)
}

impl Notice {
    /// What it is about, in a few words.
    pub fn title(&self) -> String {
        let words = match self.topic {
            Topic::RequestWaits => match self.facts.severity {
                Some(severity) => return self.marked(&format!("Request waits: {}", severity.label().to_lowercase())),
                None => "Request waits",
            },
            Topic::OpenedAlone => "Record opened alone",
            Topic::ReviewOpened => "Review to do",
            Topic::ReviewOverdue => "Review overdue",
            Topic::ReviewUnowned => "Review that nobody may do",
            Topic::ReviewClosed => "Reviewed",
            Topic::Reenrolment => "Your passkeys are to be replaced",
            Topic::Drill => "Members take part",
            Topic::DeviceEnded => "Notices ended on one of your devices",
        };
        self.marked(words)
    }

    fn marked(&self, words: &str) -> String {
        if self.facts.drill { format!("Drill: {words}") } else { words.to_owned() }
    }

    /// What happened, in sentences that anybody may read who stands beside the screen.
    pub fn text(&self) -> String {
        let who = self.facts.who.as_ref().map_or("A member", DisplayName::as_str);
        match self.topic {
            Topic::RequestWaits => format!("{who} asks for a record and waits for a decision."),
            Topic::OpenedAlone => format!("Nobody had decided in time, and {who} opened a record alone."),
            Topic::ReviewOpened => format!("What {who} opened is to be reviewed."),
            Topic::ReviewOverdue => format!("What {who} opened was not reviewed in time."),
            Topic::ReviewUnowned => format!(
                "What {who} opened is to be reviewed, and there is no privacy officer who took no part in it. Give somebody that role."
            ),
            Topic::ReviewClosed => match self.facts.finding {
                Some(Finding::NotJustified) => format!("What {who} opened was reviewed: not justified. Somebody has to act on it."),
                Some(Finding::Unclear) => format!(
                    "What {who} opened was reviewed: it cannot be told whether it was justified. Somebody has to act on it."
                ),
                Some(Finding::Justified) => format!("What {who} opened was reviewed: justified."),
                None => format!("What {who} opened was reviewed."),
            },
            Topic::Reenrolment => {
                "An admin has proposed to replace your passkeys. If you did not ask for that, sign in and stop it.".to_owned()
            }
            Topic::Drill => format!(
                "{who} has members take part in a drill: until it ends, or they leave it, only made-up records open for the responders among them. Real requests are decided as always."
            ),
            Topic::DeviceEnded => match &self.facts.who {
                Some(who) => format!(
                    "{who} signed in or out at a browser that was told of your notices, or had it told of their own: it tells you nothing any more."
                ),
                None => "Somebody signed out, of a session that was over, at a browser that was told of your notices: it tells you nothing any more.".to_owned(),
            },
        }
    }

    /// The same with what only members read.
    pub fn text_inside(&self) -> String {
        let text = self.text();
        match (self.topic, &self.facts.incident, &self.facts.name) {
            (Topic::Drill, _, Some(name)) => {
                format!("{text} You are one of them, in “{name}”. For a real emergency, leave it: one press on any page.")
            }
            (Topic::DeviceEnded, _, Some(name)) => format!("{text} It is {name}."),
            (_, Some(incident), _) => format!("{text} Incident {incident}."),
            _ => text,
        }
    }

    /// How it ended, in words.
    pub fn ending(&self) -> Option<String> {
        self.closed.as_ref().map(Closed::text)
    }

    /// Where in the portal one goes to do something about it.
    pub fn page(&self) -> &'static str {
        self.topic.place().map_or("/notices", |(page, _)| page)
    }
}

impl Closed {
    /// How and by whom, in words.
    pub fn text(&self) -> String {
        match &self.by {
            Some(by) => format!("{}, by {by}.", self.how.title()),
            None => format!("{}.", self.how.title()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Every way in which what was told of ends, and how members are told of it: each has an event, and the event alone ends the notices.
    #[test]
    fn every_event_of_an_end_ends_the_notices_of_what_it_ended() {
        let (request, by): (_, AgencyId) = (RequestId::fresh(), "EMS-1".parse().unwrap());
        let of_request = || vec![request.to_string()];
        let ends = |kind, facts| ended_by(&Event::by(&by, kind, facts), Some(request));
        let told = |abouts, how, by| Some(Ended { abouts, how, by });
        let someone = || Some(by.clone());
        for (door, how) in [("dispatcher", Closing::Approved), ("policy", Closing::ByRule), ("override", Closing::Alone)] {
            assert_eq!(ends(Kind::RequestOpened, json!({ "door": door })), told(of_request(), how, someone()));
        }
        for verdict in [Verdict::Deny, Verdict::TakeBack] {
            let facts = json!({ "statement": { "verdict": verdict } });
            assert_eq!(ends(Kind::RequestDecided, facts), told(of_request(), Closing::Denied, someone()));
        }
        assert_eq!(ends(Kind::RequestDecided, json!({ "statement": { "verdict": Verdict::Approve } })), None);
        assert_eq!(
            ends(Kind::RequestDecided, json!({ "statement": { "requests": [] } })),
            None,
            "of several: each opening says so"
        );
        assert_eq!(ends(Kind::RequestCancelled, json!({})), told(of_request(), Closing::Withdrawn, someone()));
        for kind in [Kind::RequestExpired, Kind::RequestLapsed] {
            assert_eq!(ends(kind, json!({})), told(of_request(), Closing::Expired, None));
        }
        for ending in [Ending::Expired, Ending::LoggedOff, Ending::Revoked, Ending::Wiped, Ending::LockedDown] {
            let by = someone().filter(|_| ending != Ending::LockedDown);
            assert_eq!(ends(Kind::GrantEnded, json!({ "ending": ending })), told(of_request(), Closing::Ended, by));
        }
        let both = vec![review_notice(request), unowned_notice(request)];
        assert_eq!(ends(Kind::ReviewClosed, json!({})), told(both, Closing::Done, someone()));
        let unowned = vec![unowned_notice(request)];
        assert_eq!(ends(Kind::ReviewAssigned, json!({ "owner": "PRIV-1" })), told(unowned, Closing::Done, someone()));
        assert_eq!(ends(Kind::ReviewAssigned, json!({ "owner": null })), None, "it is still nobody's");
        let facts = json!({ "reenrolment": "r" });
        let of = || vec!["r".to_owned()];
        assert_eq!(ends(Kind::MemberReenrolmentStopped, facts.clone()), told(of(), Closing::Stopped, someone()));
        assert_eq!(ends(Kind::MemberReenrolmentDone, facts), told(of(), Closing::Done, None));
        let of = || vec!["d".to_owned()];
        assert_eq!(ends(Kind::DrillEnded, json!({ "drill_id": "d" })), told(of(), Closing::Over, someone()));
        assert_eq!(ends(Kind::RequestWaitsAgain, json!({ "door": "dispatcher" })), None);
    }
}
