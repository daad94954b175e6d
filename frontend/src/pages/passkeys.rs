//! The member's own passkeys: list, add, name, remove; and the end of every session.

use halligan_shared::{
    id::PasskeyId,
    wire::{Ceremony, PASSKEY_NAME_MAX, PasskeyBody, PasskeyLine},
};
use leptos::{
    ev::SubmitEvent,
    prelude::*,
    task::{spawn_local, tick},
};

use super::devices::Devices;
use crate::{
    api::{passkeys, sign_in},
    browser::{page, passkey},
    components::{Access, Button, Field, Loading, Look, Moment, Page, SignOut, TITLE, Trouble, use_sign_out},
    state::session::use_session,
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

/// What the lines share.
#[derive(Clone, Copy)]
struct Acts {
    lines: RwSignal<Option<Vec<PasskeyLine>>>,
    trouble: RwSignal<Option<String>>,
    /// What is being done: one at a time.
    doing: RwSignal<Option<(PasskeyId, Change)>>,
}

impl Acts {
    async fn load(self) {
        match passkeys::list().await {
            Ok(found) => {
                self.doing.try_set(None);
                self.trouble.try_set(None);
                self.lines.try_set(Some(found));
            }
            Err(refusal) => drop(self.trouble.try_set(Some(refusal.sentence()))),
        }
    }

    /// The same after a change of a passkey: whoever made it goes on from its line, or from the page's heading where the line is gone.
    async fn load_after(self, passkey: PasskeyId) {
        self.load().await;
        tick().await;
        // Every page has such a heading: whoever left this one is not called to the other's.
        if self.lines.try_with_untracked(|_| ()).is_none() {
            return;
        }
        for place in [heading_of(passkey), TITLE.to_owned()] {
            if page::is_focus_lost() {
                page::focus(&place);
            }
        }
    }

    /// Begins a change, or gives it up: the focus goes to the element with this id, which stands there from then on.
    fn turn(self, doing: Option<(PasskeyId, Change)>, then: String) {
        self.doing.set(doing);
        spawn_local(async move {
            tick().await;
            page::focus(&then);
        });
    }
}

/// The id of the field for another name. There is one on the page.
const NEW_NAME: &str = "passkey-new-name";

// Where the focus goes within a passkey's line: by these ids.

fn heading_of(passkey: PasskeyId) -> String {
    format!("passkey-{passkey}")
}

fn button_of(passkey: PasskeyId, change: Change) -> String {
    match change {
        Change::Name => format!("name-{passkey}"),
        Change::Remove => format!("remove-{passkey}"),
    }
}

fn question_of(passkey: PasskeyId) -> String {
    format!("sure-{passkey}")
}

#[component]
fn List() -> impl IntoView {
    let session = use_session();
    let acts = Acts { lines: RwSignal::new(None), trouble: RwSignal::new(None), doing: RwSignal::new(None) };
    let Acts { lines, trouble, .. } = acts;
    let name = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    // And anew when the member signs in again under the page: the passkey that began the session may be the one that was removed.
    let is_signed_in = Memo::new(move |_| session.with(Option::is_some));
    Effect::new(move |_| {
        if is_signed_in.get() {
            spawn_local(acts.load());
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
                    name.try_set(String::new());
                    acts.load().await;
                }
                Err(words) => drop(trouble.try_set(Some(words))),
            }
            busy.try_set(false);
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
                        {lines.into_iter().map(|line| view! { <Line line is_last acts/> }).collect_view()}
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
fn Line(line: PasskeyLine, is_last: bool, acts: Acts) -> impl IntoView {
    let PasskeyLine { id, name, created_at, last_used_at, backed_up, backup_eligible } = line;
    let of_this = Memo::new(move |_| acts.doing.get().and_then(|(of, change)| (of == id).then_some(change)));
    let place = match (backed_up, backup_eligible) {
        (true, _) => "Copied to your other devices",
        (false, true) => "Can be copied to other devices",
        (false, false) => "Stays on its device",
    };
    let name = StoredValue::new(name);
    let begin = move |change, then| acts.turn(Some((id, change)), then);
    view! {
        <li class="row">
            <h2 id=heading_of(id) tabindex="-1">{name.get_value()}</h2>
            <p class="hint">
                {place}". Made "<Moment at=created_at/>{last_used_at.map(|at| view! { ", last used "<Moment at/> })}"."
            </p>
            {move || match of_this.get() {
                Some(Change::Name) => view! { <Rename id name=name.get_value() acts/> }.into_any(),
                Some(Change::Remove) => view! { <Remove id acts/> }.into_any(),
                None => view! {
                    <div class="bar">
                        <Button on_press=move |()| begin(Change::Name, NEW_NAME.to_owned()) attr:id=button_of(id, Change::Name)>
                            "Rename"<span class="visually-hidden">" "{name.get_value()}</span>
                        </Button>
                        {(!is_last).then(|| view! {
                            <Button on_press=move |()| begin(Change::Remove, question_of(id)) attr:id=button_of(id, Change::Remove)>
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
fn Rename(id: PasskeyId, name: String, acts: Acts) -> impl IntoView {
    let name = RwSignal::new(name);
    let busy = RwSignal::new(false);
    let rename = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        acts.trouble.set(None);
        let new_name = name.get_untracked().trim().to_owned();
        spawn_local(async move {
            match passkeys::rename(id, new_name).await {
                Ok(()) => acts.load_after(id).await,
                Err(refusal) => drop(acts.trouble.try_set(Some(refusal.sentence()))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <form novalidate on:submit=rename>
            <Field id=NEW_NAME label="New name" value=name max=PASSKEY_NAME_MAX/>
            <div class="bar">
                <Button look=Look::Main submits=true busy=busy>"Save name"</Button>
                <Button on_press=move |()| acts.turn(None, button_of(id, Change::Name))>"Keep the old name"</Button>
            </div>
        </form>
    }
}

#[component]
fn Remove(id: PasskeyId, acts: Acts) -> impl IntoView {
    let busy = RwSignal::new(false);
    let remove = move |()| {
        busy.set(true);
        acts.trouble.set(None);
        spawn_local(async move {
            match passkeys::remove(id).await {
                Ok(()) => acts.load_after(id).await,
                Err(refusal) => drop(acts.trouble.try_set(Some(refusal.sentence()))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <div id=question_of(id) role="group" tabindex="-1" aria-labelledby=heading_of(id)>
            <p role="alert">"You will no longer be able to sign in with it, and wherever it signed you in you are signed out."</p>
            <div class="bar">
                <Button look=Look::Danger busy=busy on_press=remove>"Remove for good"</Button>
                <Button on_press=move |()| acts.turn(None, button_of(id, Change::Remove))>"Keep it"</Button>
            </div>
        </div>
    }
}

#[component]
fn Sessions() -> impl IntoView {
    let SignOut { press, busy, trouble } = use_sign_out(sign_in::sign_out_everywhere);
    view! {
        <section>
            <h2>"Lost a device?"</h2>
            <p>"Sign out everywhere, then remove the passkey of that device. Notices on your devices end with the sign-out."</p>
            <Trouble words=trouble/>
            <Button look=Look::Danger busy=busy on_press=press>"Sign out everywhere"</Button>
        </section>
    }
}

async fn create(name: String) -> Result<(), String> {
    let Ceremony { ceremony, options } = passkeys::start().await.map_err(|refusal| refusal.sentence())?;
    let credential = passkey::create(&options).await.map_err(|fault| fault.to_string())?;
    passkeys::finish(&PasskeyBody { ceremony, credential, name }).await.map_err(|refusal| refusal.sentence())
}
