//! How much of the window's height an element takes, whenever that changes.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{HtmlElement, ResizeObserver, ScrollBehavior, ScrollIntoViewOptions, ScrollLogicalPosition};

use super::page::Listener;

/// A watch over an element's height; over when dropped.
pub struct Heights {
    observer: ResizeObserver,
    _hear: Closure<dyn FnMut()>,
    _window: Listener,
}

impl Heights {
    /// Calls `hear` with the part of the window's height that the element takes: at once, and when either gets another height.
    pub fn watch(element: &HtmlElement, hear: impl Fn(f64) + Clone + 'static) -> Option<Self> {
        let window = web_sys::window()?;
        let look = {
            let (window, element) = (window.clone(), element.clone());
            move || {
                if let Some(height) = window.inner_height().ok().as_ref().and_then(JsValue::as_f64) {
                    hear(f64::from(element.offset_height()) / height);
                }
            }
        };
        let turned = Listener::on(window.into(), "resize", {
            let look = look.clone();
            move |_| look()
        });
        let hear = Closure::<dyn FnMut()>::new(look);
        let observer = ResizeObserver::new(hear.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _hear: hear, _window: turned })
    }
}

impl Drop for Heights {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Scrolls the page as far as is needed to see the element.
pub fn reveal(element: &HtmlElement) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    options.set_behavior(ScrollBehavior::Instant);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}
