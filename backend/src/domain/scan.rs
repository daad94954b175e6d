//! Many bracelets in a short time: a responder at a large incident, or somebody who collects records with a stolen tablet. The portal
//! cannot tell, so the desk is told, and the responder slowed but never stopped, until a dispatcher says that it is in order.

use time::{Duration, OffsetDateTime};

/// How far back bracelets count, however long requests wait: a crew is at one place for about so long.
pub const SPAN: Duration = Duration::minutes(10);
/// So many different bracelets within [`SPAN`] are ordinary: a crew has one patient, a car crash a handful.
pub const ORDINARY: u32 = 5;
/// While the alarm stands, one more bracelet each so long: about what a scan, a justification and a decision take.
pub const PACE: Duration = Duration::seconds(60);

/// An alarm that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alarm {
    /// How many bracelets, those that raised it included.
    pub bracelets: u32,
    /// When the last of them was let through.
    pub last_at: OffsetDateTime,
}

/// What becomes of one more bracelet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing out of the ordinary.
    Ordinary,
    /// It is let through, and the desk is told, or told how many there are by now.
    Alarming(Alarm),
    /// It waits so long.
    Slowed(Duration),
}

/// Judges a bracelet that the responder has not looked up of late, after `before` others within [`SPAN`].
pub fn judge(before: u32, alarm: Option<Alarm>, now: OffsetDateTime) -> Outcome {
    match alarm {
        // A last one in the future is a clock that was put right: it must not keep anybody waiting.
        Some(alarm) if alarm.last_at <= now && now < alarm.last_at + PACE => Outcome::Slowed(alarm.last_at + PACE - now),
        Some(alarm) => Outcome::Alarming(Alarm { bracelets: alarm.bracelets.saturating_add(1), last_at: now }),
        None if before < ORDINARY => Outcome::Ordinary,
        None => Outcome::Alarming(Alarm { bracelets: before.saturating_add(1), last_at: now }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    #[test]
    fn a_handful_is_ordinary_and_one_more_is_not() {
        assert_eq!(judge(0, None, NOW), Outcome::Ordinary);
        assert_eq!(judge(ORDINARY - 1, None, NOW), Outcome::Ordinary);
        assert_eq!(judge(ORDINARY, None, NOW), Outcome::Alarming(Alarm { bracelets: ORDINARY + 1, last_at: NOW }));
    }

    #[test]
    fn while_the_alarm_stands_each_bracelet_waits_its_time_and_then_comes_through() {
        let alarm = Alarm { bracelets: 6, last_at: NOW };
        let soon = NOW + PACE - Duration::MILLISECOND;
        assert_eq!(judge(0, Some(alarm), soon), Outcome::Slowed(Duration::MILLISECOND));
        assert_eq!(judge(0, Some(alarm), NOW + PACE), Outcome::Alarming(Alarm { bracelets: 7, last_at: NOW + PACE }));
        assert!(matches!(judge(0, Some(Alarm { bracelets: 6, last_at: NOW + PACE }), NOW), Outcome::Alarming(_)));
    }
}
