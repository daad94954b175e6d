//! That the member takes part in a drill, above every page, with the way out of it: a real emergency comes first.

use halligan_shared::drill::banner;
use leptos::{prelude::*, task::spawn_local};

use super::{Button, Look};
use crate::{
    browser::{clock::Deadline, page},
    state::{
        drill::use_taking,
        session::{use_session, use_who},
    },
};

/// How long what was looked up counts, in seconds: whoever stays on a page is told within that of their next touch.
const KEPT: f64 = 20.0;

/// The banner, where there is something to tell.
#[component]
pub fn OwnDrill() -> impl IntoView {
    let (taking, session, who) = (use_taking(), use_session(), use_who());
    let (trouble, busy) = (RwSignal::new(None::<String>), RwSignal::new(false));
    let looked = StoredValue::new(None::<Deadline>);
    let look = move |is_signed_in| {
        looked.set_value(Some(Deadline::after(0.0)));
        taking.look(is_signed_in);
    };
    Effect::new(move |_| look(who.get().is_some()));
    // By a touch and not by a clock: where nobody is there is nobody to tell.
    let touches = page::on_touch(move || {
        if looked.try_get_value().flatten().is_some_and(|looked| looked.elapsed() >= KEPT) {
            look(session.with_untracked(Option::is_some));
        }
    });
    let touches = StoredValue::new_local(touches);
    on_cleanup(move || touches.dispose());
    let says = move || session.with(|session| session.as_ref().map_or("", |session| banner(&session.member.roles)));
    let leave = move |()| {
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match taking.leave().await {
                // The button goes, and would take the focus with it.
                Ok(()) => page::focus("main"),
                Err(refusal) => drop(trouble.try_set(Some(refusal.sentence()))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <div role="status">
            {move || taking.name().map(|name| view! {
                <div class="drill taking">
                    <span><strong>"DRILL"</strong>{format!(" “{name}” – {}", says())}</span>
                    <Button look=Look::Quiet busy=busy on_press=leave>"Leave the drill"</Button>
                    {move || trouble.get()}
                </div>
            })}
        </div>
    }
}
