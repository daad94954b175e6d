//! Single pictures out of a running video, as the person sees them: what the element cuts off is left out.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlVideoElement, ImageBitmap, ImageBitmapOptions, ResizeQuality};

/// Longest side of a picture, in pixels; larger ones are scaled down to it.
const LONGEST: f64 = 1280.0;
/// Longest wait for the next picture, in milliseconds: a video that stands still is looked at all the same.
const PATIENCE: i32 = 200;

/// Waits for the video's next picture.
pub async fn next(video: &HtmlVideoElement) {
    let promise = Promise::new(&mut |resolve, _| {
        // Not in every browser; the timer is.
        let ask = Reflect::get(video, &"requestVideoFrameCallback".into()).ok().and_then(|ask| ask.dyn_into::<Function>().ok());
        if let Some(ask) = ask {
            // Fails only without a function to call.
            let _ = ask.call1(video, &resolve);
        }
        if let Some(window) = web_sys::window() {
            // As above.
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, PATIENCE);
        }
    });
    // Never rejected.
    let _ = JsFuture::from(promise).await;
}

/// The picture that the video shows now; `None` before the first.
pub async fn take(video: &HtmlVideoElement) -> Option<ImageBitmap> {
    let part = shown_part(video)?;
    let options = ImageBitmapOptions::new();
    let shrink = LONGEST / f64::from(part.width.max(part.height));
    if shrink < 1.0 {
        options.set_resize_width(scaled(part.width, shrink));
        options.set_resize_height(scaled(part.height, shrink));
        options.set_resize_quality(ResizeQuality::Medium);
    }
    let promise = web_sys::window()?
        .create_image_bitmap_with_html_video_element_and_a_sx_and_a_sy_and_a_sw_and_a_sh_and_a_options(
            video,
            part.left,
            part.top,
            part.width,
            part.height,
            &options,
        )
        .ok()?;
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

/// A part of a video, in the video's own pixels.
struct Part {
    left: i32,
    top: i32,
    width: i32,
    height: i32,
}

/// What `object-fit: cover` leaves of the video: its middle, in the shape of the element.
fn shown_part(video: &HtmlVideoElement) -> Option<Part> {
    let whole = (f64::from(video.video_width()), f64::from(video.video_height()));
    let element = (f64::from(video.client_width()), f64::from(video.client_height()));
    if whole.0 < 1.0 || whole.1 < 1.0 || element.0 < 1.0 || element.1 < 1.0 {
        return None;
    }
    let scale = f64::max(element.0 / whole.0, element.1 / whole.1);
    let (width, height) = (element.0 / scale, element.1 / scale);
    let (left, top) = ((whole.0 - width) / 2.0, (whole.1 - height) / 2.0);
    Some(Part { left: pixels(left), top: pixels(top), width: pixels(width).max(1), height: pixels(height).max(1) })
}

#[expect(clippy::cast_possible_truncation, reason = "parts of a video's sides, which are small")]
fn pixels(length: f64) -> i32 {
    length.round() as i32
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to LONGEST")]
fn scaled(side: i32, shrink: f64) -> u32 {
    (f64::from(side) * shrink).round().max(1.0) as u32
}
