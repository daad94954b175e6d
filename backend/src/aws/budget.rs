//! The time that the authority has for one thing asked of it, whatever number of calls and tries that takes.

use std::{error::Error, time::Duration};

use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use tokio::time::{Instant, timeout_at};

use super::fault::{AuthorityFault, refused};
use crate::clock::Clock;

/// The three calls of a release and every try of them together: as long as somebody who kneels beside a patient looks at a page
/// that only says that it is opening.
pub(super) const BUDGET: Duration = Duration::from_secs(5);

/// What is left of it.
pub(super) struct Budget<'a> {
    until: Instant,
    clock: &'a Clock,
}

impl<'a> Budget<'a> {
    pub(super) fn begin(clock: &'a Clock) -> Self {
        Self { until: Instant::now() + BUDGET, clock }
    }

    /// Waits for a call as long as there is time. The SDK's futures are large, so they are not passed on as they are.
    pub(super) fn call<T, E>(
        &self,
        call: &'static str,
        sent: impl Future<Output = Result<T, SdkError<E>>>,
    ) -> impl Future<Output = Result<T, AuthorityFault>>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let sent = Box::pin(sent);
        async move {
            match timeout_at(self.until, sent).await {
                Ok(answer) => answer.map_err(|error| refused(call, &error, self.clock.now())),
                Err(_) => Err(AuthorityFault::slow(call)),
            }
        }
    }
}
