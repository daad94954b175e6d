//! The ways by which the portal tells somebody outside: push services, and a webhook.
//!
//! Nothing here knows what a notice is, or keeps anything. Guarantees that nothing is sent but to a push service that the operator allows
//! or to the webhook, that no redirect is followed, and that no answer is read beyond its status.

mod line;
mod push;
mod services;
mod vapid;
mod webhook;

use std::sync::Arc;

pub use self::{
    line::{Line, NotSent},
    push::{AUTH_LEN, NotADevice, PLAIN_MAX, Subscription},
    services::{PushServices, ServiceFault},
    vapid::{PushKey, PushKeyFault},
    webhook::{Webhook, WebhookFault},
};

/// What the operator set of them.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    /// By what push services know the portal. Without it nobody is told by push.
    pub push: Option<Arc<PushKey>>,
    /// Whom push services write to when something is wrong: an address that begins with `mailto:` or `https:`.
    pub contact: String,
    /// Which push services there are.
    pub services: PushServices,
    /// Where every notice goes, if anywhere.
    pub webhook: Option<Arc<Webhook>>,
}
