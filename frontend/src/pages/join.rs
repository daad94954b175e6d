//! Joining by invitation: see who one is said to be, then create the first passkey.

use halligan_shared::wire::{Ceremony, FinishInvitation, InvitationToken, InvitationView, PASSKEY_NAME_MAX, ProblemCode, Session};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, components::A, hooks::use_navigate};

use crate::{
    api::join,
    browser::{clock::Deadline, passkey},
    components::{Access, Actions, Button, Countdown, Field, Loading, Look, Notice, Page, Tone, Trouble},
    state::{
        invitation::use_invited,
        session::{self, use_session},
    },
};

/// The page an invitation opens.
#[component]
pub fn Join() -> impl IntoView {
    let links = use_invited().links();
    view! {
        <Page title="Join the portal" access=Access::Public>
            {move || {
                links.track();
                view! { <Offer/> }
            }}
        </Page>
    }
}

#[component]
fn Offer() -> impl IntoView {
    let (session, invited) = (use_session(), use_invited());
    let offer = RwSignal::new(None::<InvitationView>);
    let until = RwSignal::new(None::<Deadline>);
    let name = RwSignal::new("This device".to_owned());
    let trouble = RwSignal::new(None::<String>);
    // Another try does not help an invitation that is over.
    let is_over = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let Some(token) = invited.token() else {
        return view! {
            <Notice tone=Tone::Status>
                "This page opens from an invitation link. Open the link again, or ask an admin of your agency for a new one."
            </Notice>
        }
        .into_any();
    };
    let look = move || {
        trouble.set(None);
        let Some(token) = invited.token() else { return };
        spawn_local(async move {
            match join::view(&token).await {
                Ok(view) => {
                    until.set(Some(Deadline::after(f64::from(view.seconds_left))));
                    offer.set(Some(view));
                }
                Err(refusal) => {
                    is_over.set(refusal.code() == Some(ProblemCode::InvitationOver));
                    trouble.set(Some(refusal.sentence()));
                }
            }
        });
    };
    look();
    let run_out = move |()| {
        offer.set(None);
        is_over.set(true);
        trouble.set(Some("This invitation has run out. Ask an admin for a new one.".to_owned()));
    };
    let navigate = use_navigate();
    let token = StoredValue::new(token);
    let create = move |()| {
        let navigate = navigate.clone();
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match run(token.get_value(), name.get_untracked()).await {
                Ok(signed_in) => {
                    invited.forget();
                    session::enter(session, signed_in);
                    navigate("/", NavigateOptions { replace: true, ..NavigateOptions::default() });
                }
                Err(words) => trouble.set(Some(words)),
            }
            busy.set(false);
        });
    };
    view! {
        <Trouble words=trouble/>
        {move || match offer.get() {
            None if is_over.get() => view! {
                <p>"Joined already? "<A href="/">"To the start page"</A></p>
            }
            .into_any(),
            None if trouble.with(Option::is_some) => view! {
                <Actions><Button look=Look::Main on_press=move |()| look()>"Try again"</Button></Actions>
            }
            .into_any(),
            None => view! { <Loading>"Looking up your invitation…"</Loading> }.into_any(),
            Some(offer) => {
                let create = create.clone();
                let (as_whom, then) = if offer.replaces {
                    (
                        "You get a new passkey as:",
                        "Once it is made, every passkey that you had stops working, and you are signed out everywhere else.",
                    )
                } else {
                    ("You are invited as:", "")
                };
                view! {
                    <p>{as_whom}</p>
                    <dl class="facts">
                        <dt>"Name"</dt>
                        <dd>{offer.display_name.to_string()}</dd>
                        <dt>"Agency"</dt>
                        <dd>{offer.agency}</dd>
                        <dt>"Agency ID"</dt>
                        <dd>{offer.agency_id.to_string()}</dd>
                        <dt>"Roles"</dt>
                        <dd>{offer.roles.iter().map(|role| role.title()).collect::<Vec<_>>().join(", ")}</dd>
                    </dl>
                    {(!then.is_empty()).then(|| view! { <p>{then}</p> })}
                    <p>"If this is not you, close this page and tell whoever sent the link."</p>
                    <Countdown until=until label="Invitation ends in" on_end=run_out/>
                    <Field id="passkey-name" label="Passkey name" value=name max=PASSKEY_NAME_MAX
                        hint=Some("So that you can tell your passkeys apart later.".to_owned())/>
                    <Actions><Button look=Look::Main busy=busy on_press=create>"Create passkey"</Button></Actions>
                }
                .into_any()
            }
        }}
    }
    .into_any()
}

async fn run(token: InvitationToken, passkey_name: String) -> Result<Session, String> {
    let Ceremony { ceremony, options } = join::start(&token).await.map_err(|refusal| refusal.sentence())?;
    let credential = passkey::create(&options).await.map_err(|fault| fault.to_string())?;
    let body = FinishInvitation { token: token.token, ceremony, credential, passkey_name };
    join::finish(&body).await.map_err(|refusal| refusal.sentence())
}
