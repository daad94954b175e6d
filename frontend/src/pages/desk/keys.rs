//! The desk by keyboard, and its sound. One letter acts only while nobody types, and all of it can be switched off.

use gloo_timers::callback::Timeout;
use halligan_shared::id::{MemberId, RequestId};
use leptos::{
    ev::{self, KeyboardEvent},
    html,
    prelude::*,
    task::{spawn_local, tick},
};

use super::{acts::Acts, alarm::alarm_id, approved::approved_id, bulk, waiting::card_id};
use crate::{
    browser::{feedback, page},
    components::{Button, Look},
};

/// How long nobody may have typed before letters act again, after the field that was typed in went away, in milliseconds.
const TYPED_ON: u32 = 2_000;

/// What a key does to the card that has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stroke {
    /// Approves it.
    Approve,
    /// Opens the denial.
    Deny,
}

/// What is counted as waiting, and has a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Many bracelets of a responder.
    Alarm(MemberId),
    /// A request.
    Request(RequestId),
}

impl Stop {
    fn card(self) -> String {
        match self {
            Self::Alarm(by) => alarm_id(by),
            Self::Request(id) => card_id(id),
        }
    }
}

/// The keys, in the order of the help.
const KEYS: [(&str, &str); 5] = [
    ("j", "next card"),
    ("k", "card before"),
    ("a", "approve the chosen request"),
    ("d", "deny it, with a reason"),
    ("?", "this list"),
];

/// Listens to the keys, and shows what they are.
#[component]
pub(super) fn Keys(stops: Signal<Vec<Stop>>, acts: Acts) -> impl IntoView {
    let pause = StoredValue::new_local(None::<Timeout>);
    let (is_on, is_shown) = (RwSignal::new(true), RwSignal::new(false));
    let listener = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        let is_plain = !(event.ctrl_key() || event.alt_key() || event.meta_key() || event.repeat());
        let key = event.key();
        if key == "Escape" {
            is_shown.set(false);
            // Out of the reason, with what was typed kept; back to its card, or to the list that has it.
            if let Some(id) = acts.denying.get_untracked() {
                acts.denying.set(None);
                if !bulk::focus_list(id, acts) {
                    // There is one of the two.
                    page::focus(&card_id(id));
                    page::focus(&approved_id(id));
                }
            }
            return;
        }
        if !is_plain || page::is_typing() {
            return;
        }
        if acts.is_typed_on.get_untracked() {
            pause.set_value(Some(Timeout::new(TYPED_ON, move || acts.is_typed_on.set(false))));
            return;
        }
        if is_on.get_untracked() && press(&key, &stops.get_untracked(), acts, is_shown) {
            event.prevent_default();
        }
    });
    // Whoever types on without a key for so long has noticed.
    Effect::new(move |_| {
        if acts.is_typed_on.get() {
            pause.set_value(Some(Timeout::new(TYPED_ON, move || acts.is_typed_on.set(false))));
        }
    });
    on_cleanup(move || {
        listener.remove();
        pause.dispose();
    });
    let list = NodeRef::<html::Details>::new();
    Effect::new(move |_| {
        if is_shown.get() {
            spawn_local(async move {
                tick().await;
                if let Some(list) = list.try_get_untracked().flatten() {
                    page::reveal(&list);
                }
            });
        }
    });
    view! {
        <details class="signed-in keys" node_ref=list prop:open=is_shown on:toggle=move |event| is_shown.set(page::is_open(&event))>
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

/// Whether what arrives is heard. Off until somebody presses it: browsers let a page make sounds only after that.
#[component]
pub(super) fn Sound(acts: Acts) -> impl IntoView {
    let ring = move |()| {
        acts.sound.update(|is_on| *is_on = !*is_on);
        if acts.sound.get_untracked() {
            feedback::arrived();
        }
    };
    view! {
        <Button look=Look::Quiet on_press=ring attr:aria-pressed=move || acts.sound.get().to_string()>
            {move || if acts.sound.get() { "Sound is on" } else { "Sound is off" }}
        </Button>
    }
}

/// Does what a key stands for. Whether it stands for something.
fn press(key: &str, stops: &[Stop], acts: Acts, is_shown: RwSignal<bool>) -> bool {
    let chosen = stops.iter().position(|stop| page::is_focus_in(&stop.card()));
    let go = |place: usize| {
        if let Some(stop) = stops.get(place) {
            page::focus(&stop.card());
        }
    };
    match key {
        "j" => go(chosen.map_or(0, |place| place + 1)),
        "k" => chosen.into_iter().for_each(|place| go(place.saturating_sub(1))),
        "a" | "d" => {
            // To the card that has the focus, however the others move: it cannot be mistaken for another.
            let id = chosen.and_then(|place| stops.get(place)).and_then(|stop| match stop {
                Stop::Request(id) => Some(*id),
                Stop::Alarm(_) => None,
            });
            let stroke = if key == "a" { Stroke::Approve } else { Stroke::Deny };
            acts.struck.set(id.map(|id| (id, stroke)));
            // A card that takes no word has nobody to hear it: it must not be heard by another one later.
            spawn_local(async move {
                tick().await;
                acts.struck.set(None);
            });
        }
        "?" => is_shown.update(|shown| *shown = !*shown),
        _ => return false,
    }
    true
}
