//! One open grant, and its end.

use halligan_shared::wire::{LiveGrant, REASON_MAX, RevokeBody};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};

use super::{acts::Acts, approved::Through, next::Next, waiting::Who};
use crate::{
    api::desk,
    browser::clock::Deadline,
    components::{Button, Countdown, Look, Said},
};

/// A grant.
#[component]
pub(super) fn Live(grant: LiveGrant, acts: Acts) -> impl IntoView {
    let LiveGrant { id, by, incident, drill, opened, seconds_left } = grant;
    let (name, about) = (by.display_name.to_string(), incident.clone());
    let (card, who, field) = (format!("grant-{id}"), format!("reads-{id}"), format!("end-{id}"));
    let reason = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    // No question asked: a wrong end costs a new request, a late one costs more.
    let own = card.clone();
    let end = move |()| {
        let next = Next::after(&own);
        let (name, about) = (name.clone(), about.clone());
        busy.set(true);
        acts.said.set(None);
        spawn_local(async move {
            let about = format!("{name}, incident {about}");
            let said = match desk::revoke(id, &RevokeBody { reason: reason.get_untracked().trim().to_owned() }).await {
                Ok(()) => Said::Done(format!("Ended: {about}.")),
                Err(refusal) => Said::refused(&about, &refusal),
            };
            let is_done = matches!(said, Said::Done(_));
            acts.said.set(Some(said));
            let _ = busy.try_set(false);
            next.go(acts, is_done).await;
        });
    };
    let labelled = who.clone();
    let end_by_enter = end.clone();
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !(busy.get_untracked() || acts.moving.get_untracked()) {
            end_by_enter(());
        }
    };
    view! {
        <article class="card grant" id=card aria-labelledby=labelled>
            <Who by=by id=who.clone()/>
            <p class="grant-about">
                "Incident "<span class="incident">{incident}</span>
                {drill.then(|| view! { <span class="tag drill-tag">"Drill"</span> })}
                <Through opened/>
            </p>
            <Countdown until=Some(Deadline::after(seconds_left)) label="Closes in"/>
            <label for=field.clone()>"Reason, if there is time. The responder will read this."</label>
            <form class="grant-end" data-acts on:submit=on_submit>
                <input id=field type="text" maxlength=REASON_MAX autocomplete="off"
                    prop:value=reason on:input=move |event| reason.set(event_target_value(&event))/>
                <Button look=Look::Danger busy=busy held=acts.moving on_press=end attr:aria-describedby=who.clone()>"End now"</Button>
            </form>
        </article>
    }
}
