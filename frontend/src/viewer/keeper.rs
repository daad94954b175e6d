//! What the viewer keeps: the key, what was opened with it, and its end of the line to the portal's page.

use std::collections::HashMap;

use gloo_timers::future::TimeoutFuture;
use halligan_shared::{
    bytes::Bytes,
    crypto::{self, Blinding, CarriedShare, Frame, Header, MediaType, PageKey, Point, RecordKey, SealContext},
    id::{DocumentId, GrantId, RecordId},
    ips::Summary,
};
use js_sys::Uint8Array;
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue};
use zeroize::Zeroizing;

use super::{
    sheet::Sheet,
    words::{Ask, Fault, Tell},
};
use crate::browser::{
    clock::{Deadline, TICK},
    port::Port,
};

/// Shortest time between two words of a touch, in seconds: the page renews a session far less often.
const TOUCHES: f64 = 1.0;

/// An attachment, opened.
pub(super) struct Opened {
    pub(super) media_type: MediaType,
    pub(super) content: Zeroizing<Vec<u8>>,
}

/// Who waits for something.
type Waiting<T> = Box<dyn FnOnce(T)>;

/// How far an opening has come. Secrets are in boxes: what moves is an address, and the one copy is overwritten where it is.
enum Stage {
    Empty,
    Blinded(Box<Blinded>),
    Open { key: Box<RecordKey>, place: Place },
}

struct Blinded {
    blinding: Blinding,
    page: PageKey,
    point: Point,
    place: Place,
}

#[derive(Clone, Copy)]
struct Place {
    record: RecordId,
    version: u32,
}

struct Kept {
    port: Port,
    stage: Stage,
    attachments: HashMap<DocumentId, Waiting<Result<Opened, String>>>,
    /// The program that draws PDF files, once it has come, and who waits for it.
    program: Option<Uint8Array>,
    papers: Vec<Waiting<Option<Uint8Array>>>,
    touched: Deadline,
    deadline: Option<Deadline>,
}

/// The keeper. A handle; there is one.
#[derive(Clone, Copy)]
pub(super) struct Keeper {
    kept: StoredValue<Option<Kept>, LocalStorage>,
    sheet: RwSignal<Option<Sheet>, LocalStorage>,
}

impl Keeper {
    /// Provides the keeper, and begins to listen to the page.
    pub(super) fn provide() -> Self {
        let keeper = Self { kept: StoredValue::new_local(None), sheet: RwSignal::new_local(None) };
        if let Some(port) = take_port() {
            let port = Port::new(port, move |words, bytes| {
                if let Ok(ask) = serde_json::from_str(&words) {
                    keeper.hear(ask, bytes);
                }
            });
            let touched = Deadline::after(0.0);
            let kept = Kept {
                port,
                stage: Stage::Empty,
                attachments: HashMap::new(),
                program: None,
                papers: Vec::new(),
                touched,
                deadline: None,
            };
            keeper.kept.set_value(Some(kept));
        }
        provide_context(keeper);
        keeper
    }

    /// What there is to see.
    pub(super) fn sheet(&self) -> ReadSignal<Option<Sheet>, LocalStorage> {
        self.sheet.read_only()
    }

    /// Erases everything.
    pub(super) fn erase(&self) {
        self.sheet.set(None);
        self.kept.set_value(None);
    }

    /// Erases everything at the end of the window, by itself.
    fn end_by(self, deadline: Deadline) {
        self.with(|kept| kept.deadline = Some(deadline));
        spawn_local(async move {
            while self.with(|_| ()).is_some() {
                TimeoutFuture::new(TICK).await;
                self.end_if_over();
            }
        });
    }

    /// Erases everything if the window is over: whoever works for long asks in between, since no timer is heard meanwhile.
    pub(super) fn end_if_over(self) {
        if self.with(|kept| kept.deadline.is_some_and(|deadline| deadline.left() <= 0.0)) == Some(true) {
            self.erase();
        }
    }

    /// Says that somebody is here.
    pub(super) fn touched(&self) {
        self.with(|kept| {
            if kept.touched.left() <= 0.0 {
                kept.touched = Deadline::after(TOUCHES);
                kept.tell(&Tell::Touched);
            }
        });
    }

    /// Asks for an attachment.
    pub(super) fn want(&self, document: DocumentId, then: impl FnOnce(Result<Opened, String>) + 'static) {
        self.with(|kept| {
            kept.attachments.insert(document, Box::new(then));
            kept.tell(&Tell::Wanted(document));
        });
    }

    /// Asks for the program that draws PDF files, once; nothing where it does not come.
    pub(super) fn want_paper(&self, then: impl FnOnce(Option<Uint8Array>) + 'static) {
        if let Some(program) = self.with(|kept| kept.program.clone()).flatten() {
            return then(Some(program));
        }
        self.with(|kept| {
            kept.papers.push(Box::new(then));
            kept.tell(&Tell::WantedPaper);
        });
    }

    fn hear(&self, ask: Ask, bytes: Option<Vec<u8>>) {
        match ask {
            Ask::Blind { point, record, version } => self.answer(|kept| kept.blind(point, Place { record, version })),
            Ask::Unlock { grant, share1, blinded_share, seconds_left } => {
                self.answer(|kept| kept.unlock(&grant, &share1, &blinded_share));
                self.end_by(Deadline::after(seconds_left));
            }
            Ask::Summary { document } => self.show(document, &bytes.unwrap_or_default()),
            Ask::Attachment { document } => {
                let opened = self.with(|kept| kept.attachment(document, &bytes.unwrap_or_default()));
                self.hand_over(document, opened.unwrap_or(Err(Fault::Sealed)).map_err(|fault| fault.to_string()));
            }
            Ask::Refused { document, why } => self.hand_over(document, Err(why)),
            Ask::Paper => {
                let program = bytes.map(|bytes| Uint8Array::from(bytes.as_slice()));
                self.with(|kept| kept.program.clone_from(&program));
                for then in self.with(|kept| std::mem::take(&mut kept.papers)).unwrap_or_default() {
                    then(program.clone());
                }
            }
        }
    }

    fn show(&self, document: DocumentId, sealed: &[u8]) {
        let opened = self.with(|kept| kept.summary(document, sealed)).unwrap_or(Err(Fault::Sealed));
        let word = match opened {
            Ok((drill, sheet)) => {
                self.sheet.set(Some(sheet));
                Tell::Shown { drill }
            }
            Err(fault) => Tell::Fault(fault),
        };
        self.with(|kept| kept.tell(&word));
    }

    /// Not while the line is borrowed: whoever waits may ask for more.
    fn hand_over(&self, document: DocumentId, opened: Result<Opened, String>) {
        if let Some(then) = self.with(|kept| kept.attachments.remove(&document)).flatten() {
            then(opened);
        }
    }

    fn answer(&self, step: impl FnOnce(&mut Kept) -> Result<Tell, Fault>) {
        self.with(|kept| {
            let word = step(kept).unwrap_or_else(Tell::Fault);
            kept.tell(&word);
        });
    }

    fn with<T>(&self, step: impl FnOnce(&mut Kept) -> T) -> Option<T> {
        self.kept.try_update_value(|kept| kept.as_mut().map(step)).flatten()
    }
}

impl Kept {
    fn tell(&self, word: &Tell) {
        if let Ok(words) = serde_json::to_string(word) {
            self.port.say(&words, None);
        }
    }

    fn blind(&mut self, point: Point, place: Place) -> Result<Tell, Fault> {
        let (blinding, blinded_point) = Blinding::new(&point)?;
        let page = PageKey::new()?;
        let page_point = page.point();
        self.stage = Stage::Blinded(Box::new(Blinded { blinding, page, point, place }));
        Ok(Tell::Blinded { blinded_point, page_point })
    }

    fn unlock(&mut self, grant: &GrantId, share1: &CarriedShare, answer: &Bytes<32>) -> Result<Tell, Fault> {
        let Stage::Blinded(blinded) = std::mem::replace(&mut self.stage, Stage::Empty) else { return Err(Fault::Sealed) };
        let Blinded { blinding, page, point, place } = *blinded;
        let share1 = page.open(share1, grant)?;
        let share2 = blinding.unblind(&answer.0)?;
        let key = Box::new(crypto::record_key(&share1, &share2, &point, &place.record)?);
        self.stage = Stage::Open { key, place };
        Ok(Tell::Unlocked)
    }

    fn open(&self, document: DocumentId, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let Stage::Open { key, place } = &self.stage else { return Err(Fault::Sealed) };
        let context = SealContext { record: place.record, document, version: place.version };
        Ok(crypto::open(key, &context, sealed)?)
    }

    /// Whether the patient is made up, and the sheet.
    fn summary(&self, document: DocumentId, sealed: &[u8]) -> Result<(bool, Sheet), Fault> {
        let plaintext = self.open(document, sealed)?;
        let Frame { header, content } = crypto::parse_frame(&plaintext)?;
        let Header::Summary { drill, attachments, .. } = header else { return Err(Fault::Unreadable) };
        Ok((drill, Sheet { summary: Summary::read(content)?, attachments }))
    }

    fn attachment(&self, document: DocumentId, sealed: &[u8]) -> Result<Opened, Fault> {
        let plaintext = self.open(document, sealed)?;
        let Frame { header, content } = crypto::parse_frame(&plaintext)?;
        let Header::Attachment { media_type, .. } = header else { return Err(Fault::Unreadable) };
        if MediaType::sniff(content) != Some(media_type) {
            return Err(Fault::Unreadable);
        }
        Ok(Opened { media_type, content: Zeroizing::new(content.to_vec()) })
    }
}

/// The end of the line that viewer.js was given.
fn take_port() -> Option<web_sys::MessagePort> {
    let (global, name) = (js_sys::global(), JsValue::from("halliganPort"));
    let port = js_sys::Reflect::get(&global, &name).ok()?.dyn_into().ok();
    // A property of one's own can be removed.
    let _ = js_sys::Reflect::delete_property(&global, &name);
    port
}

/// The keeper.
pub(super) fn use_keeper() -> Keeper {
    expect_context()
}
