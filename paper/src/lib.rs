//! Pages of PDF files as pixels.
//!
//! A browser's own viewer for PDF files takes a copy into another process, which outlives the window, and shows none in a frame without
//! an origin. This one draws where the record is, and goes with it. Knows nothing of records. A file that is made to be costly costs the
//! frame that it is in, and nobody else.

use std::alloc::System;

use hayro::{
    PixmapSettings, RenderCache, RenderSettings,
    hayro_interpret::InterpreterSettings,
    hayro_syntax::Pdf,
    render,
    vello_cpu::{color::palette::css::WHITE, peniko::ImageAlphaType},
};
use wasm_bindgen::{Clamped, JsCast, prelude::wasm_bindgen};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};
use zeroizing_alloc::ZeroAlloc;

#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

/// Most pages that are drawn: a record's attachment is a sheet or a letter.
pub const PAGES_MAX: usize = 40;
/// Longest side of a page that is drawn, in pixels: enough for a sheet of paper with 200 to the inch, whichever way it lies.
const SIDE_MAX: f32 = 2_560.0;

/// A PDF file.
#[wasm_bindgen]
pub struct Paper(Pdf);

/// Reads a PDF file; nothing where it is none, has no page, or is encrypted.
#[wasm_bindgen]
pub fn open(bytes: Vec<u8>) -> Option<Paper> {
    Pdf::new(bytes).ok().filter(|pdf| !pdf.pages().is_empty()).map(Paper)
}

#[wasm_bindgen]
impl Paper {
    /// How many pages it has.
    pub fn pages(&self) -> usize {
        self.0.pages().len()
    }

    /// How many of them can be drawn: the first so many.
    pub fn drawn(&self) -> usize {
        self.pages().min(PAGES_MAX)
    }

    /// Draws a page, counted from 0, so many pixels wide; `false`: there is no such page, or the browser refuses.
    pub fn draw(&self, page: usize, width: f32, canvas: &HtmlCanvasElement) -> bool {
        self.pixels(page, width).is_some_and(|pixels| pixels.put(canvas).is_some())
    }
}

impl Paper {
    /// The pixels of a page.
    pub fn pixels(&self, page: usize, width: f32) -> Option<Pixels> {
        let page = self.0.pages().get(page).filter(|_| page < PAGES_MAX)?;
        let (own_width, own_height) = page.render_dimensions();
        let scale = (width.min(SIDE_MAX) / own_width).min(SIDE_MAX / own_height);
        // `min` passes over what is no number, so the width is asked by itself.
        if !(width > 0.0 && scale > 0.0 && scale.is_finite()) {
            return None;
        }
        let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
        let cache = RenderCache::new();
        let pixmap = render(page, &cache, &InterpreterSettings::default(), &RenderSettings::default(), &settings);
        let (width, height) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
        // On white nothing is seen through: both kinds of alpha are the same.
        Some(Pixels { width, height, rgba: pixmap.take_rgba8(ImageAlphaType::Alpha) })
    }
}

/// A page, drawn.
pub struct Pixels {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Red, green, blue, opacity: 8 bits each, row by row.
    pub rgba: Vec<u8>,
}

impl Pixels {
    fn put(&self, canvas: &HtmlCanvasElement) -> Option<()> {
        canvas.set_width(self.width);
        canvas.set_height(self.height);
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        let picture = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&self.rgba), self.width, self.height).ok()?;
        context.put_image_data(&picture, 0.0, 0.0).ok()
    }
}
