//! Watching through the camera until a bracelet is read.
//!
//! Guarantees that the camera runs only while somebody can see what it sees, and that it stops before what it read is
//! handed on. What is no bracelet is named and followed nowhere.

use std::rc::{Rc, Weak};

use halligan_shared::{bracelet, reference::Reference};
use leptos::{prelude::*, task::spawn_local};
use web_sys::HtmlVideoElement;

use crate::browser::{
    camera::{self, Camera, CameraFault, Offers},
    clock::Deadline,
    decoder::{Answer, Decoder},
    feedback,
    frames::Frames,
    page,
};

/// How long another code is named after it was seen last, in seconds.
const NAMED: f64 = 3.0;
/// After how many seconds without a code there is advice.
const PATIENCE: f64 = 10.0;

/// What the camera is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// It is being asked for.
    Starting,
    /// It looks for a code.
    Looking,
    /// It has looked for a while.
    Straining,
    /// It sees a code of something else.
    Foreign,
    /// It is off until the page is seen again.
    Paused,
}

/// Why watching is not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The camera is.
    #[error("{0} You can type the characters printed under the code.")]
    Camera(CameraFault),
    /// The worker did not load.
    #[error(
        "The scanner could not be loaded. Check the connection, then try again. You can type the characters printed under the code."
    )]
    Unloaded,
}

impl Trouble {
    /// Whether trying again can help.
    pub const fn may_pass(self) -> bool {
        !matches!(self, Self::Camera(CameraFault::Insecure))
    }
}

/// The watch of one page.
#[derive(Clone, Copy)]
pub struct Watch {
    /// What the camera is doing.
    pub sight: RwSignal<Sight>,
    /// What the camera lets the page change.
    pub offers: RwSignal<Offers>,
    camera: StoredValue<Option<Rc<Camera>>, LocalStorage>,
    /// Counts starts and stops: whoever finds another number than at his own start is no longer wanted.
    round: StoredValue<u64>,
}

impl Watch {
    /// A watch that has not begun.
    pub fn new() -> Self {
        let watch = Self {
            sight: RwSignal::new(Sight::Paused),
            offers: RwSignal::new(Offers::default()),
            camera: StoredValue::new_local(None),
            round: StoredValue::new(0),
        };
        on_cleanup(move || watch.stop());
        watch
    }

    /// Starts the camera, if it is off, and looks on `video` until a bracelet is read or there is trouble.
    pub fn start(self, video: HtmlVideoElement, on_read: UnsyncCallback<Reference>, on_trouble: UnsyncCallback<Trouble>) {
        if self.sight.get_untracked() != Sight::Paused {
            return;
        }
        self.sight.set(Sight::Starting);
        let round = self.turn();
        spawn_local(async move {
            let end = self.look(round, video).await;
            // Stopped from outside: nobody is there to be told.
            if !self.is_on(round) {
                return;
            }
            self.stop();
            match end {
                Ok(reference) => {
                    feedback::done();
                    on_read.run(reference);
                }
                Err(trouble) => on_trouble.run(trouble),
            }
        });
    }

    /// Stops the camera at once.
    pub fn stop(self) {
        self.turn();
        self.camera.try_set_value(None);
        self.offers.try_set(Offers::default());
        self.sight.try_set(Sight::Paused);
    }

    /// The running camera.
    pub fn camera(self) -> Option<Rc<Camera>> {
        self.camera.try_get_value().flatten()
    }

    fn turn(self) -> u64 {
        self.round
            .try_update_value(|round| {
                *round += 1;
                *round
            })
            .unwrap_or_default()
    }

    fn is_on(self, round: u64) -> bool {
        self.round.try_get_value() == Some(round)
    }

    /// The end of a watch that nobody stopped; any trouble of one that was.
    async fn look(self, round: u64, video: HtmlVideoElement) -> Result<Reference, Trouble> {
        // Loads while the person is asked for the camera.
        let mut decoder = Decoder::start().ok_or(Trouble::Unloaded)?;
        let running = self.open(round, &video).await?;
        let lost = Trouble::Camera(CameraFault::Lost);
        let origin = page::origin().ok_or(lost)?;
        if !decoder.is_ready().await {
            return Err(Trouble::Unloaded);
        }
        if !self.is_on(round) {
            return Err(lost);
        }
        let mut looks = Looks::begin(self.sight);
        let frames = Frames::of(video);
        // A camera that was stopped is gone, and so may the page be.
        let is_running = || running.upgrade().is_some_and(|camera| camera.is_running());
        while is_running() {
            let Some(picture) = frames.next().await else { continue };
            let answer = decoder.read(&picture).await;
            if !self.is_on(round) {
                break;
            }
            match answer {
                Answer::Text(text) => match bracelet::read(&text, &origin) {
                    Ok(reference) => return Ok(reference),
                    Err(_) => looks.foreign(),
                },
                Answer::Nothing => looks.nothing(),
                Answer::Unreadable => frames.as_bitmaps(),
                Answer::Broken => {
                    decoder = Decoder::start().ok_or(Trouble::Unloaded)?;
                    if !decoder.is_ready().await {
                        return Err(Trouble::Unloaded);
                    }
                }
            }
        }
        Err(lost)
    }

    /// Opens the camera. It is kept in one place only, so that stopping the watch stops it.
    async fn open(self, round: u64, video: &HtmlVideoElement) -> Result<Weak<Camera>, Trouble> {
        let camera = Rc::new(Camera::open(video.clone()).await.map_err(Trouble::Camera)?);
        let running = Rc::downgrade(&camera);
        if self.is_on(round) {
            self.camera.set_value(Some(camera));
            camera::play(video).await.map_err(Trouble::Camera)?;
        }
        if let Some(camera) = running.upgrade() {
            // The page may be gone by now, and this with it.
            self.offers.try_set(camera.offers());
        }
        Ok(running)
    }
}

/// What the pictures so far come to.
struct Looks {
    sight: RwSignal<Sight>,
    until_advice: Deadline,
    until_forgotten: Option<Deadline>,
}

impl Looks {
    fn begin(sight: RwSignal<Sight>) -> Self {
        sight.set(Sight::Looking);
        Self { sight, until_advice: Deadline::after(PATIENCE), until_forgotten: None }
    }

    fn foreign(&mut self) {
        self.until_forgotten = Some(Deadline::after(NAMED));
        self.say(Sight::Foreign);
    }

    fn nothing(&mut self) {
        if self.until_forgotten.is_some_and(|deadline| deadline.left() > 0.0) {
            return;
        }
        // Another code was a sign that the camera sees well.
        if self.until_forgotten.take().is_some() {
            self.until_advice = Deadline::after(PATIENCE);
        }
        self.say(if self.until_advice.left() > 0.0 { Sight::Looking } else { Sight::Straining });
    }

    /// Said once, not with each picture.
    fn say(&self, sight: Sight) {
        if self.sight.get_untracked() != sight {
            self.sight.set(sight);
        }
    }
}
