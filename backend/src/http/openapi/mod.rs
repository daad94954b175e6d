//! The API's own description, OpenAPI 3.1, written once from the route table, the handlers' types and `operations`.

mod describe;

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension,
    body::Bytes,
    http::{Method, header},
    response::{IntoResponse, Response},
};
use halligan_shared::{
    resting::{BY_ITSELF, RENEWED},
    wire::{Problem, ProblemCode},
};
use schemars::{Schema, SchemaGenerator, generate::SchemaSettings, transform::RecursiveTransform};
use serde_json::{Map, Value, json};

use self::describe::Content;
pub(super) use self::describe::{Operation, Speaks};
use super::{
    Access, Entry, operations,
    problem::{self, word_of},
    security,
};
use crate::{config::Settings, policy::Policies};

/// What any call may be answered, whatever it is: another site's page sent it, it comes too often, it takes too long, and what
/// is our fault.
const ANYWHERE: [ProblemCode; 4] = [ProblemCode::ForeignOrigin, ProblemCode::TooOften, ProblemCode::TooSlow, ProblemCode::Internal];

/// The headers of a signed call, beside the signature itself.
const SIGNED: [(&str, &str); 2] = [
    ("Content-Digest", "SHA-256 of the body (RFC 9530), such as `sha-256=:…:`."),
    (
        "Signature-Input",
        "What is signed and when, such as `cad=(\"@method\" \"@path\" \"content-digest\");created=1764187200;tag=\"halligan/v1/cad\"`.",
    ),
];

/// The document as it is sent.
#[derive(Clone)]
pub(super) struct Document(Bytes);

/// Hands out the document.
pub(super) async fn document(Extension(document): Extension<Arc<Document>>) -> Document {
    Document::clone(&document)
}

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        // Not for shared caches: to a cookie of no session it is answered that the browser is to forget that one.
        let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "private, max-age=300")];
        (headers, self.0).into_response()
    }
}

impl Document {
    /// Describes these routes.
    pub(super) fn of(rows: &[(Entry, Operation)], settings: &Settings) -> Self {
        Self(Bytes::from(Writer::new(settings).write(rows).to_string()))
    }
}

/// The document while it is written.
struct Writer<'a> {
    settings: &'a Settings,
    /// Shapes of what callers send.
    taken: SchemaGenerator,
    /// Shapes of what they are answered.
    given: SchemaGenerator,
    refusals: Map<String, Value>,
}

impl<'a> Writer<'a> {
    fn new(settings: &'a Settings) -> Self {
        let shapes = SchemaSettings::draft2020_12().with(|shapes| shapes.definitions_path = "/components/schemas".into());
        let shapes = shapes.with_transform(RecursiveTransform(without_links));
        Self {
            settings,
            taken: shapes.clone().for_deserialize().into_generator(),
            given: shapes.for_serialize().into_generator(),
            refusals: Map::new(),
        }
    }

    fn write(mut self, rows: &[(Entry, Operation)]) -> Value {
        let mut paths = Map::new();
        for (entry, operation) in rows {
            let path = paths.entry(entry.path).or_insert_with(|| json!({}));
            if let Some(path) = path.as_object_mut() {
                path.insert(entry.method.as_str().to_ascii_lowercase(), self.operation(entry, operation));
            }
        }
        let mut schemas = self.taken.take_definitions(true);
        for (name, schema) in self.given.take_definitions(true) {
            debug_assert!(schemas.get(&name).is_none_or(|other| *other == schema), "{name} is taken in another shape than given");
            schemas.insert(name, schema);
        }
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Halligan",
                "summary": "Emergency access to health records",
                "description": "Every refusal is application/problem+json (RFC 9457) with a stable code. Calls that change something come \
                                from the portal's own origin. Ids, points, shares and sealed documents are all that travels: no record \
                                is ever readable here.",
                "version": env!("CARGO_PKG_VERSION"),
                "license": { "name": "Apache License 2.0", "identifier": "Apache-2.0" },
            },
            "paths": paths,
            "components": {
                "schemas": schemas,
                "responses": self.refusals,
                "headers": {
                    "request-id": {
                        "description": "The id under which the portal logged this call.",
                        "required": true,
                        "schema": { "type": "string", "format": "uuid" },
                    },
                    "retry-after": {
                        "description": "After so many seconds the same would be taken.",
                        "schema": { "type": "integer", "minimum": 0 },
                    },
                },
                "securitySchemes": {
                    "cad": {
                        "type": "apiKey",
                        "in": "header",
                        "name": "Signature",
                        "description": "HTTP Message Signature (RFC 9421) by hmac-sha256 over \"@method\", \"@path\" and \"content-digest\", with \
                                        created and the tag \"halligan/v1/cad\".",
                    },
                    "session": {
                        "type": "apiKey",
                        "in": "cookie",
                        "name": security::cookie_name(self.settings),
                        "description": format!(
                            "Given at sign-in. Beside it stands the role that a call needs. A session rests anew from each call on that is let in, \
                             which the answer says by `{RENEWED}`; but not from streams of events, nor from calls that say by `{BY_ITSELF}` that \
                             nobody touched anything for them.",
                        ),
                    },
                },
            },
        })
    }

    fn operation(&mut self, entry: &Entry, operation: &Operation) -> Value {
        let (module, name) = operation.handler;
        let note = operations::note(&entry.method, entry.path);
        let codes = operation.refusals.iter().chain(note.map_or(&[][..], |note| note.refusals)).copied();
        let codes = codes.chain(of_access(entry.access)).chain(ANYWHERE);
        let mut written = json!({
            "operationId": format!("{module}_{name}"),
            "tags": [module],
            "summary": note.map_or("", |note| note.summary),
            "parameters": self.parameters(entry, operation),
            "security": security(entry.access, &self.settings.policies),
            "responses": self.responses(operation, codes),
        });
        if let (Some(takes), Some(written)) = (&operation.takes, written.as_object_mut()) {
            written.insert("requestBody".into(), json!({ "required": true, "content": content(takes, &mut self.taken) }));
        }
        written
    }

    fn parameters(&mut self, entry: &Entry, operation: &Operation) -> Vec<Value> {
        let names = entry.path.split(['{', '}']).skip(1).step_by(2);
        let ids = names
            .zip(&operation.ids)
            .map(|(name, shape)| json!({ "name": name, "in": "path", "required": true, "schema": (shape.0)(&mut self.taken) }));
        let mut all: Vec<_> = ids.collect();
        if let Some(query) = operation.query {
            all.extend(query_parameters(&(query.0)(&mut self.taken)));
        }
        if entry.access == Access::Machine {
            all.extend(SIGNED.map(|(name, description)| {
                json!({ "name": name, "in": "header", "required": true, "description": description, "schema": { "type": "string" } })
            }));
        } else if entry.method != Method::GET {
            all.push(json!({
                "name": "Origin",
                "in": "header",
                "required": true,
                "description": "The portal's own origin, which browsers send by themselves.",
                "schema": { "const": self.settings.origin_text() },
            }));
        }
        all
    }

    fn responses(&mut self, operation: &Operation, codes: impl Iterator<Item = ProblemCode>) -> Value {
        let mut good = json!({ "description": "Done.", "headers": headers(false) });
        if let (Some(gives), Some(good)) = (&operation.gives, good.as_object_mut()) {
            good.insert("content".into(), content(gives, &mut self.given));
        }
        let mut by_status = BTreeMap::<u16, Vec<ProblemCode>>::new();
        for code in codes {
            let together = by_status.entry(problem::status_of(code).as_u16()).or_default();
            if !together.contains(&code) {
                together.push(code);
            }
        }
        let refused = by_status.into_iter().map(|(status, codes)| (status.to_string(), self.refusal(status, &codes)));
        Value::Object(std::iter::once(("200".to_owned(), good)).chain(refused).collect())
    }

    /// A reference to the refusal by one of these codes, which many routes have in common.
    fn refusal(&mut self, status: u16, codes: &[ProblemCode]) -> Value {
        let mut words: Vec<_> = codes.iter().map(|code| word_of(*code)).collect();
        words.sort();
        let name = words.join("-or-");
        let reference = json!({ "$ref": format!("#/components/responses/{name}") });
        if !self.refusals.contains_key(&name) {
            let mut schema = self.given.subschema_for::<Problem>();
            schema.insert("properties".into(), json!({ "status": { "const": status }, "code": { "enum": words } }));
            let response = json!({
                "description": words.join(", "),
                "headers": headers(matches!(status, 429 | 502 | 503)),
                "content": { problem::MEDIA_TYPE: { "schema": schema } },
            });
            self.refusals.insert(name, response);
        }
        reference
    }
}

fn headers(waits: bool) -> Value {
    let id = json!({ "$ref": "#/components/headers/request-id" });
    if waits {
        json!({ "x-request-id": id, "retry-after": { "$ref": "#/components/headers/retry-after" } })
    } else {
        json!({ "x-request-id": id })
    }
}

fn content(content: &Content, shapes: &mut SchemaGenerator) -> Value {
    json!({ content.media_type: { "schema": (content.shape.0)(shapes) } })
}

fn query_parameters(query: &Schema) -> Vec<Value> {
    let properties = query.get("properties").and_then(Value::as_object);
    let parameter = |(name, schema): (&String, &Value)| json!({ "name": name, "in": "query", "schema": present(schema.clone()) });
    properties.into_iter().flatten().map(parameter).collect()
}

/// The schema of a value that is there: what may be left out of a query is left out, and never null.
fn present(mut schema: Value) -> Value {
    if let Some(kinds) = schema.get_mut("type")
        && let Some(kind) = kinds.as_array().and_then(|kinds| kinds.iter().find(|kind| *kind != "null"))
    {
        *kinds = kind.clone();
    }
    schema
}

/// Roles stand beside the scheme, as OpenAPI 3.1 has it for schemes without scopes: each that the policies let in by itself.
fn security(access: Access, policies: &Policies) -> Value {
    match access {
        Access::Public => json!([]),
        Access::Member => json!([{ "session": [] }]),
        Access::See(view) => match policies.roles_that_see(view) {
            roles if roles.is_empty() => json!([{ "session": [] }]),
            roles => roles.iter().map(|role| json!({ "session": [role.word()] })).collect(),
        },
        Access::Machine => json!([{ "cad": [] }]),
    }
}

fn of_access(access: Access) -> impl Iterator<Item = ProblemCode> {
    let codes: &[ProblemCode] = match access {
        Access::Public => &[],
        Access::Member => &[ProblemCode::NotSignedIn],
        Access::See(_) => &[ProblemCode::NotSignedIn, ProblemCode::NotAllowed],
        Access::Machine => &[ProblemCode::NotSigned, ProblemCode::NotFound],
    };
    codes.iter().copied()
}

/// Descriptions are the types' own comments, in which brackets make links.
fn without_links(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace("[`", "`").replace("`]", "`");
    }
}
