//! Whether an element shows all that it holds. Unwatched when dropped.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, ResizeObserver};

/// A watch over one element.
pub struct Cut {
    observer: ResizeObserver,
    _hear: Closure<dyn FnMut()>,
}

impl Cut {
    /// Hears whether the element holds more than it shows: first as it stands, then each time its size changes.
    pub fn watch(element: &Element, mut hear: impl FnMut(bool) + 'static) -> Option<Self> {
        let watched = element.clone();
        // Both are rounded, each in its own way.
        let hear = Closure::<dyn FnMut()>::new(move || hear(watched.scroll_height() > watched.client_height() + 1));
        let observer = ResizeObserver::new(hear.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _hear: hear })
    }
}

impl Drop for Cut {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
