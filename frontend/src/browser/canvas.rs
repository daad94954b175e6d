//! Pixels on a canvas: a picture that no other process gets the bytes of.

use wasm_bindgen::Clamped;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// Draws a picture (`paper/` does the same for pages, in a module that knows nothing of this one), RGBA with 8 bits each, in its own size; `false`: the browser refuses.
#[must_use]
pub fn draw(canvas: &HtmlCanvasElement, width: u32, height: u32, pixels: &[u8]) -> bool {
    canvas.set_width(width);
    canvas.set_height(height);
    let context = canvas.get_context("2d").ok().flatten().and_then(|context| context.dyn_into::<CanvasRenderingContext2d>().ok());
    let picture = ImageData::new_with_u8_clamped_array_and_sh(Clamped(pixels), width, height);
    context.zip(picture.ok()).is_some_and(|(context, picture)| context.put_image_data(&picture, 0.0, 0.0).is_ok())
}
