//! What became of the last act: seen wherever the page is scrolled to, read out, and put away once it has been read.

use leptos::{
    html,
    prelude::*,
    task::{spawn_local, tick},
};

use super::{Button, Look};
use crate::{api::client::Refusal, browser::page};

/// What became of the last act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It was done.
    Done(String),
    /// It was not.
    Failed(String),
    /// It was not, for want of a connection: no longer so once the portal is heard again.
    Offline(String),
}

impl Said {
    /// That an act about somebody was refused.
    pub fn refused(about: &str, refusal: &Refusal) -> Self {
        let words = format!("{about}: {}", refusal.sentence());
        if *refusal == Refusal::Offline { Self::Offline(words) } else { Self::Failed(words) }
    }

    /// Takes the focus to what was said.
    pub fn focus() {
        page::focus(LINE);
    }

    /// A picture has come on the page's line, which is marked in `lost` from its loss on: it is lost no more. Only where it was, the portal is
    /// heard again; on a line that held, a picture says nothing of a call that did not arrive.
    pub fn hear_picture(said: RwSignal<Option<Self>>, lost: RwSignal<bool>) {
        if lost.get_untracked() {
            Self::hear_again(said);
        }
        lost.set(false);
    }

    /// The portal is heard again: takes away what was said for want of a connection.
    pub fn hear_again(said: RwSignal<Option<Self>>) {
        // The page may be gone by the time that the portal answers.
        if said.try_with_untracked(|said| matches!(said, Some(Self::Offline(_)))) == Some(true) {
            said.set(None);
        }
    }
}

/// The id of the line that says it. There is one on a page.
const LINE: &str = "said";

/// Says it. Always in the page, so that screen readers notice when it fills.
#[component]
pub fn SaidLine(said: RwSignal<Option<Said>>) -> impl IntoView {
    let dismiss = move |()| {
        said.set(None);
        // The button goes, and would take the focus with it.
        spawn_local(async {
            tick().await;
            page::keep_focus();
        });
    };
    // Where it does not stay in sight by itself.
    let line = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if said.with(Option::is_some) {
            spawn_local(async move {
                tick().await;
                if let Some(line) = line.try_get_untracked().flatten() {
                    page::reveal(&line);
                }
            });
        }
    });
    view! {
        <div class="said" id=LINE role="group" aria-label="What came of it" tabindex="-1" node_ref=line>
            <div role="status">{move || match said.get() {
                Some(Said::Done(words)) => Some(view! { <p class="notice">{words}</p> }),
                _ => None,
            }}</div>
            <div role="alert">{move || match said.get() {
                Some(Said::Failed(words) | Said::Offline(words)) => Some(view! { <p class="notice alert">{words}</p> }),
                _ => None,
            }}</div>
            <Show when=move || said.with(Option::is_some)>
                <Button look=Look::Quiet on_press=dismiss>"Dismiss"</Button>
            </Show>
        </div>
    }
}
