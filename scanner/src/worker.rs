//! What of it touches the browser: messages and pixels.

use std::{cell::RefCell, rc::Rc};

use halligan_decoder::{Frame, Reader};
use js_sys::{Array, Object, Reflect, Uint8Array, Uint8ClampedArray};
use wasm_bindgen::{JsCast, JsError, JsValue, closure::Closure};
use web_sys::{DedicatedWorkerGlobalScope, ImageBitmap, MessageEvent, OffscreenCanvas, OffscreenCanvasRenderingContext2d};
use zeroize::{Zeroize as _, Zeroizing};

/// Starts to listen, and says so.
pub fn start() -> Result<(), JsValue> {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().dyn_into()?;
    let desk = Rc::new(RefCell::new(Desk::new()?));
    let answer = Closure::<dyn FnMut(MessageEvent)>::new({
        let scope = scope.clone();
        move |message: MessageEvent| {
            // A frame that cannot be taken shows nothing: the page sends the next one.
            let read =
                message.data().dyn_into::<ImageBitmap>().ok().and_then(|picture| desk.borrow_mut().read(&picture).ok().flatten());
            // Fails only for what cannot be copied, and bytes can.
            let _ = match read {
                Some(text) => tell(&scope, &text),
                None => scope.post_message(&JsValue::NULL),
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
        Ok(Self { canvas, context: context.dyn_into()?, pixels: Vec::new(), reader: Reader::default() })
    }

    fn read(&mut self, picture: &ImageBitmap) -> Result<Option<Zeroizing<String>>, JsValue> {
        let frame = self.take(picture);
        picture.close();
        Ok(self.reader.read(&frame?))
    }

    fn take(&mut self, picture: &ImageBitmap) -> Result<Frame, JsValue> {
        let (width, height) = (picture.width(), picture.height());
        if (self.canvas.width(), self.canvas.height()) != (width, height) {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
        }
        self.context.draw_image_with_image_bitmap(picture, 0.0, 0.0)?;
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
