//! The override: when it can be had, what it is, and the passkey's word for it.

use halligan_shared::{
    id::RequestId,
    statement::{self, OverrideStatement},
    wire::{MemberView, OverrideBody, RequestView},
};
use leptos::{
    prelude::*,
    task::{spawn_local, tick},
};

use super::signing::{SignFault, sign};
use crate::{
    api::request,
    browser::{clock::Deadline, page},
    components::{Actions, Button, Countdown, Look},
    state::session::use_session,
};

/// The id of the question's heading.
const QUESTION: &str = "alone";

/// Counts down to the moment from which the responder may open the record alone, and then offers it: never by one press, which a glove
/// on a wet screen does by itself.
#[component]
pub fn Alone(
    /// The request.
    id: RequestId,
    /// When that moment is.
    until: Signal<Option<Deadline>>,
    /// Whether the question stands on the page: then its answers are the page's actions.
    is_asking: RwSignal<bool>,
    /// Takes the request as it is afterwards.
    take: impl Fn(RequestView) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let session = use_session();
    let (is_due, busy) = (RwSignal::new(false), RwSignal::new(false));
    let trouble = RwSignal::new(None::<String>);
    Effect::new(move |_| is_due.set(until.get().is_some_and(|until| until.left() <= 0.0)));
    let ask = move |()| {
        is_asking.set(true);
        spawn_local(async {
            tick().await;
            page::focus(QUESTION);
        });
    };
    let open = move |()| {
        let Some(by) = session.with_untracked(|session| session.as_ref().map(|session| session.member.clone())) else { return };
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match open_alone(id, &by).await {
                Ok(picture) => take(picture),
                Err(fault) => trouble.set(Some(fault.to_string())),
            }
            let _ = busy.try_set(false);
        });
    };
    view! {
        <Show when=move || until.with(Option::is_some) && !is_due.get()>
            <Countdown until label="If nobody answers, you can open it alone in" on_end=move |()| is_due.set(true)/>
        </Show>
        <Show when=move || is_due.get()>
            {move || if is_asking.get() {
                view! {
                    <section class="card alone" aria-labelledby=QUESTION>
                        <h3 id=QUESTION tabindex="-1">"Open it alone?"</h3>
                        <blockquote>{OverrideStatement::WORDS}</blockquote>
                    </section>
                    <Actions trouble=trouble>
                        <Button look=Look::Danger busy=busy on_press=open>"Sign this and open"</Button>
                        <Button held=busy on_press=move |()| is_asking.set(false)>"Go on waiting"</Button>
                    </Actions>
                }
                .into_any()
            } else {
                view! {
                    <div class="alone">
                        <p role="status">"You can open the record alone now, if the patient cannot wait."</p>
                        <div class="ways"><Button look=Look::Danger on_press=ask>"Open it alone…"</Button></div>
                    </div>
                }
                .into_any()
            }}
        </Show>
    }
}

/// Signs the words that the page shows, and nothing else, and opens the request.
async fn open_alone(id: RequestId, by: &MemberView) -> Result<RequestView, SignFault> {
    let prepared = request::prepare_override(id).await?;
    let (statement, asked) = (&prepared.statement, &prepared.asked);
    let says_this = statement.words == OverrideStatement::WORDS
        && (statement.request, asked.request, asked.member) == (id, id, by.id)
        && statement::digest(asked).ok() == Some(statement.request_digest);
    let credential = sign(&prepared.ceremony, statement, by, says_this).await?;
    Ok(request::open_alone(id, &OverrideBody { ceremony: prepared.ceremony.ceremony, credential }).await?)
}
