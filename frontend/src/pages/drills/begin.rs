//! Beginning a drill: its name, how long, and who takes part.

use std::collections::BTreeSet;

use halligan_shared::{
    id::MemberId,
    wire::{BeginDrill, DRILL_MINUTES_MAX, DRILL_NAME_MAX, MemberView},
};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};

use super::Board;
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
    let begin = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let body = BeginDrill {
            name: name.get_untracked().trim().to_owned(),
            minutes: minutes.get_untracked().trim().parse().unwrap_or(0),
            members: chosen.get_untracked().into_iter().collect(),
        };
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
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match drill::begin(&body).await {
                Ok(line) => {
                    board.said.set(Some(Said::Done(format!("{} has begun.", line.name))));
                    board.load().await;
                }
                Err(refusal) => drop(trouble.try_set(Some(refusal.sentence()))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <section aria-labelledby="begin">
            <h2 id="begin">"Begin a drill"</h2>
            <form novalidate on:submit=begin>
                <Field id="drill-name" label="Name" value=name error=name_fault required=true max=DRILL_NAME_MAX/>
                <Field id="drill-minutes" label="Minutes until it ends by itself" value=minutes error=minutes_fault required=true max=4/>
                <People board chosen error=members_fault/>
                <Trouble words=trouble/>
                <Button look=Look::Main submits=true busy=busy>"Begin the drill"</Button>
            </form>
        </section>
    }
}

/// Everybody who can take part, to be ticked; all of a station or shift by one press.
#[component]
fn People(board: Board, chosen: RwSignal<BTreeSet<MemberId>>, error: RwSignal<Option<String>>) -> impl IntoView {
    let members = board.members.with_untracked(|lines| lines.iter().map(|line| line.member.clone()).collect::<Vec<_>>());
    let groups: BTreeSet<String> = members.iter().flat_map(groups_of).collect();
    let everybody = members.clone();
    let tick_group = move |group: Option<&str>| {
        chosen.update(|chosen| {
            chosen.extend(
                everybody.iter().filter(|by| group.is_none_or(|group| groups_of(by).any(|of| of == group))).map(|by| by.id),
            );
        });
    };
    let tick_all = tick_group.clone();
    view! {
        <fieldset class="bare" aria-describedby="drill-members-error">
            <legend>"Who takes part"</legend>
            <div class="bar">
                <Button look=Look::Quiet on_press=move |()| tick_all(None) attr:id="drill-all">"Everybody"</Button>
                {groups.into_iter().map(|group| {
                    let (tick, of) = (tick_group.clone(), group.clone());
                    view! { <Button look=Look::Quiet on_press=move |()| tick(Some(of.as_str()))>{group}</Button> }
                }).collect_view()}
                <Button look=Look::Quiet on_press=move |()| chosen.set(BTreeSet::new())>"Nobody"</Button>
            </div>
            <div class="checks">
                {members.into_iter().map(|by| {
                    let id = by.id;
                    let toggle = move |event| chosen.update(|chosen| {
                        if event_target_checked(&event) { chosen.insert(id); } else { chosen.remove(&id); }
                    });
                    view! {
                        <label class="check">
                            <input type="checkbox" prop:checked=move || chosen.with(|chosen| chosen.contains(&id)) on:change=toggle/>
                            <span>{by.display_name.to_string()}" "<span class="hint agency-id">{by.agency_id.to_string()}</span></span>
                        </label>
                    }
                }).collect_view()}
            </div>
            <p class="error" id="drill-members-error" role="alert">{move || error.get()}</p>
        </fieldset>
    }
}

/// What a member is one of.
fn groups_of(by: &MemberView) -> impl Iterator<Item = String> {
    let assignment = &by.assignment;
    let station = assignment.station.as_ref().map(|station| format!("Station {station}"));
    let shift = assignment.shift.as_ref().map(|shift| format!("Shift {shift}"));
    station.into_iter().chain(shift)
}
