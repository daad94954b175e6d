//! The finding: asked for, checked against what the page shows, signed, sent.

use halligan_shared::{
    review::Finding,
    statement,
    wire::{MemberView, PrepareReview, REASON_MAX, ReviewView, SignedReview},
};
use leptos::{
    ev::SubmitEvent,
    prelude::*,
    task::{spawn_local, tick},
};

use super::{HEADING, Shown, Typed, words};
use crate::{
    api::review,
    browser::page,
    components::{Button, Choice, Field, Keyboard, Look, Said},
    pages::signing::{SignFault, sign},
    state::session::use_session,
};

/// The form. While what is reviewed goes on it says so instead.
#[component]
pub(super) fn Close(shown: Shown) -> impl IntoView {
    let session = use_session();
    let typed = use_context::<Typed>();
    let (chosen, written) = typed.map(|typed| typed.of(shown.id)).unwrap_or_default();
    let (finding, note) = (RwSignal::new(chosen), RwSignal::new(written));
    Effect::new(move |_| {
        let (finding, note) = (finding.get(), note.get());
        if let Some(typed) = typed {
            typed.keep(shown.id, finding, note);
        }
    });
    let (no_finding, no_note) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let close = move |event: SubmitEvent| {
        event.prevent_default();
        if shown.busy.get_untracked() {
            return;
        }
        let words = note.get_untracked().trim().to_owned();
        let Some(found) = finding.get_untracked() else {
            no_finding.set(Some("Choose what you find.".to_owned()));
            return page::focus("finding-0");
        };
        no_finding.set(None);
        if !found.is_explained_by(&words) {
            no_note.set(Some("Say why, in at least 10 letters or digits: somebody will have to act on it.".to_owned()));
            return page::focus("note");
        }
        no_note.set(None);
        let by = session.with_untracked(|session| session.as_ref().map(|session| session.member.clone()));
        let (Some(by), Some(view)) = (by, shown.view.get_untracked()) else { return };
        shown.busy.set(true);
        shown.said.set(None);
        spawn_local(async move {
            let said = match sign_finding(&view, &by, found, words).await {
                Ok(()) => {
                    if let Some(typed) = typed {
                        typed.forget(shown.id);
                    }
                    Said::Done("The review is closed.".to_owned())
                }
                Err(SignFault::Refused(refusal)) => Said::refused("The review is not closed", &refusal),
                Err(fault) => Said::Failed(fault.to_string()),
            };
            // Also where it was refused: somebody may have been faster, or the log may have gone on.
            shown.fetch().await;
            shown.said.try_set(Some(said));
            shown.busy.try_set(false);
            tick().await;
            if page::is_focus_lost() {
                page::focus(HEADING);
            }
        });
    };
    let look_again = move |()| {
        shown.busy.set(true);
        spawn_local(async move {
            shown.fetch().await;
            shown.busy.try_set(false);
            tick().await;
            if page::is_focus_lost() {
                page::focus(HEADING);
            }
        });
    };
    let is_over = Memo::new(move |_| shown.view.with(|view| view.as_ref().is_some_and(|view| view.is_over)));
    view! {
        <section aria-labelledby="close">
            <h3 id="close">"What do you find?"</h3>
            <Show when=move || is_over.get() fallback=move || view! {
                <p>"The record is open or may still be opened, or a page that had it has not sent its wipe receipt yet. The review can be closed when that is over."</p>
                <div class="bar"><Button look=Look::Plain busy=shown.busy on_press=look_again>"Load it again"</Button></div>
            }>
                <p>"You sign it with your passkey, together with the digest of the last event above. It stands in the log under your name."</p>
                <form on:submit=close novalidate=true>
                    <Choice legend="Was there good reason to open it?" name="finding" value=finding error=no_finding
                        options=Finding::ALL.map(|finding| (finding, words::finding(finding))).to_vec()/>
                    <Field id="note" label="Why?" value=note keyboard=Keyboard::Text max=REASON_MAX error=no_note
                        hint=Some("Needed unless it was justified. Write nothing of the patient.".to_owned())
                        required=Signal::derive(move || finding.get().is_some_and(|found| found != Finding::Justified))/>
                    <Button look=Look::Main submits=true busy=shown.busy>"Sign and close"</Button>
                    {move || shown.busy.get().then(|| view! { <span class="hint" role="status">"Confirm with your passkey…"</span> })}
                </form>
            </Show>
        </section>
    }
}

/// Signs what was found about what the page shows, and nothing else.
async fn sign_finding(view: &ReviewView, by: &MemberView, finding: Finding, note: String) -> Result<(), SignFault> {
    let request = view.review.request;
    let body = PrepareReview { finding, note, last_event: view.last_event };
    let prepared = review::prepare(request, &body).await?;
    let statement = &prepared.statement;
    let says_this = (statement.request, view.statement.request) == (request, request)
        && statement::digest(&view.statement).ok() == Some(statement.request_digest)
        && statement.finding == finding
        && statement.note == body.note
        && statement.last_event == view.last_event;
    let credential = sign(&prepared.ceremony, statement, by, says_this).await?;
    Ok(review::close(request, &SignedReview { ceremony: prepared.ceremony.ceremony, credential }).await?)
}
