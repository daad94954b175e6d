//! The member's notices: what they were told of without having asked, live, unread ones first.
//!
//! Guarantees that a picture that takes away what has the focus leaves it at what comes next, and that no press reads what it was
//! not on the way to.

use halligan_shared::{
    id::NoticeId,
    paths,
    wire::{NoticeBoard, NoticeLine},
};
use leptos::{
    ev::MouseEvent,
    prelude::*,
    task::{spawn_local, tick},
};
use leptos_router::components::A;

use super::moving::Moving;
use crate::{
    api::notices,
    browser::{page, row::Place},
    components::{Access, Button, Empty, Loading, Look, Moment, Notice, Page, Said, SaidLine, Tone},
    state::line::follow,
};

/// The id of the heading of what is unread.
const UNREAD: &str = "unread";
/// The id of the button that has all of it read.
const ALL: &str = "read-all";
/// What has a row read.
const READS: &str = ".bar button";

/// The page.
#[component]
pub fn Notices() -> impl IntoView {
    view! {
        <Page title="Notices" access=Access::Member follows=true>
            <Inbox/>
        </Page>
    }
}

/// What the rows share.
#[derive(Clone, Copy)]
struct Acts {
    said: RwSignal<Option<Said>>,
    /// Whether rows have just moved.
    moving: Moving,
}

impl Acts {
    /// Has notices read; `about`: what a refusal is about. The next picture has them among those that were read.
    async fn read(self, ids: Vec<NoticeId>, about: &str) {
        if let Err(refusal) = notices::read(ids).await {
            self.said.try_set(Some(Said::refused(about, &refusal)));
            // The sentence may have moved them.
            self.moving.settle();
        }
    }
}

#[component]
fn Inbox() -> impl IntoView {
    let board = RwSignal::new(None::<Vec<NoticeLine>>);
    let lost = RwSignal::new(false);
    let acts = Acts { said: RwSignal::new(None), moving: Moving::new() };
    let show = move |text: &str| {
        let Ok(NoticeBoard { notices, .. }) = serde_json::from_str(text) else { return lost.set(true) };
        let was_lost = lost.get_untracked();
        Said::hear_picture(acts.said, lost);
        if board.with_untracked(|old| old.as_ref().is_some_and(|old| was_lost || moves(old, &notices))) {
            acts.moving.settle();
        }
        let next = Next::of(board.with_untracked(|old| unread_of(old.as_deref().unwrap_or_default())));
        board.set(Some(notices));
        if let Some(next) = next {
            spawn_local(next.keep());
        }
    };
    let explain_loss = move || {
        if !lost.get_untracked() {
            lost.set(true);
            acts.moving.settle();
        }
    };
    follow(paths::NOTICE_EVENTS, show, explain_loss);
    let of = move |read: bool| {
        board.with(|board| board.iter().flatten().filter(|notice| notice.read == read).cloned().collect::<Vec<_>>())
    };
    let is_here = Memo::new(move |_| board.with(Option::is_some));
    let unread = Memo::new(move |_| of(false).len());
    let are_several = Memo::new(move |_| unread.get() > 1);
    let is_any_read = Memo::new(move |_| !of(true).is_empty());
    let busy = RwSignal::new(false);
    let read_all = move |()| {
        busy.set(true);
        acts.said.set(None);
        // Not every browser gives the focus to what is pressed.
        page::focus(ALL);
        // Those that are on the page now: what comes meanwhile nobody has read.
        let shown = untrack(|| of(false)).into_iter().map(|notice| notice.id).collect();
        spawn_local(async move {
            acts.read(shown, "Nothing was marked").await;
            busy.try_set(false);
        });
    };
    view! {
        <div class="said-bar flows pushes">
            {move || lost.get().then(|| view! {
                <Notice tone=Tone::Alert>"Connection lost. What you see may be out of date; the page reconnects by itself."</Notice>
            })}
            <SaidLine said=acts.said/>
        </div>
        <Show when=move || is_here.get() fallback=|| view! { <Loading>"Looking up your notices…"</Loading> }>
            <section class="inbox" aria-labelledby=UNREAD>
                <h2 id=UNREAD tabindex="-1">"Unread "<span class="tally">{move || unread.get()}</span></h2>
                <Show when=move || unread.get() == 0><Empty>"You have read everything."</Empty></Show>
                <Show when=move || are_several.get()>
                    <div class="bar">
                        <Button look=Look::Quiet busy=busy held=acts.moving on_press=read_all attr:id=ALL>"Mark all as read"</Button>
                    </div>
                </Show>
                // Read out as they come.
                <div role="log">
                    <ul class="rows">
                        // One that ended meanwhile is another.
                        <For each=move || of(false) key=|notice| (notice.id, notice.closed.is_some()) let:notice><Line notice acts/></For>
                    </ul>
                </div>
            </section>
            <Show when=move || is_any_read.get()>
                <section aria-labelledby="read">
                    <h2 id="read">"Read"</h2>
                    <ul class="rows">
                        <For each=move || of(true) key=|notice| (notice.id, notice.closed.is_some()) let:notice><Line notice acts/></For>
                    </ul>
                </section>
            </Show>
        </Show>
    }
}

/// Whether what can be pressed stands elsewhere in the new picture: another row, or one that has grown.
fn moves(old: &[NoticeLine], new: &[NoticeLine]) -> bool {
    let rows = |lines: &[NoticeLine]| lines.iter().map(|line| (line.id, line.read, line.closed.is_some())).collect::<Vec<_>>();
    rows(old) != rows(new)
}

fn unread_of(lines: &[NoticeLine]) -> Vec<NoticeId> {
    lines.iter().filter(|line| !line.read).map(|line| line.id).collect()
}

/// Where the focus goes if the picture that comes takes away what has it.
enum Next {
    /// From this unread row to the one beside it.
    Beside(NoticeId, Option<Place>),
    /// To the heading of what is unread.
    Heading,
    /// To the page: what had it is no part of what is read here.
    Main,
}

impl Next {
    /// As the page stands, with these unread; `None`: nothing has the focus that could lose it.
    fn of(unread: Vec<NoticeId>) -> Option<Self> {
        if let Some(id) = unread.into_iter().find(|id| page::is_focus_in(&row_id(*id))) {
            return Some(Self::Beside(id, Place::of(&row_id(id))));
        }
        (!page::is_focus_lost()).then(|| if page::is_focus_in(ALL) { Self::Heading } else { Self::Main })
    }

    /// The picture has come.
    async fn keep(self) {
        // Until it stands on the page.
        tick().await;
        if !page::is_focus_lost() {
            return;
        }
        match self {
            Self::Beside(id, place) => {
                // One that ended is drawn anew where it stood.
                page::focus(&button_id(id));
                if page::is_focus_lost() && !place.is_some_and(|place| place.focus_beside(READS)) {
                    page::focus(UNREAD);
                }
            }
            Self::Heading => page::focus(UNREAD),
            Self::Main => {}
        }
        page::keep_focus();
    }
}

fn row_id(notice: NoticeId) -> String {
    format!("notice-{notice}")
}

fn button_id(notice: NoticeId) -> String {
    format!("read-{notice}")
}

#[component]
fn Line(notice: NoticeLine, acts: Acts) -> impl IntoView {
    let busy = RwSignal::new(false);
    let NoticeLine { id, topic, title, text, made_at, closed, read: is_read } = notice;
    // What has ended leaves nothing to do.
    let place = topic.place().filter(|_| closed.is_none());
    let about = StoredValue::new(title.clone());
    let read = move |()| {
        busy.set(true);
        acts.said.set(None);
        // Not every browser gives the focus to what is pressed.
        page::focus(&button_id(id));
        let about = about.get_value();
        spawn_local(async move {
            acts.read(vec![id], &about).await;
            busy.try_set(false);
        });
    };
    let follow = move |event: MouseEvent| {
        if acts.moving.get_untracked() {
            event.prevent_default();
        }
    };
    view! {
        <li class="row" id=row_id(id)>
            <h3>{title.clone()}</h3>
            <p>{text}</p>
            {closed.map(|closed| view! { <p><strong>{closed.text}</strong></p> })}
            {place.map(|(page, name)| view! {
                <p><A href=page on:click=follow attr:aria-disabled=move || acts.moving.get().then_some("true")>{format!("To {name}")}</A></p>
            })}
            <p class="hint"><Moment at=made_at/></p>
            {(!is_read).then(|| view! {
                <div class="bar">
                    <Button busy=busy held=acts.moving on_press=read attr:id=button_id(id)>
                        "Mark as read"<span class="visually-hidden">": "{title}</span>
                    </Button>
                </div>
            })}
        </li>
    }
}
