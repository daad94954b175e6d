//! The words that a dispatcher has for a request, and the reason that some of them take.

use halligan_shared::{
    id::RequestId,
    statement::{AccessStatement, Verdict},
    wire::REASON_MAX,
};
use leptos::{ev::SubmitEvent, html, prelude::*, task::spawn_local};

use super::{acts::Acts, bulk, decide, keys::Stroke, next::Next};
use crate::{
    api::desk,
    components::{Button, Look, Said},
    pages::signing::SignFault,
    state::session::use_session,
};

/// Whose request it is, for what the page says afterwards.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) incident: String,
}

/// The words that a dispatcher has for a request. Of one that is approved and not open yet there is one left, which takes that back.
#[component]
pub(super) fn Verdicts(
    statement: AccessStatement,
    about: Target,
    described_by: String,
    /// The id of the card that they stand on.
    card: String,
    approves: bool,
    /// Whether there is nothing for this dispatcher to approve: it is given, or no dispatcher's decision opens it.
    #[prop(optional, into)]
    held: Signal<bool>,
    acts: Acts,
) -> impl IntoView {
    let session = use_session();
    let id = statement.request;
    let reason = RwSignal::new(String::new());
    let busy = Signal::derive(move || acts.signing.get() == Some(id));
    let decide = move |verdict: Verdict, words: String| {
        let by = session.with_untracked(|session| session.as_ref().map(|session| session.member.clone()));
        let Some(by) = by.filter(|_| acts.signing.get_untracked().is_none()) else { return };
        let next = Next::after(&card);
        acts.signing.set(Some(id));
        acts.said.set(None);
        let Target { name, incident } = about.clone();
        let statement = statement.clone();
        spawn_local(async move {
            let word = match verdict {
                Verdict::Approve => "Approved",
                Verdict::Deny => "Denied",
                Verdict::TakeBack => "Taken back",
            };
            let about = format!("{name}, incident {incident}");
            let said = match decide::decide(&statement, &by, verdict, &words).await {
                Ok(()) => Said::Done(format!("{word}: {about}.")),
                Err(SignFault::Refused(refusal)) => Said::refused(&about, &refusal),
                Err(fault) => Said::Failed(format!("{about}: {fault}")),
            };
            if matches!(said, Said::Done(_)) && acts.denying.get_untracked() == Some(id) {
                acts.denying.set(None);
            }
            let is_done = matches!(said, Said::Done(_));
            acts.said.set(Some(said));
            acts.signing.set(None);
            next.go(acts, is_done).await;
            if !is_done && verdict != Verdict::TakeBack && acts.denying.try_get_untracked() != Some(Some(id)) {
                // A sign for the others, no more: it goes by itself.
                let _ = desk::deciding(id, false).await;
            }
        });
    };
    let approve = {
        let decide = decide.clone();
        move |()| decide(Verdict::Approve, String::new())
    };
    let deny = move |words: String| decide(if approves { Verdict::Deny } else { Verdict::TakeBack }, words);
    let is_denying = Memo::new(move |_| acts.denying.get() == Some(id));
    let toggle = move |()| {
        acts.written.set(reason.get_untracked());
        acts.denying.update(|denying| *denying = if *denying == Some(id) { None } else { Some(id) });
        bulk::focus_list(id, acts);
    };
    if approves {
        tell_deciding(id, is_denying);
    }
    let approve_by_key = approve.clone();
    hear_keys(id, acts, move |stroke| match stroke {
        Stroke::Deny => toggle(()),
        // A card that has just moved, or to which the page moved the focus, nobody has looked at yet.
        Stroke::Approve if approves && !held.get_untracked() && !acts.moving.get_untracked() => approve_by_key(()),
        Stroke::Approve => {}
    });
    let approves_what = described_by.clone();
    view! {
        <div class="card-acts" data-acts>
            {move || (approves && !held.get()).then(|| view! {
                <Button look=Look::Main busy=busy held=acts.moving on_press=approve.clone() attr:aria-describedby=approves_what.clone()>"Approve"</Button>
            })}
            <Button look=Look::Danger held=acts.moving on_press=toggle attr:aria-describedby=described_by attr:aria-expanded=move || is_denying.get().to_string()>
                {if approves { "Deny" } else { "Take back" }}
            </Button>
            {move || busy.get().then(|| view! { <span class="hint" role="status">"Confirm with your passkey…"</span> })}
        </div>
        <Denial id approves reason is_open=is_denying busy on_send=deny acts/>
    }
}

/// The reason that a denial or a taking back needs, and the button that sends it.
#[component]
fn Denial(
    id: RequestId,
    approves: bool,
    reason: RwSignal<String>,
    is_open: Memo<bool>,
    busy: Signal<bool>,
    /// Told the reason, which is not empty.
    #[prop(into)]
    on_send: UnsyncCallback<String>,
    acts: Acts,
) -> impl IntoView {
    let fault = RwSignal::new(None::<&'static str>);
    let input = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if is_open.get()
            && let Some(input) = input.get()
        {
            fault.set(None);
            // Fails only for an element that is not in the page any more.
            let _ = input.focus();
        }
    });
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let words = reason.get_untracked().trim().to_owned();
        fault.set(words.is_empty().then_some(if approves {
            "Say why you deny it: the responder will read this."
        } else {
            "Say why you take it back: the responder will read this."
        }));
        if !words.is_empty() {
            on_send.run(words);
        }
    };
    let (field, error) = (format!("deny-{id}"), format!("deny-{id}-error"));
    view! {
        // Hidden and not removed: what was typed stays.
        <form class="denial" hidden=move || !is_open.get() on:submit=send novalidate=true>
            <label for=field.clone()>"Why? The responder will read this."</label>
            <div class="denial-row">
                <input id=field node_ref=input type="text" maxlength=REASON_MAX autocomplete="off" prop:value=reason
                    on:input=move |event| { reason.set(event_target_value(&event)); acts.written.set(reason.get_untracked()); }
                    aria-required="true" aria-describedby=error.clone() aria-invalid=move || fault.get().map(|_| "true")/>
                <Button look=Look::Danger busy=busy submits=true>{if approves { "Send denial" } else { "Take it back" }}</Button>
            </div>
            <p class="error" id=error role="alert">{move || fault.get()}</p>
        </form>
    }
}

/// Tells the other desks of whoever writes a reason: they are about to decide.
fn tell_deciding(id: RequestId, is_writing: Memo<bool>) {
    Effect::new(move |was: Option<bool>| {
        let is_deciding = is_writing.get();
        if was.unwrap_or_default() != is_deciding {
            spawn_local(async move { drop(desk::deciding(id, is_deciding).await) });
        }
        is_deciding
    });
}

/// Does what a key says that was struck for this card.
fn hear_keys(id: RequestId, acts: Acts, strike: impl Fn(Stroke) + 'static) {
    Effect::new(move |_| {
        if let Some((_, stroke)) = acts.struck.get().filter(|(struck, _)| *struck == id) {
            acts.struck.set(None);
            strike(stroke);
        }
    });
}
