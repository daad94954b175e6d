//! The audit log, a page at a time.

use halligan_shared::{member::AgencyId, paths, wire};
use js_sys::encode_uri_component;

use super::client::{self, Refusal};

/// Which events to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// A kind, or a family of kinds with its full stop (`request.`); empty for all.
    pub kind: String,
    /// Whose acts; everybody's if absent.
    pub actor: Option<AgencyId>,
}

/// A page, newest first: from the newest event, or from the one before `before`.
pub async fn page(filter: &Filter, before: Option<u64>) -> Result<wire::AuditPage, Refusal> {
    let mut query = Vec::new();
    if let Some(before) = before {
        query.push(format!("before={before}"));
    }
    if !filter.kind.is_empty() {
        query.push(format!("kind={}", encode_uri_component(&filter.kind)));
    }
    if let Some(actor) = &filter.actor {
        query.push(format!("actor={}", encode_uri_component(actor.as_str())));
    }
    client::get(&format!("{}?{}", paths::AUDIT, query.join("&"))).await
}
