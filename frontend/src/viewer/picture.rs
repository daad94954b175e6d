//! Pictures of a record, decoded here: what a browser decodes it copies to other processes, which outlive the window.

use std::io::Cursor;

use halligan_shared::crypto::MediaType;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, imageops::FilterType};
use leptos::{html, prelude::*};
use zeroize::Zeroizing;

use crate::browser::canvas;

/// Longest side of a picture that is decoded, in pixels: a scan of a page at 1200 dpi.
const SIDE_MAX: u32 = 16_384;
/// Most memory for a decoded picture, in bytes. Turning it takes as much again, and phones end a page that takes more than some
/// hundred megabytes.
const MEMORY_MAX: u64 = 128 << 20;
/// Longest side of a picture that is drawn, in pixels: sharp on any tablet, and within the limits of every browser's canvas.
const SHOWN_MAX: u32 = 2_560;

/// A picture to draw.
pub(super) struct Pixels {
    width: u32,
    height: u32,
    rgba: Zeroizing<Vec<u8>>,
}

impl Pixels {
    /// Decodes a PNG or a JPEG, turned as it says it is to be looked at; `None`: it cannot be read, or is too large.
    pub(super) fn decode(bytes: &[u8], media_type: MediaType) -> Option<Self> {
        let format = match media_type {
            MediaType::Png => ImageFormat::Png,
            MediaType::Jpeg => ImageFormat::Jpeg,
            MediaType::Pdf => return None,
        };
        let mut limits = Limits::default();
        limits.max_image_width = Some(SIDE_MAX);
        limits.max_image_height = Some(SIDE_MAX);
        limits.max_alloc = Some(MEMORY_MAX);
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
        reader.limits(limits.clone());
        let mut decoder = reader.into_decoder().ok()?;
        // The decoder keeps the limits for what it needs itself, and leaves the picture's own place out.
        limits.reserve(decoder.total_bytes()).ok()?;
        let orientation = decoder.orientation().ok()?;
        let mut picture = DynamicImage::from_decoder(decoder).ok()?;
        picture.apply_orientation(orientation);
        if picture.width().max(picture.height()) > SHOWN_MAX {
            picture = picture.resize(SHOWN_MAX, SHOWN_MAX, FilterType::Triangle);
        }
        let picture = picture.into_rgba8();
        Some(Self { width: picture.width(), height: picture.height(), rgba: Zeroizing::new(picture.into_raw()) })
    }
}

/// A picture on a canvas.
#[component]
pub(super) fn Picture(pixels: Pixels, class: &'static str, #[prop(into)] alt: String) -> impl IntoView {
    let place = NodeRef::<html::Canvas>::new();
    let pixels = StoredValue::new_local(Some(pixels));
    let unread = RwSignal::new(false);
    // Drawn once; the pixels are then the canvas's alone.
    Effect::new(move |_| {
        if let Some(canvas) = place.get()
            && let Some(pixels) = pixels.try_update_value(Option::take).flatten()
        {
            unread.set(!canvas::draw(&canvas, pixels.width, pixels.height, &pixels.rgba));
        }
    });
    view! {
        <canvas class=class role="img" aria-label=alt.clone() node_ref=place hidden=unread></canvas>
        {move || unread.get().then(|| view! { <p class="incomplete">{alt.clone()}" cannot be drawn by this browser."</p> })}
    }
}
