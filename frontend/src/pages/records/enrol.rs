//! The form: choose, look, seal. Whatever fails, everything chosen and typed stays.

use halligan_shared::{
    ips::BirthDate,
    wire::{FILE_NUMBER_MAX, RecordLine},
};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};

use super::{
    Counter,
    choose::{Choice, ChosenSummary},
    files::Files,
    sealing::{self, Order, Progress, Uploaded},
};
use crate::components::{Button, Field, Look, Trouble};

/// What the form holds.
#[derive(Clone, Copy)]
struct Form {
    choice: Choice,
    file_number: RwSignal<String>,
    drill: RwSignal<bool>,
    /// Whether a new version is of the same patient. Asked anew for each summary that is chosen.
    is_same: RwSignal<bool>,
}

/// The form.
#[component]
pub(super) fn Enrol(desk: Counter, record: Option<RecordLine>) -> impl IntoView {
    let (record_id, heading, file_number, drill, documents) = match record {
        None => (None, "New record".to_owned(), String::new(), false, 0),
        Some(RecordLine { id, file_number, version, drill, documents, .. }) => {
            (Some(id), format!("Version {} of file {file_number}", version + 1), file_number, drill, documents)
        }
    };
    let form = Form {
        choice: Choice::new(),
        file_number: RwSignal::new(file_number),
        drill: RwSignal::new(drill),
        is_same: RwSignal::new(record_id.is_none()),
    };
    let faults = RwSignal::new(Faults::default());
    form.clear_when_answered(faults);
    let trouble = RwSignal::new(None::<String>);
    let progress = RwSignal::new(None::<Progress>);
    // Uploaded, and the answer to the commit lost: pressed again, only that is asked again.
    let in_doubt = StoredValue::new_local(None::<Uploaded>);
    let is_in_doubt = RwSignal::new(false);
    let busy = Signal::derive(move || progress.with(Option::is_some));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let order = match form.order(record_id) {
            Ok(order) => order,
            Err(found) => return faults.set(found),
        };
        faults.set(Faults::default());
        trouble.set(None);
        progress.set(Some(Progress::default()));
        let uploaded = in_doubt.try_update_value(Option::take).flatten();
        spawn_local(async move {
            let result = seal(order, uploaded, progress).await;
            progress.set(None);
            is_in_doubt.set(false);
            match result {
                Ok((line, Uploaded { reference: Some(reference), .. })) => desk.to_bracelet(line, reference),
                Ok((line, _)) => desk.to_list(Some(format!(
                    "Version {} of file {} is sealed. Its bracelet stays as it is.",
                    line.version, line.file_number
                ))),
                Err((words, left)) => {
                    trouble.set(Some(words));
                    is_in_doubt.set(left.is_some());
                    in_doubt.set_value(left);
                }
            }
        });
    };
    let locked = move || busy.get() || is_in_doubt.get();
    view! {
        <form class="enrol" on:submit=submit novalidate=true>
            <h2>{heading}</h2>
            <fieldset class="bare" disabled=locked>
                <Files choice=form.choice summary_fault=Signal::derive(move || faults.get().summary) title_fault=Signal::derive(move || faults.get().titles)/>
                <Field id="file-number" label="File number" value=form.file_number max=FILE_NUMBER_MAX required=true
                    hint=Some("Your agency’s own number, not the patient’s name: you will find the record by it.".to_owned())
                    error=Signal::derive(move || faults.get().file_number.map(str::to_owned))/>
                {if record_id.is_none() {
                    view! {
                        <label class="check">
                            <input type="checkbox" prop:checked=form.drill on:change=move |event| form.drill.set(event_target_checked(&event))/>
                            <span>"Drill: this patient is made up"</span>
                        </label>
                    }
                    .into_any()
                } else {
                    view! {
                        {drill.then(|| view! { <p><span class="tag drill-tag">"Drill"</span>" This patient is made up."</p> })}
                        {(documents > 1).then(|| view! {
                            <p class="hint">{format!("The version before has {} attachments. This one holds only what you choose here.", documents - 1)}</p>
                        })}
                        {move || form.choice.summary.get().map(|summary| view! { <SamePatient form summary faults/> })}
                    }
                    .into_any()
                }}
            </fieldset>
            <div role="status">{move || progress.get().map(|progress| view! { <Bar progress/> })}</div>
            <Trouble words=trouble/>
            <div class="bar">
                <Button look=Look::Main submits=true busy=busy>"Seal record"</Button>
                <Button look=Look::Quiet busy=busy on_press=move |()| desk.to_list(None)>"Back to the list"</Button>
            </div>
        </form>
    }
}

/// Asks what no program can know: the bracelet on somebody's arm will open what is sealed here.
#[component]
fn SamePatient(form: Form, summary: ChosenSummary, faults: RwSignal<Faults>) -> impl IntoView {
    let patient = &summary.read.patient;
    let name = patient.names.first().cloned().unwrap_or_default();
    let born = match &patient.birth_date {
        BirthDate::Given(date) => format!("born {date}"),
        BirthDate::Absent(words) => format!("birth date {words}"),
    };
    view! {
        <label class="check">
            <input type="checkbox" id="same-patient" prop:checked=form.is_same aria-describedby="same-patient-error"
                on:change=move |event| form.is_same.set(event_target_checked(&event))/>
            <span>"It is the patient of this file: "<strong>{name}</strong>", "{born}</span>
        </label>
        <p class="error" id="same-patient-error" role="alert">{move || faults.get().patient}</p>
    }
}

/// Uploads unless that is done, then commits. What is left over after a lost answer comes back with the sentence.
async fn seal(
    order: Order,
    uploaded: Option<Uploaded>,
    progress: RwSignal<Option<Progress>>,
) -> Result<(RecordLine, Uploaded), (String, Option<Uploaded>)> {
    let uploaded = match uploaded {
        Some(uploaded) => uploaded,
        None => sealing::upload(&order, |now| progress.set(Some(now))).await.map_err(|fault| (fault.to_string(), None))?,
    };
    match sealing::commit(&uploaded).await {
        Ok(line) => Ok((line, uploaded)),
        Err(fault) if fault.is_in_doubt() => {
            let words = "The connection broke at the last step, and the record may be sealed already. Press “Seal record” again: it is not sealed twice.";
            Err((words.to_owned(), Some(uploaded)))
        }
        Err(fault) => Err((fault.to_string(), None)),
    }
}

/// What is missing, a sentence a field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Faults {
    summary: Option<&'static str>,
    titles: Option<&'static str>,
    file_number: Option<&'static str>,
    patient: Option<&'static str>,
}

impl Form {
    /// A fault goes as soon as its answer changes: it was said of what stood there before.
    fn clear_when_answered(self, faults: RwSignal<Faults>) {
        let is_new = self.is_same.get_untracked();
        let forget = move |forget: fn(&mut Faults)| faults.update(forget);
        Effect::watch(
            move || self.choice.summary.track(),
            move |(), _, _| {
                self.is_same.set(is_new);
                forget(|faults| (faults.summary, faults.patient) = (None, None));
            },
            false,
        );
        Effect::watch(move || self.file_number.track(), move |(), _, _| forget(|faults| faults.file_number = None), false);
        Effect::watch(move || self.is_same.track(), move |(), _, _| forget(|faults| faults.patient = None), false);
    }

    fn order(&self, record: Option<halligan_shared::id::RecordId>) -> Result<Order, Faults> {
        let file_number = self.file_number.get_untracked().trim().to_owned();
        let attachments = self.choice.attachments.get_untracked();
        let titles = attachments.iter().map(|attachment| attachment.title.get_untracked().trim().to_owned()).collect::<Vec<_>>();
        let faults = Faults {
            summary: self.choice.summary.with_untracked(Option::is_none).then_some("Choose the patient summary."),
            titles: titles.iter().any(String::is_empty).then_some("Give every attachment a title: the responder chooses by it."),
            file_number: file_number.is_empty().then_some("Enter the file number."),
            patient: (!self.is_same.get_untracked())
                .then_some("Compare name and birth date with the file, then tick this: its bracelet will open what you seal."),
        };
        match self.choice.summary.get_untracked() {
            Some(summary) if faults == Faults::default() => Ok(Order {
                record,
                file_number,
                drill: self.drill.get_untracked(),
                summary: summary.content,
                attachments: titles
                    .into_iter()
                    .zip(attachments)
                    .map(|(title, attachment)| (title, attachment.media_type, attachment.content))
                    .collect(),
            }),
            _ => Err(faults),
        }
    }
}

#[component]
fn Bar(progress: Progress) -> impl IntoView {
    let words = if progress.of == 0 {
        "Beginning…".to_owned()
    } else if progress.documents == progress.of {
        "All documents are sealed. Finishing…".to_owned()
    } else {
        format!("Sealing document {} of {}…", progress.documents + 1, progress.of)
    };
    view! {
        <label class="sealing">
            {words}
            <progress max=progress.of_bytes.max(1).to_string() value=progress.bytes.to_string()></progress>
        </label>
    }
}
