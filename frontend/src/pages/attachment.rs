//! Attachments of an open record, each opened when asked for, within the same window.
//!
//! Pictures and PDF files are shown by object URLs that the wipe revokes. A PDF goes into a frame without `sandbox`, because no
//! browser shows one in a frame with it; the page's policy lets that frame hold nothing but such a URL, and the browser's
//! viewer runs apart from this page. Nothing is ever offered for saving.

use halligan_shared::crypto::{AttachmentLine, MediaType};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    browser::page,
    components::{Button, Trouble},
    state::vault::{Shown, use_vault},
};

/// The list.
#[component]
pub fn Attachments(lines: Vec<AttachmentLine>) -> impl IntoView {
    view! {
        <section class="part">
            <h2>"Attachments"</h2>
            <ul class="items">{lines.into_iter().map(|line| view! { <Attachment line=line/> }).collect_view()}</ul>
        </section>
    }
}

#[component]
fn Attachment(line: AttachmentLine) -> impl IntoView {
    let vault = use_vault();
    let AttachmentLine { document, title, media_type, bytes } = line;
    let shown = RwSignal::new(None::<Shown>);
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let open = move |()| {
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            let opened = vault.attachment(document).await;
            // The page may be gone by now, wiped; then so are these signals.
            match opened {
                Ok(document) => drop(shown.try_set(Some(document))),
                Err(fault) => drop(trouble.try_set(Some(fault.to_string()))),
            }
            busy.try_set(false);
        });
    };
    let label = format!("Show {title}");
    let is_shown = Memo::new(move |_| shown.with(Option::is_some));
    let can_show = media_type != MediaType::Pdf || page::shows_pdf();
    view! {
        <li class="item attachment">
            <strong class="title">{title.clone()}</strong>
            <span class="tag">{kind(media_type)}" · "{size(bytes)}</span>
            {move || {
                let label = label.clone();
                (can_show && !is_shown.get()).then(|| view! { <Button busy=busy on_press=open>{label}</Button> })
            }}
            {(!can_show).then(|| view! {
                <p class="hint">"This browser cannot show PDF files within a page, and a record is never saved to the device."</p>
            })}
            <Trouble words=trouble/>
            {move || {
                let title = title.clone();
                shown.get().map(|shown| match shown.media_type {
                    MediaType::Png | MediaType::Jpeg => view! { <img class="picture" src=shown.url alt=title/> }.into_any(),
                    MediaType::Pdf => view! { <iframe class="document" src=shown.url title=title referrerpolicy="no-referrer"></iframe> }.into_any(),
                })
            }}
        </li>
    }
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
