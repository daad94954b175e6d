//! Everybody who can take part in a drill, to be ticked; all of a station or shift by one press.

use std::collections::BTreeSet;

use halligan_shared::{id::MemberId, wire::MemberView};
use leptos::prelude::*;

use super::{Board, roles};
use crate::components::{Button, Look};

#[component]
pub(super) fn People(
    board: Board,
    /// Who is ticked.
    chosen: RwSignal<BTreeSet<MemberId>>,
    /// That nobody is.
    error: RwSignal<Option<String>>,
    /// What the ids of its parts begin with.
    id: &'static str,
    /// Who is left out.
    #[prop(optional)]
    without: Vec<MemberId>,
) -> impl IntoView {
    let hint = format!("{id}-members-error");
    let everybody = move || {
        let members = board.members.get().into_iter().map(|line| line.member);
        members.filter(|by| !without.contains(&by.id)).collect::<Vec<_>>()
    };
    let list = move || {
        let members = everybody();
        let groups: BTreeSet<String> = members.iter().flat_map(groups_of).collect();
        // Whoever is in a drill cannot be added to another.
        let free: Vec<_> = members.iter().filter(|by| board.drill_of(by.id).is_none()).cloned().collect();
        let tick = move |group: Option<&str>| {
            let named = free.iter().filter(|by| group.is_none_or(|group| groups_of(by).any(|of| of == group)));
            chosen.update(|chosen| chosen.extend(named.map(|by| by.id)));
        };
        let tick_all = tick.clone();
        view! {
            <div class="bar">
                <Button look=Look::Quiet on_press=move |()| tick_all(None) attr:id=format!("{id}-all")>"Everybody"</Button>
                {groups.into_iter().map(|group| {
                    let (tick, of) = (tick.clone(), group.clone());
                    view! { <Button look=Look::Quiet on_press=move |()| tick(Some(of.as_str()))>{group}</Button> }
                }).collect_view()}
                <Button look=Look::Quiet on_press=move |()| chosen.set(BTreeSet::new())>"Nobody"</Button>
            </div>
            <div class="checks">
                {members.into_iter().map(|by| {
                    let (member, taken) = (by.id, board.drill_of(by.id));
                    let toggle = move |event| chosen.update(|chosen| {
                        if event_target_checked(&event) { chosen.insert(member); } else { chosen.remove(&member); }
                    });
                    view! {
                        <label class="check">
                            <input type="checkbox" disabled=taken.is_some()
                                prop:checked=move || chosen.with(|chosen| chosen.contains(&member)) on:change=toggle/>
                            <span>
                                {by.display_name.to_string()}" "<span class="hint"><span class="agency-id">{by.agency_id.to_string()}</span>", "{roles(&by)}</span>
                                {taken.map(|drill| view! { " "<span class="tag drill-tag">{format!("In “{drill}”")}</span> })}
                            </span>
                        </label>
                    }
                }).collect_view()}
            </div>
        }
    };
    view! {
        <fieldset class="bare" aria-describedby=hint.clone()>
            <legend>"Who takes part"</legend>
            {list}
            <p class="error" id=hint.clone() role="alert">{move || error.get()}</p>
        </fieldset>
    }
}

/// What a member is one of.
fn groups_of(by: &MemberView) -> impl Iterator<Item = String> + use<> {
    let assignment = &by.assignment;
    let station = assignment.station.as_ref().map(|station| format!("Station {station}"));
    let shift = assignment.shift.as_ref().map(|shift| format!("Shift {shift}"));
    station.into_iter().chain(shift)
}
