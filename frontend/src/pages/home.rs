//! The start page: what each role does next, and the responder's requests that still matter.

use gloo_timers::callback::{Interval, Timeout};
use halligan_shared::{
    member::Role,
    paths,
    wire::{self, GrantState, Readiness, RequestState, RequestView},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::components::A;

use super::{before_asking::BeforeAsking, stage::seconds_left};
use crate::{
    api::{lockdown, request, review},
    browser::clock::milliseconds,
    components::{Access, Actions, Notice, Page, Tone, Trouble},
    state::{drill::use_taking, line::follow, request::use_asking, session::use_session, vault::use_vault},
};

/// Where each role goes from here.
const WAYS: [(Role, &str, &str); 8] = [
    (Role::Dispatcher, "/desk", "Requests"),
    (Role::Registrar, "/records", "Records"),
    (Role::Auditor, "/audit", "Audit log"),
    (Role::PrivacyOfficer, "/reviews", "Reviews"),
    (Role::Admin, "/members", "Members"),
    (Role::Admin, "/drills", "Drills"),
    (Role::Admin, "/lockdown", "Lockdown"),
    (Role::Admin, "/doctor", "Before the emergency"),
];

/// How often a waiting request is looked at, in milliseconds.
const LOOK: u32 = 3_000;

/// The start page.
#[component]
pub fn Home() -> impl IntoView {
    view! {
        <Page title="Start" access=Access::Member follows=true>
            <Start/>
        </Page>
    }
}

#[component]
fn Start() -> impl IntoView {
    let roles =
        use_session().with_untracked(|session| session.as_ref().map(|session| session.member.roles.clone())).unwrap_or_default();
    let is_responder = roles.contains(&Role::Responder);
    let is_admin = roles.contains(&Role::Admin);
    let ways = WAYS.into_iter().filter(|(role, ..)| roles.contains(role)).collect::<Vec<_>>();
    let known = RwSignal::new(None);
    view! {
        <Unread/>
        <BeforeAsking known asks=is_responder/>
        {is_responder.then(|| view! { <Mine known/> })}
        {is_admin.then(|| view! { <Proposed/><Overdue/> })}
        {(!ways.is_empty()).then(|| view! {
            <nav aria-label="Desks">
                <ul class="ways">
                    {ways.into_iter().map(|(_, href, label)| view! { <li><A href=href attr:class="button">{label}</A></li> }).collect_view()}
                </ul>
            </nav>
        })}
        <p class="aside"><A href="/notices">"Your notices"</A></p>
        <p class="aside"><A href="/passkeys">"Your passkeys and devices"</A></p>
        {is_responder.then(|| view! {
            <Actions><A href="/scan" attr:class="button main">"Scan bracelet"</A></Actions>
        })}
    }
}

/// How many notices were not read. What they say stands on a page of the desks: a phone in the field does not load it.
#[component]
fn Unread() -> impl IntoView {
    let (unread, lost, taking) = (RwSignal::new(0), RwSignal::new(false), use_taking());
    let show = move |text: &str| {
        lost.try_set(false);
        if let Ok(wire::Unread { unread: count }) = serde_json::from_str(text) {
            // It may be that somebody put this member into a drill, or that one is over.
            if unread.try_get_untracked().is_some_and(|before| before != count) {
                taking.look(true);
            }
            unread.try_set(count);
        }
    };
    follow(paths::UNREAD_EVENTS, show, move || {
        lost.try_set(true);
    });
    let count = Memo::new(move |_| unread.get());
    view! {
        <div role="status">
            {move || lost.get().then(|| view! {
                <p class="notice">"Connection lost. What is new may not show here; the page reconnects by itself."</p>
            })}
            {move || (count.get() > 0).then(|| view! {
                <p class="notice alert">
                    {match count.get() { 1 => "A notice waits for you. ".to_owned(), some => format!("{some} notices wait for you. ") }}
                    <A href="/notices">"Read"</A>
                </p>
            })}
        </div>
    }
}

/// That another admin waits for this one's word on a lockdown.
#[component]
fn Proposed() -> impl IntoView {
    let waits = RwSignal::new(false);
    spawn_local(async move {
        if let Ok(is_proposed) = lockdown::is_proposed_by_others().await {
            waits.try_set(is_proposed);
        }
    });
    move || {
        waits.get().then(|| {
            view! {
                <Notice tone=Tone::Alert>
                    "Another admin has proposed something about a lockdown, and it waits for you. "<A href="/lockdown">"Look at it"</A>
                </Notice>
            }
        })
    }
}

/// That reviews were not closed in time. They lock nothing; somebody has to be asked.
#[component]
fn Overdue() -> impl IntoView {
    let overdue = RwSignal::new(0);
    spawn_local(async move {
        if let Ok(found) = review::overdue().await {
            overdue.try_set(found.overdue);
        }
    });
    move || {
        (overdue.get() > 0).then(|| {
            view! {
                <Notice tone=Tone::Alert>
                    {format!("Reviews overdue: {}. Ask your privacy officers, or give somebody that role.", overdue.get())}
                </Notice>
            }
        })
    }
}

#[component]
fn Mine(
    /// Told what the answers say of it.
    known: RwSignal<Option<Readiness>>,
) -> impl IntoView {
    let (asking, receipts) = (use_asking(), use_vault().receipts());
    let mine = RwSignal::new(Vec::<RequestView>::new());
    let trouble = RwSignal::new(None::<String>);
    // Counted up when the time of one is over that the page offers.
    let lapsed = RwSignal::new(0_u32);
    let lapse = StoredValue::new_local(None::<Timeout>);
    let look = move || {
        spawn_local(async move {
            match request::list().await {
                Ok(requests) => {
                    trouble.try_set(None);
                    let next = next_end(&requests);
                    lapse.try_set_value(next.map(|next| {
                        Timeout::new(milliseconds(next), move || {
                            // Gone from here whether or not the look arrives that says what became of it.
                            mine.try_update(|mine| {
                                mine.retain(|request| seconds_left(&request.state).is_none_or(|left| left > next));
                            });
                            lapsed.try_update(|lapsed| *lapsed += 1);
                        })
                    }));
                    asking.saw_all(&requests);
                    if let Some(request) = requests.first() {
                        known.try_set(Some(request.readiness));
                    }
                    mine.try_set(requests);
                }
                Err(refusal) => {
                    trouble.try_set(Some(refusal.sentence()));
                }
            }
        });
    };
    Effect::new(move |_| {
        lapsed.track();
        look();
    });
    // Only while dispatch may answer: what time alone changes is timed.
    let again = StoredValue::new_local(Interval::new(LOOK, move || {
        if mine.with_untracked(|mine| mine.iter().any(|request| matches!(request.state, RequestState::Pending { .. }))) {
            look();
        }
    }));
    on_cleanup(move || {
        again.dispose();
        lapse.dispose();
    });
    view! {
        <Trouble words=trouble/>
        {move || {
            let live = mine.get().into_iter().filter(|request| request.here && !receipts.has_ended(request.id)).filter_map(|request| Some((word(&request.state)?, request))).collect::<Vec<_>>();
            (!live.is_empty()).then(|| view! {
                <section>
                    <h2>"Your open requests"</h2>
                    <ul class="rows">
                        {live.into_iter().map(|(word, request)| view! {
                            <li>
                                <A href=format!("/request/{}", request.id) attr:class="row-link">
                                    <strong>{word}</strong>
                                    <span>"Incident "{request.justification.incident().to_owned()}</span>
                                    {request.drill.then_some(view! { <span class="tag">"Drill"</span> })}
                                </A>
                            </li>
                        }).collect_view()}
                    </ul>
                </section>
            })
        }}
    }
}

/// In how many seconds time alone ends one of those that this browser could open: the first of them.
fn next_end(requests: &[RequestView]) -> Option<f64> {
    requests.iter().filter(|request| request.here).filter_map(|request| seconds_left(&request.state)).min_by(f64::total_cmp)
}

/// What a request of this session that still matters is called; nothing for one that is over.
fn word(state: &RequestState) -> Option<&'static str> {
    match state {
        RequestState::Pending { .. } => Some("Waiting for dispatch"),
        RequestState::Approved { .. } => Some("Approved: open the record"),
        RequestState::Released { grant, .. } => match grant.state {
            GrantState::Active { .. } => Some("Open the record again"),
            GrantState::Ended { .. } => None,
        },
        _ => None,
    }
}
