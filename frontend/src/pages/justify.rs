//! Why: severity, reason, incident, words. The responder's passkey signs exactly what stands here.
//!
//! Nothing typed is lost to a refusal, a closed passkey dialogue or a lost connection; after a lost answer the same signed
//! request goes out again under the same idempotency key, without another touch.

use halligan_shared::{
    justification::{Draft, INCIDENT_MAX, Justification, JustificationFault, Reason, Severity, TEXT_MAX},
    member::Role,
    reference::ReferenceDigest,
    wire::{FileRequest, MemberView, PrepareRequest, PreparedRequest, ProblemCode, RequestState, RequestView},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, components::A, hooks::use_navigate};

use super::{
    before_asking::BeforeAsking,
    signing::{SignFault, sign},
};
use crate::{
    api::{client::Refusal, request},
    browser::{clock::Deadline, page},
    components::{Access, Actions, Button, Choice, Countdown, Field, Keyboard, Look, Notice, Page, Tone},
    state::{
        drill::use_taking,
        request::{Asking, Bracelet, use_asking},
        session::use_session,
    },
};

/// Said when the bracelet's binding and the record do not fit: somebody changed the portal's database.
const FOREIGN_RECORD: &str = "This bracelet does not belong to the record the portal found. Nothing was asked: tell dispatch.";

/// Why the record is needed.
#[component]
pub fn Justify() -> impl IntoView {
    view! {
        <Page title="Why do you need it?" access=Access::Role(Role::Responder)>
            <Form/>
        </Page>
    }
}

/// The sentence below each question, if there is one.
#[derive(Clone, Copy)]
struct Faults {
    severity: RwSignal<Option<String>>,
    reason: RwSignal<Option<String>>,
    incident: RwSignal<Option<String>>,
    text: RwSignal<Option<String>>,
}

impl Faults {
    fn none() -> Self {
        let [severity, reason, incident, text] = [(); 4].map(|()| RwSignal::new(None));
        Self { severity, reason, incident, text }
    }

    /// A fault goes as soon as its answer changes: it was said of what stood there before.
    fn clear_when_answered(self, asking: Asking) {
        Effect::watch(move || asking.severity.track(), move |(), _, _| self.severity.set(None), false);
        Effect::watch(
            move || asking.reason.track(),
            move |(), _, _| [self.reason, self.text].iter().for_each(|fault| fault.set(None)),
            false,
        );
        Effect::watch(move || asking.incident.track(), move |(), _, _| self.incident.set(None), false);
        Effect::watch(move || asking.text.track(), move |(), _, _| self.text.set(None), false);
    }

    /// Says what is missing or wrong, and takes the focus to the first of it. `None` if the form does not hold.
    fn check(&self, asking: &Asking) -> Option<(Draft, Justification)> {
        let missing = |missing: bool, words: &str| missing.then(|| words.to_owned());
        let (severity, reason) = (asking.severity.get_untracked(), asking.reason.get_untracked());
        self.severity.set(missing(severity.is_none(), "Choose how urgent it is."));
        self.reason.set(missing(reason.is_none(), "Choose a reason."));
        // Unanswered questions stand for any answer here: the other fields are checked all the same.
        let draft = Draft {
            severity: severity.unwrap_or(Severity::Other),
            reason: reason.unwrap_or(Reason::ConfirmIdentity),
            incident: asking.incident.get_untracked(),
            text: asking.text.get_untracked(),
        };
        let faults = Justification::faults(&draft);
        let fault_of =
            |is_incident| faults.iter().find(|fault| fault.is_incident() == is_incident).map(JustificationFault::to_string);
        self.incident.set(fault_of(true));
        self.text.set(fault_of(false));
        let fields = [
            (self.severity, "severity-0"),
            (self.reason, "reason-0"),
            (self.incident, "incident"),
            (self.text, "justification-text"),
        ];
        match fields.into_iter().find(|(fault, _)| fault.with_untracked(Option::is_some)) {
            Some((_, id)) => {
                page::focus(id);
                None
            }
            None => Justification::check(&draft).ok().map(|justification| (draft, justification)),
        }
    }
}

#[component]
fn Form() -> impl IntoView {
    let (asking, session) = (use_asking(), use_session());
    let faults = Faults::none();
    faults.clear_when_answered(asking);
    let trouble = RwSignal::new(None::<String>);
    // Until when nothing more is taken.
    let until = RwSignal::new(None::<Deadline>);
    let unknown = RwSignal::new(false);
    // The way to the request that is open already.
    let open = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    // Whether the drill is in the way that the responder takes part in.
    let (taking, drilled) = (use_taking(), RwSignal::new(false));
    let leave = move |()| {
        spawn_local(async move {
            match taking.leave().await {
                Ok(()) => {
                    drilled.try_set(false);
                    trouble.try_set(None);
                }
                Err(refusal) => drop(trouble.try_set(Some(refusal.sentence()))),
            }
        });
    };
    // What was signed and not yet answered for.
    let signed = StoredValue::new(None::<Signed>);
    let navigate = use_navigate();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        trouble.set(None);
        until.set(None);
        unknown.set(false);
        open.set(None);
        drilled.set(false);
        let Some((draft, justification)) = faults.check(&asking) else { return };
        let Some(reference) = asking.digest() else {
            return trouble.set(Some("Scan the bracelet first. What you entered here is kept.".to_owned()));
        };
        let Some(member) = session.with_untracked(|session| session.as_ref().map(|session| session.member.clone())) else { return };
        let navigate = navigate.clone();
        busy.set(true);
        spawn_local(async move {
            let ask = Ask { reference, draft, justification, member };
            let is_open = match ask.run(asking, signed).await {
                Ok(request) => {
                    asking.filed();
                    navigate(&format!("/request/{}", request.id), NavigateOptions { replace: true, ..NavigateOptions::default() });
                    false
                }
                Err(Failure { words, is_open, is_drill, is_unknown, wait }) => {
                    trouble.set(Some(words));
                    until.set(wait.map(|wait| Deadline::after(f64::from(wait))));
                    unknown.set(is_unknown);
                    drilled.set(is_drill);
                    is_open
                }
            };
            busy.set(false);
            if is_open {
                let way = way_to_open().await;
                // The page may have been left meanwhile.
                let _ = open.try_set(Some(way));
            }
        });
    };
    let is_other = Memo::new(move |_| asking.reason.get() == Some(Reason::Other));
    let text_hint = Signal::derive(move || {
        let words = if is_other.get() { "A sentence for the dispatcher." } else { "Only if the dispatcher should know more." };
        Some(words.to_owned())
    });
    // It may be asked again: what was said of the wait is no longer so.
    let waited = move |()| {
        trouble.set(None);
        until.set(None);
    };
    view! {
        {move || match asking.bracelet() {
            // Among the actions, where it is what to do next.
            Bracelet::Read if unknown.get() => ().into_any(),
            Bracelet::Read => view! { <p class="aside"><A href="/scan">"Scan another bracelet"</A></p> }.into_any(),
            Bracelet::None | Bracelet::Refused => {
                view! { <Notice tone=Tone::Status>"No bracelet has been read yet. "<A href="/scan">"Scan the bracelet"</A></Notice> }.into_any()
            }
        }}
        <BeforeAsking/>
        <form novalidate on:submit=submit>
            <Choice legend="How urgent is it?" name="severity" value=asking.severity error=faults.severity pairs=true
                options=Severity::ALL.map(|severity| (severity, severity.label())).to_vec()/>
            <Choice legend="Reason" name="reason" value=asking.reason error=faults.reason
                options=Reason::ALL.map(|reason| (reason, reason.label())).to_vec()/>
            <Field id="incident" label="Ticket or incident number" value=asking.incident error=faults.incident
                keyboard=Keyboard::Code required=true max=INCIDENT_MAX/>
            <Field id="justification-text" label="In your words" value=asking.text error=faults.text hint=text_hint
                keyboard=Keyboard::Lines required=is_other max=TEXT_MAX/>
            <p class="hint">"Your passkey signs exactly this. The request, and who made it, stays in the log."</p>
            <Actions trouble=trouble>
                {move || until.with(Option::is_some).then(|| view! { <Countdown until label="You can ask again in" on_end=waited/> })}
                {move || unknown.get().then(|| view! { <A href="/scan" attr:class="button">"Scan another bracelet"</A> })}
                {move || open.get().map(|href| view! { <A href=href attr:class="button">"To your open request"</A> })}
                {move || drilled.get().then(|| view! { <Button look=Look::Danger on_press=leave>"Leave the drill"</Button> })}
                <Button look=Look::Main submits=true busy=busy>"Ask for access"</Button>
            </Actions>
        </form>
    }
}

/// A signed request that may or may not have reached the backend.
#[derive(Clone)]
struct Signed {
    reference: ReferenceDigest,
    draft: Draft,
    body: FileRequest,
}

/// Why nothing was asked.
struct Failure {
    words: String,
    /// Whether it was asked already, and is still open.
    is_open: bool,
    /// Whether it is for want of a drill's end.
    is_drill: bool,
    /// Whether no record answers to the bracelet.
    is_unknown: bool,
    /// How long to wait until it would be taken, in seconds.
    wait: Option<u32>,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let code = refusal.code();
        Self {
            words: refusal.sentence(),
            is_open: code == Some(ProblemCode::WrongState),
            is_drill: code == Some(ProblemCode::DrillOnly),
            is_unknown: code == Some(ProblemCode::UnknownBracelet),
            wait: refusal.wait(),
        }
    }
}

impl From<SignFault> for Failure {
    fn from(fault: SignFault) -> Self {
        match fault {
            SignFault::Refused(refusal) => refusal.into(),
            fault => fault.to_string().into(),
        }
    }
}

impl From<String> for Failure {
    fn from(words: String) -> Self {
        Self { words, is_open: false, is_drill: false, is_unknown: false, wait: None }
    }
}

/// The address of the member's request that keeps another from being asked; the start page, which lists them, unless exactly one does.
async fn way_to_open() -> String {
    let open: Vec<_> = request::list()
        .await
        .unwrap_or_default()
        .iter()
        .filter(|request| request.here && matches!(request.state, RequestState::Pending { .. } | RequestState::Approved { .. }))
        .map(|request| request.id)
        .collect();
    match open.as_slice() {
        [id] => format!("/request/{id}"),
        _ => "/".to_owned(),
    }
}

/// One attempt.
struct Ask {
    reference: ReferenceDigest,
    draft: Draft,
    justification: Justification,
    member: MemberView,
}

impl Ask {
    async fn run(self, asking: Asking, signed: StoredValue<Option<Signed>>) -> Result<RequestView, Failure> {
        let before = signed.get_value();
        let body = match before {
            Some(before) if before.reference == self.reference && before.draft == self.draft => before.body,
            before => {
                if before.is_some() {
                    // Other words than those already signed are another request.
                    asking.renew();
                }
                let body = self.sign(asking).await?;
                signed.set_value(Some(Signed { reference: self.reference, draft: self.draft, body: body.clone() }));
                body
            }
        };
        let answer = request::file(&body).await;
        // Signed for nothing only if the backend said so; an answer that got lost may have been a yes.
        if !matches!(&answer, Err(refusal) if refusal.is_in_doubt()) && !lost_session(&answer) {
            signed.set_value(None);
        }
        Ok(answer?)
    }

    /// Signs what stands in the form, and nothing else, and that only about the bracelet's own record.
    async fn sign(&self, asking: Asking) -> Result<FileRequest, Failure> {
        let body = PrepareRequest { reference: self.reference, justification: self.draft.clone() };
        let PreparedRequest { statement, binding, ceremony } = request::prepare(&body).await?;
        if asking.binding_for(&statement.record) != Some(binding) {
            return Err(FOREIGN_RECORD.to_owned().into());
        }
        let says_this = statement.justification == self.justification;
        let credential = sign(&ceremony, &statement, &self.member, says_this).await?;
        Ok(FileRequest { idempotency_key: asking.key(), ceremony: ceremony.ceremony, credential })
    }
}

fn lost_session(answer: &Result<RequestView, Refusal>) -> bool {
    matches!(answer, Err(refusal) if refusal.code() == Some(ProblemCode::NotSignedIn))
}
