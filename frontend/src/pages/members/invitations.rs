//! Who is invited and has not joined yet. An invitation can be taken back; its link is not to be seen again.

use halligan_shared::{id::InvitationId, member::Role, wire::InvitationLine};
use leptos::prelude::*;

use super::{Roll, table::works_at};
use crate::{
    api::members,
    browser::clock::Deadline,
    components::{Asking, Countdown},
};

#[component]
pub(super) fn Invited(roll: Roll) -> impl IntoView {
    view! {
        <section aria-labelledby="invited">
            <h2 id="invited" tabindex="-1">"Invited"</h2>
            <p class="hint">"They have not joined yet. Each link was shown once; whoever lost it is invited again, which ends the earlier one."</p>
            <ul class="rows invited">
                <For each=move || roll.invitations.get() key=|line| line.id let:line><Line line roll/></For>
            </ul>
        </section>
    }
}

#[component]
fn Line(line: InvitationLine, roll: Roll) -> impl IntoView {
    let InvitationLine { id, agency_id, display_name, roles, assignment, invited_by, seconds_left } = line;
    let about = format!("invitation-{id}");
    let roles = roles.into_iter().map(Role::title).collect::<Vec<_>>().join(", ");
    let by = invited_by.map_or_else(|| "the operator".to_owned(), |by| by.display_name.to_string());
    let name = display_name.to_string();
    let question = format!("{name} can no longer join with the link that they were given.");
    let busy = RwSignal::new(false);
    let take_back = {
        let name = name.clone();
        move |()| withdraw(id, name.clone(), busy, roll)
    };
    let is_over = RwSignal::new(false);
    view! {
        <li hidden=is_over>
            <div class="what">
                <h3 id=about.clone() tabindex="-1">{name}" · "<span class="agency-id">{agency_id.to_string()}</span></h3>
                <p>{roles}{works_at(&assignment).map(|words| view! { <span class="hint works">{words}</span> })}</p>
                <p class="hint">"Invited by "{by}</p>
            </div>
            <Countdown until=Some(Deadline::after(f64::from(seconds_left))) label="Good for" on_end=move |()| is_over.set(true)/>
            <Asking label="Take back" question answer="Take back" on_yes=take_back busy about/>
        </li>
    }
}

fn withdraw(id: InvitationId, name: String, busy: RwSignal<bool>, roll: Roll) {
    roll.act(busy, name, Box::pin(members::withdraw(id)), "is no longer invited.", "members".to_owned(), || {});
}
