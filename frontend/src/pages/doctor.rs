//! What would fail in an emergency, looked at before there is one. An admin's page; `halligan doctor` says the same.

use halligan_shared::{
    member::Role,
    wire::{Check, Checks, Grade, Readiness},
};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{doctor, readiness},
    components::{Access, Button, Loading, Look, Notice, Page, ReadinessNotice, Tone, Trouble},
};

/// The page.
#[component]
pub fn Doctor() -> impl IntoView {
    view! {
        <Page title="Before the emergency" access=Access::Role(Role::Admin) wide=true>
            <Examination/>
        </Page>
    }
}

#[component]
fn Examination() -> impl IntoView {
    let checks = RwSignal::new(None::<Checks>);
    let known = RwSignal::new(None::<Readiness>);
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let examine = move |()| {
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            // The page may have been left meanwhile.
            if let Ok(readiness) = readiness::look().await {
                known.try_set(Some(readiness));
            }
            match doctor::examine().await {
                Ok(found) => drop(checks.try_set(Some(found))),
                Err(refusal) => drop(trouble.try_set(Some(refusal.sentence()))),
            }
            busy.try_set(false);
        });
    };
    examine(());
    view! {
        <ReadinessNotice
            known
            locked_down="No record opens until two admins lift it."
            failing="Below stands what is wrong with it, if it can be seen from here."
        />
        <p class="hint">
            "Nothing is changed and nothing is opened by this. The same for monitoring: "<code>"halligan doctor --json"</code>"."
        </p>
        <Trouble words=trouble/>
        <div role="status">{move || checks.get().map(|checks| view! { <Tally checks/> })}</div>
        {move || (busy.get() && checks.with(Option::is_none)).then(|| view! { <Loading>"Looking at everything…"</Loading> })}
        {move || checks.get().map(|checks| view! {
            <ul class="grades">{worst_first(checks.checks).into_iter().map(|check| view! { <Line check/> }).collect_view()}</ul>
        })}
        <div class="bar"><Button look=Look::Main busy on_press=examine>"Look again"</Button></div>
    }
}

/// All of it in one sentence.
#[component]
fn Tally(checks: Checks) -> impl IntoView {
    let (fails, unknown) = (checks.ids(Grade::Fails).len(), checks.ids(Grade::Unknown).len());
    let (tone, words) = match (fails, unknown) {
        (0, 0) => (Tone::Status, "All of it would work.".to_owned()),
        (0, unknown) => (Tone::Status, format!("Nothing was found to fail. Not known: {unknown}.")),
        (fails, unknown) => (Tone::Alert, format!("Would fail: {fails}. Not known: {unknown}.")),
    };
    view! { <Notice tone>{words}</Notice> }
}

/// What has to be mended before what is not known because of it, and each in the order of the checks.
fn worst_first(mut checks: Vec<Check>) -> Vec<Check> {
    checks.sort_by_key(|check| match check.grade {
        Grade::Fails => 0,
        Grade::Unknown => 1,
        Grade::Fine => 2,
    });
    checks
}

#[component]
fn Line(check: Check) -> impl IntoView {
    let (class, word) = match check.grade {
        Grade::Fine => ("grade", "Fine"),
        Grade::Fails => ("grade failing", "Fails"),
        Grade::Unknown => ("grade", "Not known"),
    };
    view! {
        <li class=class>
            <p><strong>{check.name}</strong>" "<span class="tag">{word}</span></p>
            <p>{check.found}</p>
            {(!check.advice.is_empty()).then(|| view! { <p class="advice">{check.advice}</p> })}
            <p class="digest">{check.id}</p>
        </li>
    }
}
