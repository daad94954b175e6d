//! What of it touches the browser: messages and pixels.

use std::{cell::RefCell, rc::Rc};

use halligan_decoder::{Frame, Reader};
use js_sys::{Array, Function, Object, Reflect, Uint8Array, Uint8ClampedArray};
use wasm_bindgen::{JsCast, JsError, JsValue, closure::Closure};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, OffscreenCanvas, OffscreenCanvasRenderingContext2d};
use zeroize::{Zeroize as _, Zeroizing};

/// Most pixels a side that a picture is drawn with, whatever the page asks for.
const LONGEST: u32 = 4096;

/// Starts to listen, and says so.
pub fn start() -> Result<(), JsValue> {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().dyn_into()?;
    let desk = Rc::new(RefCell::new(Desk::new()?));
    let answer = Closure::<dyn FnMut(MessageEvent)>::new({
        let scope = scope.clone();
        move |message: MessageEvent| {
            // Fails only for what cannot be copied, and these can.
            let _ = match desk.borrow_mut().read(&message.data().unchecked_into()) {
                Ok(Some(text)) => tell(&scope, &text),
                Ok(None) => scope.post_message(&JsValue::NULL),
                Err(_) => scope.post_message(&JsValue::from_str("unreadable")),
            };
        }
    });
    scope.set_onmessage(Some(answer.as_ref().unchecked_ref()));
    // As long-lived as the worker.
    answer.forget();
    scope.post_message(&JsValue::from_str("ready"))
}

/// Hands the bytes over, so that no copy of them stays on this side.
fn tell(scope: &DedicatedWorkerGlobalScope, text: &str) -> Result<(), JsValue> {
    let bytes = Uint8Array::from(text.as_bytes());
    scope.post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()))
}

/// Where pictures become pixels.
struct Desk {
    canvas: OffscreenCanvas,
    context: OffscreenCanvasRenderingContext2d,
    draw: Function,
    pixels: Vec<u8>,
    reader: Reader,
}

impl Desk {
    fn new() -> Result<Self, JsValue> {
        let canvas = OffscreenCanvas::new(1, 1)?;
        let options = Object::new();
        // Kept in the processor's memory: every picture is read back.
        Reflect::set(&options, &"willReadFrequently".into(), &JsValue::TRUE)?;
        let context = canvas.get_context_with_context_options("2d", &options)?.ok_or_else(|| JsError::new("no canvas"))?;
        // By name: the bindings know no VideoFrame.
        let draw = Reflect::get(&context, &"drawImage".into())?.dyn_into()?;
        Ok(Self { canvas, context: context.dyn_into()?, draw, pixels: Vec::new(), reader: Reader::default() })
    }

    /// `message` is [picture, left, top, width, height, width wanted, height wanted].
    fn read(&mut self, message: &Array) -> Result<Option<Zeroizing<String>>, JsValue> {
        let picture = message.get(0);
        let drawn = self.draw(&picture, message);
        // The camera has few of them, and waits for this one.
        Reflect::get(&picture, &"close".into())?.dyn_into::<Function>()?.call0(&picture)?;
        let (width, height) = drawn?;
        let frame = self.take(width, height)?;
        Ok(self.reader.read(&frame))
    }

    fn draw(&self, picture: &JsValue, message: &Array) -> Result<(u32, u32), JsValue> {
        let (width, height) = (side(&message.get(5))?, side(&message.get(6))?);
        if (self.canvas.width(), self.canvas.height()) != (width, height) {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
        }
        let [left, top, right, bottom] = [1, 2, 3, 4].map(|place| message.get(place));
        let place: Array =
            [picture.clone(), left, top, right, bottom, 0.into(), 0.into(), width.into(), height.into()].into_iter().collect();
        self.draw.apply(&self.context, &place)?;
        Ok((width, height))
    }

    fn take(&mut self, width: u32, height: u32) -> Result<Frame, JsValue> {
        let (right, bottom) = (f64::from(width), f64::from(height));
        let image = self.context.get_image_data(0.0, 0.0, right, bottom)?;
        self.context.clear_rect(0.0, 0.0, right, bottom);
        // By name: the binding would make a copy of its own, which nobody could overwrite.
        let seen: Uint8ClampedArray = Reflect::get(&image, &"data".into())?.dyn_into()?;
        self.pixels.resize(seen.length() as usize, 0);
        seen.copy_to(&mut self.pixels);
        seen.fill(0, 0, seen.length());
        let frame = Frame::from_rgba(width as usize, height as usize, &self.pixels);
        self.pixels.as_mut_slice().zeroize();
        frame.map_err(|_| JsError::new("no frame").into())
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the bounds just checked")]
fn side(number: &JsValue) -> Result<u32, JsValue> {
    let side = number.as_f64().filter(|side| (1.0..=f64::from(LONGEST)).contains(side));
    side.map(|side| side as u32).ok_or_else(|| JsError::new("no size").into())
}
