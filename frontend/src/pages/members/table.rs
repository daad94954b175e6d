//! Everybody, a line each: what one may know of them, and what one may do.

use std::hash::Hash;

use halligan_shared::{
    assignment::Assignment,
    id::MemberId,
    member::Role,
    wire::{MemberLine, MemberView},
};
use leptos::{
    prelude::*,
    task::{spawn_local, tick},
};

use super::{LocalBoxed, Roll, edit::Edit};
use crate::{
    api::members,
    browser::page,
    components::{Asking, Button, Moment},
    state::session::use_session,
};

#[component]
pub(super) fn Table(roll: Roll) -> impl IntoView {
    let session = use_session();
    let own = session.with_untracked(|session| session.as_ref().map(|session| session.member.id));
    let row = move |line: MemberLine| {
        let member = StoredValue::new(line.member.clone());
        let id = line.member.id;
        let is_edited = Memo::new(move |_| roll.editing.get() == Some(id));
        let roles = line.member.roles.iter().copied().map(Role::title).collect::<Vec<_>>().join(", ");
        let about = format!("member-{}", line.member.id);
        let (is_own, suspended, sessions) = (own == Some(line.member.id), line.suspended, line.sessions);
        let target = Target { id: line.member.id, name: line.member.display_name.to_string(), about: about.clone() };
        view! {
            <tr role="row">
                <th scope="row" role="rowheader" class="agency-id" id=about tabindex="-1">{line.member.agency_id.to_string()}</th>
                <td role="cell">
                    {line.member.display_name.to_string()}
                    {suspended.then(|| view! { <span class="tag alarm-tag">"Kept out"</span> })}
                    {works_at(&line.member.assignment).map(|words| view! { <span class="hint works">{words}</span> })}
                </td>
                <td role="cell">{roles}</td>
                <td role="cell" class="number" data-label="Passkeys">{line.passkeys}</td>
                <td role="cell" data-label="Last sign-in">{match line.last_sign_in {
                    Some(at) => view! { <Moment at/> }.into_any(),
                    None => view! { <span class="hint">"Never"</span> }.into_any(),
                }}</td>
                <td role="cell" class="number" data-label="Signed in at">{sessions}</td>
                <td role="cell" class="acts">
                    <div class="line-acts">
                        <EditButton member roll/>
                        {(!is_own).then(|| view! { <Keeping target suspended sessions roll/> })}
                    </div>
                </td>
            </tr>
            <Show when=move || is_edited.get()>
                <tr role="row" class="editing"><td role="cell" colspan="7"><Edit member=member.get_value() is_own roll/></td></tr>
            </Show>
        }
    };
    let heads = ["Agency ID", "Name", "Roles", "Passkeys", "Last sign-in", "Signed in at", "Actions"];
    // Where it is narrow the rows are laid out as cards, and browsers forget then what is a table.
    view! {
        <table class="lines cards members" role="table" aria-labelledby="members">
            <thead role="rowgroup"><tr role="row">
                {heads.map(|head| view! { <th scope="col" role="columnheader">{head}</th> }).collect_view()}
            </tr></thead>
            <tbody role="rowgroup">
                // A line of which nothing changed stays as it is, and what has the focus in it.
                <For
                    each=move || roll.lines.get().unwrap_or_default()
                    key=shown
                    children=row
                />
            </tbody>
        </table>
    }
}

/// What a line shows of a member that can change.
fn shown(line: &MemberLine) -> impl Eq + Hash + use<> {
    let MemberLine { member, passkeys, last_sign_in, sessions, suspended } = line;
    (member.id, member.roles.clone(), works_at(&member.assignment), (*passkeys, last_sign_in.clone(), *sessions, *suspended))
}

/// Where somebody works, in a line.
pub(super) fn works_at(assignment: &Assignment) -> Option<String> {
    let Assignment { crew, unit, station, shift, supervisor } = assignment;
    let named = [("Crew", crew), ("Unit", unit), ("Station", station), ("Shift", shift)];
    let mut parts: Vec<_> =
        named.into_iter().filter_map(|(what, sign)| sign.as_ref().map(|sign| format!("{what} {sign}"))).collect();
    parts.extend(supervisor.as_ref().map(|id| format!("Supervisor {id}")));
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// Opens the line for editing, and closes it.
#[component]
fn EditButton(member: StoredValue<MemberView>, roll: Roll) -> impl IntoView {
    let id = member.with_value(|member| member.id);
    let about = format!("member-{id}");
    let is_edited = Memo::new(move |_| roll.editing.get() == Some(id));
    let turn = move |()| {
        if is_edited.get_untracked() {
            return roll.editing.set(None);
        }
        member.with_value(|member| roll.draft.get_value().fill(member));
        roll.editing.set(Some(id));
        spawn_local(async {
            tick().await;
            page::focus("edit-crew");
        });
    };
    view! {
        <Button on_press=turn attr:aria-describedby=about attr:aria-expanded=move || is_edited.get().to_string()>
            {move || if is_edited.get() { "Close" } else { "Edit" }}
        </Button>
    }
}

/// Whom an act is about.
#[derive(Clone)]
struct Target {
    id: MemberId,
    name: String,
    /// The id of the line's heading.
    about: String,
}

/// Ends sessions, keeps out, lets in.
#[component]
fn Keeping(target: Target, suspended: bool, sessions: u32, roll: Roll) -> impl IntoView {
    let Target { id, name, about } = target.clone();
    let (target, busy) = (StoredValue::new(target), RwSignal::new(false));
    let act = move |work: LocalBoxed, done: &'static str| {
        let Target { name, about, .. } = target.get_value();
        roll.act(busy, name, work, done, about, || {});
    };
    let sign_out = move |()| act(Box::pin(members::sign_out(id)), "is signed out on every device.");
    let suspend = move |()| act(Box::pin(members::suspend(id)), "is kept out.");
    let reinstate = move |()| act(Box::pin(members::reinstate(id)), "is let in again.");
    let (signed_out, kept_out) = (
        format!("This signs {name} out on every device. A record that is open closes at once."),
        format!("{name} is signed out everywhere and cannot sign in until an admin says so."),
    );
    view! {
        {(sessions > 0).then(|| view! {
                <Asking label="Sign out everywhere" question=signed_out answer="Sign out" on_yes=sign_out busy about=about.clone()/>
        })}
        {if suspended {
                view! { <Button busy=busy on_press=reinstate attr:aria-describedby=about>"Let in again"</Button> }.into_any()
            } else {
                view! { <Asking label="Keep out" question=kept_out answer="Keep out" on_yes=suspend busy about/> }.into_any()
        }}
    }
}
