//! Drills: which there were, beginning one, and what came of it.

mod add;
mod begin;
mod people;
mod report;

use gloo_timers::callback::Timeout;
use halligan_shared::{
    id::{DrillId, MemberId},
    member::Role,
    wire::{DrillLine, MemberLine, MemberView},
};
use leptos::{
    prelude::*,
    task::{spawn_local, tick},
};
use leptos_router::{components::A, hooks::use_query_map};

use self::{begin::Begin, report::Report};
use crate::{
    api::{drill, members},
    browser::{clock::milliseconds, page},
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
    /// One of which nothing is known yet.
    fn new() -> Self {
        Self {
            drills: RwSignal::new(None),
            members: RwSignal::new(Vec::new()),
            trouble: RwSignal::new(None),
            said: RwSignal::new(None),
        }
    }

    /// The drill that runs and that this member takes part in, by name.
    fn drill_of(self, member: MemberId) -> Option<String> {
        let takes_part = |line: &&DrillLine| {
            line.seconds_left.is_some() && line.members.iter().any(|line| line.member.id == member && !line.left)
        };
        self.drills.with(|drills| drills.iter().flatten().find(takes_part).map(|line| line.name.clone()))
    }

    /// Who takes part in none, as it is known now.
    fn free(self) -> Vec<MemberView> {
        let members = self.members.get_untracked().into_iter().map(|line| line.member);
        members.filter(|by| untrack(|| self.drill_of(by.id)).is_none()).collect()
    }

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

    /// Reads it anew, and draws it only where a drill began or ended since: a question that stands there is not taken away.
    async fn look(self) {
        let Ok(found) = drill::list().await else { return };
        let runs = |drills: &[DrillLine]| drills.iter().map(|line| (line.id, line.seconds_left.is_some())).collect::<Vec<_>>();
        let is_new = self.drills.try_with_untracked(|drills| drills.as_deref().is_some_and(|drills| runs(drills) != runs(&found)));
        if is_new == Some(true) {
            self.drills.try_set(Some(found));
        }
    }
}

/// Others begin and end drills as well, and these pages hear of none: they look anew when somebody comes back to them, and when one ran out,
/// in so many seconds.
fn look_when_over(next: impl Fn() -> Option<f64> + 'static, look: impl Fn() + Copy + 'static) {
    let back = StoredValue::new_local(page::on_visibility(move |is_hidden| {
        if !is_hidden {
            look();
        }
    }));
    let run_out = StoredValue::new_local(None::<Timeout>);
    Effect::new(move |_| run_out.set_value(next().map(|next| Timeout::new(milliseconds(next), look))));
    on_cleanup(move || {
        back.dispose();
        run_out.dispose();
    });
}

#[component]
fn All() -> impl IntoView {
    let board = Board::new();
    let load = move |()| spawn_local(board.load());
    load(());
    let left = |line: &DrillLine| line.seconds_left;
    let next = move || board.drills.with(|drills| drills.iter().flatten().filter_map(left).min_by(f64::total_cmp));
    look_when_over(next, move || spawn_local(board.look()));
    let is_here = Memo::new(move |_| board.drills.with(Option::is_some));
    view! {
        <p class="hint">"Whoever takes part in a drill opens only made-up records, until it ends or they leave it by one press. Every screen and every event of it is marked."</p>
        <div class="said-bar"><SaidLine said=board.said/></div>
        <Trouble words=board.trouble/>
        // Built once: what is typed there outlives the list being read anew.
        <Show when=move || is_here.get()><Begin board/></Show>
        {move || match board.drills.get() {
            None if board.trouble.with(Option::is_some) => view! { <Button on_press=load>"Try again"</Button> }.into_any(),
            None => view! { <Loading>"Looking up the drills…"</Loading> }.into_any(),
            Some(drills) => view! {
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
            busy.try_set(false);
            board.load().await;
            tick().await;
            // The line that had the focus is another one by now.
            page::focus("drills");
        });
    };
    let (about, who) = (line_id(id), who(&line, LISTED));
    view! {
        <A href=format!("/drills?drill={id}") attr:class="row-link" attr:id=about.clone()>
            <strong>{line.name}</strong>
            <span>{who}" Begun by "{line.begun_by.display_name.to_string()}", "<Moment at=line.begun_at/></span>
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

/// How many the list names; the report names all.
const LISTED: usize = 8;

/// The id of what a drill's line is about, which takes the focus.
fn line_id(drill: DrillId) -> String {
    format!("drill-{drill}")
}

/// Who takes part or, once it is over, took part to the end, and who left: by name, or how many where they are more than that.
fn who(drill: &DrillLine, most: usize) -> String {
    let names = |left: bool| {
        let members = drill.members.iter().filter(|line| line.left == left);
        let names: Vec<_> = members.map(|line| line.member.display_name.to_string()).collect();
        let all = if names.len() > most { names.len().to_string() } else { names.join(", ") };
        (!names.is_empty()).then_some(all)
    };
    let take = if drill.seconds_left.is_some() { "Take part" } else { "Took part" };
    match (names(false), names(true)) {
        (Some(stayed), Some(left)) => format!("{take}: {stayed}; left: {left}."),
        (Some(stayed), None) => format!("{take}: {stayed}."),
        (None, Some(left)) => format!("Left: {left}."),
        (None, None) => String::new(),
    }
}

/// What a member may do, in words.
fn roles(by: &MemberView) -> String {
    by.roles.iter().map(|role| role.title()).collect::<Vec<_>>().join(", ")
}

fn ends_in(seconds: f64) -> String {
    let minutes = (seconds / 60.0).ceil();
    if minutes <= 1.0 { "Ends by itself within a minute.".to_owned() } else { format!("Ends by itself in {minutes} minutes.") }
}
