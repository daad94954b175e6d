//! The portal's two parts: what outlives a page, and the pages' addresses. Each part is a module of its own; an address of the
//! other part loads that one.

use halligan_shared::reference::Reference;
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    components::{Route, Router, Routes},
    hooks::use_navigate,
    path,
};
use zeroize::Zeroizing;

use crate::{
    browser::page::{self, Fragment},
    pages::{
        audit::Audit,
        desk::Desk,
        doctor::Doctor,
        drills::Drills,
        elsewhere::Elsewhere,
        home::Home,
        join::Join,
        justify::Justify,
        lockdown::Lockdown,
        members::Members,
        notices::Notices,
        passkeys::Passkeys,
        records::Records,
        reviews::Reviews,
        scan::{Bracelet, Scan},
        sign_in::SignIn,
        waiting::Waiting,
    },
    state::{drill::Taking, invitation::Invited, part::Part, request::Asking, session, vault::Vault},
};

/// The emergency path: sign in, scan, justify, wait, read.
#[component]
pub fn Path(
    /// What the link that opened it carried behind `#`.
    arrival: Option<Fragment>,
) -> impl IntoView {
    let hands = Hands::provide(Part::Path, arrival);
    view! {
        <Router>
            <Arrivals hands=hands/>
            <Routes fallback=Elsewhere>
                <Route path=path!("/") view=Home/>
                <Route path=path!("/sign-in") view=SignIn/>
                <Route path=path!("/s") view=Bracelet/>
                <Route path=path!("/scan") view=Scan/>
                <Route path=path!("/justify") view=Justify/>
                <Route path=path!("/request/:id") view=Waiting/>
            </Routes>
        </Router>
    }
}

/// The desks, joining, and passkeys ([`DESK_PAGES`](halligan_shared::paths::DESK_PAGES)).
#[component]
pub fn Desks(
    /// What the link that opened it carried behind `#`.
    arrival: Option<Fragment>,
) -> impl IntoView {
    let hands = Hands::provide(Part::Desks, arrival);
    view! {
        <Router>
            <Arrivals hands=hands/>
            <Routes fallback=Elsewhere>
                <Route path=path!("/join") view=Join/>
                <Route path=path!("/passkeys") view=Passkeys/>
                <Route path=path!("/notices") view=Notices/>
                <Route path=path!("/desk") view=Desk/>
                <Route path=path!("/records") view=Records/>
                <Route path=path!("/audit") view=Audit/>
                <Route path=path!("/reviews") view=Reviews/>
                <Route path=path!("/members") view=Members/>
                <Route path=path!("/drills") view=Drills/>
                <Route path=path!("/lockdown") view=Lockdown/>
                <Route path=path!("/doctor") view=Doctor/>
            </Routes>
        </Router>
    }
}

/// Where fragments go.
#[derive(Clone, Copy)]
struct Hands {
    asking: Asking,
    invited: Invited,
}

impl Hands {
    /// Provides what outlives a page, in either part.
    fn provide(part: Part, arrival: Option<Fragment>) -> Self {
        part.provide();
        Taking::provide();
        let hands = Self { asking: Asking::provide(), invited: Invited::provide() };
        session::provide(Vault::provide(), hands.asking);
        if let Some(fragment) = arrival {
            hands.take(fragment);
        }
        hands
    }

    fn take(self, fragment: Fragment) {
        match fragment {
            Fragment::Bracelet(text) => self.take_bracelet(&text),
            Fragment::Invitation(token) => self.invited.keep(token),
        }
    }

    fn take_bracelet(self, text: &Zeroizing<String>) {
        match Reference::parse(text) {
            Ok(reference) => self.asking.scan(reference),
            Err(_) => self.asking.refuse(),
        }
    }
}

/// Hears of links opened in this very tab, such as a second bracelet read by the phone's own camera: they change the
/// fragment only, and the page is not loaded anew.
#[component]
fn Arrivals(hands: Hands) -> impl IntoView {
    let navigate = use_navigate();
    let listener = page::on_fragment(move || {
        if let Some(fragment) = page::take_fragment() {
            let path = match &fragment {
                Fragment::Bracelet(_) => "/s",
                Fragment::Invitation(_) => "/join",
            };
            hands.take(fragment);
            navigate(path, NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
    // As long-lived as the app.
    StoredValue::new_local(listener);
}
