//! A responder who scans many bracelets: in order, or a tablet in other hands.

use halligan_shared::{
    id::MemberId,
    wire::{self, ScanAlarm, SignedOutBy},
};
use leptos::{prelude::*, task::spawn_local};

use super::{acts::Acts, next::Next, on_duty::SignOut, waiting::Who};
use crate::{
    api::desk,
    components::{Button, Lasting, Look, Said},
};

/// The id of the card of an alarm about a member.
pub(super) fn alarm_id(by: MemberId) -> String {
    format!("alarm-{by}")
}

/// An alarm. What others made of it meanwhile comes with each picture.
#[component]
pub(super) fn Alarm(alarm: ScanAlarm, picture: RwSignal<Option<wire::Desk>>, acts: Acts) -> impl IntoView {
    let ScanAlarm { by, bracelets, seconds, own, .. } = alarm;
    let (id, name) = (by.id, by.display_name.to_string());
    let (card, who) = (alarm_id(id), format!("scans-{id}"));
    let signed_out = Memo::new(move |_| {
        let alarms = |desk: &wire::Desk| desk.alarms.iter().find(|alarm| alarm.by.id == id)?.signed_out.clone();
        picture.with(|picture| picture.as_ref().and_then(alarms))
    });
    let busy = RwSignal::new(false);
    let allow = {
        let (name, card) = (name.clone(), card.clone());
        move |()| {
            let (name, next) = (name.clone(), Next::after(&card));
            busy.set(true);
            acts.allowing.set(Some(id));
            acts.said.set(None);
            spawn_local(async move {
                let said = match desk::allow_bracelets(id, bracelets).await {
                    Ok(()) => Said::Done(format!("{name} goes on scanning at full speed.")),
                    Err(refusal) => Said::refused(&name, &refusal),
                };
                let is_done = matches!(said, Said::Done(_));
                acts.said.set(Some(said));
                let _ = busy.try_set(false);
                acts.allowing.try_set(None);
                next.go(acts, is_done).await;
            });
        }
    };
    let (labelled, line) = (who.clone(), card.clone());
    view! {
        <article class="card scan-alarm" id=card tabindex="-1" aria-labelledby=labelled>
            <header class="card-head">
                <span class="tag alarm-tag">"Many bracelets"</span>
                <span class="waited">"For "<Lasting seconds=seconds/></span>
            </header>
            <Who by=by id=who.clone()/>
            <p>
                <strong>{bracelets}" bracelets"</strong>" in a short time. Slowed to one a minute until somebody here says that it is in order: \
                a large incident, or a tablet in other hands?"
            </p>
            // Whoever looks next need not do so again; it stands until somebody says that it is in order, or they scan on.
            {move || signed_out.get().map(|SignedOutBy { by, seconds }| view! {
                <p class="own">"Signed out on every device by "{by.display_name.to_string()}", "<Lasting seconds/>" ago."</p>
            })}
            {if own {
                view! { <p class="own">"These are your own scans. Another dispatcher has to look at them."</p> }.into_any()
            } else {
                view! {
                    <div class="card-acts" data-acts>
                        <Button look=Look::Main busy=busy held=acts.moving on_press=allow attr:aria-describedby=who.clone()>"In order"</Button>
                        <SignOut member=id name=name about=who.clone() line acts/>
                    </div>
                }
                .into_any()
            }}
        </article>
    }
}
