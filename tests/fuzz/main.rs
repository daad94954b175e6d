//! Everything that parses strangers' bytes, fed with bytes that nobody meant.
//!
//! A target is a name and a function: the function takes bytes and panics when a promise is broken. To add one, add its
//! line below and put a first input or two into `__fuzz__/<name>/seeds/`, under names that say what they are of: a new route and a new
//! body have one each. What is found stands in `corpus/` beside it, and what once broke a promise in `crashes/`, under a name that says
//! what it was.
//!
//! `cargo test` runs each target over its inputs, some random bytes and some hundred changed inputs; `make fuzz` runs it for
//! as long as one likes, guided by coverage, and keeps the corpus small.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a target fails by panicking")]

mod audit;
mod authority;
mod change;
mod feed;
mod harness;
mod passkeys;
mod policy;
mod record;
mod reference;
mod routes;
#[path = "../scene.rs"]
mod scene;
mod summary;
#[path = "../support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the targets drive the portal by requests of their own")]
mod support;
mod template;
mod wire;
mod words;

use harness::targets;

targets! {
    // What a bracelet says, scanned or typed.
    reference_text: reference::text;
    bracelet_link: reference::link;

    // What a hostile author sealed, once it is open.
    frame: record::frame;
    frame_header: record::header;
    summary_document: summary::document;
    summary_text: summary::text;

    // What travels between browser and backend.
    point: record::point;
    ids: words::ids;
    justification: words::justification;
    member_names: words::member_names;
    statements: words::statements;
    wire_requests: wire::requests;
    wire_answers: wire::answers;
    routes: routes::call;

    // What computer-aided dispatch tells, or whoever speaks in its place.
    incident_document: feed::document;
    cad_signature: feed::signature;

    // What a passkey answers.
    passkey_plain: passkeys::plain;
    passkey_registration: passkeys::registration;
    passkey_sign_in: passkeys::sign_in;
    passkey_signing: passkeys::signing;

    // What the store reads back after somebody changed it.
    audit_event: audit::event;
    audit_rows: audit::rows;

    // What the embedded authority is asked, and what its file says.
    authority_request: authority::request;
    authority_sts: authority::sts;
    authority_kms: authority::kms;
    authority_keys_file: authority::keys_file;
    policy_document: policy::document;
    template: template::stack;
}
