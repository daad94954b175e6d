//! Who outside is told: settings of push and of the webhook.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use clap::Args;
use halligan_backend::outside::{Outside, PushKey, PushServices, Webhook};

use super::{Options, private};

/// The key for push services, in the portal's folder, unless another file is named.
const PUSH_KEY: &str = "push.key";

/// How devices and another system of the agency's are told.
#[derive(Args, Clone)]
pub(super) struct OutsideOptions {
    /// File with the key by which push services know the portal (VAPID); made in the data folder at the first start
    #[arg(long, env = "HALLIGAN_VAPID_KEY", value_name = "FILE")]
    vapid_key: Option<PathBuf>,
    /// Whom push services write to when something is wrong, such as mailto:it@agency.example; the portal's address without it
    #[arg(long, env = "HALLIGAN_PUSH_CONTACT", value_name = "ADDRESS", value_parser = contact)]
    push_contact: Option<String>,
    /// Hosts of the push services that the portal calls, separated by commas; those of the usual browsers without it
    #[arg(long, env = "HALLIGAN_PUSH_SERVICES", value_name = "HOSTS")]
    push_services: Option<PushServices>,
    /// Address that is told of every notice (Standard Webhooks), over https
    #[arg(long, env = "HALLIGAN_WEBHOOK_URL", value_name = "ADDRESS", requires = "webhook_key")]
    webhook_url: Option<String>,
    /// File with the key that the webhook's calls are signed with
    #[arg(long, env = "HALLIGAN_WEBHOOK_KEY", value_name = "FILE", requires = "webhook_url")]
    webhook_key: Option<PathBuf>,
}

impl OutsideOptions {
    /// Reads the keys, and makes the one for push services when there is none.
    pub(super) fn read(&self, options: &Options) -> anyhow::Result<Outside> {
        let push = match &self.vapid_key {
            Some(file) => push_key(file)?,
            None => own_push_key(options)?,
        };
        self.with(Some(push), options)
    }

    /// The same where nothing is to be made.
    pub(super) fn look(&self, options: &Options) -> anyhow::Result<Outside> {
        let own = options.data.join(PUSH_KEY);
        let file = self.vapid_key.as_ref().or_else(|| own.exists().then_some(&own));
        self.with(file.map(|file| push_key(file)).transpose()?, options)
    }

    fn with(&self, push: Option<PushKey>, options: &Options) -> anyhow::Result<Outside> {
        let webhook = match (&self.webhook_url, &self.webhook_key) {
            (Some(url), Some(file)) => Some(Arc::new(Webhook::new(url, &private::read(file)?)?)),
            _ => None,
        };
        Ok(Outside {
            push: push.map(Arc::new),
            contact: self.push_contact.clone().unwrap_or_else(|| options.origin.origin().ascii_serialization()),
            services: self.push_services.clone().unwrap_or_default(),
            webhook,
        })
    }
}

fn push_key(file: &Path) -> anyhow::Result<PushKey> {
    PushKey::from_text(&private::read(file)?).with_context(|| format!("{} holds no key", file.display()))
}

/// With another key, no browser that subscribed would be told any more: it is made once.
fn own_push_key(options: &Options) -> anyhow::Result<PushKey> {
    private::folder(&options.data).with_context(|| format!("cannot use the folder {}", options.data.display()))?;
    let file = options.data.join(PUSH_KEY);
    if !file.exists() {
        let fresh = options.data.join(format!("{PUSH_KEY}.{}", std::process::id()));
        private::write(&fresh, &PushKey::fresh()?.to_text())?;
        // Whoever else starts in this moment: the first key stays.
        let linked = std::fs::hard_link(&fresh, &file);
        std::fs::remove_file(&fresh)?;
        ensure!(linked.is_ok() || file.exists(), "cannot make {}", file.display());
    }
    push_key(&file)
}

/// `mailto:` or `https:` (RFC 8292, section 2.1).
fn contact(text: &str) -> Result<String, String> {
    let is_one = (text.starts_with("mailto:") || text.starts_with("https://")) && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_one.then(|| text.to_owned()).ok_or_else(|| "give an address such as mailto:it@agency.example".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_an_address_that_somebody_reads() {
        assert!(contact("mailto:it@agency.example").is_ok() && contact("https://agency.example").is_ok());
        for bad in ["it@agency.example", "", "http://agency.example", "mailto:a b"] {
            assert!(contact(bad).is_err(), "{bad}");
        }
    }
}
