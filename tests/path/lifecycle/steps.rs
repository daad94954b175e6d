//! What people and time do to a request, in whichever order, and how often each comes.

use halligan_shared::{justification::Severity, statement::Verdict};
use proptest::{prelude::*, sample::select};

/// How many dispatchers there are: `DSP-1` and `DSP-2` of one station, `DSP-3` of another.
pub(super) const DISPATCHERS: usize = 3;
/// How many responders there are: `EMS-1` of the unit M12, `EMS-2` of the unit M13.
pub(super) const RESPONDERS: usize = 2;
/// What each responder may ask for: a patient who is made up, and one who is real. Each pair of both is a case of its own.
pub(super) const CASES: usize = 2 * RESPONDERS;

/// The responder of a case.
pub(super) const fn responder_of(case: usize) -> usize {
    case / 2
}

/// Whether the patient of a case is made up.
pub(super) const fn is_made_up(case: usize) -> bool {
    case.is_multiple_of(2)
}

/// What a dispatcher signs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Word {
    /// A word on the last request of a case.
    One(usize, Verdict),
    /// An approval of the last request of each of these cases by one signature: a bit for each.
    Many(u8),
}

/// What somebody does, or time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// A responder asks.
    Ask(usize, Severity),
    /// A responder withdraws what they asked.
    Cancel(usize),
    /// A dispatcher decides.
    Say(usize, Word),
    /// A dispatcher is about to decide: has signed, and not sent it yet.
    Sign(usize, Word),
    /// Sends what they signed last.
    Send(usize),
    /// A responder opens a request alone.
    Alone(usize),
    /// A responder opens the record.
    Open(usize),
    /// Opens it twice in the same instant, as two pages would.
    OpenTwice(usize),
    /// A dispatcher ends a window.
    End(usize, usize),
    /// The responder is done: every page that had the record open wipes it and says so.
    Done(usize),
    /// A responder signs out, and in again.
    SignOut(usize),
    /// An admin keeps a member out: a dispatcher, or one of the responders, who come after them.
    KeepOut(usize),
    /// Lets them in again.
    LetIn(usize),
    /// An admin takes a responder into a drill of a quarter of an hour.
    Join(usize),
    /// A responder leaves their drill.
    Leave(usize),
    /// Two admins lock the portal down.
    Lock,
    /// Two admins lift that.
    Lift,
    /// A privacy officer closes a review.
    Review(usize),
    /// Computer-aided dispatch says whether the incident goes on, and whose units are on it.
    Told(bool, [bool; RESPONDERS]),
    /// Milliseconds pass.
    Pass(i64),
    /// Time passes up to the next moment at which it alone changes something of a case; or up to a millisecond before.
    Until(usize, bool),
}

/// A step, and whether the portal's sweep runs after it: nothing may depend on that but what it writes down.
pub(super) type Turn = (Step, bool);

pub(super) fn step() -> impl Strategy<Value = Step> {
    let dispatcher = || 0..DISPATCHERS;
    let responder = || 0..RESPONDERS;
    let member = || 0..DISPATCHERS + RESPONDERS;
    prop_oneof![
        14 => (case(), severity()).prop_map(|(case, severity)| Step::Ask(case, severity)),
        2 => case().prop_map(Step::Cancel),
        10 => (dispatcher(), word()).prop_map(|(who, word)| Step::Say(who, word)),
        4 => (dispatcher(), word()).prop_map(|(who, word)| Step::Sign(who, word)),
        5 => dispatcher().prop_map(Step::Send),
        6 => case().prop_map(Step::Alone),
        10 => case().prop_map(Step::Open),
        2 => case().prop_map(Step::OpenTwice),
        2 => (dispatcher(), case()).prop_map(|(who, case)| Step::End(who, case)),
        3 => case().prop_map(Step::Done),
        1 => responder().prop_map(Step::SignOut),
        3 => member().prop_map(Step::KeepOut),
        3 => member().prop_map(Step::LetIn),
        2 => responder().prop_map(Step::Join),
        1 => responder().prop_map(Step::Leave),
        1 => Just(Step::Lock),
        3 => Just(Step::Lift),
        3 => case().prop_map(Step::Review),
        6 => (any::<bool>(), any::<[bool; RESPONDERS]>()).prop_map(|(goes_on, sent)| Step::Told(goes_on, sent)),
        5 => select(vec![1, 29_999, 30_000, 44_999, 45_000, 60_000, 179_999, 299_999, 300_000, 599_999, 3_599_999]).prop_map(Step::Pass),
        6 => (case(), any::<bool>()).prop_map(|(case, is_early)| Step::Until(case, is_early)),
    ]
}

/// The first one more often, so that steps meet.
pub(super) fn case() -> impl Strategy<Value = usize> {
    prop_oneof![4 => Just(0_usize), 3 => Just(1), 2 => Just(2), 2 => Just(3)]
}

pub(super) fn severity() -> impl Strategy<Value = Severity> {
    prop_oneof![4 => Just(Severity::LifeThreatening), 1 => Just(Severity::Urgent), 1 => Just(Severity::Other)]
}

pub(super) fn word_on() -> impl Strategy<Value = Verdict> {
    prop_oneof![3 => Just(Verdict::Approve), 1 => Just(Verdict::Deny), 1 => Just(Verdict::TakeBack)]
}

fn word() -> impl Strategy<Value = Word> {
    prop_oneof![
        3 => (case(), word_on()).prop_map(|(case, verdict)| Word::One(case, verdict)),
        1 => select(vec![0b0101, 0b1010, 0b0001, 0b0010, 0b0110]).prop_map(Word::Many),
    ]
}
