//! The viewer as the portal's page holds it: a frame that is spoken to, and what it says.

use std::pin::pin;

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_util::{
    StreamExt as _,
    future::{Either, select},
};
use gloo_timers::future::TimeoutFuture;
use halligan_shared::paths::VIEWER_PAGE;

use super::open::OpenFault;
use crate::{
    api::client::Refusal,
    browser::frame::{Frame, Program},
    viewer::words::{Ask, Fault, Tell},
};

/// How long the viewer may take for an answer, in milliseconds: the longest record opens in a few seconds on a slow phone.
const PATIENCE: u32 = 15_000;
/// How long a program may take that is fetched while something else is waited for, in milliseconds: 1.2 MB over a link of 80 kbit/s.
pub const PATIENT: u32 = 120_000;
/// The viewer's own program, as the page names it.
const PROGRAM: Program = Program("halligan-viewer");
/// The program that draws PDF files, which the viewer asks for.
pub const PAPER: Program = Program("halligan-paper");

/// A viewer; gone when dropped, with everything in it.
pub struct Viewer(Frame);

/// What the viewer says. It ends when the viewer is gone.
pub struct Words(UnboundedReceiver<Tell>);

impl Viewer {
    /// Loads a viewer, which nobody sees yet.
    pub async fn load() -> Result<(Self, Words), OpenFault> {
        let (say, words) = unbounded();
        let hear = move |text: String, _| {
            if let Ok(word) = serde_json::from_str::<Tell>(&text) {
                // Nobody listens any more: the opening was given up.
                let _ = say.unbounded_send(word);
            }
        };
        let frame = Frame::load(VIEWER_PAGE, PROGRAM, hear).await.ok_or(OpenFault::Refused(Refusal::Offline))?;
        Ok((Self(frame), Words(words)))
    }

    /// Says something to it.
    pub fn say(&self, ask: &Ask, bytes: Option<&[u8]>) {
        if let Ok(words) = serde_json::to_string(ask) {
            self.0.say(&words, bytes);
        }
    }

    /// Lets it be seen.
    pub fn show(&self) {
        self.0.show();
    }

    /// Lets it be seen no longer, and go on.
    pub fn hide(&self) {
        self.0.hide();
    }
}

/// Fetches the viewer's program ahead, into the browser's cache: whoever waits for dispatch does not wait for it then.
pub async fn fetch_ahead() {
    let _ = PROGRAM.fetch(PATIENT).await;
}

impl Words {
    /// The next word; an error when the viewer is gone.
    pub async fn next(&mut self) -> Result<Tell, OpenFault> {
        self.0.next().await.ok_or(OpenFault::Erased)
    }

    /// The next word that is not about a touch; an error too when none comes in time.
    pub async fn answer(&mut self) -> Result<Tell, OpenFault> {
        match select(pin!(self.word()), pin!(TimeoutFuture::new(PATIENCE))).await {
            Either::Left((word, _)) => word,
            Either::Right(_) => Err(OpenFault::Viewer(Fault::Silent)),
        }
    }

    async fn word(&mut self) -> Result<Tell, OpenFault> {
        loop {
            match self.next().await? {
                Tell::Touched => {}
                Tell::Fault(fault) => return Err(OpenFault::Viewer(fault)),
                word => return Ok(word),
            }
        }
    }
}
