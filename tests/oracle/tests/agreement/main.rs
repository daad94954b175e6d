//! Thousands of generated policies and requests, asked of our evaluator and of `awsim-iam-policy` 0.8, which nobody here wrote.
//! The same ones each time; others with `ORACLE_SEED=<number>`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod known;
mod language;

use std::cell::RefCell;

use awsim_iam_policy::{AuthzRequest, EvalContext, PolicyDocument as TheirDocument};
use halligan_oracle::policy::{Act, Decision, Kind, Policies, PolicyDocument};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use language::{ACCOUNT, Document, ROLE, Reader, Request, SESSION, document, request};

/// How many of each property: some seconds in all.
const CASES: u32 = 6000;

#[test]
fn policies_of_role_boundary_and_session_say_the_same_together() {
    let tally = Tally::default();
    let asked = (
        prop::collection::vec(document(Kind::Identity), 1..3),
        prop::option::weighted(0.2, document(Kind::Identity)),
        prop::option::of(document(Kind::Session)),
        request(),
    );
    runner()
        .run(&asked, |(identity, boundary, session, request)| {
            let mine = {
                let identity: Vec<_> = identity.iter().map(|document| ours(Kind::Identity, document)).collect();
                let boundary = boundary.as_ref().map(|document| ours(Kind::Identity, document));
                let session = session.as_ref().map(|document| ours(Kind::Session, document));
                let policies = Policies {
                    identity: identity.iter().collect(),
                    boundary: boundary.as_ref(),
                    session: session.as_ref(),
                    resource: None,
                };
                policies.decide(&act(&request)).decision
            };
            let identity: Vec<_> = identity.iter().map(theirs).collect();
            let (boundary, session) = (boundary.as_ref().map(theirs), session.as_ref().map(theirs));
            let context = EvalContext {
                identity_policies: &identity,
                permissions_boundary: boundary.as_ref(),
                resource_policy: None,
                scps: &[],
                session_policy: session.as_ref(),
            };
            tally.note(mine);
            prop_assert_eq!(mine, asked_of_oracle(&request, ROLE, &context));
            Ok(())
        })
        .unwrap();
    tally.says_everything();
}

#[test]
fn a_policy_of_a_key_names_the_same_principals_for_the_same_acts() {
    let tally = Tally::default();
    runner()
        .run(&(document(Kind::Key), request()), |(document, request)| {
            let mine = ours(Kind::Key, &document).decide(&act(&request));
            let policy = theirs(&document);
            let context = EvalContext {
                identity_policies: &[],
                permissions_boundary: None,
                resource_policy: Some(&policy),
                scps: &[],
                session_policy: None,
            };
            // A session is named by its own ARN and by its role's; the oracle knows one ARN at a time.
            let both = [ROLE, SESSION].map(|principal| asked_of_oracle(&request, principal, &context));
            let their = both.into_iter().max_by_key(|decision| match decision {
                Decision::ImplicitDeny => 0,
                Decision::Allow => 1,
                Decision::ExplicitDeny => 2,
            });
            tally.note(mine);
            prop_assert_eq!(Some(mine), their);
            Ok(())
        })
        .unwrap();
    tally.says_everything();
}

fn runner() -> TestRunner {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let rng = match std::env::var("ORACLE_SEED") {
        Ok(number) => {
            let mut seed = [0; 32];
            seed[..8].copy_from_slice(&number.parse::<u64>().unwrap().to_le_bytes());
            TestRng::from_seed(RngAlgorithm::ChaCha, &seed)
        }
        Err(_) => TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    };
    TestRunner::new_with_rng(config, rng)
}

/// What a generated document is to us. It must load, or the generator is beyond the language.
fn ours(kind: Kind, document: &Document) -> PolicyDocument {
    let text = document.text(Reader::Ours);
    PolicyDocument::parse(kind, &text).unwrap_or_else(|fault| panic!("{fault} {text}"))
}

fn theirs(document: &Document) -> TheirDocument {
    awsim_iam_policy::parse(&document.text(Reader::Oracle)).unwrap()
}

fn act(request: &Request) -> Act<'_> {
    Act { principal: &request.principal, action: request.action, resource: request.resource, circumstances: &request.circumstances }
}

fn asked_of_oracle(request: &Request, principal: &str, policies: &EvalContext<'_>) -> Decision {
    let asked = AuthzRequest {
        principal_arn: principal,
        principal_account: ACCOUNT,
        action: request.action,
        resource_arn: request.resource,
        context: &request.context,
    };
    match awsim_iam_policy::evaluate(&asked, policies) {
        awsim_iam_policy::Decision::Allow => Decision::Allow,
        awsim_iam_policy::Decision::ExplicitDeny => Decision::ExplicitDeny,
        awsim_iam_policy::Decision::ImplicitDeny => Decision::ImplicitDeny,
    }
}

/// That two evaluators agree says nothing where both always say no.
#[derive(Default)]
struct Tally(RefCell<[u32; 3]>);

impl Tally {
    fn note(&self, decision: Decision) {
        let which = match decision {
            Decision::Allow => 0,
            Decision::ImplicitDeny => 1,
            Decision::ExplicitDeny => 2,
        };
        self.0.borrow_mut()[which] += 1;
    }

    fn says_everything(&self) {
        let counts = *self.0.borrow();
        println!("allowed, not allowed, denied: {counts:?}");
        assert!(counts.iter().all(|times| *times > CASES / 20), "{counts:?}");
    }
}
