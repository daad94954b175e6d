//! Records, from the registrar's side: the list, sealing, bracelets.
//!
//! A reference exists in this browser only from the moment it is made until its bracelet's page is left, and nowhere
//! else at all.

mod bracelet;
mod choose;
mod enrol;
mod files;
mod list;
mod preview;
mod sealing;

use halligan_shared::{member::Role, reference::Reference, wire::RecordLine};
use leptos::prelude::*;

use self::{bracelet::Bracelet, enrol::Enrol, list::List};
use crate::components::{Access, Notice, Page, Tone};

/// The page.
#[component]
pub fn Records() -> impl IntoView {
    view! {
        <Page title="Records" access=Access::Role(Role::Registrar) wide=true>
            <Office/>
        </Page>
    }
}

/// What the page shows.
#[derive(Clone, PartialEq)]
enum Place {
    /// All records.
    List,
    /// The form: for a new record, or for a new version of this one.
    Enrol(Option<RecordLine>),
    /// The bracelet just made for this record.
    Bracelet(RecordLine),
}

/// Where the registrar is, and what was just made.
#[derive(Clone, Copy)]
struct Counter {
    place: RwSignal<Place>,
    /// The reference of the bracelet on the page.
    reference: StoredValue<Option<Reference>, LocalStorage>,
    news: RwSignal<Option<String>>,
}

impl Counter {
    fn to_list(self, news: Option<String>) {
        self.reference.set_value(None);
        self.news.set(news);
        self.place.set(Place::List);
    }

    fn to_form(self, record: Option<RecordLine>) {
        self.news.set(None);
        self.place.set(Place::Enrol(record));
    }

    fn to_bracelet(self, record: RecordLine, reference: Reference) {
        self.reference.set_value(Some(reference));
        self.news.set(None);
        self.place.set(Place::Bracelet(record));
    }
}

#[component]
fn Office() -> impl IntoView {
    let desk = Counter { place: RwSignal::new(Place::List), reference: StoredValue::new_local(None), news: RwSignal::new(None) };
    view! {
        <div role="status">{move || desk.news.get().map(|words| view! { <Notice tone=Tone::Status>{words}</Notice> })}</div>
        {move || match desk.place.get() {
            Place::List => view! { <List desk/> }.into_any(),
            Place::Enrol(record) => view! { <Enrol desk record/> }.into_any(),
            Place::Bracelet(record) => view! { <Bracelet desk record/> }.into_any(),
        }}
    }
}
