//! Reviews: which there are, and one of them with the facts and the finding.

mod close;
mod extract;
mod facts;
mod list;
mod words;

use std::collections::HashMap;

use halligan_shared::{id::RequestId, member::Role, review::Finding, wire::ReviewView};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{components::A, hooks::use_query_map};

use self::{close::Close, extract::Extract, facts::Facts, list::List};
use crate::{
    api::review,
    browser::page,
    components::{Access, Button, Loading, Look, Notice, Page, Said, SaidLine, Tone, Trouble},
};

/// The id of the heading of one review.
const HEADING: &str = "review";

/// The page.
#[component]
pub fn Reviews() -> impl IntoView {
    view! {
        <Page title="Reviews" access=Access::Role(Role::PrivacyOfficer)>
            <Chosen/>
        </Page>
    }
}

/// What is chosen and typed of each review that is not closed yet. It lives as long as the page: a look at the list loses nothing.
#[derive(Clone, Copy)]
struct Typed(RwSignal<HashMap<RequestId, (Option<Finding>, String)>>);

impl Typed {
    fn of(self, id: RequestId) -> (Option<Finding>, String) {
        self.0.with_untracked(|typed| typed.get(&id).cloned().unwrap_or_default())
    }

    fn keep(self, id: RequestId, finding: Option<Finding>, note: String) {
        self.0.update(|typed| drop(typed.insert(id, (finding, note))));
    }

    fn forget(self, id: RequestId) {
        self.0.try_update(|typed| drop(typed.remove(&id)));
    }

    /// The note, if there is one.
    fn note(self, id: RequestId) -> Option<String> {
        self.0.with(|typed| typed.get(&id).map(|(_, note)| note.trim().to_owned()).filter(|note| !note.is_empty()))
    }
}

/// The list, or the review of the request that the address names.
#[component]
fn Chosen() -> impl IntoView {
    provide_context(Typed(RwSignal::new(HashMap::new())));
    let query = use_query_map();
    let chosen = Memo::new(move |_| query.with(|query| query.get("request").and_then(|id| id.parse::<RequestId>().ok())));
    move || match chosen.get() {
        Some(id) => view! { <One id/> }.into_any(),
        None => view! { <List/> }.into_any(),
    }
}

/// One review.
#[derive(Clone, Copy)]
struct Shown {
    id: RequestId,
    view: RwSignal<Option<ReviewView>>,
    said: RwSignal<Option<Said>>,
    trouble: RwSignal<Option<String>>,
    /// One act at a time.
    busy: RwSignal<bool>,
}

impl Shown {
    /// Fetches it anew. Whether it came.
    async fn fetch(self) -> bool {
        match review::view(self.id).await {
            Ok(view) => {
                self.trouble.try_set(None);
                self.view.try_set(Some(view)).is_none()
            }
            Err(refusal) => {
                self.trouble.try_set(Some(refusal.sentence()));
                false
            }
        }
    }
}

#[component]
fn One(id: RequestId) -> impl IntoView {
    let shown = Shown {
        id,
        view: RwSignal::new(None),
        said: RwSignal::new(None),
        trouble: RwSignal::new(None),
        busy: RwSignal::new(false),
    };
    spawn_local(async move {
        if shown.fetch().await {
            leptos::task::tick().await;
            page::focus(HEADING);
        }
    });
    let is_waiting = move || shown.view.with(Option::is_none) && shown.trouble.with(Option::is_none);
    // What is typed stays while the facts are fetched anew.
    let is_open = Memo::new(move |_| shown.view.with(|view| view.as_ref().is_some_and(|view| view.review.closed.is_none())));
    let typed = use_context::<Typed>();
    // Somebody else was faster: what was typed meanwhile is theirs to copy who typed it.
    let unsaid = Memo::new(move |_| {
        let is_closed = shown.view.with(|view| view.as_ref().is_some_and(|view| view.review.closed.is_some()));
        typed.filter(|_| is_closed).and_then(|typed| typed.note(id))
    });
    view! {
        <p class="aside"><A href="/reviews">"All reviews"</A></p>
        <SaidLine said=shown.said/>
        {move || unsaid.get().map(|note| view! {
            <Notice tone=Tone::Status>{format!("Somebody else closed this review. You had written: “{note}”")}</Notice>
        })}
        <Trouble words=shown.trouble/>
        {move || is_waiting().then(|| view! { <Loading>"Looking it up…"</Loading> })}
        {move || shown.view.get().map(|view| view! { <Facts view=view.clone()/><Extract view/> })}
        {move || is_open.get().then(|| view! { <Ownership shown/><Close shown/> })}
    }
}

/// Whose it is, and the button that takes it over.
#[component]
fn Ownership(shown: Shown) -> impl IntoView {
    let own = Memo::new(move |_| shown.view.with(|view| view.as_ref().is_some_and(|view| view.review.own)));
    let take = move |()| {
        if shown.busy.get_untracked() {
            return;
        }
        shown.busy.set(true);
        shown.said.set(None);
        spawn_local(async move {
            let said = match review::take(shown.id).await {
                Ok(()) => Said::Done("It is yours now.".to_owned()),
                Err(refusal) => Said::refused("Nothing was changed", &refusal),
            };
            let is_done = matches!(said, Said::Done(_));
            shown.said.try_set(Some(said));
            if is_done {
                shown.fetch().await;
            }
            shown.busy.try_set(false);
            leptos::task::tick().await;
            if page::is_focus_lost() {
                page::focus(HEADING);
            }
        });
    };
    move || {
        (!own.get()).then(|| {
            view! {
                <div class="bar">
                    <Button look=Look::Plain busy=shown.busy on_press=take>"Take it over"</Button>
                    <span class="hint">"You need not, to close it."</span>
                </div>
            }
        })
    }
}
