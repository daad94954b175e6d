//! How large elements are, told whenever that changes.
//!
//! Must not know what an element is for, nor do anything about its size. Nothing is watched once its handle is dropped.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Element, HtmlElement, ResizeObserver};

use super::page::Listener;

/// A watch over an element's size; over when dropped.
pub struct Resized {
    observer: ResizeObserver,
    _hear: Closure<dyn FnMut()>,
}

impl Resized {
    /// Calls `hear` once the element is laid out, then each time its size changes.
    pub fn watch(element: &Element, hear: impl FnMut() + 'static) -> Option<Self> {
        let hear = Closure::<dyn FnMut()>::new(hear);
        let observer = ResizeObserver::new(hear.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _hear: hear })
    }
}

impl Drop for Resized {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// A watch over how much of the window's height an element takes; over when dropped.
pub struct Heights {
    _element: Resized,
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
        Some(Self { _element: Resized::watch(element, look)?, _window: turned })
    }
}

/// How many lines of text an element without padding holds, those that are cut off included. `None`: it is not laid out, or its lines
/// have no height of their own.
pub fn lines(element: &Element) -> Option<f64> {
    let style = web_sys::window()?.get_computed_style(element).ok()??;
    let line: f64 = style.get_property_value("line-height").ok()?.strip_suffix("px")?.parse().ok()?;
    Some(f64::from(element.scroll_height()) / line)
}
