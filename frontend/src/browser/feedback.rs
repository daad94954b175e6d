//! Something to feel and to hear: for a person whose eyes are elsewhere.

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AudioContext, OscillatorType};

/// How long the device shakes, in milliseconds.
const SHAKE: u32 = 80;
/// How long the tone sounds, in seconds.
const TONE: f64 = 0.14;
/// Its pitch, in hertz: easy to hear over traffic, and for old ears.
const PITCH: f32 = 1_320.0;
/// Its loudness, of 1.
const LOUDNESS: f32 = 0.25;

/// Says that something came that waits for somebody: two tones, the second higher.
pub fn arrived() {
    sounded(|context| {
        tone(context, PITCH / 1.5, 0.0)?;
        tone(context, PITCH, TONE)
    });
}

/// Says that it is done: a short tone, and a short shake where the device can.
pub fn done() {
    let Some(window) = web_sys::window() else { return };
    let navigator = window.navigator();
    if js_sys::Reflect::has(&navigator, &"vibrate".into()).unwrap_or(false) {
        navigator.vibrate_with_duration(SHAKE);
    }
    sounded(|context| tone(context, PITCH, 0.0));
}

/// Sounds something. A device that is silent, or a browser that lets pages make no sound, is no fault.
fn sounded(sound: impl Fn(&AudioContext) -> Result<(), JsValue>) {
    if let Ok(context) = AudioContext::new() {
        let _ = sound(&context);
        spawn_local(async move {
            TimeoutFuture::new(1_000).await;
            if let Ok(closed) = context.close() {
                let _ = JsFuture::from(closed).await;
            }
        });
    }
}

/// A tone, after so many seconds.
fn tone(context: &AudioContext, pitch: f32, after: f64) -> Result<(), JsValue> {
    let (tone, volume) = (context.create_oscillator()?, context.create_gain()?);
    tone.set_type(OscillatorType::Triangle);
    tone.frequency().set_value(pitch);
    let now = context.current_time() + after;
    let end = now + TONE;
    // Faded out, or it would end with a click.
    volume.gain().set_value_at_time(LOUDNESS, now)?;
    volume.gain().linear_ramp_to_value_at_time(0.0, end)?;
    tone.connect_with_audio_node(&volume)?;
    volume.connect_with_audio_node(&context.destination())?;
    tone.start_with_when(now)?;
    tone.stop_with_when(end)
}
