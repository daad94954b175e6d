//! Single pictures out of a running video, as the person sees them: what the element cuts off is left out.

use std::cell::Cell;

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlVideoElement;

/// Longest side that a picture is to have, in pixels.
const LONGEST: f64 = 1280.0;
/// Longest wait for the next picture, in milliseconds: a video that stands still is looked at all the same.
const PATIENCE: i32 = 200;

/// The pictures of a video.
pub struct Frames {
    video: HtmlVideoElement,
    as_bitmaps: Cell<bool>,
}

/// A picture, and which part of it is meant. For one worker, which closes it.
pub struct Picture {
    /// A `VideoFrame` or an `ImageBitmap`.
    pub source: JsValue,
    /// The part (left, top, width, height) in its own pixels, then the width and height that it is to have.
    pub part: [f64; 6],
}

impl Frames {
    /// The pictures of this video.
    pub const fn of(video: HtmlVideoElement) -> Self {
        Self { video, as_bitmaps: Cell::new(false) }
    }

    /// Waits for the next picture; `None` if there is none to be had yet.
    pub async fn next(&self) -> Option<Picture> {
        self.change().await;
        let part = self.shown_part()?;
        let frame = if self.as_bitmaps.get() { None } else { self.frame() };
        let source = match frame {
            Some(frame) => frame,
            None => self.bitmap().await?,
        };
        Some(Picture { source, part })
    }

    /// From now on no `VideoFrame`: whoever gets the pictures cannot read them.
    pub fn as_bitmaps(&self) {
        self.as_bitmaps.set(true);
    }

    async fn change(&self) {
        let promise = Promise::new(&mut |resolve, _| {
            // Not in every browser; the timer is.
            let ask =
                Reflect::get(&self.video, &"requestVideoFrameCallback".into()).ok().and_then(|ask| ask.dyn_into::<Function>().ok());
            if let Some(ask) = ask {
                // Fails only without a function to call.
                let _ = ask.call1(&self.video, &resolve);
            }
            if let Some(window) = web_sys::window() {
                // As above.
                let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, PATIENCE);
            }
        });
        // Never rejected.
        let _ = JsFuture::from(promise).await;
    }

    /// Costs the page nothing: the camera's own memory goes to the worker, which turns it into pixels.
    fn frame(&self) -> Option<JsValue> {
        // By name: not in every browser.
        let maker = Reflect::get(&js_sys::global(), &"VideoFrame".into()).ok()?.dyn_into::<Function>().ok()?;
        Reflect::construct(&maker, &Array::of1(&self.video)).ok()
    }

    async fn bitmap(&self) -> Option<JsValue> {
        let promise = web_sys::window()?.create_image_bitmap_with_html_video_element(&self.video).ok()?;
        JsFuture::from(promise).await.ok()
    }

    /// What `object-fit: cover` leaves of the video: its middle, in the shape of the element.
    fn shown_part(&self) -> Option<[f64; 6]> {
        let whole = (f64::from(self.video.video_width()), f64::from(self.video.video_height()));
        let element = (f64::from(self.video.client_width()), f64::from(self.video.client_height()));
        if whole.0 < 1.0 || whole.1 < 1.0 || element.0 < 1.0 || element.1 < 1.0 {
            return None;
        }
        let scale = f64::max(element.0 / whole.0, element.1 / whole.1);
        let (width, height) = ((element.0 / scale).round().max(1.0), (element.1 / scale).round().max(1.0));
        let (left, top) = (((whole.0 - width) / 2.0).floor().max(0.0), ((whole.1 - height) / 2.0).floor().max(0.0));
        let shrink = (LONGEST / width.max(height)).min(1.0);
        Some([left, top, width, height, (width * shrink).round().max(1.0), (height * shrink).round().max(1.0)])
    }
}
