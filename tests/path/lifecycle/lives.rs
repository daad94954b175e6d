//! Lives of requests as they often go, and how they run one through the other.

use halligan_shared::{justification::Severity, statement::Verdict};
use proptest::{collection::vec, prelude::*, sample::subsequence};

use super::steps::{CASES, DISPATCHERS, RESPONDERS, Step, Turn, Word, case, is_made_up, severity, step, word_on};

/// How many lives there are.
const LIVES: usize = 7;
/// How many steps one has at most.
const LONGEST: usize = 9;

/// The life of a case: two dispatchers have to do with it, who may be one, and a word of the first of them.
fn life(which: usize, case: usize, [one, other]: [usize; 2], severity: Severity, verdict: Verdict) -> Vec<Step> {
    let (ask, open, done, review) = (Step::Ask(case, severity), Step::Open(case), Step::Done(case), Step::Review(case));
    let say = |who, verdict| Step::Say(who, Word::One(case, verdict));
    let approve = |who| say(who, Verdict::Approve);
    // Each responder's request about a patient of the same kind.
    let (beside, many) = ((case + 2) % CASES, if is_made_up(case) { 0b0101 } else { 0b1010 });
    let told = |goes_on| Step::Told(goes_on, [true; RESPONDERS]);
    match which {
        // Dispatchers open it, of both stations if it takes two.
        0 => vec![ask, approve(one), approve(2), open, Step::OpenTwice(case), done, review],
        // Nobody answers.
        1 => vec![ask, Step::Until(case, false), Step::Alone(case), open, Step::End(one, case), done, review],
        // The standing rule opens it, and holds no more.
        2 => vec![
            told(true),
            ask,
            told(false),
            say(one, verdict),
            open,
            Step::Until(case, true),
            open,
            Step::Until(case, false),
            done,
        ],
        // It is denied, and asked for again.
        3 => {
            vec![ask, say(one, verdict), say(other, Verdict::Deny), ask, Step::Pass(60_000), Step::Alone(case), open, done, review]
        }
        // Several at once, and somebody is faster with one of them.
        4 => vec![
            ask,
            Step::Ask(beside, severity),
            Step::Sign(one, Word::Many(many)),
            say(other, verdict),
            Step::Send(one),
            Step::Send(2),
            open,
            Step::Open(beside),
            Step::End(other, case),
        ],
        // Whoever approved it is kept out, and let in again.
        5 => vec![
            ask,
            approve(one),
            approve(2),
            Step::KeepOut(one),
            Step::LetIn(one),
            say(one, verdict),
            open,
            Step::End(one, case),
            review,
        ],
        // What one door opened is tried by another.
        _ => vec![ask, approve(one), approve(2), Step::Pass(60_000), Step::Alone(case), told(true), approve(other), open, done],
    }
}

/// Each life by itself, from its beginning to its end: with these every run begins.
pub(super) fn known() -> impl Iterator<Item = Vec<Turn>> {
    let whole = |which| life(which, 1, [0, 1], Severity::LifeThreatening, Verdict::Approve);
    (0..LIVES).map(move |which| whole(which).into_iter().map(|step| (step, true)).collect())
}

/// Some lives, each with steps left out, all of them one through the other; and anything at all in between.
pub(super) fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let placed = |most: usize| vec((0..1_000_u16, any::<bool>()), most);
    let lives = vec((part_of_a_life(), placed(LONGEST)), 1..5);
    let between = vec((step(), 0..1_000_u16, any::<bool>()), 0..14);
    (lives, between).prop_map(|(lives, between)| {
        let mut turns: Vec<_> = between.into_iter().map(|(step, place, is_swept)| (place, (step, is_swept))).collect();
        for (life, mut places) in lives {
            places.sort_unstable();
            turns.extend(life.into_iter().zip(places).map(|(step, (place, is_swept))| (place, (step, is_swept))));
        }
        turns.sort_by_key(|(place, _)| *place);
        turns.into_iter().map(|(_, turn)| turn).collect()
    })
}

fn part_of_a_life() -> impl Strategy<Value = Vec<Step>> {
    let dispatchers = [0..DISPATCHERS, 0..DISPATCHERS];
    (0..LIVES, case(), dispatchers, severity(), word_on()).prop_flat_map(|(which, case, dispatchers, severity, verdict)| {
        let life = life(which, case, dispatchers, severity, verdict);
        let most = life.len();
        subsequence(life, most.div_ceil(2)..=most)
    })
}
