//! A frame in a process of its own, for what must be gone when it goes.
//!
//! A frame with `sandbox` and without `allow-same-origin` has no origin: browsers keep it apart from this page, Chromium in another
//! process, and end that with the frame. It has no cookies, no storage, and by its own policy no network.

use std::cell::Cell;

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Document, Event, HtmlIFrameElement, HtmlMetaElement, MessageChannel, MessageEvent, RequestInit, Response, Window,
};

use super::{page::Listener, port::Port};

/// How long the frame's page may take to load at the first attempt, in milliseconds: it is small, and whoever waits can do nothing but
/// try again. On a link on which that is too short each further attempt may take twice as long.
const LOADING: i32 = 4_000;
/// How long it may take in the end: over a bad mobile link a round trip takes seconds, and it needs half a dozen.
const LOADING_MAX: i32 = 32_000;
/// How long its word may take after the browser has said that it is loaded, in milliseconds: by then it was said, or what was loaded is
/// the browser's own page about a lost connection.
const SAYING: i32 = 500;
/// How long its program may take, in milliseconds: it was fetched ahead, if there was a connection.
const FETCHING: u32 = 30_000;

thread_local! {
    /// What the next attempt may take.
    static PATIENCE: Cell<i32> = const { Cell::new(LOADING) };
}

/// A frame, gone when dropped, and everything in it.
pub struct Frame {
    element: HtmlIFrameElement,
    port: Port,
}

/// The element while the frame loads: whoever gives up on it leaves nothing behind.
struct Loading(Option<HtmlIFrameElement>);

impl Drop for Loading {
    fn drop(&mut self) {
        if let Some(element) = self.0.take() {
            element.remove();
        }
    }
}

impl Frame {
    /// Loads a page of the portal into a frame that is not seen yet, and gives it its program; `None`: it could not be loaded.
    pub async fn load(address: &str, program: Program, hear: impl FnMut(String, Option<Vec<u8>>) + 'static) -> Option<Self> {
        let window = web_sys::window()?;
        let program = program.fetch(FETCHING).await?;
        let element: HtmlIFrameElement = window.document()?.create_element("iframe").ok()?.dyn_into().ok()?;
        element.set_attribute("sandbox", "allow-scripts").ok()?;
        element.set_attribute("title", "Record").ok()?;
        element.set_class_name("viewer");
        element.set_hidden(true);
        element.set_src(address);
        let mut loading = Loading(Some(element.clone()));
        let (ready, listeners) = here(&window, &element)?;
        window.document()?.body()?.append_child(&element).ok()?;
        if !JsFuture::from(ready).await.is_ok_and(|word| word.is_truthy()) {
            PATIENCE.set(PATIENCE.get().saturating_mul(2).min(LOADING_MAX));
            return None;
        }
        PATIENCE.set(LOADING);
        drop(listeners);
        let channel = MessageChannel::new().ok()?;
        let port = Port::new(channel.port1(), hear);
        // The frame has no origin that could be named. What it is told here is a program that anybody may have.
        let handed = Array::of2(&channel.port2(), &program.buffer());
        element.content_window()?.post_message_with_transfer(&program, "*", &handed).ok()?;
        loading.0.take();
        Some(Self { element, port })
    }

    /// Says something to the frame's page.
    pub fn say(&self, words: &str, bytes: Option<&[u8]>) {
        self.port.say(words, bytes);
    }

    /// Lets the frame be seen, and gives it the focus: keys that scroll would else go to the page around it.
    pub fn show(&self) {
        self.element.set_hidden(false);
        // Refused by no frame that can be seen.
        let _ = self.element.focus();
    }

    /// Lets the frame be seen no longer. What is in it goes on.
    pub fn hide(&self) {
        self.element.set_hidden(true);
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.element.remove();
    }
}

/// Resolves to `true` when the page in the frame says that it is there, and to `undefined` when it does not come; heard for as long as
/// the listeners live.
fn here(window: &Window, element: &HtmlIFrameElement) -> Option<(Promise, [Listener; 2])> {
    let mut resolve = None;
    let promise = Promise::new(&mut |done, _| {
        resolve = Some(done);
    });
    let (frame, done) = (element.clone(), resolve?);
    let give_up = {
        let (window, done) = (window.clone(), done.clone());
        move |after| {
            // Fails only without a function to call.
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&done, after);
        }
    };
    give_up(PATIENCE.get());
    let loaded = Listener::on(element.clone().into(), "load", move |_| give_up(SAYING));
    let hear = move |event: Event| {
        let Ok(event) = event.dyn_into::<MessageEvent>() else { return };
        // Anybody could say so: it has to come out of this very frame.
        let is_from_frame =
            frame.content_window().is_some_and(|window| event.source().is_some_and(|source| js_sys::Object::is(&source, &window)));
        if is_from_frame && event.data().as_string().as_deref() == Some("here") {
            // A promise's own function does not fail.
            let _ = done.call1(&JsValue::UNDEFINED, &JsValue::TRUE);
        }
    };
    Some((promise, [Listener::on(window.clone().into(), "message", hear), loaded]))
}

/// A program that the page names, with the digest that it must have.
#[derive(Clone, Copy)]
pub struct Program(pub &'static str);

impl Program {
    /// Its bytes; `None`: it could not be loaded in so many milliseconds, or is not the one that was named.
    pub async fn fetch(self, patience: u32) -> Option<Uint8Array> {
        let window = web_sys::window()?;
        let meta = self.meta(&window.document()?)?;
        let options = RequestInit::new();
        options.set_integrity(&meta.get_attribute("data-integrity")?);
        options.set_signal(Some(&AbortSignal::timeout_with_u32(patience)));
        let answer: Response =
            JsFuture::from(window.fetch_with_str_and_init(&meta.content(), &options)).await.ok()?.dyn_into().ok()?;
        if !answer.ok() {
            return None;
        }
        JsFuture::from(answer.array_buffer().ok()?).await.ok().map(|bytes| Uint8Array::new(&bytes))
    }

    fn meta(self, document: &Document) -> Option<HtmlMetaElement> {
        document.query_selector(&format!("meta[name=\"{}\"]", self.0)).ok()??.dyn_into().ok()
    }
}
