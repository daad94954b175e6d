//! The desk by keyboard, and its sound. One letter acts only while nobody types, and all of it can be switched off.

use halligan_shared::id::RequestId;
use leptos::{
    ev::{self, KeyboardEvent},
    prelude::*,
};

use super::{Acts, waiting::card_id};
use crate::{
    browser::{feedback, page},
    components::{Button, Look},
};

/// What a key does to the card that has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stroke {
    /// Approves it.
    Approve,
    /// Opens the denial.
    Deny,
}

/// The keys, in the order of the help.
const KEYS: [(&str, &str); 5] = [
    ("j", "next request"),
    ("k", "request before"),
    ("a", "approve the chosen request"),
    ("d", "deny it, with a reason"),
    ("?", "this list"),
];

/// Listens to the keys, and shows what they are.
#[component]
pub(super) fn Keys(requests: Signal<Vec<RequestId>>, acts: Acts) -> impl IntoView {
    let (is_on, is_shown) = (RwSignal::new(true), RwSignal::new(false));
    let listener = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        let is_plain = !(event.ctrl_key() || event.alt_key() || event.meta_key() || event.repeat());
        if !is_plain || page::is_typing() {
            return;
        }
        let key = event.key();
        if key == "Escape" {
            is_shown.set(false);
        } else if is_on.get_untracked() && press(&key, &requests.get_untracked(), acts, is_shown) {
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
    let ring = move |()| {
        acts.sound.update(|is_on| *is_on = !*is_on);
        if acts.sound.get_untracked() {
            // By the press: browsers let a page make sounds only after one.
            feedback::arrived();
        }
    };
    view! {
        <Button look=Look::Quiet on_press=ring attr:aria-pressed=move || acts.sound.get().to_string()>
            {move || if acts.sound.get() { "Sound is on" } else { "Sound is off" }}
        </Button>
        <details class="signed-in keys" prop:open=is_shown on:toggle=move |event| is_shown.set(page::is_open(&event))>
            <summary>"Keys"</summary>
            <dl class="facts">
                {KEYS.map(|(key, does)| view! { <dt><kbd>{key}</kbd></dt><dd>{does}</dd> }).collect_view()}
            </dl>
            <label class="check">
                <input type="checkbox" prop:checked=is_on on:change=move |event| is_on.set(event_target_checked(&event))/>
                <span>"Keys act on this page"</span>
            </label>
        </details>
    }
}

/// Does what a key stands for. Whether it stands for something.
fn press(key: &str, requests: &[RequestId], acts: Acts, is_shown: RwSignal<bool>) -> bool {
    let chosen = requests.iter().position(|id| page::is_focus_in(&card_id(*id)));
    let go = |place: usize| {
        if let Some(id) = requests.get(place) {
            page::focus(&card_id(*id));
        }
    };
    match key {
        "j" => go(chosen.map_or(0, |place| place + 1)),
        "k" => go(chosen.map_or(0, |place| place.saturating_sub(1))),
        "a" | "d" => {
            let id = chosen.and_then(|place| requests.get(place)).filter(|_| !acts.moving.get_untracked());
            let stroke = if key == "a" { Stroke::Approve } else { Stroke::Deny };
            acts.struck.set(id.map(|id| (*id, stroke)));
        }
        "?" => is_shown.update(|shown| *shown = !*shown),
        _ => return false,
    }
    true
}
