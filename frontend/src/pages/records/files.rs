//! Choosing files: by their inputs, or dropped into the frame around both.

use leptos::{
    ev::{DragEvent, Event},
    prelude::*,
    task::spawn_local,
};

use super::{
    choose::{Choice, ChosenAttachment, TITLE_MAX},
    preview::preview,
};
use crate::{
    browser::file::{self, Chosen},
    components::{Button, Look},
};

/// Both inputs, what was chosen, and what was not taken.
#[component]
pub(super) fn Files(
    choice: Choice,
    summary_fault: Signal<Option<&'static str>>,
    title_fault: Signal<Option<&'static str>>,
) -> impl IntoView {
    let intake = Intake { choice, not_taken: RwSignal::new(Vec::new()), reading: RwSignal::new(false) };
    let over = RwSignal::new(false);
    let drop = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        intake.take(file::dropped(&event), As::Either);
    };
    let drag = move |event: DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    let choose = move |as_what| move |event: Event| intake.take(file::chosen(&event), as_what);
    view! {
        <div class="drop" class:over=over on:drop=drop on:dragover=drag on:dragleave=move |_| over.set(false)>
            <div class="field">
                <label for="summary">"Patient summary"</label>
                <p class="hint" id="summary-hint">"A FHIR R4 International Patient Summary as JSON, to 5 MB. You can drop files anywhere in this frame."</p>
                <input id="summary" type="file" accept=".json,application/json,application/fhir+json" on:change=choose(As::Summary)
                    aria-describedby="summary-hint summary-error"/>
                <p class="error" id="summary-error" role="alert">{move || summary_fault.get()}</p>
            </div>
            {move || choice.summary.get().map(|summary| view! {
                <p class="chosen"><strong>{summary.name}</strong>", "{kilobytes(summary.content.len())}</p>
                {preview(&summary.read)}
            })}
            <div class="field">
                <label for="attachments">"Attachments"</label>
                <p class="hint" id="attachments-hint">"PDF, PNG or JPEG, to 10 MB each, at most 20."</p>
                <input id="attachments" type="file" multiple=true accept=".pdf,.png,.jpg,.jpeg" on:change=choose(As::Attachment)
                    aria-describedby="attachments-hint attachments-error"/>
                <p class="error" id="attachments-error" role="alert">{move || title_fault.get()}</p>
            </div>
            <ul class="attachments">
                <For each=move || choice.attachments.get() key=|attachment| attachment.number let:attachment>
                    <Attached choice attachment/>
                </For>
            </ul>
            <p class="hint" role="status">{move || intake.reading.get().then_some("Reading…")}</p>
            <div role="alert">
                {move || intake.not_taken.get().into_iter().map(|words| view! { <p class="notice alert">{words}</p> }).collect_view()}
            </div>
        </div>
    }
}

#[component]
fn Attached(choice: Choice, attachment: ChosenAttachment) -> impl IntoView {
    let ChosenAttachment { number, name, title, media_type, content } = attachment;
    let id = format!("title-{number}");
    view! {
        <li class="attachment">
            <label for=id.clone()>"Title of "{name}</label>
            <input id=id type="text" maxlength=TITLE_MAX.to_string() autocomplete="off" prop:value=title
                on:input=move |event| title.set(event_target_value(&event))/>
            <span class="hint">{media_type.name()}", "{kilobytes(content.len())}</span>
            <Button look=Look::Quiet on_press=move |()| choice.remove(number)>"Leave out"</Button>
        </li>
    }
}

/// Takes files, and keeps what there is to say about them.
#[derive(Clone, Copy)]
struct Intake {
    choice: Choice,
    /// Sentences about files that were not taken.
    not_taken: RwSignal<Vec<String>>,
    /// Whether files are being read.
    reading: RwSignal<bool>,
}

impl Intake {
    /// Reads files one after the other, so that memory holds one copy too many at most.
    fn take(self, files: Vec<Chosen>, as_what: As) {
        self.not_taken.set(Vec::new());
        self.reading.set(true);
        spawn_local(async move {
            for file in &files {
                let taken = match as_what {
                    As::Summary => self.choice.take_summary(file).await,
                    As::Attachment => self.choice.take_attachment(file).await,
                    As::Either => self.choice.take(file).await,
                };
                if let Err(refused) = taken {
                    self.not_taken.update(|sentences| sentences.push(refused.0));
                }
            }
            self.reading.set(false);
        });
    }
}

/// What a file was chosen as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum As {
    Summary,
    Attachment,
    Either,
}

/// `1 KB` or more, rounded up: for people, not for sums.
fn kilobytes(bytes: usize) -> String {
    format!("{} KB", bytes.div_ceil(1024))
}
