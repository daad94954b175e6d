//! How a handler says what it takes and gives: by the types of its arguments and of its answer, and by nothing else.

use axum::{Extension, Json, extract::State};
use halligan_shared::{incident::IncidentNumber, wire::ProblemCode};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};
use tower_sessions::Session;

use super::Document;
use crate::{
    http::{
        body::{Body, Id, Ids, Octets, Search},
        browser::At,
        events::Pictures,
        gate::{Fresh, Who},
        incidents::{Number, Told},
        problem::Refused,
        release::Sealed,
        seal::Awaited,
        sign_in::SignedOut,
    },
    services::Portal,
};

/// The media type of a stream of events.
const EVENTS: &str = "text/event-stream";

/// A route as its handler's types describe it.
#[derive(Default)]
pub(in crate::http) struct Operation {
    /// Module and name of the handler.
    pub(super) handler: (&'static str, &'static str),
    /// The ids in the path, in order.
    pub(super) ids: Vec<Shape>,
    /// The query, an object.
    pub(super) query: Option<Shape>,
    /// The body it takes.
    pub(super) takes: Option<Content>,
    /// The body it gives.
    pub(super) gives: Option<Content>,
    /// How its arguments may refuse.
    pub(super) refusals: Vec<ProblemCode>,
}

/// A body: its media type, and its shape.
pub(super) struct Content {
    pub(super) media_type: &'static str,
    pub(super) shape: Shape,
}

/// The schema of a type, to be written when the document is.
#[derive(Clone, Copy)]
pub(super) struct Shape(pub(super) fn(&mut SchemaGenerator) -> Schema);

impl Shape {
    fn of<T: JsonSchema>() -> Self {
        Self(SchemaGenerator::subschema_for::<T>)
    }
}

impl Content {
    fn json<T: JsonSchema>() -> Self {
        Self { media_type: "application/json", shape: Shape::of::<T>() }
    }

    /// Bytes have no shape that JSON Schema could tell.
    fn octets() -> Self {
        Self { media_type: "application/octet-stream", shape: Shape(|_| Schema::from(true)) }
    }

    fn text() -> Self {
        Self { media_type: "text/plain", shape: Shape::of::<String>() }
    }

    fn events<T: JsonSchema>() -> Self {
        Self { media_type: EVENTS, shape: Shape(event_of::<T>) }
    }
}

/// One event of a stream: OpenAPI 3.1 has no word for that, and takes the schema of a stream for that of each event.
fn event_of<T: JsonSchema>(shapes: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "event": { "const": "picture" },
            "data": { "type": "string", "contentMediaType": "application/json", "contentSchema": shapes.subschema_for::<T>() },
        },
        "required": ["event", "data"],
    })
}

impl Operation {
    /// What a handler's types say.
    pub(in crate::http) fn of<H: Speaks<A>, A>(_: &H) -> Self {
        let mut path = std::any::type_name::<H>().rsplit("::");
        let name = path.next().unwrap_or_default();
        let mut operation = Self { handler: (path.next().unwrap_or_default(), name), ..Self::default() };
        H::describe(&mut operation);
        operation
    }

    /// Whether it answers with a stream of events.
    pub(in crate::http) fn is_stream(&self) -> bool {
        self.gives.as_ref().is_some_and(|gives| gives.media_type == EVENTS)
    }
}

/// A handler of arguments `A`.
pub(in crate::http) trait Speaks<A> {
    fn describe(operation: &mut Operation);
}

/// What a handler can be given.
pub(in crate::http) trait Argument {
    fn describe(operation: &mut Operation);
}

/// What a handler can answer.
pub(in crate::http) trait Answer {
    fn describe(operation: &mut Operation);
}

macro_rules! speaks {
    ($($argument:ident)*) => {
        impl<H, F, R, $($argument),*> Speaks<($($argument,)*)> for H
        where
            H: Fn($($argument),*) -> F,
            F: Future<Output = R>,
            R: Answer,
            $($argument: Argument),*
        {
            fn describe(operation: &mut Operation) {
                $($argument::describe(operation);)*
                R::describe(operation);
            }
        }
    };
}

speaks!();
speaks!(A);
speaks!(A B);
speaks!(A B C);
speaks!(A B C D);
speaks!(A B C D E);

impl Argument for State<Portal> {
    fn describe(_: &mut Operation) {}
}

impl Argument for Session {
    fn describe(_: &mut Operation) {}
}

impl<T> Argument for Extension<T> {
    fn describe(_: &mut Operation) {}
}

impl Argument for At {
    fn describe(_: &mut Operation) {}
}

impl Argument for Who {
    fn describe(operation: &mut Operation) {
        operation.refusals.push(ProblemCode::NotSignedIn);
    }
}

impl Argument for Fresh {
    fn describe(operation: &mut Operation) {
        Who::describe(operation);
        operation.refusals.push(ProblemCode::StaleSignIn);
    }
}

impl<T: JsonSchema> Argument for Body<T> {
    fn describe(operation: &mut Operation) {
        operation.takes = Some(Content::json::<T>());
        operation.refusals.extend([ProblemCode::Malformed, ProblemCode::TooLarge]);
    }
}

impl<T: JsonSchema> Argument for Told<T> {
    fn describe(operation: &mut Operation) {
        Body::<T>::describe(operation);
    }
}

impl Argument for Number {
    fn describe(operation: &mut Operation) {
        Id::<IncidentNumber>::describe(operation);
        operation.refusals.push(ProblemCode::Invalid);
    }
}

impl Argument for Awaited {
    fn describe(_: &mut Operation) {}
}

impl Argument for Octets {
    fn describe(operation: &mut Operation) {
        operation.takes = Some(Content::octets());
        operation.refusals.push(ProblemCode::TooLarge);
    }
}

impl<T: JsonSchema> Argument for Search<T> {
    fn describe(operation: &mut Operation) {
        // Its own properties are the parameters, so nothing is to be referred to.
        operation.query = Some(Shape(T::json_schema));
        operation.refusals.push(ProblemCode::Malformed);
    }
}

impl<T: JsonSchema> Argument for Id<T> {
    fn describe(operation: &mut Operation) {
        operation.ids.push(Shape::of::<T>());
        operation.refusals.push(ProblemCode::NotFound);
    }
}

impl<A: JsonSchema, B: JsonSchema> Argument for Ids<A, B> {
    fn describe(operation: &mut Operation) {
        Id::<A>::describe(operation);
        Id::<B>::describe(operation);
    }
}

impl<A: Answer> Answer for Result<A, Refused> {
    fn describe(operation: &mut Operation) {
        A::describe(operation);
    }
}

impl Answer for () {
    fn describe(_: &mut Operation) {}
}

impl Answer for SignedOut {
    fn describe(_: &mut Operation) {}
}

impl<T: JsonSchema> Answer for Json<T> {
    fn describe(operation: &mut Operation) {
        operation.gives = Some(Content::json::<T>());
    }
}

impl Answer for &'static str {
    fn describe(operation: &mut Operation) {
        operation.gives = Some(Content::text());
    }
}

impl Answer for Sealed {
    fn describe(operation: &mut Operation) {
        operation.gives = Some(Content::octets());
    }
}

impl<T: JsonSchema> Answer for Pictures<T> {
    fn describe(operation: &mut Operation) {
        operation.gives = Some(Content::events::<T>());
    }
}

impl Answer for Document {
    fn describe(operation: &mut Operation) {
        operation.gives = Some(Content::json::<Map<String, Value>>());
    }
}
