//! Server-sent events, resumed by themselves until dropped.
//!
//! The browser resumes what the network cut, and gives up on an answer that is not an event stream (a restarted
//! backend behind a proxy, a lost session); this resumes those too, more slowly each time. Every event is a whole picture,
//! so nothing has to be replayed.

use std::{cell::RefCell, rc::Rc};

use gloo_timers::callback::Timeout;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventSource, MessageEvent};

/// The name of the events that carry pictures.
const PICTURE: &str = "picture";
/// Longest pause before another attempt, in milliseconds.
const LONGEST_PAUSE: u32 = 15_000;
/// First pause, in milliseconds.
const FIRST_PAUSE: u32 = 1_000;

/// A subscription; closed when dropped.
pub struct Events {
    _line: Rc<RefCell<Line>>,
}

struct Line {
    connection: Option<Connection>,
    retry: Option<Timeout>,
    pause: u32,
}

struct Connection {
    source: EventSource,
    picture: Closure<dyn FnMut(MessageEvent)>,
    error: Closure<dyn FnMut(Event)>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        let _ = self.source.remove_event_listener_with_callback(PICTURE, self.picture.as_ref().unchecked_ref());
        let _ = self.source.remove_event_listener_with_callback("error", self.error.as_ref().unchecked_ref());
        self.source.close();
    }
}

impl Events {
    /// Subscribes to `path`. `on_event` gets each picture as JSON; `on_lost` is called each time the line breaks, before it
    /// is resumed, and may ask the backend why.
    pub fn open(path: &str, on_event: impl Fn(&str) + 'static, on_lost: impl Fn() + 'static) -> Self {
        let line = Rc::new(RefCell::new(Line { connection: None, retry: None, pause: FIRST_PAUSE }));
        connect(&line, path.into(), Rc::new(on_event), Rc::new(on_lost));
        Self { _line: line }
    }
}

fn connect(line: &Rc<RefCell<Line>>, path: Rc<str>, on_event: Rc<dyn Fn(&str)>, on_lost: Rc<dyn Fn()>) {
    let Ok(source) = EventSource::new(&path) else { return };
    let weak = Rc::downgrade(line);
    let hear = Rc::clone(&on_event);
    let picture = Closure::<dyn FnMut(MessageEvent)>::new({
        let weak = weak.clone();
        move |event: MessageEvent| {
            if let Some(line) = weak.upgrade() {
                line.borrow_mut().pause = FIRST_PAUSE;
            }
            if let Some(text) = event.data().as_string() {
                hear(&text);
            }
        }
    });
    let error = Closure::<dyn FnMut(Event)>::new({
        let source = source.clone();
        move |_| {
            on_lost();
            if source.ready_state() != EventSource::CLOSED {
                return;
            }
            // `on_lost` may have ended the subscription.
            let Some(line) = weak.upgrade() else { return };
            let (path, on_event, on_lost, again) = (path.clone(), on_event.clone(), on_lost.clone(), weak.clone());
            let mut line = line.borrow_mut();
            let pause = line.pause;
            line.pause = (2 * pause).min(LONGEST_PAUSE);
            line.retry = Some(Timeout::new(pause, move || {
                if let Some(line) = again.upgrade() {
                    connect(&line, path, on_event, on_lost);
                }
            }));
        }
    });
    let _ = source.add_event_listener_with_callback(PICTURE, picture.as_ref().unchecked_ref());
    let _ = source.add_event_listener_with_callback("error", error.as_ref().unchecked_ref());
    let before = line.borrow_mut().connection.replace(Connection { source, picture, error });
    drop(before);
}
