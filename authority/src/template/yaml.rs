//! The template's text as a tree, within bounds.

use serde_json::Value;

use super::TemplateFault;

/// The largest template that CloudFormation takes (quota "Template body size in a request for an Amazon S3 object": 1 MB).
const MAX_BYTES: usize = 1024 * 1024;
const MAX_NODES: usize = 50_000;
const MAX_DEPTH: usize = 48;

/// Anchors and aliases are refused: CloudFormation has none, and they are how a small text becomes a large tree. So are tags: they
/// are functions in short form, which other readers of YAML lose in silence.
pub(super) fn read(text: &str) -> Result<Value, TemplateFault> {
    if text.len() > MAX_BYTES {
        return Err(TemplateFault::Form("it is larger than CloudFormation takes".to_owned()));
    }
    let budget = serde_saphyr::budget! {
        max_nodes: MAX_NODES,
        max_events: 3 * MAX_NODES,
        max_depth: MAX_DEPTH,
        flow_nesting_limit: MAX_DEPTH,
        max_anchors: 0,
        max_aliases: 0,
        max_merge_keys: 0,
        max_documents: 1,
        max_total_scalar_bytes: MAX_BYTES,
    };
    let options = serde_saphyr::options! { budget: budget, reject_unsupported_tags: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|fault| TemplateFault::Form(fault.to_string()))
}
