//! Sign-in with one touch. Stands in place of any page that needs somebody signed in, so that nobody is sent away.

use halligan_shared::{member::AgencyId, wire};
use leptos::{
    prelude::*,
    task::{spawn_local, tick},
};

use super::{Actions, Button, Field, Keyboard, Look};
use crate::{
    api::{ceremony, sign_in},
    browser::{
        page,
        passkey::{self, Mediation},
    },
    state::session::{self, use_leaving, use_session},
};

/// The id of the button that signs in.
pub const SIGN_IN: &str = "sign-in";
/// The id of the field for whom no passkey is offered.
const AGENCY_ID: &str = "agency-id";

/// The sign-in.
#[component]
pub fn SignInPanel() -> impl IntoView {
    let (session, leaving) = (use_session(), use_leaving());
    let agency_id = RwSignal::new(String::new());
    let asks_id = RwSignal::new(false);
    let id_fault = RwSignal::new(None::<String>);
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let start = move |()| {
        let typed = agency_id.get_untracked();
        let agency_id = match typed.trim() {
            "" => None,
            typed => match typed.parse::<AgencyId>() {
                Ok(agency_id) => Some(agency_id),
                Err(fault) => return id_fault.set(Some(fault.to_string())),
            },
        };
        id_fault.set(None);
        trouble.set(None);
        busy.set(true);
        spawn_local(async move {
            let entered = run(wire::StartSignIn { agency_id }, leaving).await;
            match entered {
                Ok(signed_in) => session::enter(session, signed_in),
                Err(words) => trouble.set(Some(words)),
            }
            leaving.set(false);
            busy.set(false);
        });
    };
    let show_field = move |()| {
        asks_id.set(true);
        spawn_local(async {
            // Until it stands on the page.
            tick().await;
            page::focus(AGENCY_ID);
        });
    };
    view! {
        <section class="step">
            <p>"One touch with the passkey on this device."</p>
            {move || asks_id.get().then(|| view! {
                <Field id=AGENCY_ID label="Agency ID" value=agency_id keyboard=Keyboard::Code max=64 error=id_fault
                    hint=Some("As your agency gave it to you, such as EMS-4711.".to_owned())/>
            })}
            <Actions trouble=trouble>
                <Button id=SIGN_IN look=Look::Main busy=busy on_press=start>"Sign in with passkey"</Button>
            </Actions>
            {move || (!asks_id.get()).then(|| view! {
                <p><Button look=Look::Quiet on_press=show_field>"No passkey offered?"</Button></p>
            })}
        </section>
    }
}

async fn run(body: wire::StartSignIn, leaving: RwSignal<bool>) -> Result<wire::Session, String> {
    let wire::Ceremony { ceremony: id, options } = sign_in::start(&body).await.map_err(|refusal| refusal.sentence())?;
    ceremony::signs_in(&options).map_err(|mismatch| mismatch.to_string())?;
    let credential = passkey::get(&options, Mediation::Optional).await.map_err(|fault| fault.to_string())?;
    leaving.set(true);
    sign_in::finish(&wire::FinishSignIn { ceremony: id, credential }).await.map_err(|refusal| refusal.sentence())
}
