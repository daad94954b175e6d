//! The member's own passkeys: list, add, name, remove; and the end of every session.

use halligan_shared::{
    id::PasskeyId,
    wire::{Ceremony, PASSKEY_NAME_MAX, PasskeyBody, PasskeyLine},
};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::devices::Devices;
use crate::{
    api::{passkeys, sign_in},
    browser::{passkey, push},
    components::{Access, Button, Field, Loading, Look, Moment, Page, Trouble},
    state::{request::use_asking, session::use_session, vault::use_vault},
};

/// The page.
#[component]
pub fn Passkeys() -> impl IntoView {
    view! {
        <Page title="Your passkeys" access=Access::Member>
            <List/>
            <Devices/>
            <Sessions/>
        </Page>
    }
}

#[component]
fn List() -> impl IntoView {
    let session = use_session();
    let lines = RwSignal::new(None::<Vec<PasskeyLine>>);
    let trouble = RwSignal::new(None::<String>);
    let name = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    // One at a time.
    let doing = RwSignal::new(None::<(PasskeyId, Change)>);
    let load = move || {
        spawn_local(async move {
            match passkeys::list().await {
                Ok(found) => {
                    doing.set(None);
                    trouble.set(None);
                    lines.set(Some(found));
                }
                Err(refusal) => trouble.set(Some(refusal.sentence())),
            }
        });
    };
    // And anew when the member signs in again under the page: the passkey that began the session may be the one that was removed.
    let is_signed_in = Memo::new(move |_| session.with(Option::is_some));
    Effect::new(move |_| {
        if is_signed_in.get() {
            load();
        }
    });
    let add = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let new_name = name.get_untracked().trim().to_owned();
        if new_name.is_empty() {
            return trouble.set(Some("Give the new passkey a name first, such as the device it is on.".to_owned()));
        }
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match create(new_name).await {
                Ok(()) => {
                    name.set(String::new());
                    load();
                }
                Err(words) => trouble.set(Some(words)),
            }
            busy.set(false);
        });
    };
    view! {
        <Trouble words=trouble/>
        {move || match lines.get() {
            None if trouble.with(Option::is_some) => ().into_any(),
            None => view! { <Loading>"Looking up your passkeys…"</Loading> }.into_any(),
            Some(lines) => {
                let is_last = lines.len() == 1;
                view! {
                    <ul class="rows">
                        {lines.into_iter().map(|line| view! { <Line line is_last doing trouble load/> }).collect_view()}
                    </ul>
                }
                .into_any()
            }
        }}
        <form novalidate on:submit=add>
            <h2>"Add a passkey"</h2>
            <Field id="passkey-name" label="Passkey name" value=name max=PASSKEY_NAME_MAX/>
            <p><Button look=Look::Main submits=true busy=busy>"Add passkey"</Button></p>
        </form>
    }
}

/// What is being done to a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Name,
    Remove,
}

#[component]
fn Line(
    line: PasskeyLine,
    is_last: bool,
    doing: RwSignal<Option<(PasskeyId, Change)>>,
    trouble: RwSignal<Option<String>>,
    load: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let PasskeyLine { id, name, created_at, last_used_at, backed_up, backup_eligible } = line;
    let of_this = Memo::new(move |_| doing.get().and_then(|(of, change)| (of == id).then_some(change)));
    let place = match (backed_up, backup_eligible) {
        (true, _) => "Copied to your other devices",
        (false, true) => "Can be copied to other devices",
        (false, false) => "Stays on its device",
    };
    let name = StoredValue::new(name);
    view! {
        <li class="row">
            <h2>{name.get_value()}</h2>
            <p class="hint">
                {place}". Made "<Moment at=created_at/>{last_used_at.map(|at| view! { ", last used "<Moment at/> })}"."
            </p>
            {move || match of_this.get() {
                Some(Change::Name) => view! { <Rename id name=name.get_value() doing trouble load/> }.into_any(),
                Some(Change::Remove) => view! { <Remove id doing trouble load/> }.into_any(),
                None => view! {
                    <div class="bar">
                        <Button on_press=move |()| doing.set(Some((id, Change::Name)))>"Rename"<span class="visually-hidden">" "{name.get_value()}</span></Button>
                        {(!is_last).then(|| view! {
                            <Button on_press=move |()| doing.set(Some((id, Change::Remove)))>
                                "Remove"<span class="visually-hidden">" "{name.get_value()}</span>
                            </Button>
                        })}
                    </div>
                }
                .into_any(),
            }}
            {is_last.then(|| view! { <p class="hint">"Your only passkey cannot be removed. Add another one first."</p> })}
        </li>
    }
}

#[component]
fn Rename(
    id: PasskeyId,
    name: String,
    doing: RwSignal<Option<(PasskeyId, Change)>>,
    trouble: RwSignal<Option<String>>,
    load: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let name = RwSignal::new(name);
    let busy = RwSignal::new(false);
    let rename = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match passkeys::rename(id, name.get_untracked().trim().to_owned()).await {
                Ok(()) => load(),
                Err(refusal) => trouble.set(Some(refusal.sentence())),
            }
            busy.try_set(false);
        });
    };
    view! {
        <form novalidate on:submit=rename>
            <Field id="passkey-new-name" label="New name" value=name max=PASSKEY_NAME_MAX/>
            <div class="bar">
                <Button look=Look::Main submits=true busy=busy>"Save name"</Button>
                <Button on_press=move |()| doing.set(None)>"Keep the old name"</Button>
            </div>
        </form>
    }
}

#[component]
fn Remove(
    id: PasskeyId,
    doing: RwSignal<Option<(PasskeyId, Change)>>,
    trouble: RwSignal<Option<String>>,
    load: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let remove = move |()| {
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match passkeys::remove(id).await {
                Ok(()) => load(),
                Err(refusal) => trouble.set(Some(refusal.sentence())),
            }
            busy.try_set(false);
        });
    };
    view! {
        <p>"You will no longer be able to sign in with it, and wherever it signed you in you are signed out."</p>
        <div class="bar">
            <Button look=Look::Danger busy=busy on_press=remove>"Remove for good"</Button>
            <Button on_press=move |()| doing.set(None)>"Keep it"</Button>
        </div>
    }
}

#[component]
fn Sessions() -> impl IntoView {
    let (session, vault, asking) = (use_session(), use_vault(), use_asking());
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let navigate = use_navigate();
    let end = move |()| {
        let navigate = navigate.clone();
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            vault.wipe_before_sign_out().await;
            match sign_in::sign_out_everywhere().await {
                Ok(()) => {
                    push::leave();
                    asking.forget();
                    session.set(None);
                    navigate("/sign-in", NavigateOptions::default());
                }
                Err(refusal) => trouble.set(Some(refusal.sentence())),
            }
            busy.try_set(false);
        });
    };
    view! {
        <section>
            <h2>"Lost a device?"</h2>
            <p>"Sign out everywhere, then remove the passkey of that device."</p>
            <Trouble words=trouble/>
            <Button look=Look::Danger busy=busy on_press=end>"Sign out everywhere"</Button>
        </section>
    }
}

async fn create(name: String) -> Result<(), String> {
    let Ceremony { ceremony, options } = passkeys::start().await.map_err(|refusal| refusal.sentence())?;
    let credential = passkey::create(&options).await.map_err(|fault| fault.to_string())?;
    passkeys::finish(&PasskeyBody { ceremony, credential, name }).await.map_err(|refusal| refusal.sentence())
}
