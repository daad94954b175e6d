//! Drills: which there were, beginning one, and what came of it.

mod begin;
mod report;

use halligan_shared::{
    id::DrillId,
    member::Role,
    wire::{DrillLine, MemberLine},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{components::A, hooks::use_query_map};

use self::{begin::Begin, report::Report};
use crate::{
    api::{drill, members},
    components::{Access, Asking, Button, Empty, Loading, Look, Moment, Page, Said, SaidLine, Trouble},
};

/// The page.
#[component]
pub fn Drills() -> impl IntoView {
    let query = use_query_map();
    let chosen = Memo::new(move |_| query.with(|query| query.get("drill").and_then(|id| id.parse::<DrillId>().ok())));
    view! {
        <Page title="Drills" access=Access::Role(Role::Admin) wide=true>
            {move || match chosen.get() {
                Some(id) => view! { <Report id/> }.into_any(),
                None => view! { <All/> }.into_any(),
            }}
        </Page>
    }
}

/// What the parts of the list share.
#[derive(Clone, Copy)]
struct Board {
    drills: RwSignal<Option<Vec<DrillLine>>>,
    /// Who can take part.
    members: RwSignal<Vec<MemberLine>>,
    trouble: RwSignal<Option<String>>,
    said: RwSignal<Option<Said>>,
}

impl Board {
    /// Reads everything anew.
    async fn load(self) {
        self.trouble.try_set(None);
        let found = match drill::list().await {
            Ok(drills) => members::list().await.map(|members| (drills, members)),
            Err(refusal) => Err(refusal),
        };
        match found {
            Ok((drills, members)) => {
                self.members.try_set(members.into_iter().filter(|line| !line.suspended).collect());
                self.drills.try_set(Some(drills));
                Said::hear_again(self.said);
            }
            Err(refusal) => drop(self.trouble.try_set(Some(refusal.sentence()))),
        }
    }
}

#[component]
fn All() -> impl IntoView {
    let board = Board {
        drills: RwSignal::new(None),
        members: RwSignal::new(Vec::new()),
        trouble: RwSignal::new(None),
        said: RwSignal::new(None),
    };
    let load = move |()| spawn_local(board.load());
    load(());
    view! {
        <p class="hint">"Whoever takes part in a drill opens made-up records alone, until it ends or they leave it by one press. Every screen and every event of it is marked."</p>
        <div class="said-bar"><SaidLine said=board.said/></div>
        <Trouble words=board.trouble/>
        {move || match board.drills.get() {
            None if board.trouble.with(Option::is_some) => view! { <Button on_press=load>"Try again"</Button> }.into_any(),
            None => view! { <Loading>"Looking up the drills…"</Loading> }.into_any(),
            Some(drills) => view! {
                <Begin board/>
                <section aria-labelledby="drills">
                    <h2 id="drills" tabindex="-1">"Drills"</h2>
                    {if drills.is_empty() {
                        view! { <Empty>"No drill was run yet."</Empty> }.into_any()
                    } else {
                        view! { <ul class="rows">{drills.into_iter().map(|line| view! { <li><Line line board/></li> }).collect_view()}</ul> }.into_any()
                    }}
                </section>
            }
            .into_any(),
        }}
    }
}

#[component]
fn Line(line: DrillLine, board: Board) -> impl IntoView {
    let busy = RwSignal::new(false);
    let (id, name) = (line.id, line.name.clone());
    let end = move |()| {
        busy.set(true);
        let name = name.clone();
        spawn_local(async move {
            board.said.set(Some(match drill::end(id).await {
                Ok(()) => Said::Done(format!("{name} is over.")),
                Err(refusal) => Said::refused(&name, &refusal),
            }));
            board.load().await;
            busy.try_set(false);
        });
    };
    let about = format!("drill-{id}");
    view! {
        <A href=format!("/drills?drill={id}") attr:class="row-link" attr:id=about.clone()>
            <strong>{line.name}</strong>
            <span>{takes_part(line.members.len())}", begun by "{line.begun_by.display_name.to_string()}", "<Moment at=line.begun_at/></span>
            {line.seconds_left.map(|_| view! { <span class="tag drill-tag">"Runs"</span> })}
        </A>
        {line.seconds_left.map(|seconds| view! {
            <div class="bar">
                <span class="hint">{ends_in(seconds)}</span>
                <Asking label="End it now" look=Look::Danger question="Everybody who takes part can open real records again." answer="End the drill"
                    keep="Let it run" on_yes=end busy about=about.clone()/>
            </div>
        })}
    }
}

fn takes_part(count: usize) -> String {
    if count == 1 { "1 member".to_owned() } else { format!("{count} members") }
}

fn ends_in(seconds: f64) -> String {
    let minutes = (seconds / 60.0).ceil();
    if minutes <= 1.0 { "Ends by itself within a minute.".to_owned() } else { format!("Ends by itself in {minutes} minutes.") }
}
