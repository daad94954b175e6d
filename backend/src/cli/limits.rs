//! The spans of time of the portal, as an operator sets them: in seconds, by option or in the environment.

use clap::Args;
use halligan_backend::config::{LimitFault, Limits};
use time::Duration;

/// Spans of time, in seconds.
#[derive(Args, Clone)]
#[command(next_help_heading = "Limits, in seconds")]
pub(super) struct LimitOptions {
    /// How long a record is readable, from the moment it is opened; 900 at most
    #[arg(long, env = "HALLIGAN_WINDOW", value_name = "SECONDS", default_value_t = 300)]
    window: u32,
    /// How long a request waits for a decision
    #[arg(long, env = "HALLIGAN_PENDING", value_name = "SECONDS", default_value_t = 600)]
    pending: u32,
    /// How long an approval may stay unused
    #[arg(long, env = "HALLIGAN_APPROVAL", value_name = "SECONDS", default_value_t = 600)]
    approval: u32,
    /// How long a tab may stay hidden before the record in it is wiped
    #[arg(long, env = "HALLIGAN_HIDDEN", value_name = "SECONDS", default_value_t = 30)]
    hidden: u32,
    /// How long a member stays signed in without doing anything
    #[arg(long, env = "HALLIGAN_IDLE", value_name = "SECONDS", default_value_t = 1_800)]
    idle: u32,
    /// How long a member stays signed in at all
    #[arg(long, env = "HALLIGAN_SESSION", value_name = "SECONDS", default_value_t = 43_200)]
    session: u32,
    #[command(flatten)]
    invitation: InvitationOption,
    /// How long a member may take to touch the passkey
    #[arg(long, env = "HALLIGAN_CEREMONY", value_name = "SECONDS", default_value_t = 300)]
    ceremony: u32,
    /// How long an unfinished sealing is kept
    #[arg(long, env = "HALLIGAN_SEALING", value_name = "SECONDS", default_value_t = 3_600)]
    sealing: u32,
    /// How long another admin may take to confirm what one proposed: a lockdown, or new passkeys for a member
    #[arg(long, env = "HALLIGAN_PROPOSAL", value_name = "SECONDS", default_value_t = 600)]
    proposal: u32,
    /// How long new passkeys for a member wait, once confirmed, in case the member objects
    #[arg(long, env = "HALLIGAN_REENROLMENT_DELAY", value_name = "SECONDS", default_value_t = 3_600)]
    reenrolment_delay: u32,
    /// How long the review of an override, or of what was opened after a denial, may take; 7776000 at most
    #[arg(long, env = "HALLIGAN_REVIEW_DUE", value_name = "SECONDS", default_value_t = 259_200)]
    review_due: u32,
    /// How long the review of what was drawn at random may take; 7776000 at most
    #[arg(long, env = "HALLIGAN_REVIEW_SAMPLE_DUE", value_name = "SECONDS", default_value_t = 1_209_600)]
    review_sample_due: u32,
}

/// The one limit that `invite` needs as well.
#[derive(Args, Clone)]
pub(super) struct InvitationOption {
    /// How long an invitation can be used
    #[arg(long, env = "HALLIGAN_INVITATION", value_name = "SECONDS", default_value_t = 600)]
    invitation: u32,
}

impl LimitOptions {
    /// The limits, if the portal can keep them.
    pub(super) fn checked(&self) -> Result<Limits, LimitFault> {
        let limits = Limits {
            pending: seconds(self.pending),
            approval: seconds(self.approval),
            window: seconds(self.window),
            invitation: seconds(self.invitation.invitation),
            ceremony: seconds(self.ceremony),
            idle: seconds(self.idle),
            session: seconds(self.session),
            hidden: seconds(self.hidden),
            sealing: seconds(self.sealing),
            proposal: seconds(self.proposal),
            reenrolment_delay: seconds(self.reenrolment_delay),
            review_due: seconds(self.review_due),
            review_sample_due: seconds(self.review_sample_due),
        };
        limits.check().map(|()| limits)
    }
}

impl InvitationOption {
    /// The limits with this one set, if the portal can keep it.
    pub(super) fn checked(&self) -> Result<Limits, LimitFault> {
        let limits = Limits { invitation: seconds(self.invitation), ..Limits::default() };
        limits.check().map(|()| limits)
    }
}

fn seconds(seconds: u32) -> Duration {
    Duration::seconds(seconds.into())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Typed {
        #[command(flatten)]
        limits: LimitOptions,
    }

    #[test]
    fn what_is_not_typed_is_the_default() {
        assert_eq!(Typed::try_parse_from(["halligan"]).unwrap().limits.checked(), Ok(Limits::default()));
    }

    #[test]
    fn each_limit_can_be_typed() {
        let typed = "halligan --pending 1 --approval 2 --window 3 --invitation 4 --ceremony 5 --idle 6 --session 7 --hidden 8 --sealing 9 --proposal 10 --reenrolment-delay 11 --review-due 12 --review-sample-due 13";
        let limits = Typed::try_parse_from(typed.split(' ')).unwrap().limits.checked().unwrap();
        let expected = Limits {
            pending: seconds(1),
            approval: seconds(2),
            window: seconds(3),
            invitation: seconds(4),
            ceremony: seconds(5),
            idle: seconds(6),
            session: seconds(7),
            hidden: seconds(8),
            sealing: seconds(9),
            proposal: seconds(10),
            reenrolment_delay: seconds(11),
            review_due: seconds(12),
            review_sample_due: seconds(13),
        };
        assert_eq!(limits, expected);
    }

    #[test]
    fn a_review_may_take_ninety_days() {
        let typed = "halligan --review-due 7776000 --review-sample-due 7776000";
        assert!(Typed::try_parse_from(typed.split(' ')).unwrap().limits.checked().is_ok());
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        for typed in
            ["--window 901", "--window 0", "--hidden 0", "--session 86401", "--review-due 7776001", "--review-sample-due 0"]
        {
            let typed = format!("halligan {typed}");
            assert!(Typed::try_parse_from(typed.split(' ')).unwrap().limits.checked().is_err(), "{typed}");
        }
    }
}
