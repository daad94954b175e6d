//! A request that may be opened and is not open yet: it can be taken back.

use halligan_shared::{
    door::Door,
    id::RequestId,
    wire::{Approval, Opened},
};
use leptos::prelude::*;

use super::{
    acts::Acts,
    verdicts::{Target, Verdicts},
    waiting::{Who, is_another},
};
use crate::{browser::clock::Deadline, components::Countdown};

/// One.
#[component]
pub(super) fn Approved(approval: Approval, acts: Acts) -> impl IntoView {
    let Approval { by, statement, barred, opened, seconds_left } = approval;
    let (id, drill) = (statement.request, statement.drill);
    let (who, incident) = (format!("may-{id}"), statement.justification.incident().to_owned());
    let about = Target { name: by.display_name.to_string(), incident: incident.clone() };
    let barred = barred || is_another(&by, &statement);
    let labelled = who.clone();
    view! {
        <article class="card grant" id=approved_id(id) tabindex="-1" aria-labelledby=labelled>
            <Who by=by id=who.clone()/>
            <p class="grant-about">
                "Incident "<span class="incident">{incident}</span>
                {drill.then(|| view! { <span class="tag drill-tag">"Drill"</span> })}
                <Through opened/>
            </p>
            <Countdown until=Some(Deadline::after(seconds_left)) label="Lapses in"/>
            {(!barred).then(|| view! { <Verdicts statement about described_by=who card=approved_id(id) approves=false acts/> })}
        </article>
    }
}

/// The id of a request's card, once it may be opened.
pub(super) fn approved_id(request: RequestId) -> String {
    format!("may-open-{request}")
}

/// Through which door a request was opened.
#[component]
pub(super) fn Through(opened: Opened) -> impl IntoView {
    let Opened { door, by } = opened;
    match door {
        Door::Dispatcher => {
            let names = by.into_iter().map(|by| String::from(by.display_name)).collect::<Vec<_>>().join(", ");
            view! { <span class="hint">"Approved by "{names}</span> }.into_any()
        }
        Door::Policy => view! { <span class="tag">"By a standing rule"</span> }.into_any(),
        Door::Override => view! { <span class="tag alarm-tag">"Opened alone"</span> }.into_any(),
    }
}
