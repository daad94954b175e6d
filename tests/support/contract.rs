//! What the portal says of its API, and whether a call was answered by it: every answer that a test hears is held against
//! the document, and what was sent for every call that worked.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use halligan_shared::paths;
use jsonschema::Validator;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tower::ServiceExt as _;

use super::{Answer, TestPortal};

/// The document, read.
pub(crate) struct Contract {
    pub(crate) document: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Contract {
    /// That of the portal, which is the same for every test.
    pub(crate) async fn of_portal() -> &'static Self {
        static CONTRACT: OnceCell<Contract> = OnceCell::const_new();
        CONTRACT
            .get_or_init(|| async {
                let portal = TestPortal::start().await;
                let answer = portal.router.oneshot(Request::get(paths::OPENAPI).body(Body::empty()).unwrap()).await.unwrap();
                let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
                Self { document: serde_json::from_slice(&body).unwrap(), validators: Mutex::default() }
            })
            .await
    }

    /// The paths of all streams of events.
    pub(crate) fn streams(&self) -> Vec<&str> {
        let paths = self.document["paths"].as_object().unwrap();
        let is_stream = |operations: &Value| !operations["get"]["responses"]["200"]["content"]["text/event-stream"].is_null();
        paths.iter().filter(|(_, operations)| is_stream(operations)).map(|(path, _)| path.as_str()).collect()
    }

    /// Fails when a call was answered otherwise than the document says.
    pub(crate) fn hold(&self, method: &Method, path: &str, sent: Option<&[u8]>, answer: &Answer) {
        let path = path.split('?').next().unwrap();
        if !path.starts_with("/api/") || *method == Method::HEAD {
            return;
        }
        let place = format!("{method} {path} -> {}", answer.status);
        let media_type = answer.headers.get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap().split(';').next().unwrap());
        let Some(operation) = self.operation(method, path) else {
            assert!(answer.status.is_client_error() && media_type == Some("application/problem+json"), "{place}");
            return;
        };
        let response = self.resolve(&operation["responses"][answer.status.as_str()]);
        assert!(response.is_object(), "{place} is not in the document");
        assert!(answer.headers.contains_key("x-request-id"), "{place}");
        match (response["content"].as_object(), media_type) {
            (None, None) => assert!(answer.body.is_empty(), "{place}"),
            (Some(content), Some(media_type)) => {
                let content = content.get(media_type).unwrap_or_else(|| panic!("{place}: {media_type}"));
                if media_type.ends_with("json") {
                    self.fits(&content["schema"], &serde_json::from_slice(&answer.body).unwrap(), &place);
                }
            }
            (content, media_type) => panic!("{place}: {media_type:?} in place of {content:?}"),
        }
        let taken = &operation["requestBody"]["content"]["application/json"]["schema"];
        if let (Some(sent), true, false) = (sent, answer.status.is_success(), taken.is_null()) {
            self.fits(taken, &serde_json::from_slice(sent).unwrap(), &format!("{method} {path}"));
        }
    }

    /// Fails when a value is not of this schema of the document.
    pub(crate) fn fits(&self, schema: &Value, value: &Value, place: &str) {
        let validator = Arc::clone(
            self.validators.lock().unwrap().entry(schema.to_string()).or_insert_with(|| Arc::new(self.validator(schema))),
        );
        let faults: Vec<_> = validator.iter_errors(value).map(|fault| format!("{} {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{place}: {faults:?}");
    }

    /// What judges by a schema of the document. Making it fails where the schema itself is none.
    pub(crate) fn validator(&self, schema: &Value) -> Validator {
        // What a schema refers to is looked up from its own root.
        let whole = json!({ "components": self.document["components"], "allOf": [schema] });
        let draft = jsonschema::Draft::Draft202012;
        jsonschema::options().with_draft(draft).should_validate_formats(true).build(&whole).unwrap()
    }

    /// What a reference stands for, or the value itself.
    pub(crate) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return value };
        self.document.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference} leads nowhere"))
    }

    /// The operation of a call: where the path is one by its own name, that one.
    fn operation(&self, method: &Method, path: &str) -> Option<&Value> {
        let method = method.as_str().to_ascii_lowercase();
        let paths = self.document["paths"].as_object().unwrap();
        let by_pattern = || paths.iter().find(|(pattern, _)| is_of(path, pattern)).map(|(_, operations)| operations);
        paths.get(path).or_else(by_pattern)?.get(method)
    }
}

fn is_of(path: &str, pattern: &str) -> bool {
    let (path, pattern): (Vec<_>, Vec<_>) = (path.split('/').collect(), pattern.split('/').collect());
    path.len() == pattern.len() && path.iter().zip(&pattern).all(|(part, of)| of.starts_with('{') || part == of)
}
