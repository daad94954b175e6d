//! The lockdown: how it stands, what another admin proposed, and this admin's word. Live by events, each of which is the whole
//! picture.

mod sign;

use halligan_shared::{
    id::{LockdownId, ProposalId},
    member::Role,
    paths,
    statement::LockdownAct,
    wire::{Deny, LockdownBoard, LockdownProposal, LockdownView, REASON_MAX},
};
use leptos::{
    ev::SubmitEvent,
    prelude::*,
    task::{spawn_local, tick},
};

use super::{moving::Moving, signing::SignFault};
use crate::{
    browser::{clock::Deadline, page},
    components::{Access, Button, Countdown, Empty, Field, Keyboard, Loading, Look, Moment, Notice, Page, Said, SaidLine, Tone},
    state::{line::follow, session::use_session},
};

/// Said once a proposal is filed.
const PROPOSED: &str = "Proposed. Another admin has to confirm it.";

/// The page.
#[component]
pub fn Lockdown() -> impl IntoView {
    view! {
        <Page title="Lockdown" access=Access::Role(Role::Admin) follows=true>
            <Board/>
        </Page>
    }
}

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Acts {
    board: RwSignal<Option<LockdownBoard>>,
    said: RwSignal<Option<Said>>,
    /// One touch at a time.
    busy: RwSignal<bool>,
    /// Whether what is asked for has just changed.
    moving: Moving,
}

impl Acts {
    /// Does something that takes a passkey, and says what became of it.
    fn sign(self, work: impl Future<Output = Result<(), SignFault>> + 'static, done: &'static str, then: impl FnOnce() + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.said.set(None);
        spawn_local(async move {
            let said = match work.await {
                Ok(()) => {
                    then();
                    Said::Done(done.to_owned())
                }
                Err(SignFault::Refused(refusal)) => Said::refused("Nothing was changed", &refusal),
                Err(fault) => Said::Failed(fault.to_string()),
            };
            self.said.set(Some(said));
            self.busy.set(false);
            // What was pressed may be gone, and the focus with it.
            tick().await;
            if page::is_focus_lost() {
                page::focus("standing");
            }
        });
    }
}

#[component]
fn Board() -> impl IntoView {
    let acts = Acts { board: RwSignal::new(None), said: RwSignal::new(None), busy: RwSignal::new(false), moving: Moving::new() };
    let lost = RwSignal::new(false);
    let show = move |text: &str| {
        let Ok(new) = serde_json::from_str::<LockdownBoard>(text) else { return lost.set(true) };
        Said::hear_picture(acts.said, lost);
        if let Some(old) = acts.board.get_untracked() {
            if moves(&old, &new) {
                acts.moving.settle();
            }
            // What was said of a proposal of one's own stands as long as the proposal.
            if own(&old).is_some_and(|id| own(&new) != Some(id))
                && acts.said.with_untracked(|said| *said == Some(Said::Done(PROPOSED.to_owned())))
            {
                acts.said.set(None);
            }
        }
        acts.board.set(Some(new));
    };
    follow(paths::LOCKDOWN_EVENTS, show, move || lost.set(true));
    let is_here = Memo::new(move |_| acts.board.with(Option::is_some));
    let proposals = move || acts.board.with(|board| board.as_ref().map(|board| board.proposals.clone()).unwrap_or_default());
    let nothing_proposed = Memo::new(move |_| proposals().is_empty());
    view! {
        <div class="said-bar flows">
            {move || lost.get().then(|| view! {
                <Notice tone=Tone::Alert>"Connection lost. What you see may be out of date; the page reconnects by itself."</Notice>
            })}
            <SaidLine said=acts.said/>
        </div>
        <Show when=move || is_here.get() fallback=|| view! { <Loading>"Looking up how it stands…"</Loading> }>
            <Standing acts/>
            <section aria-labelledby="proposed">
                <h2 id="proposed">"Proposed"</h2>
                <Show when=move || nothing_proposed.get()>
                    <Empty>"Nothing is proposed. It takes two admins: one proposes, another confirms."</Empty>
                </Show>
                <For each=proposals key=|row| row.statement.proposal let:row><Proposal row acts/></For>
            </section>
            <Propose acts/>
        </Show>
    }
}

/// Whether something else than before may be asked for, or stands where something else stood.
fn moves(old: &LockdownBoard, new: &LockdownBoard) -> bool {
    let stands = |board: &LockdownBoard| board.now.as_ref().map(|now| now.statement.lockdown);
    let proposals = |board: &LockdownBoard| board.proposals.iter().map(|row| row.statement.proposal).collect::<Vec<_>>();
    stands(old) != stands(new) || proposals(old) != proposals(new)
}

/// What oneself proposed.
fn own(board: &LockdownBoard) -> Option<ProposalId> {
    board.proposals.iter().find(|row| row.own).map(|row| row.statement.proposal)
}

/// Whether the portal is locked down, by whom and why, and where the authority stands.
#[component]
fn Standing(acts: Acts) -> impl IntoView {
    let now = Memo::new(move |_| acts.board.with(|board| board.as_ref().and_then(|board| board.now.clone())));
    let open = Memo::new(move |_| acts.board.with(|board| board.as_ref().map_or(0, |board| board.open)));
    let deny = Memo::new(move |_| acts.board.with(|board| board.as_ref().and_then(|board| board.deny.clone())));
    view! {
        <section aria-labelledby="standing">
            <h2 id="standing" tabindex="-1">"How it stands"</h2>
            {move || match now.get() {
                Some(LockdownView { statement, proposed_by, confirmed_by, since }) => view! {
                    <Notice tone=Tone::Alert>
                        <strong>"Locked down."</strong>" Every record was closed, and none opens until two admins lift it."
                    </Notice>
                    <dl class="facts">
                        <dt>"Since"</dt><dd><Moment at=since/></dd>
                        <dt>"Reason"</dt><dd>{statement.reason}</dd>
                        <dt>"Proposed by"</dt><dd>{proposed_by.display_name.to_string()}</dd>
                        <dt>"Confirmed by"</dt><dd>{confirmed_by.display_name.to_string()}</dd>
                    </dl>
                }
                .into_any(),
                None => view! {
                    <p>"Not locked down. Records open now: "<span class="tally">{move || open.get()}</span></p>
                }
                .into_any(),
            }}
            <div role="status">{move || deny.get().map(|deny| told(deny, now.with(Option::is_some)))}</div>
        </section>
    }
}

/// Where the authority stands with sessions, all of them or those from before, and what to do where that is not as it should be.
fn told(deny: Deny, is_locked_down: bool) -> impl IntoView {
    let which = if is_locked_down {
        "all credentials that it gave the portal for opening records"
    } else {
        "the credentials that it gave the portal before the lockdown, and no others"
    };
    match deny {
        Deny::Pending => view! { <p class="notice">"The key service is being told to refuse "{which}"."</p> }.into_any(),
        Deny::InForce { since } => {
            view! { <p class="notice">"The key service refuses "{which}", since "<Moment at=since/>"."</p> }.into_any()
        }
        Deny::Failed { why } => {
            let then = if is_locked_down {
                "The portal tries again by itself, and keeps every record closed meanwhile. If this stays: in AWS’s console, IAM, Roles, \
                 KEK-Responder-Decrypter, Revoke active sessions."
            } else {
                "The portal tries again by itself. Until then the key service may refuse every record. If this stays: in AWS’s console, IAM, \
                 Roles, KEK-Responder-Decrypter, Revoke active sessions, and then remove the policy HalliganLockdown."
            };
            view! {
                <p class="notice alert">
                    "The key service could not be told to refuse "{which}". "{then}" What came back: "<code>{why}</code>
                </p>
            }
            .into_any()
        }
    }
}

/// What an admin proposed, and the button by which another makes it so.
#[component]
fn Proposal(row: LockdownProposal, acts: Acts) -> impl IntoView {
    let LockdownProposal { statement, by, seconds_left, own } = row;
    let heading = format!("proposal-{}", statement.proposal);
    let (title, answer, done) = match statement.act {
        LockdownAct::Begin => ("Lock the portal down", "Lock down now", "The portal is locked down."),
        LockdownAct::Lift => ("Lift the lockdown", "Lift now", "The lockdown is lifted."),
    };
    let is_over = RwSignal::new(false);
    let run_out = move || {
        is_over.set(true);
        if own {
            acts.said.set(Some(Said::Failed("Nobody confirmed your proposal in time. Propose it again.".to_owned())));
        }
    };
    let reason = statement.reason.clone();
    let confirm = {
        let (by, statement) = (by.clone(), statement.clone());
        move |()| {
            let (by, statement) = (by.clone(), statement.clone());
            acts.sign(async move { sign::confirm(&by, &statement).await }, done, || {});
        }
    };
    view! {
        <article class="card" aria-labelledby=heading.clone() hidden=is_over>
            <h3 id=heading.clone()>{title}</h3>
            <dl class="facts">
                <dt>"Proposed by"</dt><dd>{by.display_name.to_string()}" · "<span class="agency-id">{by.agency_id.to_string()}</span></dd>
                <dt>"Reason"</dt><dd>{reason}</dd>
            </dl>
            <Countdown until=Some(Deadline::after(seconds_left)) label="Can be confirmed for" on_end=move |()| run_out()/>
            {if own {
                view! { <p class="hint">"You proposed this. Call another admin now: they confirm it on this page, signed in as themselves."</p> }.into_any()
            } else {
                view! {
                    <div class="card-acts">
                        <Button look=Look::Danger busy=acts.busy held=acts.moving on_press=confirm attr:aria-describedby=heading.clone()>{answer}</Button>
                        {move || acts.busy.get().then(|| view! { <span class="hint" role="status">"Confirm with your passkey…"</span> })}
                    </div>
                }
                .into_any()
            }}
        </article>
    }
}

/// What this admin may propose: to begin a lockdown, or to lift the one in force. What was typed for the one is not for the other.
#[component]
fn Propose(acts: Acts) -> impl IntoView {
    let in_force = Memo::new(move |_| {
        acts.board.with(|board| board.as_ref().and_then(|board| board.now.as_ref().map(|now| now.statement.lockdown)))
    });
    let (to_begin, to_lift) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    move || {
        let lifted = in_force.get();
        view! { <Form acts lifted reason=if lifted.is_some() { to_lift } else { to_begin }/> }
    }
}

#[component]
fn Form(
    acts: Acts,
    /// The lockdown to lift; absent: one is to begin.
    lifted: Option<LockdownId>,
    reason: RwSignal<String>,
) -> impl IntoView {
    let session = use_session();
    let fault = RwSignal::new(None::<String>);
    let propose = move |event: SubmitEvent| {
        event.prevent_default();
        if acts.moving.get_untracked() {
            return;
        }
        let words = reason.get_untracked().trim().to_owned();
        if words.is_empty() {
            fault.set(Some("Say why: the other admin reads it, and it stands in the log.".to_owned()));
            return page::focus("lockdown-reason");
        }
        fault.set(None);
        let Some(by) = session.with_untracked(|session| session.as_ref().map(|session| session.member.clone())) else { return };
        let clear = move || {
            reason.try_set(String::new());
        };
        acts.sign(async move { sign::propose(&by, lifted, &words).await }, PROPOSED, clear);
    };
    let (title, words, button) = if lifted.is_some() {
        (
            "Propose to lift it",
            "Once another admin has confirmed it, records can be opened again. What was closed stays closed: it takes a new request.",
            "Propose to lift",
        )
    } else {
        (
            "Propose a lockdown",
            "Once another admin has confirmed it, every open record closes at once and none opens until two admins lift it. Responders \
             can still ask, and dispatch sees it.",
            "Propose lockdown",
        )
    };
    view! {
        <section aria-labelledby="propose">
            <h2 id="propose">{title}</h2>
            <p>{words}</p>
            <form on:submit=propose novalidate=true>
                <Field id="lockdown-reason" label="Why? The other admin reads it." value=reason keyboard=Keyboard::Text max=REASON_MAX required=true error=fault/>
                <Button look=Look::Danger submits=true busy=acts.busy held=acts.moving>{button}</Button>
            </form>
        </section>
    }
}
