//! Members and invitations. An invitation's link exists on this page only, once.

use halligan_shared::{
    assignment::Assignment,
    id::MemberId,
    member::{AgencyId, DisplayName, MemberFault, Role},
    wire::{Invitation, InviteBody, MemberLine},
};
use leptos::{
    ev::SubmitEvent,
    prelude::*,
    task::{spawn_local, tick},
};
use zeroize::Zeroizing;

use crate::{
    api::{client::Refusal, members},
    browser::{clock::Deadline, page},
    components::{
        Access, Asking, Button, Countdown, Empty, Field, Keyboard, Loading, Look, Moment, Page, QrCode, Said, SaidLine, Trouble,
    },
    state::session::use_session,
};

/// An act under way.
type LocalBoxed = std::pin::Pin<Box<dyn Future<Output = Result<(), Refusal>>>>;

/// The page.
#[component]
pub fn Members() -> impl IntoView {
    view! {
        <Page title="Members" access=Access::Role(Role::Admin) wide=true>
            <Roster/>
        </Page>
    }
}

/// An invitation on the page.
#[derive(Clone)]
struct Offer {
    name: String,
    link: Zeroizing<String>,
    deadline: Deadline,
}

/// Everybody, and what became of the last act about one of them.
#[derive(Clone, Copy)]
struct Roll {
    lines: RwSignal<Option<Vec<MemberLine>>>,
    trouble: RwSignal<Option<String>>,
    said: RwSignal<Option<Said>>,
}

impl Roll {
    /// Reads the members anew.
    async fn load(self) {
        self.trouble.set(None);
        match members::list().await {
            Ok(members) => {
                self.lines.set(Some(members));
                Said::hear_again(self.said);
            }
            Err(refusal) => self.trouble.set(Some(refusal.sentence())),
        }
    }
}

#[component]
fn Roster() -> impl IntoView {
    let roll = Roll { lines: RwSignal::new(None), trouble: RwSignal::new(None), said: RwSignal::new(None) };
    let offer = RwSignal::new(None::<Offer>);
    let load = move |()| spawn_local(roll.load());
    load(());
    let count = Memo::new(move |_| roll.lines.with(|lines| lines.as_ref().map(Vec::len)));
    view! {
        <div class="roster">
            <section aria-labelledby="invite">
                <h2 id="invite">"Invite a member"</h2>
                {move || match offer.get() {
                    Some(made) => view! { <Offered made on_close=move |()| { offer.set(None); load(()); }/> }.into_any(),
                    None => view! { <InviteForm offer/> }.into_any(),
                }}
            </section>
            <section aria-labelledby="members">
                <h2 id="members">"Everybody"</h2>
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

#[component]
fn Table(roll: Roll) -> impl IntoView {
    let session = use_session();
    let own = session.with_untracked(|session| session.as_ref().map(|session| session.member.id));
    let row = move |line: MemberLine| {
        let roles = line.member.roles.iter().copied().map(Role::word).collect::<Vec<_>>().join(", ");
        let about = format!("member-{}", line.member.id);
        let (is_own, suspended, sessions) = (own == Some(line.member.id), line.suspended, line.sessions);
        let target = Target { id: line.member.id, name: line.member.display_name.to_string(), about: about.clone() };
        view! {
            <tr role="row">
                <th scope="row" role="rowheader" class="agency-id" id=about tabindex="-1">{line.member.agency_id.to_string()}</th>
                <td role="cell">
                    {line.member.display_name.to_string()}
                    {suspended.then(|| view! { <span class="tag alarm-tag">"Kept out"</span> })}
                </td>
                <td role="cell">{roles}</td>
                <td role="cell" class="number" data-label="Passkeys">{line.passkeys}</td>
                <td role="cell" data-label="Last sign-in">{match line.last_sign_in {
                    Some(at) => view! { <Moment at/> }.into_any(),
                    None => view! { <span class="hint">"Never"</span> }.into_any(),
                }}</td>
                <td role="cell" class="number" data-label="Signed in at">{sessions}</td>
                <td role="cell" class="acts">{(!is_own).then(|| view! { <Keeping target suspended sessions roll/> })}</td>
            </tr>
        }
    };
    let heads = ["Agency ID", "Name", "Roles", "Passkeys", "Last sign-in", "Signed in at", "Actions"];
    // Where it is narrow the rows are laid out as cards, and browsers forget then what is a table.
    view! {
        <table class="lines cards members" role="table" aria-labelledby="members">
            <thead role="rowgroup"><tr role="row">
                {heads.map(|head| view! { <th scope="col" role="columnheader">{head}</th> }).collect_view()}
            </tr></thead>
            <tbody role="rowgroup">
                // A line of which nothing changed stays as it is, and what has the focus in it.
                <For
                    each=move || roll.lines.get().unwrap_or_default()
                    key=|line| (line.member.id, line.suspended, line.sessions, line.passkeys, line.last_sign_in.clone())
                    children=row
                />
            </tbody>
        </table>
    }
}

/// Whom an act is about.
#[derive(Clone)]
struct Target {
    id: MemberId,
    name: String,
    /// The id of the line's heading.
    about: String,
}

/// Ends sessions, keeps out, lets in.
#[component]
fn Keeping(target: Target, suspended: bool, sessions: u32, roll: Roll) -> impl IntoView {
    let Target { id, name, about } = target.clone();
    let target = StoredValue::new(target);
    let busy = RwSignal::new(false);
    let act = move |work: LocalBoxed, done: &'static str| {
        let Target { name, about, .. } = target.get_value();
        busy.set(true);
        roll.said.set(None);
        spawn_local(async move {
            match work.await {
                Ok(()) => {
                    roll.said.set(Some(Said::Done(format!("{name} {done}"))));
                    roll.load().await;
                    // The line was drawn anew, and what had the focus went with the old one. Whoever has gone on elsewhere stays there.
                    tick().await;
                    if page::is_focus_lost() {
                        page::focus(&about);
                    }
                }
                Err(refusal) => roll.said.set(Some(Said::refused(&name, &refusal))),
            }
            let _ = busy.try_set(false);
        });
    };
    let sign_out = move |()| act(Box::pin(members::sign_out(id)), "is signed out on every device.");
    let suspend = move |()| act(Box::pin(members::suspend(id)), "is kept out.");
    let reinstate = move |()| act(Box::pin(members::reinstate(id)), "is let in again.");
    let (signed_out, kept_out) = (
        format!("This signs {name} out on every device. A record that is open closes at once."),
        format!("{name} is signed out everywhere and cannot sign in until an admin says so."),
    );
    view! {
        <div class="line-acts">
            {(sessions > 0).then(|| view! {
                <Asking label="Sign out everywhere" question=signed_out answer="Sign out" on_yes=sign_out busy about=about.clone()/>
            })}
            {if suspended {
                view! { <Button busy=busy on_press=reinstate attr:aria-describedby=about>"Let in again"</Button> }.into_any()
            } else {
                view! { <Asking label="Keep out" question=kept_out answer="Keep out" on_yes=suspend busy about/> }.into_any()
            }}
        </div>
    }
}

/// What is wrong, a sentence a field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Faults {
    agency_id: Option<MemberFault>,
    name: Option<MemberFault>,
    roles: Option<MemberFault>,
}

impl Faults {
    /// The id of the first field at fault.
    const fn first(self) -> &'static str {
        if self.agency_id.is_some() {
            "agency-id"
        } else if self.name.is_some() {
            "display-name"
        } else {
            "role-0"
        }
    }
}

#[component]
fn InviteForm(offer: RwSignal<Option<Offer>>) -> impl IntoView {
    let agency_id = RwSignal::new(String::new());
    let name = RwSignal::new(String::new());
    let roles = RwSignal::new(Vec::<Role>::new());
    let faults = RwSignal::new(Faults::default());
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let invite = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let (id, display_name) = (agency_id.get_untracked().parse::<AgencyId>(), name.get_untracked().parse::<DisplayName>());
        let chosen = roles.get_untracked();
        let found = Faults {
            agency_id: id.as_ref().err().copied(),
            name: display_name.as_ref().err().copied(),
            roles: chosen.is_empty().then_some(MemberFault::NoRole),
        };
        faults.set(found);
        trouble.set(None);
        let (Ok(agency_id), Ok(display_name), false) = (id, display_name, chosen.is_empty()) else {
            return page::focus(found.first());
        };
        busy.set(true);
        spawn_local(async move {
            let name = display_name.to_string();
            match members::invite(&InviteBody { agency_id, display_name, roles: chosen, assignment: Assignment::default() }).await {
                Ok(Invitation { link, seconds_left }) => {
                    let deadline = Deadline::after(f64::from(seconds_left));
                    offer.set(Some(Offer { name, link: Zeroizing::new(link), deadline }));
                }
                Err(refusal) => {
                    trouble.set(Some(refusal.sentence()));
                    busy.set(false);
                }
            }
        });
    };
    let sentence =
        move |of: fn(&Faults) -> Option<MemberFault>| Signal::derive(move || faults.with(of).map(|fault| fault.to_string()));
    let toggle = move |role: Role, is_chosen: bool| {
        roles.update(|roles| {
            roles.retain(|chosen| *chosen != role);
            if is_chosen {
                roles.push(role);
            }
        });
    };
    view! {
        <form class="invite" on:submit=invite novalidate=true>
            <Field id="agency-id" label="Agency ID" value=agency_id keyboard=Keyboard::Code max=64 required=true error=sentence(|faults| faults.agency_id)/>
            <Field id="display-name" label="Name" value=name max=80 required=true error=sentence(|faults| faults.name)/>
            <fieldset class="bare" aria-describedby="roles-error">
                <legend>"Roles"</legend>
                <div class="checks">
                    {Role::ALL.into_iter().enumerate().map(|(place, role)| view! {
                        <label class="check">
                            <input type="checkbox" id=format!("role-{place}") on:change=move |event| toggle(role, event_target_checked(&event))/>
                            <span>{capitalised(role.word())}</span>
                        </label>
                    }).collect_view()}
                </div>
                <p class="error" id="roles-error" role="alert">{sentence(|faults| faults.roles)}</p>
            </fieldset>
            <Trouble words=trouble/>
            <Button look=Look::Main submits=true busy=busy>"Invite"</Button>
        </form>
    }
}

#[component]
fn Offered(made: Offer, #[prop(into)] on_close: UnsyncCallback<()>) -> impl IntoView {
    let Offer { name, link, deadline } = made;
    let is_over = RwSignal::new(false);
    let on_close = StoredValue::new_local(on_close);
    let close = move |()| on_close.get_value().run(());
    let code = link.clone();
    view! {
        <div class="card offer" class:over=is_over>
            <p>"Give this to "<strong>{name}</strong>" and nobody else. It works once, and it is shown only here."</p>
            <Countdown until=Some(deadline) label="Good for" on_end=move |()| is_over.set(true)/>
            {move || if is_over.get() {
                view! { <p class="error" role="status">"The invitation has run out. Invite again."</p> }.into_any()
            } else {
                view! {
                    <QrCode text=code.clone() label="Code of the invitation link" size="12rem"/>
                    <p class="link"><code>{link.as_str().to_owned()}</code></p>
                }
                .into_any()
            }}
            <Button on_press=close>"Done"</Button>
        </div>
    }
}

/// Messages of shared types begin in lower case: they also stand within sentences.
fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
