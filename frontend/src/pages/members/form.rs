//! What an invitation and the editing of a line have in common: where somebody works, and their roles.

use halligan_shared::{
    assignment::{Assignment, CallSign},
    member::{AgencyId, MemberFault, Role},
};
use leptos::prelude::*;

use super::Roll;
use crate::components::{Field, Keyboard};

const LABELS: [&str; 5] = ["Crew", "Unit", "Station", "Shift", "Supervisor"];
const HINTS: [&str; 5] = [
    "The people on one vehicle.",
    "The vehicle, as dispatch calls it.",
    "",
    "",
    "Agency ID of whom this member answers to. They are told when this member opens a record alone.",
];
/// Longest of what is typed: an agency id.
const MAX: usize = 64;

/// Where somebody works, as it is typed.
#[derive(Clone, Copy)]
pub(super) struct Post {
    ids: [&'static str; 5],
    typed: [RwSignal<String>; 5],
    faults: [RwSignal<Option<String>>; 5],
}

impl Post {
    /// With these ids of its fields, which nothing else on the page has.
    pub(super) fn new(ids: [&'static str; 5]) -> Self {
        Self { ids, typed: [(); 5].map(|()| RwSignal::new(String::new())), faults: [(); 5].map(|()| RwSignal::new(None)) }
    }

    pub(super) fn fill(self, assignment: &Assignment) {
        let Assignment { crew, unit, station, shift, supervisor } = assignment;
        let signs = [crew, unit, station, shift].map(|sign| sign.as_ref().map(ToString::to_string));
        let words = signs.into_iter().chain([supervisor.as_ref().map(ToString::to_string)]);
        for ((typed, fault), words) in self.typed.into_iter().zip(self.faults).zip(words) {
            typed.set(words.unwrap_or_default());
            fault.set(None);
        }
    }

    /// What is typed, of somebody with this agency id. The id of the first field at fault, where one is; each says why.
    pub(super) fn read(self, of: Option<&AgencyId>, roll: Roll) -> Result<Assignment, &'static str> {
        let [crew, unit, station, shift, supervisor] = self.typed.map(|typed| typed.get_untracked().trim().to_owned());
        let sign = |words: &str| -> Result<Option<CallSign>, String> {
            if words.is_empty() { Ok(None) } else { words.parse().map(Some).map_err(|fault| format!("{fault}")) }
        };
        let (crew, unit, station, shift) = (sign(&crew), sign(&unit), sign(&station), sign(&shift));
        let supervisor = supervisor_of(&supervisor, of, roll);
        let faults =
            [crew.as_ref().err(), unit.as_ref().err(), station.as_ref().err(), shift.as_ref().err(), supervisor.as_ref().err()];
        for (shown, fault) in self.faults.into_iter().zip(faults) {
            shown.set(fault.cloned());
        }
        let first = self.ids.into_iter().zip(faults).find(|(_, fault)| fault.is_some()).map(|(id, _)| id);
        match (crew, unit, station, shift, supervisor) {
            (Ok(crew), Ok(unit), Ok(station), Ok(shift), Ok(supervisor)) => {
                Ok(Assignment { crew, unit, station, shift, supervisor })
            }
            _ => Err(first.unwrap_or_default()),
        }
    }
}

fn supervisor_of(words: &str, of: Option<&AgencyId>, roll: Roll) -> Result<Option<AgencyId>, String> {
    if words.is_empty() {
        return Ok(None);
    }
    let id: AgencyId = words.parse().map_err(|fault: MemberFault| fault.to_string())?;
    if of == Some(&id) {
        Err("Nobody is their own supervisor.".to_owned())
    } else if roll.knows(&id) {
        Ok(Some(id))
    } else {
        Err("No member has this agency ID. Invite the supervisor first, or enter it later.".to_owned())
    }
}

/// The fields of a post, in a quiet group.
#[component]
pub(super) fn PostFields(post: Post) -> impl IntoView {
    let fields = post.ids.into_iter().zip(post.typed).zip(post.faults).zip(LABELS.into_iter().zip(HINTS));
    view! {
        <fieldset class="bare post">
            <legend>"Assignment "<span class="hint">"(what your agency uses of it)"</span></legend>
            {fields.map(|(((id, value), error), (label, hint))| {
                let hint = (!hint.is_empty()).then(|| hint.to_owned());
                view! { <Field id label value keyboard=Keyboard::Code max=MAX error hint/> }
            }).collect_view()}
        </fieldset>
    }
}

/// A box for each role.
#[component]
pub(super) fn RoleChecks(
    /// What the boxes' ids begin with.
    of: &'static str,
    chosen: RwSignal<Vec<Role>>,
    #[prop(into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let toggle = move |role: Role, is_chosen: bool| {
        chosen.update(|roles| {
            roles.retain(|chosen| *chosen != role);
            if is_chosen {
                roles.push(role);
            }
        });
    };
    let faults = format!("{of}-error");
    view! {
        <fieldset class="bare" aria-describedby=faults.clone()>
            <legend>"Roles"</legend>
            <div class="checks">
                {Role::ALL.into_iter().enumerate().map(|(place, role)| view! {
                    <label class="check">
                        <input type="checkbox" id=format!("{of}-{place}")
                            prop:checked=move || chosen.with(|roles| roles.contains(&role))
                            on:change=move |event| toggle(role, event_target_checked(&event))/>
                        <span>{capitalised(role.title())}</span>
                    </label>
                }).collect_view()}
            </div>
            <p class="error" id=faults.clone() role="alert">{move || error.get()}</p>
        </fieldset>
    }
}

/// Messages of shared types begin in lower case: they also stand within sentences.
fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
