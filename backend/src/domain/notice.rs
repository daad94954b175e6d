//! What a notice says. Never of which record, of what bracelet, or of what patient: it is shown on lock screens and goes to other systems.

use halligan_shared::{
    id::{NoticeId, RequestId},
    justification::Severity,
    member::{AgencyId, DisplayName},
    notice::{Closing, Topic},
    review::Finding,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What a notice knows of what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct About {
    /// Who did it, or asks.
    pub who: Option<DisplayName>,
    /// How much time there is.
    pub severity: Option<Severity>,
    /// For which incident. A person typed it, so it stays in the portal.
    pub incident: Option<String>,
    /// Whether the patient is made up.
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
        }
    }

    /// The same with what only members read.
    pub fn text_inside(&self) -> String {
        match &self.facts.incident {
            Some(incident) => format!("{} Incident {incident}.", self.text()),
            None => self.text(),
        }
    }

    /// How it ended, in words.
    pub fn ending(&self) -> Option<String> {
        self.closed.as_ref().map(Closed::text)
    }

    /// Where in the portal one goes to do something about it.
    pub fn page(&self) -> &'static str {
        match self.topic {
            Topic::RequestWaits => "/desk",
            Topic::ReviewOpened => "/reviews",
            Topic::OpenedAlone | Topic::ReviewOverdue | Topic::ReviewUnowned | Topic::ReviewClosed => "/notices",
            Topic::Reenrolment => "/",
        }
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
