//! Reviews: which opened requests get one, whose it is, and who may close it.
//!
//! A review locks nothing: no rule of a request or a grant asks for one. Randomness is an argument.

use std::collections::BTreeSet;

use halligan_shared::{
    assignment::CallSign,
    door::Door,
    id::RequestId,
    member::AgencyId,
    review::{Finding, ReviewReason},
    shown::{self, Unfit},
    statement::AccessStatement,
    wire::REASON_MAX,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{door::Asked, member::Member};

/// A review.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// Of which request: each has one at most.
    pub request: RequestId,
    /// Why.
    pub reason: ReviewReason,
    /// Who asked.
    pub by: Member,
    /// What they signed.
    pub statement: AccessStatement,
    /// Through which door it was opened, if what opened it still stands.
    pub door: Option<Door>,
    /// Since when it is to be reviewed.
    pub opened_at: OffsetDateTime,
    /// Until when.
    pub due_at: OffsetDateTime,
    /// Whose it is.
    pub owner: Option<Member>,
    /// The crew of whoever asked, when it was opened.
    pub crew: Option<Crew>,
    /// What was found.
    pub closed: Option<Closed>,
}

/// A crew as it was: who is of it by now says nothing of who rode together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crew {
    /// Its name.
    pub name: CallSign,
    /// Everybody of it, by agency id.
    pub members: BTreeSet<AgencyId>,
}

impl Crew {
    /// A member where they worked then, if they were of it; else as they are.
    pub fn then(&self, member: &Member) -> Member {
        let mut then = member.clone();
        if self.members.contains(&member.agency_id) {
            then.assignment.crew = Some(self.name.clone());
        }
        then
    }
}

/// How a review ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Closed {
    /// Who closed it.
    pub by: Member,
    /// When.
    pub at: OffsetDateTime,
    /// What was found.
    pub finding: Finding,
    /// Why.
    pub note: String,
}

/// Why somebody may not do something about a review.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NotReviewed {
    /// Who asked, decided, ended or withdrew does not judge it.
    #[error("You took part in this, so another privacy officer has to review it.")]
    TookPart,
    /// The agency's policies leave it to others.
    #[error("The agency's rules do not let you review this one: it may be your own crew's. Another privacy officer has to.")]
    Barred,
    /// Somebody was faster.
    #[error("{} has already closed this review. There is nothing left to do.", .0.display_name)]
    Closed(Box<Member>),
    /// The record may still be opened or read.
    #[error(
        "The record is still open, or may still be opened, so not everything has happened that is to be reviewed. Close the review when that is over."
    )]
    GoesOn,
    /// A page that opened the record has not said that it wiped it, and it is not written down that it never will.
    #[error(
        "A page that had the record open has not sent its wipe receipt yet. It comes, or is written down as missing, within a minute. Load the page again and close the review then."
    )]
    ReceiptOwed,
    /// The log goes on since the page was drawn.
    #[error(
        "Something about this request came into the log since this page was drawn. Load the page again, look at it, and close the review then. Keep a copy of your note."
    )]
    OtherEvents,
    /// The note is too short to be a reason.
    #[error("Say why, in at least 10 letters or digits: somebody will have to act on it.")]
    NoNote,
    /// The note is longer than is kept.
    #[error("The note is longer than 300 characters. Shorten it.")]
    LongNote,
    /// Something in it would not show.
    #[error("The note holds characters that cannot be shown. Type it anew.")]
    UnreadableNote,
}

/// Why a request that is opened through this door is reviewed, if it is: every override, whatever was denied before, and of the rest so
/// many in a hundred as `percent` says, never drills, by a number that `draw` draws from all 64-bit numbers alike.
pub fn why<E>(
    door: Door,
    follows_denial: bool,
    is_drill: bool,
    percent: u8,
    draw: impl FnOnce() -> Result<u64, E>,
) -> Result<Option<ReviewReason>, E> {
    Ok(match (follows_denial, door) {
        (true, _) => Some(ReviewReason::AfterDenial),
        (false, Door::Override) => Some(ReviewReason::Override),
        (false, _) if is_drill || percent == 0 => None,
        // 2^64 is no multiple of 100: each number below 16 is likelier by 10^-17 than it should be.
        (false, _) => (draw()? % 100 < u64::from(percent)).then_some(ReviewReason::Sample),
    })
}

/// A privacy officer who could own a review, and how many open ones are theirs.
pub struct Candidate {
    /// Who.
    pub member: Member,
    /// How many.
    pub open: u32,
}

/// Whose a review is to be: whoever has the fewest, the first by agency id.
pub fn owner(candidates: Vec<Candidate>) -> Option<Member> {
    candidates
        .into_iter()
        .min_by(|one, other| (one.open, &one.member.agency_id).cmp(&(other.open, &other.member.agency_id)))
        .map(|candidate| candidate.member)
}

impl Review {
    /// The request as the policies are asked about it: as it was when it was opened, without the incident, of which only what is known
    /// now is known.
    pub fn asked(&self) -> Asked<'_> {
        asked(&self.by, &self.statement, self.reason)
    }

    /// Whether it is open and its time is over. Half-open: at `due_at` it is.
    pub fn is_overdue(&self, now: OffsetDateTime) -> bool {
        self.closed.is_none() && now >= self.due_at
    }

    /// Whether somebody may take it over, or close it once that is possible. Who took part, by agency id, and what the policies say.
    pub fn may_be_reviewed_by(&self, who: &Member, took_part: &BTreeSet<AgencyId>, is_allowed: bool) -> Result<(), NotReviewed> {
        if let Some(closed) = &self.closed {
            Err(NotReviewed::Closed(Box::new(closed.by.clone())))
        } else if self.by.id == who.id || took_part.contains(&who.agency_id) {
            Err(NotReviewed::TookPart)
        } else if is_allowed {
            Ok(())
        } else {
            Err(NotReviewed::Barred)
        }
    }
}

/// See [`Review::asked`].
pub fn asked<'a>(by: &'a Member, statement: &AccessStatement, reason: ReviewReason) -> Asked<'a> {
    Asked {
        by,
        severity: statement.justification.severity(),
        reason: statement.justification.reason(),
        drill: statement.drill,
        in_drill: false,
        denied_before: reason == ReviewReason::AfterDenial,
        incident: None,
    }
}

/// A note as it may be kept: trimmed, bounded, with nothing that steers how it is seen; needed unless it was justified.
pub fn note(finding: Finding, text: &str) -> Result<String, NotReviewed> {
    match shown::kept(text, 0..=REASON_MAX) {
        Err(Unfit::Length) => Err(NotReviewed::LongNote),
        Err(Unfit::Hidden) => Err(NotReviewed::UnreadableNote),
        Ok(note) if finding.is_explained_by(note) => Ok(note.to_owned()),
        Ok(_) => Err(NotReviewed::NoNote),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use halligan_shared::{
        assignment::Assignment,
        id::{MemberId, RecordId},
        justification::{Draft, Justification, Reason, Severity},
    };
    use time::macros::datetime;

    use super::*;

    fn why_of(door: Door, follows_denial: bool, is_drill: bool, percent: u8, draw: u64) -> Option<ReviewReason> {
        why(door, follows_denial, is_drill, percent, || Ok::<_, Infallible>(draw)).unwrap()
    }

    #[test]
    fn every_override_and_every_opening_after_a_denial_is_reviewed_drill_or_not() {
        for (is_drill, percent) in [(false, 0), (true, 0), (false, 100), (true, 100)] {
            assert_eq!(why_of(Door::Override, false, is_drill, percent, 99), Some(ReviewReason::Override));
            for door in Door::ALL {
                assert_eq!(why_of(door, true, is_drill, percent, 99), Some(ReviewReason::AfterDenial));
            }
        }
    }

    #[test]
    fn of_the_rest_exactly_the_numbers_below_the_rate_are_drawn_and_no_drill() {
        for door in [Door::Dispatcher, Door::Policy] {
            for percent in [0, 1, 5, 50, 99, 100] {
                let drawn = (0..1_000).filter(|draw| why_of(door, false, false, percent, *draw).is_some()).count();
                assert_eq!(drawn, usize::from(percent) * 10, "{percent}");
                assert!((0..1_000).all(|draw| why_of(door, false, true, percent, draw).is_none()));
            }
        }
    }

    #[test]
    fn nothing_is_drawn_where_nothing_hangs_on_it_and_no_randomness_is_no_way_round() {
        let broken = || Err("no randomness");
        assert_eq!(why(Door::Override, false, false, 5, broken), Ok(Some(ReviewReason::Override)));
        assert_eq!(why(Door::Policy, false, false, 0, broken), Ok(None));
        assert_eq!(why(Door::Policy, false, false, 5, broken), Err("no randomness"));
    }

    fn member(number: u128) -> Member {
        Member {
            id: MemberId::from(uuid::Uuid::from_u128(number)),
            agency_id: format!("PO-{number}").parse().unwrap(),
            display_name: "Drill".parse().unwrap(),
            roles: Vec::new(),
            assignment: Assignment::default(),
        }
    }

    const DUE: OffsetDateTime = datetime!(2026-11-26 10:05:00 UTC);

    /// Of what the first member asked.
    fn review(closed: Option<Closed>) -> Review {
        let (request, by) = (RequestId::fresh(), member(1));
        let draft = Draft { severity: Severity::Urgent, reason: Reason::CannotSpeak, incident: "1".into(), text: String::new() };
        let statement = AccessStatement {
            kind: AccessStatement::KIND.to_owned(),
            request,
            member: by.id,
            agency_id: by.agency_id.clone(),
            record: RecordId::from([1; 16]),
            drill: false,
            justification: Justification::check(&draft).unwrap(),
            origin: "http://localhost:8080".to_owned(),
            asked_at: "2026-11-26T10:00:00Z".to_owned(),
        };
        let (opened_at, door) = (DUE - time::Duration::DAY, Some(Door::Override));
        let reason = ReviewReason::Override;
        Review { request, reason, by, statement, door, opened_at, due_at: DUE, owner: None, crew: None, closed }
    }

    fn closed_by(number: u128) -> Closed {
        Closed { by: member(number), at: DUE, finding: Finding::Justified, note: String::new() }
    }

    #[test]
    fn a_review_is_overdue_from_its_hour_on_until_it_is_closed() {
        let before = DUE - time::Duration::NANOSECOND;
        assert_eq!([before, DUE].map(|now| review(None).is_overdue(now)), [false, true]);
        assert_eq!([before, DUE].map(|now| review(Some(closed_by(2))).is_overdue(now)), [false, false]);
    }

    #[test]
    fn the_policies_are_asked_about_a_review_as_it_came_to_be() {
        let review = review(None);
        let asked = review.asked();
        assert_eq!((asked.by, asked.severity, asked.reason), (&member(1), Severity::Urgent, Reason::CannotSpeak));
        assert!(!asked.denied_before && Review { reason: ReviewReason::AfterDenial, ..review.clone() }.asked().denied_before);
    }

    #[test]
    fn nobody_reviews_what_they_took_part_in_or_what_others_have_closed() {
        let took_part = BTreeSet::from([member(2).agency_id]);
        let may = |review: Review, who, is_allowed| review.may_be_reviewed_by(&member(who), &took_part, is_allowed);
        assert_eq!(may(review(None), 3, true), Ok(()));
        assert_eq!(may(review(None), 3, false), Err(NotReviewed::Barred));
        for is_allowed in [true, false] {
            assert_eq!(may(review(None), 1, is_allowed), Err(NotReviewed::TookPart), "who asked");
            assert_eq!(may(review(None), 2, is_allowed), Err(NotReviewed::TookPart));
            for who in [1, 2, 3] {
                assert_eq!(may(review(Some(closed_by(4))), who, is_allowed), Err(NotReviewed::Closed(Box::new(member(4)))));
            }
        }
    }

    #[test]
    fn the_one_with_the_fewest_is_the_owner() {
        let of = |open: &[(u128, u32)]| {
            let candidates = open.iter().map(|(number, open)| Candidate { member: member(*number), open: *open }).collect();
            owner(candidates).map(|owner| owner.agency_id.to_string())
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[(1, 3), (2, 1), (3, 2)]).as_deref(), Some("PO-2"));
        assert_eq!(of(&[(3, 1), (2, 1)]).as_deref(), Some("PO-2"));
    }

    #[test]
    fn a_note_is_needed_unless_it_was_justified() {
        assert_eq!(note(Finding::Justified, "  "), Ok(String::new()));
        for finding in [Finding::NotJustified, Finding::Unclear] {
            for short in ["", "          ", "..........", "123456789 "] {
                assert_eq!(note(finding, short), Err(NotReviewed::NoNote), "{short}");
            }
            assert_eq!(note(finding, " no incident at all "), Ok("no incident at all".to_owned()));
        }
        for finding in Finding::ALL {
            assert_eq!(note(finding, &"a".repeat(301)), Err(NotReviewed::LongNote));
            assert!(note(finding, &"a".repeat(300)).is_ok());
            assert_eq!(note(finding, "no incident\nat all"), Err(NotReviewed::UnreadableNote));
        }
    }
}
