//! What goes into the log, and what does not at any level.
//!
//! The AWS SDK's own words below `info` show what a call is made of, access key ids among it. They are left out, whatever the operator
//! chose: what failed and how is told by `aws::fault`.

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{FilterExt as _, filter_fn},
    fmt::{self, MakeWriter},
    layer::SubscriberExt as _,
};

/// Writes what the filter lets through, and what may be told.
pub fn subscriber<W>(filter: EnvFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::registry().with(fmt::layer().with_writer(writer).with_filter(filter.and(filter_fn(may_be_told))))
}

fn may_be_told(of: &Metadata<'_>) -> bool {
    !of.target().starts_with("aws_") || *of.level() <= Level::INFO
}
