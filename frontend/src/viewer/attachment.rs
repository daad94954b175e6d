//! Attachments of an open record, each opened when asked for, within the same window. Nothing is ever offered for saving.

use gloo_timers::future::TimeoutFuture;
use halligan_shared::crypto::{AttachmentLine, MediaType};
use js_sys::Uint8Array;
use leptos::{html, prelude::*, task::spawn_local};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::HtmlCanvasElement;

use super::{
    keeper::{Keeper, Opened, use_keeper},
    picture::{Picture, Pixels},
};
use crate::components::{Button, Trouble};

/// How wide a page is drawn, in pixels: a sheet of A4 with 200 to the inch, so that fine print can be made larger.
const PAGE_WIDTH: f64 = 1_654.0;
/// How many pages are drawn so wide: sixteen sheets of A4 take 248 MB, and Safari on a phone allows 384 MB to all canvases of a page.
const SHARP: f64 = 16.0;
/// What is said of a file that does not show.
const UNREADABLE: &str = "This attachment cannot be read. It was sealed in a form that this page does not show.";

/// What is said where the program that draws PDF files did not come, or not as it should be.
const NO_PROGRAM: &str = "PDF files cannot be shown right now. Check the connection and try again.";

/// The list.
#[component]
pub(super) fn Attachments(lines: Vec<AttachmentLine>) -> impl IntoView {
    view! {
        <section class="part">
            <h2>"Attachments"</h2>
            <ul class="items">{lines.into_iter().map(|line| view! { <Attachment line=line/> }).collect_view()}</ul>
        </section>
    }
}

/// What is shown of an attachment.
enum Shown {
    Picture(Pixels),
    Paper(Paper),
}

#[component]
fn Attachment(line: AttachmentLine) -> impl IntoView {
    let keeper = use_keeper();
    let AttachmentLine { document, title, media_type, bytes } = line;
    let shown = RwSignal::new_local(None::<Shown>);
    let is_shown = RwSignal::new(false);
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let done = move |result: Result<Shown, String>| {
        match result {
            Ok(new) => {
                shown.set(Some(new));
                is_shown.set(true);
            }
            Err(why) => trouble.set(Some(why)),
        }
        busy.set(false);
    };
    let open = move |()| {
        busy.set(true);
        trouble.set(None);
        keeper.want(document, move |opened| match opened {
            Ok(opened) => show(keeper, opened, done),
            Err(why) => done(Err(why)),
        });
    };
    let label = format!("Show {title}");
    view! {
        <li class="item attachment">
            <strong class="title">{title.clone()}</strong>
            <span class="tag">{kind(media_type)}" · "{size(bytes)}</span>
            {move || {
                let label = label.clone();
                (!is_shown.get()).then(|| view! { <Button busy=busy on_press=open>{label}</Button> })
            }}
            <Trouble words=trouble/>
            {move || {
                let title = title.clone();
                // Taken once: what is drawn is the canvas's alone.
                is_shown.get().then(|| shown.try_update(Option::take).flatten()).flatten().map(|shown| view! { <Sheets shown title/> })
            }}
        </li>
    }
}

/// What is shown, as wide as the screen; or as wide as it was drawn, and then to be moved sideways: an ECG is read by its small squares.
#[component]
fn Sheets(shown: Shown, title: String) -> impl IntoView {
    let is_large = RwSignal::new(false);
    let group = title.clone();
    let label = {
        let title = title.clone();
        move || format!("{} {title}", if is_large.get() { "Fit" } else { "Enlarge" })
    };
    view! {
        <Button on_press=move |()| is_large.update(|is_large| *is_large = !*is_large)>{label}</Button>
        <div class="sheets" class:large=is_large role="group" aria-label=group tabindex=move || is_large.get().then_some("0")>
            {match shown {
                Shown::Picture(pixels) => view! { <Picture pixels class="picture" alt=title/> }.into_any(),
                Shown::Paper(paper) => view! { <Pages paper title/> }.into_any(),
            }}
        </div>
    }
}

fn show(keeper: Keeper, opened: Opened, done: impl Fn(Result<Shown, String>) + 'static) {
    let Opened { media_type, content } = opened;
    if media_type != MediaType::Pdf {
        return done(Pixels::decode(&content, media_type).map(Shown::Picture).ok_or_else(|| UNREADABLE.to_owned()));
    }
    keeper.want_paper(move |program| {
        let Some(program) = program else { return done(Err(NO_PROGRAM.to_owned())) };
        spawn_local(async move {
            let copy = Uint8Array::from(content.as_slice());
            let paper = halligan_paper(&program, &copy).await;
            copy.fill(0, 0, copy.length());
            done(match paper {
                Ok(paper) if paper.is_undefined() => Err(UNREADABLE.to_owned()),
                Ok(paper) => Ok(Shown::Paper(paper.into())),
                Err(_) => Err(NO_PROGRAM.to_owned()),
            });
        });
    });
}

/// The pages of a PDF file, one below the other.
#[component]
fn Pages(paper: Paper, title: String) -> impl IntoView {
    let (all, drawn) = (paper.pages(), paper.drawn());
    let paper = StoredValue::new_local(Some(paper));
    // Canvases of a few hundred megabytes in all are what browsers of phones allow: past so many pages each is drawn smaller.
    let width = PAGE_WIDTH * (SHARP / f64::from(drawn)).sqrt().min(1.0);
    let places: Vec<_> = (0..drawn).map(|_| (NodeRef::<html::Canvas>::new(), RwSignal::new(false))).collect();
    spawn_local(draw(use_keeper(), paper, width, places.clone()));
    on_cleanup(move || free(paper));
    let page = move |(number, (place, unread)): (u32, Place)| {
        let label = if all == 1 { title.clone() } else { format!("{title}, page {} of {all}", number + 1) };
        view! {
            <canvas class="picture" role="img" aria-label=label node_ref=place hidden=unread></canvas>
            {move || unread.get().then(|| view! { <p class="incomplete">"Page "{number + 1}" cannot be read."</p> })}
        }
    };
    view! {
        {(0..).zip(places).map(page).collect_view()}
        {(all > drawn).then(|| view! { <p class="notice alert">"This file has "{all}" pages, of which the first "{drawn}" are shown."</p> })}
    }
}

/// Where a page goes, and whether it cannot be read.
type Place = (NodeRef<html::Canvas>, RwSignal<bool>);

/// Draws page after page, each in a task of its own: between two of them the end of the window is heard, and a record that was erased
/// has no further page.
async fn draw(keeper: Keeper, paper: StoredValue<Option<Paper>, LocalStorage>, width: f64, places: Vec<Place>) {
    for (number, (place, unread)) in (0..).zip(places) {
        TimeoutFuture::new(0).await;
        keeper.end_if_over();
        let Some(canvas) = place.try_get_untracked().flatten() else { return };
        let is_drawn = paper.try_with_value(|paper| paper.as_ref().is_some_and(|paper| paper.draw(number, width, &canvas)));
        let Some(is_drawn) = is_drawn else { return };
        unread.set(!is_drawn);
    }
    free(paper);
}

/// What is drawn needs its file no more. The handle alone would keep it until the browser next tidies up.
fn free(paper: StoredValue<Option<Paper>, LocalStorage>) {
    if let Some(paper) = paper.try_update_value(Option::take).flatten() {
        paper.free();
    }
}

#[wasm_bindgen]
extern "C" {
    /// A PDF file in the module `halligan-paper` (paper/src/lib.rs).
    type Paper;
    #[wasm_bindgen(method)]
    fn pages(this: &Paper) -> u32;
    #[wasm_bindgen(method)]
    fn drawn(this: &Paper) -> u32;
    #[wasm_bindgen(method)]
    fn draw(this: &Paper, page: u32, width: f64, canvas: &HtmlCanvasElement) -> bool;

    /// Gives its memory back to that module, which overwrites it.
    #[wasm_bindgen(method)]
    fn free(this: &Paper);

    /// Loads that module, once, and opens a file with it (frontend/viewer.js).
    #[wasm_bindgen(js_name = halliganPaper, catch)]
    async fn halligan_paper(program: &Uint8Array, bytes: &Uint8Array) -> Result<wasm_bindgen::JsValue, wasm_bindgen::JsValue>;
}

const fn kind(media_type: MediaType) -> &'static str {
    match media_type {
        MediaType::Pdf => "PDF",
        MediaType::Png | MediaType::Jpeg => "Picture",
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{} KB", bytes.div_ceil(1024)),
        _ => format!("{} MB", bytes.div_ceil(1_048_576)),
    }
}
