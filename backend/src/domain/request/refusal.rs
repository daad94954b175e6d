//! Why a request does not do what was asked of it, in a sentence each: what happened, and what to do next.

use halligan_shared::grant::Ending;

use crate::domain::member::Member;

/// Why a request cannot do what was asked of it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Changed in the store since it was signed.
    #[error("This request is no longer what was signed, so nothing was decided. Tell an admin.")]
    Altered,
    /// Nobody decides their own.
    #[error("You cannot decide your own request. Another dispatcher has to.")]
    Own,
    /// The agency's policies leave it to others.
    #[error("The agency's rules do not let you decide this request: it may be your own crew's. Another dispatcher has to.")]
    Barred,
    /// The agency's policies let this member ask for nothing of the kind, or through no door.
    #[error("The agency's rules do not open this record to you. Call dispatch for what the patient needs now.")]
    NoDoor,
    /// A real record, for somebody who takes part in a drill.
    #[error("You are in a drill: only made-up records open. For a real patient, leave the drill. What you typed stays.")]
    DrillOnly,
    /// The agency's policies leave this door shut for this request.
    #[error("The agency's rules do not let you open this one alone. Dispatch has it on the screen: call them.")]
    NotAlone,
    /// The door opens later.
    #[error("You can open this alone in {0} seconds, if nobody answers before.")]
    TooEarly(i64),
    /// What had opened it holds no more.
    #[error(
        "What had opened this holds no more: its incident was closed, your unit was taken off it, or a dispatcher who approved it decides no more. Dispatch sees that your request waits again."
    )]
    WaitsAgain,
    /// Has said so already, and others have to as well.
    #[error("You have approved this already. It waits for another dispatcher.")]
    Given,
    /// What was to be taken back was opened meanwhile.
    #[error("The record was opened meanwhile, or its window is over. What is open stands under “Open now” and can be ended there.")]
    OpenAlready,
    /// What was to be taken back waits again.
    #[error("It waits again, so there is nothing to take back. Deny it, if it should not be opened.")]
    NothingToTakeBack,
    /// The door is not the dispatchers'.
    #[error("By the agency's rules no dispatcher opens this one, so there was nothing to approve. You can still deny it.")]
    NotByDecision,
    /// Somebody was faster.
    #[error("{by} has already {what} this request. There is nothing left to decide.", by = .by.display_name)]
    Decided {
        /// Who.
        by: Box<Member>,
        /// `approved`, `denied` or `opened`.
        what: &'static str,
    },
    /// A standing rule was faster.
    #[error("A standing rule of the agency has already opened this request. There is nothing left to decide.")]
    OpenedByRule,
    /// Withdrawn by the responder.
    #[error("This request was withdrawn. If the record is still needed, a new request is the way.")]
    Cancelled,
    /// The time is over.
    #[error("The time for this has passed. A new request is the way.")]
    TooLate,
    /// Not yet approved, or denied.
    #[error("This request is not approved. Wait for a dispatcher, or ask again if it was denied.")]
    NotApproved,
    /// The window is closed.
    #[error("{} To read the record again, make a new request.", what_ended(*.0))]
    WindowOver(Ending),
    /// There is no window any more that could be ended.
    #[error("{} There is nothing left to end.", what_ended(*.0))]
    Ended(Ending),
    /// Another session asked.
    #[error("The record opens only in the browser that asked for it. Go back to that one, or make a new request here.")]
    OtherSession,
}

const fn what_ended(ending: Ending) -> &'static str {
    match ending {
        Ending::Expired => "The time to read this record is over.",
        Ending::LoggedOff => "Signing out closed this record.",
        Ending::Revoked => "A dispatcher closed this record.",
        Ending::Wiped => "This record was closed and wiped.",
        Ending::LockedDown => "The portal was locked down, and every record closed.",
    }
}
