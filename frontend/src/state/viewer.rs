//! The viewer as the portal's page holds it: a frame that is spoken to, and what it says.

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_util::StreamExt as _;
use halligan_shared::paths::VIEWER_PAGE;

use super::open::OpenFault;
use crate::{
    api::client::Refusal,
    browser::frame::{Frame, Program},
    viewer::words::{Ask, Tell},
};

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
}

/// Fetches the viewer's program ahead, into the browser's cache: whoever waits for dispatch does not wait for it then.
pub async fn fetch_ahead() {
    let _ = PROGRAM.fetch().await;
}

impl Words {
    /// The next word; an error when the viewer is gone.
    pub async fn next(&mut self) -> Result<Tell, OpenFault> {
        self.0.next().await.ok_or(OpenFault::Erased)
    }

    /// The next word that is not about a touch.
    pub async fn answer(&mut self) -> Result<Tell, OpenFault> {
        loop {
            match self.next().await? {
                Tell::Touched => {}
                Tell::Fault(fault) => return Err(OpenFault::Viewer(fault)),
                word => return Ok(word),
            }
        }
    }
}
