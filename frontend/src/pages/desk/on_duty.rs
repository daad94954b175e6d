//! Responders who are signed in, and the end of their sessions: for a tablet that was lost.

use halligan_shared::{id::MemberId, wire::OnDuty};
use leptos::{prelude::*, task::spawn_local};

use super::{acts::Acts, next::Next};
use crate::{
    api::desk,
    components::{Asking, Said},
};

/// A responder.
#[component]
pub(super) fn Responder(line: OnDuty, acts: Acts) -> impl IntoView {
    let OnDuty { member, sessions } = line;
    let name = member.display_name.to_string();
    let about = format!("on-duty-{}", member.id);
    let [own, line] = [(); 2].map(|()| format!("line-{}", member.id));
    let devices = match sessions {
        1 => "1 device".to_owned(),
        more => format!("{more} devices"),
    };
    view! {
        <li class="on-duty" id=own>
            <p id=about.clone()>
                {name.clone()}" "
                <span class="hint"><span class="agency-id">{member.agency_id.to_string()}</span>" · "{devices}</span>
            </p>
            <SignOut member=member.id name=name about line acts/>
        </li>
    }
}

/// Ends every session of a responder.
#[component]
pub(super) fn SignOut(
    member: MemberId,
    name: String,
    about: String,
    /// The id of the line or card that it stands on.
    line: String,
    acts: Acts,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let question = format!(
        "This signs {name} out on every device. A record that is open closes at once, and a request that waits is withdrawn."
    );
    let sign_out = move |()| {
        let (name, next) = (name.clone(), Next::after(&line));
        busy.set(true);
        acts.said.set(None);
        spawn_local(async move {
            let said = match desk::sign_out(member).await {
                Ok(()) => Said::Done(format!("{name} is signed out on every device.")),
                Err(refusal) => Said::refused(&name, &refusal),
            };
            let is_done = matches!(said, Said::Done(_));
            acts.said.set(Some(said));
            let _ = busy.try_set(false);
            next.go(acts, is_done).await;
        });
    };
    view! { <Asking label="Sign out everywhere" question answer="Sign out" on_yes=sign_out busy about/> }
}
