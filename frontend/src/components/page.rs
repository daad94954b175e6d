//! The frame of every page: skip link, header, drill banner, heading, and who may see it.
//!
//! Guarantees that a page once shown stays as it is, hidden, while its session is renewed: what was typed is there
//! afterwards. Another member who signs in, here or in another tab, gets a fresh page. And that every page that needs somebody signed in hears at
//! once that nobody is any more.

use std::cell::Cell;

use halligan_shared::{grant::WipeCause, id::MemberId, member::Role};
use leptos::prelude::*;
use leptos_router::components::A;

use super::{
    Actions, Asking, Button, Loading, Look, Notice, OwnDrill, OwnPasskeys, SIGN_IN, SignInPanel, SignOut, Tone, Trouble,
    use_sign_out,
};
use crate::{
    api::sign_in,
    browser::page,
    state::{
        drill::use_taking,
        line::hear_end,
        request::{Standing, use_asking},
        session::{Known, use_known, use_reload, use_session, use_stale},
        vault::{Sight, use_vault},
    },
};

/// The id of a page's heading, which takes the focus where an act leaves nothing else to go on from.
pub const TITLE: &str = "title";

/// What is said where a sign-in is too old for what was pressed.
const STALE: &str = "Your sign-in is too long ago for this. Sign in again, then repeat it; what you entered is kept.";

thread_local! {
    static IS_FIRST: Cell<bool> = const { Cell::new(true) };
}

/// Who may see a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Whoever is signed in.
    Member,
    /// Whoever is signed in and has this role.
    Role(Role),
}

/// What the frame lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Admission {
    /// Not known yet.
    Asking,
    /// The backend does not answer.
    Unreachable,
    /// Nobody is signed in, and nobody was.
    SignIn,
    /// The role is missing.
    Refused,
    /// The page, as this member's.
    Shown(Option<MemberId>),
}

/// A page in its frame.
#[component]
pub fn Page(
    /// The heading, and the tab's title.
    title: &'static str,
    /// Who may see it.
    access: Access,
    /// Whether it shows a made-up patient.
    #[prop(optional, into)]
    drill: Signal<bool>,
    /// Whether it takes the whole width: desks do, responder pages do not.
    #[prop(optional)]
    wide: bool,
    /// Whether it follows a line of events of its own, and so hears of the session's end by that.
    #[prop(optional)]
    follows: bool,
    /// The page.
    children: ChildrenFn,
) -> impl IntoView {
    let session = use_session();
    let known = use_known();
    page::set_title(&format!("{title} – Halligan"));
    let taking = use_taking();
    Effect::new(move |_| page::mark_title(drill.get() || (access != Access::Public && taking.name().is_some())));
    // Not at the first page: there the browser begins at the top, where the skip link is.
    if !IS_FIRST.replace(false) {
        Effect::new(|_| page::keep_focus());
    }
    (access != Access::Public && !follows).then(hear_end);
    let admission = Memo::new(move |before: Option<&Admission>| match (access, before) {
        (Access::Public, _) => Admission::Shown(None),
        (access, before) => session.with(|session| match session {
            Some(session) => match access {
                Access::Role(role) if !session.member.roles.contains(&role) => Admission::Refused,
                _ => Admission::Shown(Some(session.member.id)),
            },
            None => match (before, known.get()) {
                (Some(shown @ Admission::Shown(_)), _) => *shown,
                (_, Known::Asking) => Admission::Asking,
                (_, Known::Unreachable) => Admission::Unreachable,
                (_, Known::Yes) => Admission::SignIn,
            },
        }),
    });
    let is_lapsed = Memo::new(move |_| {
        matches!(admission.get(), Admission::Shown(Some(_))) && access != Access::Public && session.with(Option::is_none)
    });
    let stale = use_stale();
    // What was pressed is left behind with its page.
    stale.set(false);
    // Hidden as it is, with what was typed.
    let is_put_by = Memo::new(move |_| is_lapsed.get() || (access != Access::Public && stale.get()));
    // What had the focus has it again afterwards.
    let left = StoredValue::new_local(None);
    Effect::new(move |was: Option<bool>| {
        let is_put_by = is_put_by.get();
        if was == Some(true) && !is_put_by {
            // Once it is seen again: what is hidden takes no focus.
            request_animation_frame(move || {
                left.try_with_value(|left| page::focus_again(left.as_ref()));
            });
        }
        is_put_by
    });
    Effect::new(move |_| page::mark_signed_out(is_lapsed.get()));
    on_cleanup(|| page::mark_signed_out(false));
    let vault = use_vault();
    let reads = Memo::new(move |_| drill.get() && matches!(vault.sight().get(), Sight::Open { .. }));
    let asking = use_asking();
    let lapsed = move || match vault.sight().get() {
        Sight::Erased(_, WipeCause::SessionLost) => "The record was erased because your sign-in was ended. Call dispatch.",
        _ if asking.standing.with(|standing| !standing.is_empty()) => {
            "You are no longer signed in, and your request ended with that: dispatch no longer sees it. Sign in and ask again, or call dispatch."
        }
        _ => "You are no longer signed in. Sign in to go on; what you entered is kept.",
    };
    let reload = use_reload();
    let body = move || match admission.get() {
        Admission::Shown(_) => children(),
        Admission::Asking => view! { <Loading>"Opening the portal…"</Loading> }.into_any(),
        Admission::SignIn => view! { <SignInPanel/> }.into_any(),
        Admission::Refused => view! {
            <Notice tone=Tone::Status>"Your roles do not include this page. If they should, ask an admin of your agency."</Notice>
            <p><A href="/">"To the start page"</A></p>
        }
        .into_any(),
        Admission::Unreachable => {
            let reload = reload.clone();
            view! {
                <Notice tone=Tone::Alert>"The portal cannot be reached. Check the connection and try again."</Notice>
                <Actions><Button look=Look::Main on_press=move |()| reload()>"Try again"</Button></Actions>
            }
            .into_any()
        }
    };
    // The link alone would change the address, and with it the page's route.
    let skip = |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        page::focus("main");
    };
    let heading = move || if admission.get() == Admission::SignIn { "Sign in" } else { title };
    view! {
        <a class="skip" href="#main" on:click=skip>"To the content"</a>
        <Header/>
        {(access != Access::Public).then(|| view! { <OwnPasskeys/> })}
        // An open record says of itself whether its patient is made up, and needs the room. What still waits does not.
        {(access != Access::Public).then(|| view! { <div hidden=reads><OwnDrill/></div> })}
        {move || drill.get().then(|| view! { <p class="drill" role="status"><span><strong>"DRILL"</strong>" – this patient is made up"</span></p> })}
        <main id="main" class:wide=wide tabindex="-1">
            <h1 id=TITLE tabindex="-1">{heading}</h1>
            {move || is_put_by.get().then(|| {
                let words = move || if is_lapsed.get() { lapsed() } else { STALE };
                left.set_value(page::focused());
                Effect::new(|_| page::focus(SIGN_IN));
                view! {
                    <Notice tone=Tone::Alert>{words}</Notice>
                    <SignInPanel/>
                    {move || (!is_lapsed.get()).then(|| view! {
                        <p><Button look=Look::Quiet on_press=move |()| stale.set(false)>"Not now"</Button></p>
                    })}
                }
            })}
            <div hidden=is_put_by>{body}</div>
        </main>
    }
}

/// What signing out takes away, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Loss {
    Window,
    Request,
    Record,
}

impl Loss {
    const fn question(self) -> &'static str {
        match self {
            Self::Record => "The open record is erased at once, and opens again only after another request.",
            Self::Window => "Your record can still be opened. Once you sign out, only after another request.",
            Self::Request => "Your request is withdrawn: dispatch no longer sees it.",
        }
    }

    const fn answer(self) -> &'static str {
        match self {
            Self::Record => "Erase and sign out",
            Self::Window => "Give up and sign out",
            Self::Request => "Withdraw and sign out",
        }
    }
}

#[component]
fn Header() -> impl IntoView {
    let session = use_session();
    let (vault, asking) = (use_vault(), use_asking());
    let SignOut { press: sign_out, busy, trouble } = use_sign_out(sign_in::sign_out);
    let loss = Memo::new(move |_| match vault.sight().get() {
        Sight::Open { .. } => Some(Loss::Record),
        Sight::Nothing | Sight::Erased(..) => asking.standing.with(|standing| {
            let of = |standing: &Standing| match *standing {
                Standing::Asked(_) => Some(Loss::Request),
                Standing::Window(request) => (!vault.receipts().has_ended(request)).then_some(Loss::Window),
            };
            standing.iter().filter_map(of).max()
        }),
    });
    // Whoever signs out is about to leave: until the question is answered nobody else reads on.
    let cover = move |is_asking: bool| vault.cover(is_asking);
    view! {
        <header class="top">
            <A href="/" attr:class="brand">"Halligan"</A>
            {move || {
                let sign_out = sign_out.clone();
                session.get().map(|session| view! {
                    <p class="who" id="who">
                        <span class="agency">{session.agency}</span>
                        <span class="member">{session.member.display_name.to_string()}" · "{session.member.agency_id.to_string()}</span>
                    </p>
                    {move || {
                        let sign_out = sign_out.clone();
                        match loss.get() {
                            Some(loss) => view! {
                                <Asking label="Sign out" look=Look::Quiet question=loss.question() answer=loss.answer() keep="Stay signed in"
                                    on_yes=sign_out on_turn=cover busy about="who"/>
                            }
                            .into_any(),
                            None => view! { <Button look=Look::Quiet busy=busy on_press=sign_out>"Sign out"</Button> }.into_any(),
                        }
                    }}
                })
            }}
        </header>
        <Trouble words=trouble/>
    }
}
