//! A link to hand over: shown here only, once.

use leptos::prelude::*;
use zeroize::Zeroizing;

use crate::{
    browser::clock::Deadline,
    components::{Button, Countdown, QrCode},
};

/// A link on the page.
#[derive(Clone)]
pub(super) struct Offer {
    pub(super) name: String,
    pub(super) link: Zeroizing<String>,
    pub(super) deadline: Deadline,
}

impl Offer {
    pub(super) fn new(name: String, made: halligan_shared::wire::Invitation) -> Self {
        Self { name, link: Zeroizing::new(made.link), deadline: Deadline::after(f64::from(made.seconds_left)) }
    }
}

#[component]
pub(super) fn Offered(made: Offer, again: &'static str, #[prop(into)] on_close: UnsyncCallback<()>) -> impl IntoView {
    let Offer { name, link, deadline } = made;
    let is_over = RwSignal::new(false);
    let on_close = StoredValue::new_local(on_close);
    let close = move |()| on_close.get_value().run(());
    let code = link.clone();
    view! {
        <div class="card offer" class:over=is_over>
            <p>"Give this to "<strong>{name}</strong>" and nobody else. It works once, and it is shown only here."</p>
            <Countdown until=Some(deadline) label="Good for" on_end=move |()| is_over.set(true)/>
            {move || if is_over.get() {
                view! { <p class="error" role="status">"It has run out. "{again}</p> }.into_any()
            } else {
                view! {
                    <QrCode text=code.clone() label="Code of the invitation link" size="12rem"/>
                    <p class="link"><code>{link.as_str().to_owned()}</code></p>
                }
                .into_any()
            }}
            <Button on_press=close>"Done"</Button>
        </div>
    }
}
