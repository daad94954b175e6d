//! Beginning a drill: its name, how long, and who takes part.

use std::collections::BTreeSet;

use halligan_shared::{
    drill::nobody_outside,
    id::MemberId,
    wire::{BeginDrill, DRILL_MINUTES_MAX, DRILL_NAME_MAX},
};
use leptos::{
    ev::SubmitEvent,
    prelude::*,
    task::{spawn_local, tick},
};

use super::{Board, line_id, people::People};
use crate::{
    api::drill,
    browser::page,
    components::{Button, Field, Look, Said, Trouble},
};

/// How long a drill lasts where nobody says otherwise, in minutes: a choice of this project.
const USUAL: &str = "240";

#[component]
pub(super) fn Begin(board: Board) -> impl IntoView {
    let (name, minutes) = (RwSignal::new(String::new()), RwSignal::new(USUAL.to_owned()));
    let chosen = RwSignal::new(BTreeSet::<MemberId>::new());
    let [name_fault, minutes_fault, members_fault, trouble] = [(); 4].map(|()| RwSignal::new(None::<String>));
    let busy = RwSignal::new(false);
    // What is asked before it begins, where there is something to ask.
    let asks = RwSignal::new(None::<&'static str>);
    Effect::new(move |_| {
        chosen.track();
        asks.set(None);
    });
    let body = move || BeginDrill {
        name: name.get_untracked().trim().to_owned(),
        minutes: minutes.get_untracked().trim().parse().unwrap_or(0),
        members: chosen.get_untracked().into_iter().collect(),
    };
    let send = move |()| {
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match drill::begin(&body()).await {
                Ok(line) => {
                    name.try_set(String::new());
                    chosen.try_set(BTreeSet::new());
                    board.said.try_set(Some(Said::Done(format!("{} has begun.", line.name))));
                    board.load().await;
                    tick().await;
                    // What was asked before it began is gone, and its answer with it.
                    if page::is_focus_lost() {
                        page::focus(&line_id(line.id));
                        page::keep_focus();
                    }
                }
                Err(refusal) => drop(trouble.try_set(Some(refusal.sentence()))),
            }
            busy.try_set(false);
        });
    };
    let begin = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let body = body();
        let fault = |is_wrong: bool, words: &str| is_wrong.then(|| words.to_owned());
        name_fault.set(fault(body.name.is_empty(), "Give the drill a name: it stands on the screens of all who take part."));
        minutes_fault
            .set(fault(!(1..=DRILL_MINUTES_MAX).contains(&body.minutes), "A whole number of minutes, from 1 to 1440 (a day)."));
        members_fault.set(fault(body.members.is_empty(), "Choose who takes part."));
        let faults = [(name_fault, "drill-name"), (minutes_fault, "drill-minutes"), (members_fault, "drill-all")];
        if let Some((_, id)) = faults.into_iter().find(|(fault, _)| fault.with_untracked(Option::is_some)) {
            page::focus(id);
            return;
        }
        let Some(question) = nobody_outside(&board.free(), |by| body.members.contains(&by.id)) else { return send(()) };
        asks.set(Some(question));
        spawn_local(async {
            tick().await;
            page::focus("drill-asks");
        });
    };
    let choose = move |()| {
        asks.set(None);
        page::focus("drill-all");
    };
    view! {
        <section aria-labelledby="begin">
            <h2 id="begin">"Begin a drill"</h2>
            <form novalidate on:submit=begin>
                <Field id="drill-name" label="Name" value=name error=name_fault required=true max=DRILL_NAME_MAX/>
                <Field id="drill-minutes" label="Minutes until it ends by itself" value=minutes error=minutes_fault required=true max=4/>
                <People board chosen error=members_fault id="drill"/>
                <Trouble words=trouble/>
                {move || match asks.get() {
                    Some(question) => view! {
                        <div class="asking" id="drill-asks" role="group" tabindex="-1" aria-labelledby="begin">
                            <p role="alert">{question}</p>
                            <div class="line-acts">
                                <Button look=Look::Danger busy=busy on_press=send>"Begin all the same"</Button>
                                <Button look=Look::Quiet on_press=choose>"Choose others"</Button>
                            </div>
                        </div>
                    }
                    .into_any(),
                    None => view! { <Button look=Look::Main submits=true busy=busy>"Begin the drill"</Button> }.into_any(),
                }}
            </form>
        </section>
    }
}
