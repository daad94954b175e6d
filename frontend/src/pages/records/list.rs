//! All records: file numbers and dates, nothing of the patients.

use halligan_shared::{
    reference::Reference,
    wire::{Bracelet, RecordLine},
};
use leptos::{prelude::*, task::spawn_local};

use super::Counter;
use crate::{
    api::seal,
    components::{Asking, Button, Empty, Loading, Look, Moment, Trouble},
};

/// What stands above the columns.
const HEADS: [&str; 6] = ["File number", "Version", "Documents", "Sealed", "Bracelet made", "Actions"];

/// The list.
#[component]
pub(super) fn List(desk: Counter) -> impl IntoView {
    let lines = RwSignal::new(None::<Vec<RecordLine>>);
    let trouble = RwSignal::new(None::<String>);
    let load = move |()| {
        trouble.set(None);
        spawn_local(async move {
            match seal::records().await {
                Ok(records) => lines.set(Some(records)),
                Err(refusal) => trouble.set(Some(refusal.sentence())),
            }
        });
    };
    load(());
    view! {
        <div class="bar"><Button look=Look::Main on_press=move |()| desk.to_form(None)>"New record"</Button></div>
        <Trouble words=trouble/>
        {move || match lines.get() {
            None if trouble.with(Option::is_some) => view! { <Button on_press=load>"Try again"</Button> }.into_any(),
            None => view! { <Loading>"Looking up the records…"</Loading> }.into_any(),
            Some(records) if records.is_empty() => {
                view! { <Empty>"No record is enrolled yet. Begin with “New record”."</Empty> }.into_any()
            }
            Some(records) => view! {
                // Where it is narrow the rows are laid out as cards, and browsers forget then what is a table.
                <table class="lines cards" role="table" aria-label="Records">
                    <thead role="rowgroup"><tr role="row">
                        {HEADS.map(|head| view! { <th scope="col" role="columnheader">{head}</th> }).collect_view()}
                    </tr></thead>
                    <tbody role="rowgroup">{records.into_iter().map(|record| view! { <Line desk record trouble/> }).collect_view()}</tbody>
                </table>
            }
            .into_any(),
        }}
    }
}

#[component]
fn Line(desk: Counter, record: RecordLine, trouble: RwSignal<Option<String>>) -> impl IntoView {
    let busy = RwSignal::new(false);
    // One reference for all attempts: if an answer was lost, sending it again is the same bracelet.
    let reference = StoredValue::new_local(None::<Reference>);
    let id = record.id;
    let replace = move |()| {
        trouble.set(None);
        if reference.with_value(Option::is_none) {
            reference.set_value(Reference::random().ok());
        }
        let Some(bracelet) = reference.with_value(|reference| reference.as_ref().map(|new| Bracelet::of(new, &id))) else {
            return trouble.set(Some("This device cannot make random numbers. Use another one.".to_owned()));
        };
        busy.set(true);
        spawn_local(async move {
            match seal::replace_bracelet(id, &bracelet).await {
                Ok(line) => {
                    // Taken out before the list, and this with it, makes way for the bracelet.
                    if let Some(reference) = reference.try_update_value(Option::take).flatten() {
                        desk.to_bracelet(line, reference);
                    }
                }
                Err(refusal) => {
                    let _ = busy.try_set(false);
                    trouble.set(Some(refusal.sentence()));
                }
            }
        });
    };
    let [_, version, documents, sealed, bracelet, _] = HEADS;
    let file = format!("file-{id}");
    let new_version = record.clone();
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" id=file.clone()>
                {record.file_number}
                {record.drill.then(|| view! { <span class="tag drill-tag">"Drill"</span> })}
            </th>
            <td role="cell" class="number" data-label=version>{record.version}</td>
            <td role="cell" class="number" data-label=documents>{record.documents}</td>
            <td role="cell" data-label=sealed><Moment at=record.sealed_at/></td>
            <td role="cell" data-label=bracelet><Moment at=record.bracelet_at/></td>
            <td role="cell" class="acts">
                <div class="line-acts">
                    <Button on_press=move |()| desk.to_form(Some(new_version.clone())) attr:aria-describedby=file.clone()>"New version"</Button>
                    <Asking label="Replace bracelet" question="The old bracelet stops working at once." answer="Make new bracelet"
                        keep="Keep the old one" on_yes=replace busy about=file/>
                </div>
            </td>
        </tr>
    }
}
