//! The words of policies: what a member, a request and a part of the portal are called there, and how a question is put.

use std::collections::{HashMap, HashSet};

use cedar_policy::{Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression, Schema};
use halligan_shared::{
    door::Door,
    justification::{Reason, Severity},
};

use super::{FILES, PolicyFault};
use crate::domain::{
    door::{Asked, Incident, View},
    member::Member,
};

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Act {
    Ask,
    Open(Door),
    Decide,
    Review,
    See,
}

impl Act {
    /// Every act.
    pub(super) const ALL: [Self; 7] = [
        Self::Ask,
        Self::Open(Door::Dispatcher),
        Self::Open(Door::Policy),
        Self::Open(Door::Override),
        Self::Decide,
        Self::Review,
        Self::See,
    ];

    /// The id of its action.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Open(Door::Dispatcher) => "open_by_dispatcher",
            Self::Open(Door::Policy) => "open_by_policy",
            Self::Open(Door::Override) => "open_by_override",
            Self::Decide => "decide",
            Self::Review => "review",
            Self::See => "see",
        }
    }
}

/// The question is not one of the schema's: the program and its schema do not fit each other.
#[derive(Debug, thiserror::Error)]
#[error("a question that the schema does not know: {0}")]
pub(super) struct Unasked(Box<dyn std::error::Error + Send + Sync>);

impl Unasked {
    fn of(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(Box::new(error))
    }
}

/// The schema, and the names of its kinds.
pub(super) struct Words {
    schema: Schema,
    action: EntityTypeName,
    member: EntityTypeName,
    request: EntityTypeName,
    role: EntityTypeName,
    severity: EntityTypeName,
    reason: EntityTypeName,
    view: EntityTypeName,
}

impl Words {
    pub(super) fn new() -> Result<Self, PolicyFault> {
        let [(_, text), ..] = FILES;
        let (schema, _) = Schema::from_cedarschema_str(text).map_err(|error| PolicyFault::OwnSchema(error.to_string()))?;
        let kind = |name: &str| name.parse::<EntityTypeName>().map_err(|error| PolicyFault::OwnSchema(error.to_string()));
        Ok(Self {
            schema,
            action: kind("Action")?,
            member: kind("Member")?,
            request: kind("Request")?,
            role: kind("Role")?,
            severity: kind("Severity")?,
            reason: kind("Reason")?,
            view: kind("View")?,
        })
    }

    pub(super) const fn schema(&self) -> &Schema {
        &self.schema
    }

    pub(super) fn view(&self, view: View) -> EntityUid {
        named(&self.view, view.word())
    }

    /// A member as policies see one.
    pub(super) fn member(&self, member: &Member) -> Result<Entity, Unasked> {
        let roles = member.roles.iter().map(|role| one_of(&self.role, role.word()));
        let mut known = HashMap::from([
            ("agency_id".to_owned(), text(member.agency_id.as_str())),
            ("roles".to_owned(), RestrictedExpression::new_set(roles)),
        ]);
        let assignment = &member.assignment;
        for (name, sign) in
            [("crew", &assignment.crew), ("unit", &assignment.unit), ("station", &assignment.station), ("shift", &assignment.shift)]
        {
            known.extend(sign.as_ref().map(|sign| (name.to_owned(), text(sign.as_str()))));
        }
        Entity::new(self.id(member), known, HashSet::new()).map_err(Unasked::of)
    }

    /// A request, with everybody in the question.
    pub(super) fn request(&self, who: &Member, asked: &Asked<'_>) -> Result<(EntityUid, Vec<Entity>), Unasked> {
        let mut known = HashMap::from([
            ("by".to_owned(), RestrictedExpression::new_entity_uid(self.id(asked.by))),
            ("severity".to_owned(), one_of(&self.severity, severity(asked.severity))),
            ("reason".to_owned(), one_of(&self.reason, reason(asked.reason))),
            ("drill".to_owned(), RestrictedExpression::new_bool(asked.drill)),
            ("in_drill".to_owned(), RestrictedExpression::new_bool(asked.in_drill)),
            ("denied_before".to_owned(), RestrictedExpression::new_bool(asked.denied_before)),
        ]);
        if let Some(incident) = &asked.incident {
            known.insert("incident".to_owned(), self::incident(incident)?);
        }
        let id = named(&self.request, "asked");
        let mut entities = vec![Entity::new(id.clone(), known, HashSet::new()).map_err(Unasked::of)?, self.member(who)?];
        if who.id != asked.by.id {
            entities.push(self.member(asked.by)?);
        }
        Ok((id, entities))
    }

    /// A question as Cedar takes it, held against the schema.
    pub(super) fn question(
        &self,
        who: &Member,
        act: Act,
        resource: EntityUid,
        entities: Vec<Entity>,
    ) -> Result<(Request, Entities), Unasked> {
        let entities = Entities::from_entities(entities, Some(&self.schema)).map_err(Unasked::of)?;
        let action = named(&self.action, act.word());
        let request = Request::new(self.id(who), action, resource, Context::empty(), Some(&self.schema)).map_err(Unasked::of)?;
        Ok((request, entities))
    }

    fn id(&self, member: &Member) -> EntityUid {
        named(&self.member, &member.id.to_string())
    }
}

fn incident(incident: &Incident) -> Result<RestrictedExpression, Unasked> {
    let units = incident.units.iter().map(|unit| text(unit.as_str()));
    let known = [
        ("is_open".to_owned(), RestrictedExpression::new_bool(incident.is_open)),
        ("units".to_owned(), RestrictedExpression::new_set(units)),
        ("heard_seconds".to_owned(), RestrictedExpression::new_long(incident.heard_ago.whole_seconds())),
    ];
    RestrictedExpression::new_record(known).map_err(Unasked::of)
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::LifeThreatening => "life_threatening",
        Severity::Urgent => "urgent",
        Severity::Other => "other",
    }
}

const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::CannotSpeak => "cannot_speak",
        Reason::ThreatToLife => "threat_to_life",
        Reason::ConfirmIdentity => "confirm_identity",
        Reason::Other => "other",
    }
}

fn named(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

fn one_of(kind: &EntityTypeName, id: &str) -> RestrictedExpression {
    RestrictedExpression::new_entity_uid(named(kind, id))
}

fn text(text: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_are_those_of_the_wire() {
        assert!(Severity::ALL.into_iter().all(|one| json!(one) == severity(one)));
        assert!(Reason::ALL.into_iter().all(|one| json!(one) == reason(one)));
        assert!(View::ALL.into_iter().all(|one| json!(one) == one.word()));
        assert!(Door::ALL.into_iter().all(|one| Act::Open(one).word() == format!("open_by_{}", one.word())));
    }
}
