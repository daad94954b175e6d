//! More members who take part in a drill that runs.

use std::collections::BTreeSet;

use halligan_shared::{
    id::{DrillId, MemberId},
    wire::DrillMembersBody,
};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};

use super::{Board, people::People};
use crate::{
    api::drill,
    browser::page,
    components::{Button, Trouble},
};

#[component]
pub(super) fn Add(
    id: DrillId,
    /// Who takes part, or left: nobody who left is brought back.
    without: Vec<MemberId>,
    /// Told once they take part.
    #[prop(into)]
    on_done: UnsyncCallback<()>,
) -> impl IntoView {
    let board = Board::new();
    spawn_local(board.load());
    let chosen = RwSignal::new(BTreeSet::<MemberId>::new());
    let (fault, trouble, busy) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>), RwSignal::new(false));
    let add = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let body = DrillMembersBody { members: chosen.get_untracked().into_iter().collect() };
        fault.set(body.members.is_empty().then(|| "Choose who takes part.".to_owned()));
        if body.members.is_empty() {
            return page::focus("add-all");
        }
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match drill::join(id, &body).await {
                Ok(_) => on_done.run(()),
                Err(refusal) => drop(trouble.try_set(Some(refusal.sentence()))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <h3 id="add">"Add members"</h3>
        <form novalidate on:submit=add aria-labelledby="add">
            <Trouble words=board.trouble/>
            <People board chosen error=fault id="add" without/>
            <Trouble words=trouble/>
            <Button submits=true busy=busy>"Add"</Button>
        </form>
    }
}
