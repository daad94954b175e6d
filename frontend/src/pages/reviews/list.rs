//! Which reviews there are: overdue ones first, then by deadline, and the last that were closed.

use halligan_shared::wire::{ReviewLine, ReviewList};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::components::A;

use super::words;
use crate::{
    api::review,
    components::{Button, Empty, Loading, Moment, Notice, Tone, Trouble},
};

#[component]
pub(super) fn List() -> impl IntoView {
    let list = RwSignal::new(None::<ReviewList>);
    let (trouble, busy) = (RwSignal::new(None::<String>), RwSignal::new(false));
    let look = move |()| {
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match review::list().await {
                Ok(found) => drop(list.try_set(Some(found))),
                Err(refusal) => drop(trouble.try_set(Some(refusal.sentence()))),
            }
            busy.try_set(false);
        });
    };
    look(());
    view! {
        <Trouble words=trouble/>
        {move || (busy.get() && list.with(Option::is_none)).then(|| view! { <Loading>"Looking up reviews…"</Loading> })}
        {move || list.get().map(|ReviewList { open, closed }| {
            let overdue = open.iter().filter(|line| line.overdue).count();
            view! {
                <div role="status">{(overdue > 0).then(|| view! {
                    <p class="notice alert">{format!("Overdue: {overdue}. They stand first. Nothing is locked by them.")}</p>
                })}</div>
                <section aria-labelledby="open">
                    <h2 id="open">"Open"</h2>
                    <Lines lines=open none="Nothing waits for a review."/>
                </section>
                <section aria-labelledby="closed">
                    <h2 id="closed">"Closed"</h2>
                    <Lines lines=closed none="Nothing was reviewed yet."/>
                </section>
            }
        })}
        <Notice tone=Tone::Status>"What you took part in yourself is reviewed by others, and does not stand here while it is open."</Notice>
        <div class="bar"><Button busy on_press=look>"Look again"</Button></div>
    }
}

#[component]
fn Lines(lines: Vec<ReviewLine>, none: &'static str) -> impl IntoView {
    if lines.is_empty() {
        return view! { <Empty>{none}</Empty> }.into_any();
    }
    view! { <ul class="rows reviews">{lines.into_iter().map(|line| view! { <li><Line line/></li> }).collect_view()}</ul> }
        .into_any()
}

#[component]
fn Line(line: ReviewLine) -> impl IntoView {
    let ReviewLine { request, reason, by, incident, drill, due_at, overdue, owner, own, closed, .. } = line;
    let whose = match owner {
        _ if own => "Yours".to_owned(),
        Some(owner) => format!("{}’s", owner.display_name),
        None => "Nobody’s yet".to_owned(),
    };
    view! {
        <A href=format!("/reviews?request={request}") attr:class="row-link">
            <strong>{words::reason(reason)}</strong>
            <span>{by.display_name.to_string()}", incident "{incident}</span>
            {drill.then(|| view! { <span class="tag">"Drill"</span> })}
            {overdue.then(|| view! { <span class="tag overdue">"Overdue"</span> })}
        </A>
        {match closed {
            Some(closed) => view! {
                <p class="hint">{words::finding(closed.finding)}", by "{closed.by.display_name.to_string()}", "<Moment at=closed.at/></p>
            }
            .into_any(),
            None => view! { <p class="hint">{whose}", due "<Moment at=due_at/></p> }.into_any(),
        }}
    }
}
