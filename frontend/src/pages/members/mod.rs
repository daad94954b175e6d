//! Members and invitations. A link exists on this page only, once.

mod edit;
mod form;
mod invitations;
mod invite;
mod offered;
mod replacing;
mod sign;
mod table;

use halligan_shared::{
    id::MemberId,
    member::Role,
    wire::{InvitationLine, MemberLine, ReenrolmentLine},
};
use leptos::{
    prelude::*,
    task::{spawn_local, tick},
};

use self::{
    edit::Draft,
    invitations::Invited,
    invite::InviteForm,
    offered::{Offer, Offered},
    replacing::Replacing,
    table::Table,
};
use crate::{
    api::{client::Refusal, members, reenrolment},
    browser::page,
    components::{Access, Button, Empty, Loading, Page, Said, SaidLine, Trouble},
};

/// An act under way.
type LocalBoxed<T = ()> = std::pin::Pin<Box<dyn Future<Output = Result<T, Refusal>>>>;

/// The page.
#[component]
pub fn Members() -> impl IntoView {
    view! {
        <Page title="Members" access=Access::Role(Role::Admin) wide=true>
            <Roster/>
        </Page>
    }
}

/// Everybody, who is invited, whose passkeys are to be replaced, and what became of the last act about one of them.
#[derive(Clone, Copy)]
struct Roll {
    lines: RwSignal<Option<Vec<MemberLine>>>,
    invitations: RwSignal<Vec<InvitationLine>>,
    reenrolments: RwSignal<Vec<ReenrolmentLine>>,
    trouble: RwSignal<Option<String>>,
    said: RwSignal<Option<Said>>,
    /// Whose line is being edited, and what is typed there. It outlives the line, which is drawn anew when something of it changes.
    editing: RwSignal<Option<MemberId>>,
    draft: StoredValue<Draft>,
}

impl Roll {
    fn new() -> Self {
        Self {
            lines: RwSignal::new(None),
            invitations: RwSignal::new(Vec::new()),
            reenrolments: RwSignal::new(Vec::new()),
            trouble: RwSignal::new(None),
            said: RwSignal::new(None),
            editing: RwSignal::new(None),
            draft: StoredValue::new(Draft::new()),
        }
    }

    /// Reads everything anew.
    async fn load(self) {
        self.trouble.set(None);
        if let Err(refusal) = self.read().await {
            self.trouble.try_set(Some(refusal.sentence()));
        }
    }

    async fn read(self) -> Result<(), Refusal> {
        let (lines, invitations, reenrolments) =
            (members::list().await?, members::invitations().await?, reenrolment::list().await?);
        // The page may be gone by now.
        self.lines.try_set(Some(lines));
        self.invitations.try_set(invitations);
        self.reenrolments.try_set(reenrolments);
        Said::hear_again(self.said);
        Ok(())
    }

    /// Does something about somebody, says what became of it, and reads everything anew, and then does the rest. One act
    /// at a time where `busy` is shown.
    fn act(
        self,
        busy: RwSignal<bool>,
        name: String,
        work: LocalBoxed,
        done: &'static str,
        focus: String,
        then: impl FnOnce() + 'static,
    ) {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        self.said.set(None);
        spawn_local(async move {
            match work.await {
                Ok(()) => {
                    self.said.set(Some(Said::Done(format!("{name} {done}"))));
                    self.load().await;
                    then();
                    // The line was drawn anew, and what had the focus went with the old one. Whoever has gone on elsewhere stays there.
                    tick().await;
                    if page::is_focus_lost() {
                        page::focus(&focus);
                    }
                }
                Err(refusal) => {
                    self.said.set(Some(Said::refused(&name, &refusal)));
                    // What stands on the page is not how it is, or a part of it was done.
                    if refusal != Refusal::Offline {
                        self.load().await;
                    }
                }
            }
            let _ = busy.try_set(false);
        });
    }

    /// Whether a member has this agency id.
    fn knows(self, agency_id: &halligan_shared::member::AgencyId) -> bool {
        self.lines.with_untracked(|lines| lines.iter().flatten().any(|line| line.member.agency_id == *agency_id))
    }
}

#[component]
fn Roster() -> impl IntoView {
    let roll = Roll::new();
    let offer = RwSignal::new(None::<Offer>);
    let load = move |()| spawn_local(roll.load());
    load(());
    let count = Memo::new(move |_| roll.lines.with(|lines| lines.as_ref().map(Vec::len)));
    let is_anybody_invited = Memo::new(move |_| roll.invitations.with(|lines| !lines.is_empty()));
    let is_anything_replaced = Memo::new(move |_| roll.reenrolments.with(|lines| !lines.is_empty()));
    view! {
        <div class="roster">
            <section aria-labelledby="invite">
                <h2 id="invite">"Invite a member"</h2>
                {move || match offer.get() {
                    Some(made) => view! { <Offered made again="Invite again." on_close=move |()| { offer.set(None); load(()); }/> }.into_any(),
                    None => view! { <InviteForm roll offer/> }.into_any(),
                }}
            </section>
            <Show when=move || is_anybody_invited.get()><Invited roll/></Show>
            <Show when=move || is_anything_replaced.get()><Replacing roll/></Show>
            <section aria-labelledby="members">
                <h2 id="members" tabindex="-1">"Everybody"</h2>
                <div class="said-bar"><SaidLine said=roll.said/></div>
                <Trouble words=roll.trouble/>
                {move || match count.get() {
                    None if roll.trouble.with(Option::is_some) => view! { <Button on_press=load>"Try again"</Button> }.into_any(),
                    None => view! { <Loading>"Looking up the members…"</Loading> }.into_any(),
                    Some(0) => view! { <Empty>"Nobody is a member yet."</Empty> }.into_any(),
                    Some(_) => view! { <Table roll/> }.into_any(),
                }}
            </section>
        </div>
    }
}
