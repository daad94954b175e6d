//! The member's devices that are told of notices: list, add this one, remove.

use halligan_shared::wire::{PushDeviceBody, PushDeviceLine, PushDevices};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::notices,
    browser::push,
    components::{Button, Loading, Moment, Trouble},
};

/// The section on the passkeys' page.
#[component]
pub fn Devices() -> impl IntoView {
    let found = RwSignal::new(None::<PushDevices>);
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let load = move || {
        spawn_local(async move {
            match notices::devices().await {
                Ok(devices) => {
                    found.try_set(Some(devices));
                }
                Err(refusal) => {
                    trouble.try_set(Some(refusal.sentence()));
                }
            }
        });
    };
    load();
    let add = move |()| {
        let Some(key) = found.with_untracked(|found| found.as_ref().map(|found| found.key.clone())) else { return };
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match tell_here(&key).await {
                Ok(()) => load(),
                Err(words) => {
                    trouble.try_set(Some(words));
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <section aria-labelledby="devices">
            <h2 id="devices">"Notices on your devices"</h2>
            <p>
                "A device can tell you what happens while the portal is closed. Its lock screen then shows that a request waits and who asks, or who opened a record alone: never a patient's name, and nothing of a record. Signing out ends that for the device you sign out at; closing the portal does not."
            </p>
            <Trouble words=trouble/>
            {move || match found.get() {
                None if trouble.with(Option::is_some) => ().into_any(),
                None => view! { <Loading>"Looking up your devices…"</Loading> }.into_any(),
                Some(PushDevices { devices, .. }) => view! {
                    <ul class="rows">
                        {devices.into_iter().map(|line| view! { <Device line trouble load/> }).collect_view()}
                    </ul>
                    <p><Button busy=busy on_press=add>"Tell this device"</Button></p>
                }
                .into_any(),
            }}
        </section>
    }
}

#[component]
fn Device(
    line: PushDeviceLine,
    trouble: RwSignal<Option<String>>,
    load: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let PushDeviceLine { id, name, here, service, made_at, last_ok_at, failing } = line;
    let name = if name.is_empty() { service.clone() } else { name };
    let remove = move |()| {
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match notices::remove_device(id).await {
                Ok(()) => load(),
                Err(refusal) => {
                    trouble.try_set(Some(refusal.sentence()));
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <li class="row">
            <h3>{name.clone()}{here.then_some(view! { " "<span class="tag">"This device"</span> })}</h3>
            <p class="hint">"By "{service}", added "<Moment at=made_at/>{last_ok_at.map(|at| view! { ", last told "<Moment at/> })}"."</p>
            {failing.then(|| view! { <p class="error">"Its push service does not take notices just now. The portal goes on trying."</p> })}
            <div class="bar"><Button busy=busy on_press=remove>"Remove"<span class="visually-hidden">": "{name}</span></Button></div>
        </li>
    }
}

async fn tell_here(key: &str) -> Result<(), String> {
    let push::Pushes { endpoint, p256dh, auth } = push::subscribe(key).await.map_err(|fault| fault.to_string())?;
    notices::add_device(&PushDeviceBody { endpoint, p256dh, auth }).await.map_err(|refusal| refusal.sentence())
}
