//! A member's line, opened: where they work, what they may do, and new passkeys for whoever lost them all.

use halligan_shared::{
    member::{MemberFault, Role},
    wire::{MemberView, REASON_MAX, RolesBody},
};
use leptos::{ev::SubmitEvent, prelude::*};

use super::{
    Roll,
    form::{Post, PostFields, RoleChecks},
    sign,
};
use crate::{
    api::{client::Refusal, members},
    browser::page,
    components::{Button, Field, Look},
    state::session::use_session,
};

/// What is typed in the line that is open.
#[derive(Clone, Copy)]
pub(super) struct Draft {
    post: Post,
    roles: RwSignal<Vec<Role>>,
    roles_fault: RwSignal<Option<String>>,
    reason: RwSignal<String>,
    reason_fault: RwSignal<Option<String>>,
}

impl Draft {
    pub(super) fn new() -> Self {
        Self {
            post: Post::new(["edit-crew", "edit-unit", "edit-station", "edit-shift", "edit-supervisor"]),
            roles: RwSignal::new(Vec::new()),
            roles_fault: RwSignal::new(None),
            reason: RwSignal::new(String::new()),
            reason_fault: RwSignal::new(None),
        }
    }

    /// Begins with how it stands.
    pub(super) fn fill(self, member: &MemberView) {
        self.post.fill(&member.assignment);
        self.roles.set(member.roles.clone());
        self.reason.set(String::new());
        for fault in [self.roles_fault, self.reason_fault] {
            fault.set(None);
        }
    }
}

#[component]
pub(super) fn Edit(member: MemberView, is_own: bool, roll: Roll) -> impl IntoView {
    let Draft { post, roles, roles_fault, .. } = roll.draft.get_value();
    let (id, name, about) = (member.id, member.display_name.to_string(), format!("member-{}", member.id));
    let label = format!("Edit {name}");
    let (held, busy) = (StoredValue::new(member.clone()), RwSignal::new(false));
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        let member = held.get_value();
        let mut chosen = roles.get_untracked();
        chosen.sort_unstable();
        roles_fault.set(chosen.is_empty().then(|| MemberFault::NoRole.to_string()));
        let assignment = match post.read(Some(&member.agency_id), roll) {
            Ok(_) if chosen.is_empty() => return page::focus("edit-role-0"),
            Ok(assignment) => assignment,
            Err(first) => return page::focus(first),
        };
        let name = member.display_name.to_string();
        let work = async move {
            if assignment != member.assignment {
                members::assign(id, &assignment).await?;
            }
            if chosen != member.roles {
                members::set_roles(id, &RolesBody { roles: chosen }).await?;
            }
            Ok::<_, Refusal>(())
        };
        roll.act(busy, name, Box::pin(work), "is as you entered it.", about.clone(), move || {
            // Once the line is the new one: opened anew before, it would begin with how it was.
            roll.editing.update(|of| *of = of.filter(|of| *of != id));
        });
    };
    view! {
        <div class="edit">
            <form on:submit=save novalidate=true aria-label=label>
                <PostFields post/>
                <RoleChecks of="edit-role" chosen=roles error=roles_fault/>
                <p class="hint">"Whoever loses a role is signed out everywhere, and what is open there closes."</p>
                <Button look=Look::Main submits=true busy=busy>"Save"</Button>
            </form>
            {(!is_own).then(|| view! { <Lost member roll/> })}
        </div>
    }
}

/// New passkeys for whoever lost them all.
#[component]
fn Lost(member: MemberView, roll: Roll) -> impl IntoView {
    let Draft { reason, reason_fault, .. } = roll.draft.get_value();
    let session = use_session();
    let (member, busy) = (StoredValue::new(member), RwSignal::new(false));
    let propose = move |event: SubmitEvent| {
        event.prevent_default();
        let words = reason.get_untracked().trim().to_owned();
        if words.is_empty() {
            reason_fault.set(Some("Say why: the other admin and the member read it, and it stands in the log.".to_owned()));
            return page::focus("lost-reason");
        }
        reason_fault.set(None);
        let Some(by) = session.with_untracked(|session| session.as_ref().map(|session| session.member.clone())) else { return };
        let subject = member.get_value();
        let (name, about) = (subject.display_name.to_string(), format!("member-{}", subject.id));
        let work = async move {
            sign::propose(&by, &subject, &words).await?;
            roll.editing.set(None);
            Ok(())
        };
        sign::act(
            roll,
            busy,
            name,
            work,
            "gets new passkeys once another admin confirms it and the member had time to object.",
            about,
        );
    };
    view! {
        <form class="lost" on:submit=propose novalidate=true>
            <h3>"Lost every passkey?"</h3>
            <p class="hint">
                "It takes a second admin. Then the member, wherever they are signed in, has time to object. After that one of you two hands over \
                 a link for a new passkey, and all former ones end. If a lost device may be in other hands, keep the member out first."
            </p>
            <Field id="lost-reason" label="Why? The other admin and the member read it." value=reason max=REASON_MAX required=true error=reason_fault/>
            <Button look=Look::Danger submits=true busy=busy>"Propose new passkeys"</Button>
        </form>
    }
}
