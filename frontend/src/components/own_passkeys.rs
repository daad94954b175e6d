//! That somebody began to replace the member's own passkeys, on every page, with the way to stop it.

use halligan_shared::wire::OwnReenrolment;
use leptos::{prelude::*, task::spawn_local};

use super::{Button, Look, Notice, Tone, Trouble};
use crate::{
    api::{client::Refusal, reenrolment},
    browser::{clock::Deadline, page},
    state::session::{use_session, use_who},
};

/// How long what was looked up counts, in seconds: whoever stays on a page is told within that of their next touch.
const KEPT: f64 = 60.0;

/// The notice, where there is something to tell.
#[component]
pub fn OwnPasskeys() -> impl IntoView {
    let (session, who) = (use_session(), use_who());
    let found = RwSignal::new(None::<OwnReenrolment>);
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let stopped = RwSignal::new(false);
    let looked = StoredValue::new(None::<Deadline>);
    let look = move || {
        if session.with_untracked(Option::is_none) {
            return;
        }
        looked.set_value(Some(Deadline::after(0.0)));
        spawn_local(async move {
            // A failure is the page's own to tell; what is known stays.
            if let Ok(own) = reenrolment::own().await {
                if own.is_some() {
                    // Another one than was stopped.
                    stopped.try_set(false);
                }
                found.try_set(own);
            }
        });
    };
    Effect::new(move |_| {
        who.track();
        found.set(None);
        stopped.set(false);
        look();
    });
    // By a touch and not by a clock: where nobody is there is nobody to tell.
    let touches = page::on_touch(move || {
        if looked.try_get_value().flatten().is_some_and(|looked| looked.elapsed() >= KEPT) {
            look();
        }
    });
    let touches = StoredValue::new_local(touches);
    on_cleanup(move || touches.dispose());
    let stop = move |()| {
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match reenrolment::stop_own().await {
                Ok(()) => {
                    stopped.try_set(true);
                    found.try_set(None);
                }
                Err(refusal) => {
                    trouble.try_set(Some(refusal.sentence()));
                    if !matches!(refusal, Refusal::Offline) {
                        look();
                    }
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <div class="own-passkeys">
            {move || found.get().map(|OwnReenrolment { by, reason, seconds_left }| view! {
                <Notice tone=Tone::Alert>
                    <p>
                        <strong>"Somebody began to replace your passkeys."</strong>" "{by.to_string()}" says: “"{reason}"”. "
                        {when(seconds_left)}" If you did not ask for that, stop it."
                    </p>
                    <Button look=Look::Danger busy=busy on_press=stop>"Stop it"</Button>
                </Notice>
            })}
            <Trouble words=trouble/>
            <div role="status">{move || stopped.get().then(|| view! {
                <p class="notice">"Stopped. Your passkeys stay as they are. Tell an admin whom you trust."</p>
            })}</div>
        </div>
    }
}

/// When it can be done.
fn when(seconds_left: Option<f64>) -> String {
    let Some(seconds) = seconds_left else { return "Another admin has not confirmed it yet.".to_owned() };
    let minutes = (seconds / 60.0).ceil();
    if seconds <= 0.0 {
        "It can be done from now on.".to_owned()
    } else if minutes <= 1.0 {
        "It can be done within a minute.".to_owned()
    } else {
        format!("It can be done in {minutes} minutes.")
    }
}
