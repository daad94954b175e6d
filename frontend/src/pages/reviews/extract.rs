//! The log about what is reviewed: every event in its own words, with its digest and how its signature stands.

use halligan_shared::{
    audit::Kind,
    wire::{ExtractLine, ReviewView, SignatureState},
};
use leptos::prelude::*;

use super::words;
use crate::{components::Moment, pages::audit};

#[component]
pub(super) fn Extract(view: ReviewView) -> impl IntoView {
    let ReviewView { extract, left_out, .. } = view;
    view! {
        <section aria-labelledby="extract">
            <h3 id="extract">"The log of it"</h3>
            <ol class="extract">{extract.into_iter().map(|line| view! { <li><Event line/></li> }).collect_view()}</ol>
            {(left_out > 0).then(|| view! { <p class="hint">{format!("{left_out} more stand in the log: documents that were sent again, and where numbers are missing what came between. An auditor can read them there.")}</p> })}
        </section>
    }
}

#[component]
fn Event(line: ExtractLine) -> impl IntoView {
    let ExtractLine { sequence, kind, actor, at, text, digest, fits, signature } = line;
    let what = Kind::of(&kind).map_or("An event that cannot be read", audit::in_words);
    let fails = !fits || signature == Some(SignatureState::Fails);
    view! {
        <p>
            <span class="number">{sequence}</span>" "<strong>{what}</strong>", "{actor.unwrap_or_else(|| "the portal".to_owned())}", "
            <Moment at/>
        </p>
        <p class="marks">
            {signature.map(|state| view! { <span class="tag" class:overdue=fails>{words::signature(state)}</span> })}
            {(!fits).then(|| view! { <span class="tag overdue">"Changed: its digest does not fit"</span> })}
        </p>
        <details>
            <summary aria-label=format!("Words of event {sequence}")>"In its own words"</summary>
            <pre class="event-facts" tabindex="0">{text}</pre>
            <p class="digest">"SHA-256 "{digest}</p>
        </details>
    }
}
