//! A line to another document: words, and bytes that are handed over with them.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{MessageEvent, MessagePort};

/// One end of a line; closed when dropped.
pub struct Port {
    port: MessagePort,
    _hear: Closure<dyn FnMut(MessageEvent)>,
}

impl Port {
    /// Takes an end over; `hear` is called for each word.
    pub fn new(port: MessagePort, mut hear: impl FnMut(String, Option<Vec<u8>>) + 'static) -> Self {
        let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            let Ok(parts) = message.data().dyn_into::<Array>() else { return };
            if let Some(words) = parts.get(0).as_string() {
                hear(words, parts.get(1).dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec()));
            }
        });
        port.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        Self { port, _hear: hear }
    }

    /// Says a word, and hands bytes over. Whether somebody is still there to hear it shows in the answer, or nowhere.
    pub fn say(&self, words: &str, bytes: Option<&[u8]>) {
        let parts = Array::of1(&words.into());
        let handed = Array::new();
        if let Some(bytes) = bytes {
            let copy = Uint8Array::from(bytes);
            handed.push(&copy.buffer());
            parts.push(&copy);
        }
        let _ = self.port.post_message_with_transferable(&parts, &handed);
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        self.port.close();
    }
}
