//! The page's own life: hidden, left, restored, the fragment it was opened with, and words sent while it goes.
//!
//! Listeners are removed when their handle is dropped.

use std::cell::RefCell;

use halligan_shared::paths::{BRACELET_PAGE, JOIN_PAGE};
use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Blob, BlobPropertyBag, Document, Event, EventTarget, FocusOptions, HtmlElement, PageTransitionEvent, RequestInit,
    RequestRedirect, Response, ScrollBehavior, ScrollIntoViewOptions, ScrollLogicalPosition, VisibilityState, Window,
};
use zeroize::Zeroizing;

/// How long what is sent while the page may go can wait for its answer, in milliseconds.
const SENDING: u32 = 10_000;

/// A listener, removed when dropped.
pub struct Listener {
    target: EventTarget,
    event: &'static str,
    closure: Closure<dyn FnMut(Event)>,
}

impl Listener {
    pub(super) fn on(target: EventTarget, event: &'static str, hear: impl FnMut(Event) + 'static) -> Self {
        let closure = Closure::<dyn FnMut(Event)>::new(hear);
        // Fails only for a callback that is not a function.
        let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        Self { target, event, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.event, self.closure.as_ref().unchecked_ref());
    }
}

/// Hears whether the page has become hidden (`true`) or visible again.
pub fn on_visibility(mut hear: impl FnMut(bool) + 'static) -> Option<Listener> {
    let document = document()?;
    Some(Listener::on(document.clone().into(), "visibilitychange", move |_| {
        hear(document.visibility_state() == VisibilityState::Hidden);
    }))
}

/// Whether the page is hidden now.
pub fn is_hidden() -> bool {
    document().is_some_and(|document| document.visibility_state() == VisibilityState::Hidden)
}

/// Hears that the page is being left, reloaded or closed.
pub fn on_leave(mut hear: impl FnMut() + 'static) -> Option<Listener> {
    Some(Listener::on(window()?.into(), "pagehide", move |_| hear()))
}

/// Hears that the page has come back from the back-forward cache.
pub fn on_restore(mut hear: impl FnMut() + 'static) -> Option<Listener> {
    Some(Listener::on(window()?.into(), "pageshow", move |event| {
        if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
            hear();
        }
    }))
}

/// Hears that the browser has a connection again.
pub fn on_online(mut hear: impl FnMut() + 'static) -> Option<Listener> {
    Some(Listener::on(window()?.into(), "online", move |_| hear()))
}

/// Hears that another fragment was opened in this page: a second bracelet read by the phone's own camera.
pub fn on_fragment(mut hear: impl FnMut() + 'static) -> Option<Listener> {
    Some(Listener::on(window()?.into(), "hashchange", move |_| hear()))
}

/// Hears each touch, click and key, wherever on the page. A screen reader clicks without touching.
pub fn on_touch(hear: impl Fn() + Clone + 'static) -> Option<[Listener; 3]> {
    let window = window()?;
    Some(["pointerdown", "keydown", "click"].map(|event| {
        let hear = hear.clone();
        Listener::on(window.clone().into(), event, move |_| hear())
    }))
}

/// What a link carried behind `#`.
pub enum Fragment {
    /// A bracelet's reference, not yet read.
    Bracelet(Zeroizing<String>),
    /// An invitation's token.
    Invitation(Zeroizing<String>),
}

/// Takes the fragment of a bracelet or invitation link out of the address and out of the history.
pub fn take_fragment() -> Option<Fragment> {
    let window = window()?;
    let location = window.location();
    let path = location.pathname().ok()?;
    let hash = Zeroizing::new(location.hash().ok()?);
    let fragment = Zeroizing::new(hash.strip_prefix('#').filter(|fragment| !fragment.is_empty())?.to_owned());
    let fragment = match path.as_str() {
        BRACELET_PAGE => Fragment::Bracelet(fragment),
        JOIN_PAGE => Fragment::Invitation(fragment),
        _ => return None,
    };
    // Refused only for an address of another origin, and this is the path the page already has.
    let _ = window.history().ok()?.replace_state_with_url(&JsValue::NULL, "", Some(&path));
    Some(fragment)
}

/// Sends JSON in such a way that it goes out although the page is going.
pub fn beacon(path: &str, json: &str) {
    let Some(window) = window() else { return };
    let options = BlobPropertyBag::new();
    options.set_type("application/json");
    let parts = js_sys::Array::of1(&JsValue::from_str(json));
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options).ok();
    let sent = blob.and_then(|blob| window.navigator().send_beacon_with_opt_blob(path, Some(&blob)).ok());
    if sent != Some(true) {
        // Nobody is left to hear the answer.
        let answer = post(&window, path, json);
        wasm_bindgen_futures::spawn_local(async move {
            let _ = JsFuture::from(answer).await;
        });
    }
}

/// An answer to what was sent while the page may go.
pub struct Answer {
    /// Whether its status is one of success.
    pub is_success: bool,
    /// Its body.
    pub text: String,
}

/// Sends JSON in such a way that it goes out although the page is going, and hears the answer if it stays; `None`: there was none, or
/// one that sends elsewhere.
pub async fn send(path: &str, json: &str) -> Option<Answer> {
    let answer: Response = JsFuture::from(post(&window()?, path, json)).await.ok()?.dyn_into().ok()?;
    let text = JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?;
    Some(Answer { is_success: answer.ok(), text })
}

fn post(window: &Window, path: &str, json: &str) -> Promise {
    let options = RequestInit::new();
    options.set_method("POST");
    options.set_body(&JsValue::from_str(json));
    options.set_signal(Some(&AbortSignal::timeout_with_u32(SENDING)));
    options.set_redirect(RequestRedirect::Error);
    // By name: the browser's own interface has it, the bindings do not.
    let _ = js_sys::Reflect::set(&options, &"keepalive".into(), &JsValue::TRUE);
    if let Ok(headers) = web_sys::Headers::new() {
        let _ = headers.set("content-type", "application/json");
        options.set_headers(&headers);
    }
    window.fetch_with_str_and_init(path, &options)
}

/// Empties the element with this id and gives it back.
pub fn clear(id: &str) -> Option<HtmlElement> {
    let element = document()?.get_element_by_id(id)?;
    element.replace_children_with_node_0();
    element.dyn_into().ok()
}

/// Moves the focus to the element with this id, if it takes it.
pub fn focus(id: &str) {
    let element = document().and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // Refused by no element there is.
        let _ = element.focus();
    }
}

/// Takes the focus to the beginning of the page if what had it is gone: a keyboard or a screen reader would start at the
/// very top.
pub fn keep_focus() {
    let main = document().and_then(|document| document.get_element_by_id("main")).filter(|_| is_focus_lost());
    if let Some(main) = main.and_then(|main| main.dyn_into::<HtmlElement>().ok()) {
        // Where the page stands is where it was meant to stand.
        let still = FocusOptions::new();
        still.set_prevent_scroll(true);
        // Refused by no element there is.
        let _ = main.focus_with_options(&still);
    }
}

/// What has the focus, to give it back.
pub fn focused() -> Option<HtmlElement> {
    document()?.active_element()?.dyn_into().ok().filter(|_| !is_focus_lost())
}

/// Gives the focus back to what had it, or takes it to the beginning of the page where that is gone.
pub fn focus_again(left: Option<&HtmlElement>) {
    if let Some(left) = left.filter(|left| left.is_connected()) {
        // Refused by no element there is.
        let _ = left.focus();
    }
    keep_focus();
}

/// Whether nothing on the page has the focus: what had it is gone.
pub fn is_focus_lost() -> bool {
    let holder = document().and_then(|document| document.active_element());
    holder.is_none_or(|element| element.tag_name() == "BODY")
}

/// Whether the element with this id, or something within it, has the focus.
pub fn is_focus_in(id: &str) -> bool {
    document().is_some_and(|document| {
        document.get_element_by_id(id).is_some_and(|element| element.contains(document.active_element().as_deref()))
    })
}

/// Whether the details that an event is about are open.
pub fn is_open(event: &Event) -> bool {
    event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|details| details.has_attribute("open"))
}

/// Whether somebody types: a letter is then part of a text.
pub fn is_typing() -> bool {
    let holder = document().and_then(|document| document.active_element());
    holder.is_some_and(|element| match element.tag_name().as_str() {
        "TEXTAREA" | "SELECT" => true,
        "INPUT" => !matches!(element.get_attribute("type").as_deref(), Some("checkbox" | "radio")),
        _ => false,
    })
}

/// Scrolls the page as far as is needed to see the element.
pub fn reveal(element: &HtmlElement) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    options.set_behavior(ScrollBehavior::Instant);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// Whether the caret of the text field that an event is about stands at the end of its text.
pub fn caret_at_end(event: &Event) -> bool {
    let field = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
    field.is_some_and(|field| {
        let caret = field.selection_start().ok().flatten();
        caret.is_none_or(|caret| caret as usize >= field.value().encode_utf16().count())
    })
}

thread_local! {
    /// What the page is called, whether the tab says that all of it is a drill, and whether that nobody is signed in any more.
    static TITLE: RefCell<(String, bool, bool)> = const { RefCell::new((String::new(), false, false)) };
}

/// Names the page in the tab.
pub fn set_title(title: &str) {
    TITLE.with_borrow_mut(|kept| title.clone_into(&mut kept.0));
    show_title();
}

/// Says in the tab that all of it is a drill, whatever the page is called by then.
pub fn mark_title(is_drill: bool) {
    TITLE.with_borrow_mut(|kept| kept.1 = is_drill);
    show_title();
}

/// Says in the tab that nobody is signed in any more: a desk that waits behind other windows would look like a quiet one.
pub fn mark_signed_out(is_signed_out: bool) {
    TITLE.with_borrow_mut(|kept| kept.2 = is_signed_out);
    show_title();
}

fn show_title() {
    if let Some(document) = document() {
        TITLE.with_borrow(|(title, is_drill, is_signed_out)| {
            let mark = match (is_signed_out, is_drill) {
                (true, _) => "Signed out – ",
                (false, true) => "DRILL: ",
                (false, false) => "",
            };
            document.set_title(&format!("{mark}{title}"));
        });
    }
}

/// Shows the portal's icon in the tab, with a mark where something waits. Both names hold digests, so that the page alone knows them.
pub fn mark_icon(is_marked: bool) {
    let Some(document) = document() else { return };
    let find = |selector| document.query_selector(selector).ok().flatten();
    let Some((link, marked)) = find("link[rel=icon]").zip(find("meta[name=halligan-waiting]")) else { return };
    let plain = link.get_attribute("data-plain").or_else(|| link.get_attribute("href")).unwrap_or_default();
    let marked = marked.get_attribute("content").unwrap_or_default();
    // Refused for no attribute of these names.
    let _ = link.set_attribute("data-plain", &plain);
    let _ = link.set_attribute("href", if is_marked { &marked } else { &plain });
}

/// The origin of the page, as the address bar has it.
pub fn origin() -> Option<String> {
    window()?.location().origin().ok()
}

/// Opens the browser's print dialogue.
pub fn print() {
    if let Some(window) = window() {
        // Refused only where printing is switched off, and then the browser says so itself.
        let _ = window.print();
    }
}

/// Loads this path of the portal from the backend, also where the address bar says it already.
pub fn load(path: &str) {
    let Some((window, origin)) = window().zip(origin()) else { return };
    let location = window.location();
    // Refused only to a frame of another origin, and this is none.
    let _ = if location.pathname().is_ok_and(|shown| shown == path) {
        // Going where one is already might only mean another part of the page.
        location.reload()
    } else {
        // The origin in front, because a path may begin with two slashes, and then names another host.
        location.assign(&format!("{origin}{path}"))
    };
}

/// Makes whoever hears touches believe in one: the frame of an open record has its own.
pub fn touch() {
    if let Some((window, event)) = window().zip(Event::new("pointerdown").ok()) {
        // Refused only for an event that is on its way already.
        let _ = window.dispatch_event(&event);
    }
}

fn window() -> Option<Window> {
    web_sys::window()
}

fn document() -> Option<Document> {
    window()?.document()
}
