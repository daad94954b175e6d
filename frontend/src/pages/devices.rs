//! The member's devices that are told of notices: list, add this one, remove.

use halligan_shared::wire::{PushDeviceBody, PushDeviceLine, PushDevices};
use leptos::{
    prelude::*,
    task::{spawn_local, tick},
};

use crate::{
    api::notices,
    browser::{page, push},
    components::{Asking, Button, Loading, Moment, Trouble},
};

/// The id of the section's heading.
const HEADING: &str = "devices";

/// What the lines share.
#[derive(Clone, Copy)]
struct Board {
    found: RwSignal<Option<PushDevices>>,
    trouble: RwSignal<Option<String>>,
}

impl Board {
    async fn load(self) {
        match notices::devices().await {
            Ok(devices) => drop(self.found.try_set(Some(devices))),
            Err(refusal) => drop(self.trouble.try_set(Some(refusal.sentence()))),
        }
    }

    /// The same after an act, whose button may be gone by then.
    async fn load_after_act(self) {
        self.load().await;
        tick().await;
        if page::is_focus_lost() {
            page::focus(HEADING);
        }
    }
}

/// The section on the passkeys' page.
#[component]
pub fn Devices() -> impl IntoView {
    let board = Board { found: RwSignal::new(None), trouble: RwSignal::new(None) };
    let Board { found, trouble } = board;
    let busy = RwSignal::new(false);
    spawn_local(board.load());
    let add = move |()| {
        let Some(key) = found.with_untracked(|found| found.as_ref().map(|found| found.key.clone())) else { return };
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match tell_here(&key).await {
                Ok(()) => board.load_after_act().await,
                Err(words) => {
                    trouble.try_set(Some(words));
                }
            }
            busy.try_set(false);
        });
    };
    let is_here = Memo::new(move |_| found.with(Option::is_some));
    let lines = move || found.with(|found| found.as_ref().map(|found| found.devices.clone()).unwrap_or_default());
    // Told anew, one that fails may work again.
    let is_told = Memo::new(move |_| lines().iter().any(|line| line.here && !line.failing));
    view! {
        <section aria-labelledby=HEADING>
            <h2 id=HEADING tabindex="-1">"Notices on your devices"</h2>
            <p>
                "A device can tell you what happens while the portal is closed. Its lock screen then shows that a request waits and who asks, or who opened a record alone: never a patient's name, and nothing of a record. Signing out ends that for the device you sign out at; closing the portal does not."
            </p>
            <Trouble words=trouble/>
            <Show when=move || is_here.get() fallback=move || trouble.with(Option::is_none).then(|| view! { <Loading>"Looking up your devices…"</Loading> })>
                <ul class="rows">
                    // One of which something else is to be said is another.
                    <For each=lines key=|line| (line.id, line.here, line.failing, line.last_ok_at.clone()) let:line><Device line board/></For>
                </ul>
                <Show when=move || !is_told.get()>
                    <p><Button busy=busy on_press=add>"Tell this device"</Button></p>
                </Show>
            </Show>
        </section>
    }
}

#[component]
fn Device(line: PushDeviceLine, board: Board) -> impl IntoView {
    let busy = RwSignal::new(false);
    let PushDeviceLine { id, name, here, service, made_at, last_ok_at, failing } = line;
    let name = if name.is_empty() { service.clone() } else { name };
    let about = format!("device-{id}");
    let remove = move |()| {
        busy.set(true);
        board.trouble.set(None);
        spawn_local(async move {
            match notices::remove_device(id).await {
                Ok(()) => board.load_after_act().await,
                Err(refusal) => {
                    board.trouble.try_set(Some(refusal.sentence()));
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <li class="row">
            <h3 id=about.clone()>{name}{here.then_some(view! { " "<span class="tag">"This device"</span> })}</h3>
            <p class="hint">"By "{service}", added "<Moment at=made_at/>{last_ok_at.map(|at| view! { ", last told "<Moment at/> })}"."</p>
            {failing.then(|| view! { <p class="error">"Its push service does not take notices just now. The portal goes on trying."</p> })}
            <div class="bar">
                <Asking label="Remove" question="It is told of nothing any more, until you sign in at it and have it told again."
                    answer="Tell it no more" keep="Keep it" on_yes=remove busy about/>
            </div>
        </li>
    }
}

async fn tell_here(key: &str) -> Result<(), String> {
    let push::Pushes { endpoint, p256dh, auth } = push::subscribe(key).await.map_err(|fault| fault.to_string())?;
    notices::add_device(&PushDeviceBody { endpoint, p256dh, auth }).await.map_err(|refusal| refusal.sentence())
}
