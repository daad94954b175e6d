//! What the registrar chose: one summary that holds, and attachments judged by their bytes.

use std::sync::Arc;

use halligan_shared::{
    crypto::{ATTACHMENT_MAX, MediaType},
    ips::{self, Summary},
};
use leptos::prelude::*;
use zeroize::Zeroizing;

use crate::browser::file::{Chosen, FileFault};

/// Most attachments of a record: what the backend takes.
pub(super) const ATTACHMENTS_MAX: usize = 20;
/// Longest title, in characters: the summary's header has to hold all of them.
pub(super) const TITLE_MAX: usize = 120;

/// A file's content, shared between the form and a sealing under way; overwritten with its last holder.
pub(super) type Content = Arc<Zeroizing<Vec<u8>>>;

/// A patient summary that can be sealed.
#[derive(Clone)]
pub(super) struct ChosenSummary {
    /// What the file is called.
    pub(super) name: String,
    /// Its bytes, as they are.
    pub(super) content: Content,
    /// What a responder would see.
    pub(super) read: Arc<Summary>,
}

/// An attachment that can be sealed.
#[derive(Clone)]
pub(super) struct ChosenAttachment {
    /// Tells it from the others of this form.
    pub(super) number: u32,
    /// What the file is called.
    pub(super) name: String,
    /// What the responder will see it called.
    pub(super) title: RwSignal<String>,
    /// What it is, by its own bytes.
    pub(super) media_type: MediaType,
    /// Its bytes, as they are.
    pub(super) content: Content,
}

/// Everything chosen in one form.
#[derive(Clone, Copy)]
pub(super) struct Choice {
    pub(super) summary: RwSignal<Option<ChosenSummary>>,
    pub(super) attachments: RwSignal<Vec<ChosenAttachment>>,
    next: StoredValue<u32>,
}

/// A file that is not taken, and why: a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotTaken(pub(super) String);

impl Choice {
    pub(super) fn new() -> Self {
        Self { summary: RwSignal::new(None), attachments: RwSignal::new(Vec::new()), next: StoredValue::new(0) }
    }

    /// Takes a file that was dropped: an attachment if its bytes say so, else the summary.
    pub(super) async fn take(&self, file: &Chosen) -> Result<(), NotTaken> {
        let content = read(file).await?;
        match MediaType::sniff(&content) {
            Some(media_type) => self.attach(file, media_type, content),
            None => self.summarise(file, content),
        }
    }

    /// Takes a file that was chosen as the summary.
    pub(super) async fn take_summary(&self, file: &Chosen) -> Result<(), NotTaken> {
        self.summarise(file, read(file).await?)
    }

    /// Takes a file that was chosen as an attachment.
    pub(super) async fn take_attachment(&self, file: &Chosen) -> Result<(), NotTaken> {
        let content = read(file).await?;
        let media_type = MediaType::sniff(&content)
            .ok_or_else(|| not_taken(file, "It is no PDF, PNG or JPEG, whatever its name says. Attachments are one of these."))?;
        self.attach(file, media_type, content)
    }

    /// Leaves an attachment out again.
    pub(super) fn remove(&self, number: u32) {
        self.attachments.update(|attachments| attachments.retain(|attachment| attachment.number != number));
    }

    fn summarise(&self, file: &Chosen, content: Zeroizing<Vec<u8>>) -> Result<(), NotTaken> {
        let read = Summary::read(&content).map_err(|fault| not_taken(file, &fault.to_string()))?;
        self.summary.set(Some(ChosenSummary { name: file.name(), content: Arc::new(content), read: Arc::new(read) }));
        Ok(())
    }

    fn attach(&self, file: &Chosen, media_type: MediaType, content: Zeroizing<Vec<u8>>) -> Result<(), NotTaken> {
        if self.attachments.with_untracked(Vec::len) >= ATTACHMENTS_MAX {
            return Err(not_taken(file, "A record has at most 20 attachments."));
        }
        let number = self.next.get_value();
        self.next.set_value(number + 1);
        let name = file.name();
        let title = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem).chars().take(TITLE_MAX).collect();
        let content = Arc::new(content);
        let attachment = ChosenAttachment { number, name, title: RwSignal::new(title), media_type, content };
        self.attachments.update(|attachments| attachments.push(attachment));
        Ok(())
    }
}

/// The largest limit first; a summary that is too long is refused by its own check, in words of its own.
async fn read(file: &Chosen) -> Result<Zeroizing<Vec<u8>>, NotTaken> {
    file.read(ATTACHMENT_MAX).await.map_err(|fault| match fault {
        FileFault::TooLarge { .. } => not_taken(
            file,
            &format!(
                "It is too large: a summary has at most {} MB, an attachment {} MB.",
                ips::MAX_BYTES >> 20,
                ATTACHMENT_MAX >> 20
            ),
        ),
        FileFault::Unreadable => not_taken(file, &fault.to_string()),
    })
}

fn not_taken(file: &Chosen, why: &str) -> NotTaken {
    NotTaken(format!("{}: {why}", file.name()))
}
