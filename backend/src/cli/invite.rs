//! Where an invited member will work, as an operator types it.

use clap::Args;
use halligan_shared::{
    assignment::{Assignment, CallSign},
    member::AgencyId,
};

/// What of it the agency uses.
#[derive(Args, Clone)]
#[command(next_help_heading = "Assignment")]
pub(super) struct AssignmentOptions {
    /// Crew: the people on one vehicle, who do not decide for each other
    #[arg(long)]
    crew: Option<CallSign>,
    /// Unit, as computer-aided dispatch calls the vehicle
    #[arg(long)]
    unit: Option<CallSign>,
    /// Station
    #[arg(long)]
    station: Option<CallSign>,
    /// Shift
    #[arg(long)]
    shift: Option<CallSign>,
    /// Agency ID of whom this member answers to
    #[arg(long)]
    supervisor: Option<AgencyId>,
}

impl From<AssignmentOptions> for Assignment {
    fn from(typed: AssignmentOptions) -> Self {
        let AssignmentOptions { crew, unit, station, shift, supervisor } = typed;
        Self { crew, unit, station, shift, supervisor }
    }
}
