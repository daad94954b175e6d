//! The camera: a picture of what is before the device, its light and its zoom.
//!
//! Guarantees that a camera runs no longer than its handle lives.

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomException, HtmlVideoElement, MediaStream, MediaStreamConstraints, MediaStreamTrack, MediaStreamTrackState,
    MediaTrackConstraints,
};

/// What is asked for first, in pixels: codes are read best at this size.
const WIDTH: u32 = 1280;
/// See [`WIDTH`].
const HEIGHT: u32 = 720;

/// Why there is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CameraFault {
    /// Browsers hand out no camera on a page that came over plain http.
    #[error("The camera works only over a secure connection, and this page did not come over one.")]
    Insecure,
    /// The person or the device's settings said no.
    #[error("The camera is not allowed for this site. Allow it in the browser's settings for this site, then try again.")]
    Denied,
    /// The device has none, or none that the browser knows.
    #[error("No camera was found on this device.")]
    None,
    /// Another program has it.
    #[error("The camera is in use by another app. Close that app, then try again.")]
    Busy,
    /// It stopped, or never started, for a reason that nobody says.
    #[error("The camera stopped.")]
    Lost,
}

/// What a camera lets the page change.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Offers {
    /// Whether there is a light.
    pub light: bool,
    /// The zoom, where there is one.
    pub zoom: Option<Zoom>,
}

/// The reach of a zoom, in the camera's own units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zoom {
    /// Widest view.
    pub min: f64,
    /// Narrowest view.
    pub max: f64,
    /// Smallest change.
    pub step: f64,
}

/// A running camera; stopped when dropped.
pub struct Camera {
    track: MediaStreamTrack,
    video: HtmlVideoElement,
}

impl Camera {
    /// Asks for the camera at the back of the device, or whichever there is, and gives its picture to `video`.
    pub async fn open(video: HtmlVideoElement) -> Result<Self, CameraFault> {
        let window = web_sys::window().filter(web_sys::Window::is_secure_context).ok_or(CameraFault::Insecure)?;
        let devices = window.navigator().media_devices().ok().filter(|devices| !devices.is_undefined()).ok_or(CameraFault::None)?;
        let wanted = MediaStreamConstraints::new();
        wanted.set_video_media_track_constraints(&view(&focus()));
        let promise = devices.get_user_media_with_constraints(&wanted).map_err(|error| fault(&error))?;
        let stream: MediaStream = JsFuture::from(promise).await.map_err(|error| fault(&error))?.unchecked_into();
        let track = stream.get_video_tracks().get(0).dyn_into().map_err(|_| CameraFault::Lost)?;
        video.set_src_object(Some(&stream));
        Ok(Self { track, video })
    }

    /// Whether pictures still come.
    pub fn is_running(&self) -> bool {
        self.track.ready_state() == MediaStreamTrackState::Live
    }

    /// What may be changed. Known for certain only once the picture shows.
    pub fn offers(&self) -> Offers {
        // By name: not every browser has it.
        let ask = property(&self.track, "getCapabilities").dyn_into::<Function>().ok();
        let can = ask.and_then(|ask| ask.call0(&self.track).ok()).unwrap_or(JsValue::UNDEFINED);
        let zoom = property(&can, "zoom");
        let number = |name| property(&zoom, name).as_f64();
        let zoom = number("min").zip(number("max")).filter(|(min, max)| min < max);
        Offers {
            light: property(&can, "torch").is_truthy(),
            zoom: zoom.map(|(min, max)| Zoom { min, max, step: number("step").filter(|step| *step > 0.0).unwrap_or(0.1) }),
        }
    }

    /// Sets light and zoom. The future says whether the camera did it.
    pub fn set(&self, light: Option<bool>, zoom: Option<f64>) -> impl Future<Output = bool> + use<> {
        // Each call replaces all that was asked before.
        let settings = focus();
        if let Some(light) = light {
            put(&settings, "torch", &light.into());
        }
        if let Some(zoom) = zoom {
            put(&settings, "zoom", &zoom.into());
        }
        let promise = self.track.apply_constraints_with_constraints(&view(&settings));
        async move {
            match promise {
                Ok(promise) => JsFuture::from(promise).await.is_ok(),
                Err(_) => false,
            }
        }
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.track.stop();
        self.video.set_src_object(None);
    }
}

/// Starts the picture that a camera gave to `video`.
pub async fn play(video: &HtmlVideoElement) -> Result<(), CameraFault> {
    let playing = video.play().map_err(|_| CameraFault::Lost)?;
    JsFuture::from(playing).await.map(drop).map_err(|_| CameraFault::Lost)
}

/// The rear camera at the size that codes are read best, with these settings where it has them.
fn view(settings: &Object) -> MediaTrackConstraints {
    let ideal = |value: &JsValue| {
        let wish = Object::new();
        put(&wish, "ideal", value);
        wish
    };
    let view = MediaTrackConstraints::new();
    view.set_facing_mode(&ideal(&"environment".into()));
    view.set_width(&ideal(&WIDTH.into()));
    view.set_height(&ideal(&HEIGHT.into()));
    view.set_advanced(&Array::of1(settings));
    view
}

/// The focus moves with what is held up.
fn focus() -> Object {
    let settings = Object::new();
    put(&settings, "focusMode", &"continuous".into());
    settings
}

fn fault(error: &JsValue) -> CameraFault {
    let name = error.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default();
    match name.as_str() {
        "NotAllowedError" | "SecurityError" => CameraFault::Denied,
        "NotFoundError" | "OverconstrainedError" => CameraFault::None,
        "NotReadableError" | "AbortError" => CameraFault::Busy,
        _ => CameraFault::Lost,
    }
}

fn property(of: &JsValue, name: &str) -> JsValue {
    // An error means that there is no object to have properties.
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn put(to: &Object, name: &str, value: &JsValue) {
    // Fails only for what is not an object.
    let _ = Reflect::set(to, &name.into(), value);
}
