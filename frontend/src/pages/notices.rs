//! The member's notices: what they were told of without having asked, live, unread ones first.

use halligan_shared::{
    paths,
    wire::{NoticeBoard, NoticeLine},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::components::A;

use crate::{
    api::{notices, sign_in},
    browser::events::Events,
    components::{Access, Button, Empty, Loading, Look, Moment, Page, Trouble},
};

/// The page.
#[component]
pub fn Notices() -> impl IntoView {
    view! {
        <Page title="Notices" access=Access::Member>
            <Inbox/>
        </Page>
    }
}

#[component]
fn Inbox() -> impl IntoView {
    let board = RwSignal::new(None::<Vec<NoticeLine>>);
    let trouble = RwSignal::new(None::<String>);
    let show = move |text: &str| {
        if let Ok(NoticeBoard { notices, .. }) = serde_json::from_str(text) {
            board.try_set(Some(notices));
        }
    };
    // The session may be over: asking tells whoever listens for that.
    let events = StoredValue::new_local(Events::open(paths::NOTICE_EVENTS, show, || {
        spawn_local(async { drop(sign_in::session().await) });
    }));
    on_cleanup(move || events.dispose());
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
        trouble.set(None);
        // Those that are on the page now: what comes meanwhile nobody has read.
        let shown = of(false).into_iter().map(|notice| notice.id).collect();
        spawn_local(async move {
            if let Err(refusal) = notices::read(shown).await {
                trouble.try_set(Some(refusal.sentence()));
            }
            busy.try_set(false);
        });
    };
    view! {
        <Trouble words=trouble/>
        <Show when=move || is_here.get() fallback=|| view! { <Loading>"Looking up your notices…"</Loading> }>
            <section class="inbox" aria-labelledby="unread">
                <h2 id="unread">"Unread "<span class="tally">{move || unread.get()}</span></h2>
                <Show when=move || unread.get() == 0><Empty>"You have read everything."</Empty></Show>
                <Show when=move || are_several.get()>
                    <div class="bar"><Button look=Look::Quiet busy=busy on_press=read_all>"Mark all as read"</Button></div>
                </Show>
                // Read out as they come.
                <div role="log">
                    <ul class="rows">
                        // One that ended meanwhile is another.
                        <For each=move || of(false) key=|notice| (notice.id, notice.closed.is_some()) let:notice><Line notice trouble/></For>
                    </ul>
                </div>
            </section>
            <Show when=move || is_any_read.get()>
                <section aria-labelledby="read">
                    <h2 id="read">"Read"</h2>
                    <ul class="rows">
                        <For each=move || of(true) key=|notice| (notice.id, notice.closed.is_some()) let:notice><Line notice trouble/></For>
                    </ul>
                </section>
            </Show>
        </Show>
    }
}

#[component]
fn Line(notice: NoticeLine, trouble: RwSignal<Option<String>>) -> impl IntoView {
    let busy = RwSignal::new(false);
    let NoticeLine { id, topic, title, text, made_at, closed, read: is_read } = notice;
    // What has ended leaves nothing to do.
    let place = topic.place().filter(|_| closed.is_none());
    let read = move |()| {
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            // The next picture has it among those that were read.
            if let Err(refusal) = notices::read(vec![id]).await {
                trouble.try_set(Some(refusal.sentence()));
            }
            busy.try_set(false);
        });
    };
    view! {
        <li class="row">
            <h3>{title.clone()}</h3>
            <p>{text}</p>
            {closed.map(|closed| view! { <p><strong>{closed.text}</strong></p> })}
            {place.map(|(page, name)| view! { <p><A href=page>{format!("To {name}")}</A></p> })}
            <p class="hint"><Moment at=made_at/></p>
            {(!is_read).then(|| view! {
                <div class="bar"><Button busy=busy on_press=read>"Mark as read"<span class="visually-hidden">": "{title}</span></Button></div>
            })}
        </li>
    }
}
