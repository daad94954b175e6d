//! The policy evaluator of the embedded authority, from its own files: built alone it takes seconds, and its build may have
//! features that the workspace's must not.

#[path = "../../../authority/src/policy/mod.rs"]
pub mod policy;
