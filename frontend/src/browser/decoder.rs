//! The worker that reads codes: one picture at a time, in bounded time.
//!
//! Guarantees an answer for each picture: a worker that does not give one in time, or that broke, is ended, and the answer
//! says so. A worker ends when its handle is dropped, and its memory with it.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, Function, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, HtmlMetaElement, MessageEvent, Worker, WorkerOptions, WorkerType};
use zeroize::Zeroizing;

use super::frames::Picture;

/// Longest time for one picture, in milliseconds: a picture made to be costly gets no more.
const PATIENCE: i32 = 1_500;
/// Longest time for loading, in milliseconds: several hundred KB over a weak connection.
const LOADING: i32 = 30_000;
/// Longest text that a code can hold, in bytes as UTF-8 (ISO/IEC 18004: 7089 digits, version 40).
const LONGEST: u32 = 16_384;

/// What a worker says to a picture.
pub enum Answer {
    /// There is no code in it.
    Nothing,
    /// There is, with this text.
    Text(Zeroizing<String>),
    /// The worker cannot make pixels of it.
    Unreadable,
    /// No answer: this worker is of no use any more.
    Broken,
}

/// A worker; ended when dropped.
pub struct Decoder {
    worker: Worker,
    waiting: Waiting,
    ready: Promise,
    _hear: Closure<dyn FnMut(MessageEvent)>,
    _fail: Closure<dyn FnMut(Event)>,
}

/// Who waits for the worker's next word.
type Waiting = Rc<RefCell<Option<Function>>>;

impl Decoder {
    /// Starts a worker, which loads while the page goes on; `None` if the browser has no workers.
    pub fn start() -> Option<Self> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&address()?, &options).ok()?;
        let waiting = Waiting::default();
        let hear = Closure::<dyn FnMut(MessageEvent)>::new({
            let waiting = Rc::clone(&waiting);
            move |message: MessageEvent| answer(&waiting, &message.data())
        });
        let fail = Closure::<dyn FnMut(Event)>::new({
            let waiting = Rc::clone(&waiting);
            move |event: Event| {
                // Said on the page in its own words; the browser's would name the program's inside.
                event.prevent_default();
                answer(&waiting, &JsValue::UNDEFINED);
            }
        });
        worker.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        worker.set_onerror(Some(fail.as_ref().unchecked_ref()));
        let ready = promise(&waiting, LOADING);
        Some(Self { worker, waiting, ready, _hear: hear, _fail: fail })
    }

    /// Waits until it has loaded; `false` if it did not.
    pub async fn is_ready(&self) -> bool {
        JsFuture::from(self.ready.clone()).await.is_ok_and(|word| word.is_string())
    }

    /// Hands a picture over, and waits for the answer.
    pub async fn read(&self, picture: &Picture) -> Answer {
        let answer = promise(&self.waiting, PATIENCE);
        let message: Array = picture.part.iter().map(|number| JsValue::from_f64(*number)).collect();
        message.unshift(&picture.source);
        if self.worker.post_message_with_transfer(&message, &Array::of1(&picture.source)).is_err() {
            return Answer::Broken;
        }
        match JsFuture::from(answer).await {
            Ok(word) if word.is_null() => Answer::Nothing,
            Ok(word) if word.is_string() => Answer::Unreadable,
            Ok(word) => word.dyn_into().map_or(Answer::Broken, |bytes: Uint8Array| text(&bytes)),
            Err(_) => Answer::Broken,
        }
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// Where the worker's script lies: its name holds a digest, so that the page alone knows it.
fn address() -> Option<String> {
    let page = web_sys::window()?.document()?;
    let meta: HtmlMetaElement = page.query_selector("meta[name=\"halligan-scanner\"]").ok()??.dyn_into().ok()?;
    Some(meta.content())
}

/// The worker's next word; undefined when the time is over.
fn promise(waiting: &Waiting, patience: i32) -> Promise {
    Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            // Fails only without a function to call. It comes too late for a promise that has been kept, and changes nothing then.
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, patience);
        }
        waiting.replace(Some(resolve));
    })
}

fn answer(waiting: &Waiting, word: &JsValue) {
    if let Some(resolve) = waiting.take() {
        // A promise's own function does not fail.
        let _ = resolve.call1(&JsValue::UNDEFINED, word);
    }
}

/// The text, with the copy that JavaScript sees overwritten.
fn text(bytes: &Uint8Array) -> Answer {
    if bytes.length() > LONGEST {
        return Answer::Nothing;
    }
    let read = Zeroizing::new(bytes.to_vec());
    bytes.fill(0, 0, bytes.length());
    std::str::from_utf8(&read).map_or(Answer::Nothing, |text| Answer::Text(Zeroizing::new(text.to_owned())))
}
