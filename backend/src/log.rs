//! What goes into the log, and what does not at any level.
//!
//! The AWS SDK's own words below `info` show what a call is made of, access key ids among it. They are left out, whatever the operator
//! chose: what failed and how is told by `aws::fault`.
//!
//! Nor is it told that a call came by the cookie of a session that is over: every tablet sends one after its rest, and whoever kept one sends it
//! as often as they like.

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{FilterExt as _, filter_fn},
    fmt::{self, MakeWriter},
    layer::SubscriberExt as _,
};

/// What is told where the operator chose nothing (`RUST_LOG`): `info` of our own crate, and what others warn of.
pub const USUAL: &str = "warn,halligan_backend=info,halligan_authority=warn";

/// Writes what the filter lets through, and what may be told.
pub fn subscriber<W>(filter: EnvFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::registry().with(fmt::layer().with_writer(writer).with_filter(filter.and(filter_fn(may_be_told))))
}

fn may_be_told(of: &Metadata<'_>) -> bool {
    let names_no_key = !of.target().starts_with("aws_") || *of.level() <= Level::INFO;
    // What fails in the store of sessions is told as an error.
    let is_of_session_over = of.target().starts_with("tower_sessions") && *of.level() == Level::WARN;
    names_no_key && !is_of_session_over
}
