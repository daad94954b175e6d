//! The terms of a door, as annotations of its policies give them: `@decisions("2")`, `@stations("apart")`, `@wait("45")`, `@window("300")`.

use cedar_policy::{ActionConstraint, Effect, EntityUid, Policy};
use halligan_shared::door::Door;
use time::Duration;

use super::words::Act;
use crate::domain::door::Terms;

/// Most decisions that a request can wait for: an agency that asks more people than this has stopped deciding.
const DECISIONS_MAX: u32 = 9;
/// The longest wait. Nobody stands before a patient for an hour.
const WAIT_MAX: u32 = 3_600;
/// The longest window: the credentials of an opening live 900 seconds.
const WINDOW_MAX: u32 = 900;

/// Both at once: whoever keeps these keeps each of the two.
pub(super) fn stricter(one: Terms, other: Terms) -> Terms {
    Terms {
        decisions: one.decisions.max(other.decisions),
        are_apart: one.are_apart || other.are_apart,
        wait: one.wait.max(other.wait),
        window: one.window.into_iter().chain(other.window).min(),
    }
}

/// The terms that a policy gives; `None` for one that opens no door. A term that nothing would keep is a fault: it would stand there, and
/// whoever reads it would rely on it.
pub(super) fn read(policy: &Policy) -> Result<Option<Terms>, String> {
    let doors = doors(policy);
    let mut terms = Terms::default();
    for (name, value) in policy.annotations() {
        match name {
            "id" => continue,
            "decisions" => terms.decisions = number(name, value, 1..=DECISIONS_MAX)?,
            "stations" if value == "apart" => terms.are_apart = true,
            "stations" => {
                return Err(format!(
                    "@stations(\"{value}\") says nothing that is known: write @stations(\"apart\"), or leave it out"
                ));
            }
            "wait" => terms.wait = seconds(number(name, value, 0..=WAIT_MAX)?),
            "window" => terms.window = Some(seconds(number(name, value, 1..=WINDOW_MAX)?)),
            _ => return Err(format!("@{name} is not known: annotations are @id, @decisions, @stations, @wait and @window")),
        }
        if policy.effect() == Effect::Forbid || doors.is_empty() {
            return Err(format!("@{name} says how a door opens: it belongs to a permit whose action is a door"));
        }
        let kept_by = match name {
            "decisions" | "stations" => Some(Door::Dispatcher),
            "wait" => Some(Door::Override),
            _ => None,
        };
        if let Some(door) = kept_by.filter(|door| doors.iter().any(|named| named != door)) {
            return Err(format!(
                "@{name} is kept by the door {} alone: give it to a policy for Action::\"open_by_{0}\"",
                door.word()
            ));
        }
    }
    if terms.are_apart && terms.decisions < 2 {
        return Err(
            "one decision alone cannot be of different stations: write @decisions(\"2\") or more beside @stations(\"apart\")"
                .to_owned(),
        );
    }
    Ok((policy.effect() == Effect::Permit && !doors.is_empty()).then_some(terms))
}

/// Whether a policy can open any door.
pub(super) fn opens(policy: &Policy) -> bool {
    policy.effect() == Effect::Permit && Door::ALL.into_iter().any(|door| is_of(policy, Act::Open(door)))
}

/// Whether a policy can let anybody review.
pub(super) fn reviews(policy: &Policy) -> bool {
    policy.effect() == Effect::Permit && is_of(policy, Act::Review)
}

/// Whether an act is among those that a policy speaks of. The schema has no groups of actions.
pub(super) fn is_of(policy: &Policy, act: Act) -> bool {
    let is_it = |action: &EntityUid| act.word() == action.id().unescaped();
    match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(action) => is_it(&action),
        ActionConstraint::In(actions) => actions.iter().any(is_it),
    }
}

/// The doors that a policy names, if it names nothing else.
fn doors(policy: &Policy) -> Vec<Door> {
    let actions = match policy.action_constraint() {
        ActionConstraint::Any => return Vec::new(),
        ActionConstraint::Eq(action) => vec![action],
        ActionConstraint::In(actions) => actions,
    };
    actions.iter().map(door).collect::<Option<_>>().unwrap_or_default()
}

fn door(action: &EntityUid) -> Option<Door> {
    Door::ALL.into_iter().find(|door| Act::Open(*door).word() == action.id().unescaped())
}

fn number(name: &str, value: &str, range: std::ops::RangeInclusive<u32>) -> Result<u32, String> {
    let is_plain = value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|number| is_plain && range.contains(number));
    number.ok_or_else(|| {
        format!("@{name}(\"{value}\") cannot be kept: give a whole number from {} to {}", range.start(), range.end())
    })
}

fn seconds(seconds: u32) -> Duration {
    Duration::seconds(seconds.into())
}
