//! What came of a drill: each request step by step, who answered, and the times of all; the same as a file for a spreadsheet.

use halligan_shared::{
    drill::{STEPS, answers, csv, door, median, outcome, seconds, silent, tally},
    id::DrillId,
    wire::{DrillReport, DrilledRequest},
};
use leptos::{
    prelude::*,
    task::{spawn_local, tick},
};
use leptos_router::components::A;

use super::{add::Add, look_when_over, who};
use crate::{
    api::drill,
    browser::page,
    components::{Button, Empty, Loading, Moment, Trouble},
};

#[component]
pub(super) fn Report(id: DrillId) -> impl IntoView {
    let report = RwSignal::new(None::<DrillReport>);
    let (trouble, busy) = (RwSignal::new(None::<String>), RwSignal::new(false));
    let look = move |()| {
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match drill::report(id).await {
                Ok(found) => drop(report.try_set(Some(found))),
                Err(refusal) => drop(trouble.try_set(Some(refusal.sentence()))),
            }
            busy.try_set(false);
        });
    };
    look(());
    // What is read meanwhile stays as it is until there is more to read; what cannot be read now is read later.
    let look_quietly = move || {
        spawn_local(async move {
            if let Ok(found) = drill::report(id).await
                && report.try_with_untracked(|known| known.as_ref() != Some(&found)) == Some(true)
            {
                report.try_set(Some(found));
            }
        });
    };
    look_when_over(move || report.with(|report| report.as_ref().and_then(|report| report.drill.seconds_left)), look_quietly);
    let joined = move |()| {
        spawn_local(async move {
            match drill::report(id).await {
                Ok(found) => {
                    report.try_set(Some(found));
                    tick().await;
                    page::focus("report");
                }
                Err(refusal) => drop(trouble.try_set(Some(refusal.sentence()))),
            }
        });
    };
    view! {
        <p><A href="/drills" attr:class="row-link">"All drills"</A></p>
        <Trouble words=trouble/>
        {move || (busy.get() && report.with(Option::is_none)).then(|| view! { <Loading>"Reading the log…"</Loading> })}
        {move || report.get().map(|report| view! { <Shown report on_joined=joined/> })}
        <div class="bar"><Button busy on_press=look>"Look again"</Button></div>
    }
}

#[component]
fn Shown(report: DrillReport, #[prop(into)] on_joined: UnsyncCallback<()>) -> impl IntoView {
    let file = format!("data:text/csv;charset=utf-8,{}", String::from(js_sys::encode_uri_component(&csv(&report))));
    // Where nothing was asked, there was nothing to answer.
    let silent = if report.requests.is_empty() { Vec::new() } else { silent(&report) };
    let DrillReport { drill, requests } = report;
    let missing = requests.iter().filter(|line| line.released.is_some() && line.ended.is_some() && line.wiped.is_none()).count();
    let open = requests.iter().filter(|line| line.released.is_some() && line.ended.is_none()).count();
    let is_over = drill.seconds_left.is_none();
    let who = who(&drill, usize::MAX);
    view! {
        <section aria-labelledby="report">
            <h2 id="report" tabindex="-1">{drill.name}" "{(!is_over).then(|| view! { <span class="tag drill-tag">"Runs"</span> })}</h2>
            <p>"Begun by "{drill.begun_by.display_name.to_string()}", "<Moment at=drill.begun_at/>". "
                {drill.ended_at.map(|at| {
                    let by = drill.ended_by.map_or_else(|| "when its time was over".to_owned(), |by| format!("by {}", by.display_name));
                    view! { "Ended "{by}", "<Moment at/>". " }
                })}
                {format!("{who} {} asked for.", records(requests.len()))}</p>
            {(!requests.is_empty()).then(|| view! { <p>{tally(&requests)}</p> })}
            {(open > 0).then(|| view! { <p>{format!("Still open: {open}.")}</p> })}
            {(missing > 0).then(|| view! { <p class="notice alert">{format!("Without a wipe receipt: {missing}.")}</p> })}
            {(!silent.is_empty()).then(|| view! { <p>"Dispatchers who gave no answer: "{silent.join(", ")}</p> })}
            {if requests.is_empty() {
                view! { <Empty>"Nothing was asked for in this drill."</Empty> }.into_any()
            } else {
                view! {
                    <h3>"Seconds since the request"</h3>
                    <Times requests=requests.clone()/>
                    <h3>"Each request"</h3>
                    <Requests requests/>
                    <p><a class="button" href=file download="drill.csv">"Save as CSV"</a></p>
                }
                .into_any()
            }}
            {(!is_over).then(|| view! { <Add id=drill.id without=drill.members.iter().map(|line| line.member.id).collect() on_done=on_joined/> })}
        </section>
    }
}

/// How long each step took: how many came to it, the middle one, and the slowest.
#[component]
fn Times(requests: Vec<DrilledRequest>) -> impl IntoView {
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label="Times of the steps">
            <table class="lines">
                <thead><tr>
                    <th scope="col">"Step"</th><th scope="col" class="number">"Requests"</th>
                    <th scope="col" class="number">"Median"</th><th scope="col" class="number">"Slowest"</th>
                </tr></thead>
                <tbody>{STEPS.into_iter().map(|(name, time)| {
                    let mut times: Vec<_> = requests.iter().filter_map(time).collect();
                    times.sort_by(f64::total_cmp);
                    view! {
                        <tr>
                            <th scope="row">{name}</th>
                            <td class="number">{times.len()}</td>
                            <td class="number">{median(&times).map(seconds)}</td>
                            <td class="number">{times.last().copied().map(seconds)}</td>
                        </tr>
                    }
                }).collect_view()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Requests(requests: Vec<DrilledRequest>) -> impl IntoView {
    let line = |line: DrilledRequest| {
        let steps = STEPS.map(|(_, time)| time(&line).map(seconds));
        view! {
            <tr>
                <th scope="row">{line.by.display_name.to_string()}</th>
                <td><Moment at=line.asked_at.clone()/>", "{line.severity.label()}</td>
                <td>{outcome(&line.outcome).to_owned()}</td>
                <td>{answers(&line)}</td>
                <td>{line.door.map(door)}</td>
                {steps.map(|time| view! { <td class="number">{time}</td> }).into_iter().collect_view()}
            </tr>
        }
    };
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label="Requests of the drill">
            <table class="lines drilled">
                <thead><tr>
                    <th scope="col">"Asked by"</th><th scope="col">"Asked"</th><th scope="col">"Outcome"</th><th scope="col">"Answers"</th><th scope="col">"Door"</th>
                    {STEPS.into_iter().map(|(name, _)| view! { <th scope="col" class="number">{name}</th> }).collect_view()}
                </tr></thead>
                <tbody>{requests.into_iter().map(line).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn records(count: usize) -> String {
    if count == 1 { "1 record was".to_owned() } else { format!("{count} records were") }
}
