//! The member's notices, on the start page: what they were told of without having asked, live, until they say that they read it.

use halligan_shared::{
    paths,
    wire::{NoticeBoard, NoticeLine},
};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{notices, sign_in},
    browser::events::Events,
    components::{Button, Moment, Trouble},
};

/// The inbox. Nothing where nothing is unread.
#[component]
pub fn Inbox() -> impl IntoView {
    let unread = RwSignal::new(Vec::<NoticeLine>::new());
    let trouble = RwSignal::new(None::<String>);
    let show = move |text: &str| {
        if let Ok(board) = serde_json::from_str::<NoticeBoard>(text) {
            unread.try_set(board.notices.into_iter().filter(|notice| !notice.read).collect());
        }
    };
    // The session may be over: asking tells whoever listens for that.
    let events = StoredValue::new_local(Events::open(paths::NOTICE_EVENTS, show, || {
        spawn_local(async { drop(sign_in::session().await) });
    }));
    on_cleanup(move || events.dispose());
    let is_any = Memo::new(move |_| unread.with(|unread| !unread.is_empty()));
    view! {
        <section class="inbox" aria-labelledby="notices" hidden=move || !is_any.get()>
            <h2 id="notices">"Notices "<span class="tally">{move || unread.with(Vec::len)}</span></h2>
            <Trouble words=trouble/>
            // Read out as they come.
            <div role="log">
                <ul class="rows">
                    // One that ended meanwhile is another.
                    <For each=move || unread.get() key=|notice| (notice.id, notice.closed.is_some()) let:notice>
                        <Line notice trouble/>
                    </For>
                </ul>
            </div>
        </section>
    }
}

#[component]
fn Line(notice: NoticeLine, trouble: RwSignal<Option<String>>) -> impl IntoView {
    let busy = RwSignal::new(false);
    let NoticeLine { id, title, text, made_at, closed, .. } = notice;
    let read = move |()| {
        busy.set(true);
        spawn_local(async move {
            // The next picture is without it.
            if let Err(refusal) = notices::read(id).await {
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
            <p class="hint"><Moment at=made_at/></p>
            <div class="bar"><Button busy=busy on_press=read>"Mark as read"<span class="visually-hidden">": "{title}</span></Button></div>
        </li>
    }
}
