//! Inviting somebody: who, with which roles, and where they work.

use halligan_shared::{
    member::{AgencyId, DisplayName, MemberFault, Role},
    wire::InviteBody,
};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};

use super::{
    Roll,
    form::{Post, PostFields, RoleChecks},
    offered::Offer,
};
use crate::{
    api::members,
    browser::page,
    components::{Button, Field, Keyboard, Look, Trouble},
};

/// What is wrong, a sentence a field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Faults {
    agency_id: Option<MemberFault>,
    name: Option<MemberFault>,
    roles: Option<MemberFault>,
}

impl Faults {
    /// The id of the first field at fault.
    const fn first(self) -> Option<&'static str> {
        if self.agency_id.is_some() {
            Some("agency-id")
        } else if self.name.is_some() {
            Some("display-name")
        } else if self.roles.is_some() {
            Some("role-0")
        } else {
            None
        }
    }
}

#[component]
pub(super) fn InviteForm(roll: Roll, offer: RwSignal<Option<Offer>>) -> impl IntoView {
    let agency_id = RwSignal::new(String::new());
    let name = RwSignal::new(String::new());
    let roles = RwSignal::new(Vec::<Role>::new());
    let post = Post::new(["crew", "unit", "station", "shift", "supervisor"]);
    let faults = RwSignal::new(Faults::default());
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let invite = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let (id, display_name) = (agency_id.get_untracked().parse::<AgencyId>(), name.get_untracked().parse::<DisplayName>());
        let chosen = roles.get_untracked();
        let found = Faults {
            agency_id: id.as_ref().err().copied(),
            name: display_name.as_ref().err().copied(),
            roles: chosen.is_empty().then_some(MemberFault::NoRole),
        };
        faults.set(found);
        trouble.set(None);
        let assignment = post.read(id.as_ref().ok(), roll);
        let first = found.first().or(assignment.as_ref().err().copied());
        let (Ok(agency_id), Ok(display_name), Ok(assignment), None) = (id, display_name, assignment, first) else {
            return page::focus(first.unwrap_or_default());
        };
        busy.set(true);
        spawn_local(async move {
            let name = display_name.to_string();
            match members::invite(&InviteBody { agency_id, display_name, roles: chosen, assignment }).await {
                Ok(made) => offer.set(Some(Offer::new(name, made))),
                Err(refusal) => {
                    trouble.set(Some(refusal.sentence()));
                    busy.set(false);
                }
            }
        });
    };
    let sentence =
        move |of: fn(&Faults) -> Option<MemberFault>| Signal::derive(move || faults.with(of).map(|fault| fault.to_string()));
    view! {
        <form class="invite" on:submit=invite novalidate=true>
            <Field id="agency-id" label="Agency ID" value=agency_id keyboard=Keyboard::Code max=64 required=true error=sentence(|faults| faults.agency_id)/>
            <Field id="display-name" label="Name" value=name max=80 required=true error=sentence(|faults| faults.name)/>
            <RoleChecks of="role" chosen=roles error=sentence(|faults| faults.roles)/>
            <PostFields post/>
            <Trouble words=trouble/>
            <Button look=Look::Main submits=true busy=busy>"Invite"</Button>
        </form>
    }
}
