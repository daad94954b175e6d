//! The policies: who may ask, by which doors a request may be opened and on which terms, who may decide, who may
//! review, who sees what.
//!
//! They are text in the language Cedar, in files that a county's medical director can read; what is built in stands in `policies/`. This
//! module knows no HTTP, store or clock. What it guarantees: only policies that are understood to the last word are loaded, a question
//! that cannot be judged is denied, and a forbid holds against every permit.

mod cases;
mod fault;
mod load;
#[cfg(test)]
mod table;
mod terms;
#[cfg(test)]
mod tests;
mod words;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use cedar_policy::{Authorizer, Decision, Entity, EntityUid, PolicySet, Response};
use halligan_shared::{assignment::Assignment, door::Door, member::Role};

pub use self::{
    cases::{CASES, Failed, Outcome},
    fault::{CaseFault, PolicyFault},
    load::{SCHEMA, Written},
};
use self::{
    load::Source,
    words::{Act, Unasked, Words},
};
use crate::domain::{
    door::{Asked, Ruling, Terms, View},
    member::Member,
};

/// The files that a folder of policies starts from, by name: schema, policies and cases.
pub const FILES: [(&str, &str); 7] = [
    (SCHEMA, include_str!("../../../policies/halligan.cedarschema")),
    ("ask.cedar", include_str!("../../../policies/ask.cedar")),
    ("decide.cedar", include_str!("../../../policies/decide.cedar")),
    ("doors.cedar", include_str!("../../../policies/doors.cedar")),
    ("review.cedar", include_str!("../../../policies/review.cedar")),
    ("see.cedar", include_str!("../../../policies/see.cedar")),
    (CASES, include_str!("../../../policies/cases.toml")),
];

/// Room on the stack that a question is judged with, in bytes. Cedar gives up where it finds less than 100 KB at any depth of a policy
/// (`stack_size_check` of cedar-policy-core), and what gives up is denied: who waits is not to depend on how deep the call is.
const ROOM: usize = 512 << 10;

/// Policies that were read and checked.
#[derive(Clone)]
pub struct Policies(Arc<Parts>);

struct Parts {
    version: String,
    words: Words,
    set: PolicySet,
    /// Those of them that speak of an act: of a desk full of cards each is not held against every policy.
    of_act: HashMap<Act, PolicySet>,
    written: Vec<Written>,
}

impl Policies {
    /// Those that the program comes with.
    pub fn built_in() -> Result<Self, PolicyFault> {
        let source = |(name, text): &(&str, &str)| Source {
            name: (*name).to_owned(),
            path: PathBuf::from("policies").join(name),
            text: (*text).to_owned(),
        };
        Self::of(&FILES.iter().filter(|(name, _)| load::is_policy(name)).map(source).collect::<Vec<_>>())
    }

    /// Those of a folder: each file in it whose name ends with `.cedar`.
    pub fn read(folder: &Path) -> Result<Self, PolicyFault> {
        Self::of(&load::read(folder)?)
    }

    fn of(sources: &[Source]) -> Result<Self, PolicyFault> {
        let words = Words::new()?;
        let (set, written) = load::check(&words, sources)?;
        let of = |act| PolicySet::from_policies(set.policies().filter(|policy| terms::is_of(policy, act)).cloned()).ok();
        let of_act = Act::ALL.into_iter().filter_map(|act| Some((act, of(act)?))).collect();
        Ok(Self(Arc::new(Parts { version: load::version(sources), words, set, of_act, written })))
    }

    /// The same, each of which is asked whatever the question.
    #[cfg(test)]
    fn unsorted(&self) -> Self {
        let Parts { version, set, written, .. } = &*self.0;
        let (version, set, written) = (version.clone(), set.clone(), written.clone());
        Self(Arc::new(Parts { version, words: Words::new().unwrap(), set, of_act: HashMap::new(), written }))
    }

    /// Which policies these are: SHA-256 over schema and policies with their names, hexadecimal.
    pub fn version(&self) -> &str {
        &self.0.version
    }

    /// Each policy as it is written, in the order of files and lines.
    pub fn written(&self) -> &[Written] {
        &self.0.written
    }

    /// What these policies leave undone, in a sentence for whoever runs the portal: those of an agency may be older than the program.
    pub fn lack(&self) -> Option<&'static str> {
        let reviews = self.0.set.policies().any(terms::reviews);
        (!reviews).then_some(
            "no policy permits review, so nobody can close a review: copy review.cedar from a folder that `halligan policy show` writes",
        )
    }

    /// Whether a member may file this request.
    pub fn may_ask(&self, asked: &Asked<'_>) -> Ruling {
        self.of_request(asked.by, Act::Ask, asked)
    }

    /// Whether this request may go through a door, and on which terms.
    pub fn door(&self, door: Door, asked: &Asked<'_>) -> Ruling {
        self.of_request(asked.by, Act::Open(door), asked)
    }

    /// Whether a member may decide this request.
    pub fn may_decide(&self, who: &Member, asked: &Asked<'_>) -> Ruling {
        self.of_request(who, Act::Decide, asked)
    }

    /// Whether a member may review this request, once it was opened.
    pub fn may_review(&self, who: &Member, asked: &Asked<'_>) -> Ruling {
        self.of_request(who, Act::Review, asked)
    }

    /// Whether a member is let into a part of the portal.
    pub fn may_see(&self, who: &Member, view: View) -> bool {
        self.judge(who, Act::See, |words| Ok((words.view(view), vec![words.member(who)?]))).is_allowed
    }

    /// The roles each of which by itself lets a member into a part of the portal.
    pub fn roles_that_see(&self, view: View) -> Vec<Role> {
        let sees = |role: &Role| cases::somebody(1, vec![*role], Assignment::default()).is_ok_and(|who| self.may_see(&who, view));
        Role::ALL.into_iter().filter(sees).collect()
    }

    /// Holds every case of a `cases.toml` against these policies.
    pub fn hold(&self, cases: &str) -> Result<Outcome, CaseFault> {
        cases::hold(self, cases)
    }

    fn of_request(&self, who: &Member, act: Act, asked: &Asked<'_>) -> Ruling {
        self.judge(who, act, |words| words.request(who, asked))
    }

    /// Asks every policy that speaks of the act. Where one of them cannot be evaluated, or the question itself cannot be put, the answer is no: Cedar skips such a
    /// policy, and a forbid that is skipped would open what it is there to keep shut.
    fn judge(&self, who: &Member, act: Act, ask: impl FnOnce(&Words) -> Result<(EntityUid, Vec<Entity>), Unasked>) -> Ruling {
        let response = stacker::maybe_grow(ROOM, ROOM, || {
            let (resource, entities) = ask(&self.0.words)?;
            let (request, entities) = self.0.words.question(who, act, resource, entities)?;
            Ok::<_, Unasked>(Authorizer::new().is_authorized(&request, self.0.of_act.get(&act).unwrap_or(&self.0.set), &entities))
        });
        match response {
            Ok(response) => self.ruling(act, &response),
            Err(error) => {
                tracing::error!(%error, act = act.word(), "the policies could not be asked, so it is denied");
                Ruling { is_allowed: false, policies: Vec::new(), terms: Terms::default() }
            }
        }
    }

    fn ruling(&self, act: Act, response: &Response) -> Ruling {
        let ids = |ids: &mut dyn Iterator<Item = String>| {
            let mut ids: Vec<_> = ids.collect();
            ids.sort_unstable();
            ids
        };
        let errors = ids(&mut response
            .diagnostics()
            .errors()
            .map(|cedar_policy::AuthorizationError::PolicyEvaluationError(error)| error.policy_id().to_string()));
        if !errors.is_empty() {
            tracing::error!(policies = ?errors, act = act.word(), "policies could not be evaluated, so it is denied");
            return Ruling { is_allowed: false, policies: errors, terms: Terms::default() };
        }
        let is_allowed = response.decision() == Decision::Allow;
        let policies = ids(&mut response.diagnostics().reason().map(ToString::to_string));
        let terms = if is_allowed { self.strictest(&policies) } else { Terms::default() };
        Ruling { is_allowed, policies, terms }
    }

    fn strictest(&self, ids: &[String]) -> Terms {
        let named = self.0.written.iter().filter(|written| ids.contains(&written.id));
        named.filter_map(|written| written.terms).fold(Terms::default(), terms::stricter)
    }
}

/// The version alone: the rest is files that somebody can read.
impl std::fmt::Debug for Policies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Policies").field(&self.0.version).finish()
    }
}
