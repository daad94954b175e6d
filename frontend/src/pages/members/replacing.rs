//! Whose passkeys are about to be replaced: what was proposed, by whom, and what the next step is.

use halligan_shared::wire::{ReenrolmentLine, ReenrolmentState};
use leptos::{prelude::*, task::spawn_local};

use super::{
    Roll,
    offered::{Offer, Offered},
    sign,
};
use crate::{
    api::reenrolment,
    browser::clock::Deadline,
    components::{Asking, Button, Countdown, Look, Said, clock_text},
};

#[component]
pub(super) fn Replacing(roll: Roll) -> impl IntoView {
    let key = |line: &ReenrolmentLine| (line.statement.reenrolment, std::mem::discriminant(&line.state));
    view! {
        <section class="replacing" aria-labelledby="replacing">
            <h2 id="replacing" tabindex="-1">"New passkeys"</h2>
            <For each=move || roll.reenrolments.get() key=key let:line><Line line roll/></For>
        </section>
    }
}

#[component]
fn Line(line: ReenrolmentLine, roll: Roll) -> impl IntoView {
    let ReenrolmentLine { statement, subject, by, state, may_confirm, may_hand_out } = line;
    let id = statement.reenrolment;
    let heading = format!("reenrolment-{id}");
    let name = subject.display_name.to_string();
    let confirmed_by = match &state {
        ReenrolmentState::Proposed { .. } => None,
        ReenrolmentState::Waiting { confirmed_by, .. } | ReenrolmentState::Ready { confirmed_by, .. } => {
            Some(confirmed_by.display_name.to_string())
        }
    };
    let busy = RwSignal::new(false);
    let question = format!("{name} keeps the passkeys there are. It takes two admins to begin anew.");
    let stop = {
        let name = name.clone();
        move |()| {
            roll.act(
                busy,
                name.clone(),
                Box::pin(reenrolment::stop(id)),
                "keeps the passkeys there are.",
                "members".to_owned(),
                || {},
            );
        }
    };
    // What the page says of people has to be what the statement says, or another admin would sign about somebody else.
    let is_another = (subject.id, &subject.agency_id) != (statement.subject, &statement.subject_agency_id)
        || (by.id, &by.agency_id) != (statement.member, &statement.agency_id);
    let may_confirm = may_confirm && !is_another;
    let delay = clock_text(statement.delay);
    let reason = statement.reason.clone();
    let confirm = {
        let (name, by) = (name.clone(), by.clone());
        move |()| {
            let (by, statement) = (by.clone(), statement.clone());
            let done = "gets new passkeys once the member had time to object.";
            sign::act(roll, busy, name.clone(), async move { sign::confirm(&by, &statement).await }, done, "replacing".to_owned());
        }
    };
    let look_again = move |()| spawn_local(roll.load());
    let next = match state {
        ReenrolmentState::Proposed { seconds_left } => view! {
            <Countdown until=Some(Deadline::after(seconds_left)) label="Can be confirmed for" on_end=look_again/>
            {if may_confirm {
                view! { <Button look=Look::Danger busy=busy on_press=confirm attr:aria-describedby=heading.clone()>"Confirm"</Button> }.into_any()
            } else {
                view! { <p class="hint">"Another admin has to confirm it on this page, signed in as themselves. Call one now."</p> }.into_any()
            }}
        }
        .into_any(),
        ReenrolmentState::Waiting { seconds_left, .. } => view! {
            <Countdown until=Some(Deadline::after(seconds_left)) label="The member can object for" on_end=look_again/>
            <p class="hint">"After that, either of the two admins hands over the link."</p>
        }
        .into_any(),
        ReenrolmentState::Ready { .. } if may_hand_out => view! { <HandOut line=(id, name.clone()) heading=heading.clone() roll/> }.into_any(),
        ReenrolmentState::Ready { .. } => {
            view! { <p class="hint">"Either of these two admins can hand over the link now."</p> }.into_any()
        }
    };
    view! {
        <article class="card" aria-labelledby=heading.clone()>
            <h3 id=heading.clone() tabindex="-1">{name}" · "<span class="agency-id">{subject.agency_id.to_string()}</span></h3>
            <dl class="facts">
                <dt>"Proposed by"</dt><dd>{by.display_name.to_string()}</dd>
                {confirmed_by.map(|name| view! { <dt>"Confirmed by"</dt><dd>{name}</dd> })}
                <dt>"Reason"</dt><dd>{reason}</dd>
                <dt>"Time to object"</dt><dd>{delay}</dd>
            </dl>
            {is_another.then(|| view! { <p class="error" role="alert">"The portal shows other people here than the statement names. Nothing can be confirmed; tell the operator."</p> })}
            {next}
            <Asking label="Stop it" question answer="Stop it" on_yes=stop busy about=heading.clone()/>
        </article>
    }
}

/// The link for the new passkey, once it is asked for. Each link ends the one before.
#[component]
fn HandOut(line: (halligan_shared::id::ReenrolmentId, String), heading: String, roll: Roll) -> impl IntoView {
    let (id, name) = line;
    let offer = RwSignal::new(None::<Offer>);
    let (name, busy) = (StoredValue::new(name), RwSignal::new(false));
    let show = move |()| {
        busy.set(true);
        roll.said.set(None);
        spawn_local(async move {
            match reenrolment::link(id).await {
                Ok(made) => offer.set(Some(Offer::new(name.get_value(), made))),
                Err(refusal) => roll.said.set(Some(Said::refused(&name.get_value(), &refusal))),
            }
            let _ = busy.try_set(false);
        });
    };
    let close = move |()| {
        offer.set(None);
        spawn_local(roll.load());
    };
    let heading = StoredValue::new(heading);
    view! {
        {move || match offer.get() {
            Some(made) => view! { <Offered made again="Show another link." on_close=close/> }.into_any(),
            None => view! {
                <p>"The member did not object. Be sure of who is before you, then hand over the link."</p>
                <Button look=Look::Main busy=busy on_press=show attr:aria-describedby=heading.get_value()>"Show the link"</Button>
            }
            .into_any(),
        }}
    }
}
