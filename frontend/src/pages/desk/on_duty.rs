//! Responders who are signed in, and the end of their sessions: for a tablet that was lost.

use halligan_shared::{id::MemberId, wire::OnDuty};
use leptos::{prelude::*, task::spawn_local};

use super::acts::Acts;
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
    let devices = match sessions {
        1 => "1 device".to_owned(),
        more => format!("{more} devices"),
    };
    view! {
        <li class="on-duty">
            <p id=about.clone()>
                {name.clone()}" "
                <span class="hint"><span class="agency-id">{member.agency_id.to_string()}</span>" · "{devices}</span>
            </p>
            <SignOut member=member.id name=name about acts/>
        </li>
    }
}

/// Ends every session of a responder.
#[component]
pub(super) fn SignOut(member: MemberId, name: String, about: String, acts: Acts) -> impl IntoView {
    let busy = RwSignal::new(false);
    let question = format!("This signs {name} out on every device. A record that is open closes at once.");
    let sign_out = move |()| {
        let name = name.clone();
        busy.set(true);
        acts.said.set(None);
        spawn_local(async move {
            acts.said.set(Some(match desk::sign_out(member).await {
                Ok(()) => Said::Done(format!("{name} is signed out on every device.")),
                Err(refusal) => Said::refused(&name, &refusal),
            }));
            let _ = busy.try_set(false);
        });
    };
    view! { <Asking label="Sign out everywhere" question answer="Sign out" on_yes=sign_out busy about/> }
}
