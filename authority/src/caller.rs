//! Who is calling, and what they may do.
//!
//! A caller is the backend's user, by its long-term key, or a session of a role. What they may is decided by the template's policies,
//! by what was put on the role since, and by the session policy: see [`crate::policy`].

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    estate::{Estate, names},
    identifier::Prefix,
    policy::{Circumstances, Decision, Kind, PolicyDocument, Principal, Source, Verdict},
    refusal::Refusal,
    session::Session,
    template::Actor,
};

/// An identity whose credentials are known and in force. Nothing is proven until its signature is checked.
pub(crate) enum Caller {
    Backend,
    Session(Box<Session>),
}

impl Caller {
    /// The identity that an access key id and a session token name at `now`.
    pub(crate) fn identify(
        estate: &Estate,
        access_key_id: &str,
        token: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<Self, Refusal> {
        match token {
            None if access_key_id == estate.backend().access_key_id => Ok(Self::Backend),
            Some(token) if access_key_id.starts_with(Prefix::SessionKey.text()) => {
                let session = Session::open(estate.session_key(), access_key_id, token).ok_or(Refusal::UnknownCredentials)?;
                // Half-open: at the very second of its end a session is over.
                if now < session.expires_at { Ok(Self::Session(Box::new(session))) } else { Err(Refusal::ExpiredToken) }
            }
            _ => Err(Refusal::UnknownCredentials),
        }
    }

    /// The secret that must have made the request's signature.
    pub(crate) fn secret_access_key<'a>(&'a self, estate: &'a Estate) -> &'a str {
        match self {
            Self::Backend => estate.backend().secret_access_key.text(),
            Self::Session(session) => session.secret_access_key.text(),
        }
    }

    pub(crate) fn arn(&self, estate: &Estate) -> String {
        match self {
            Self::Backend => estate.backend_arn(),
            Self::Session(session) => estate.place().session_arn(&session.role, &session.name),
        }
    }

    pub(crate) fn principal(&self, estate: &Estate) -> Principal {
        let arn = self.arn(estate);
        match self {
            Self::Backend => Principal::User { arn },
            Self::Session(session) => Principal::Session { arn, role: estate.place().role_arn(&session.role) },
        }
    }

    /// The unique id: of the user, or of the role with the session's name.
    pub(crate) fn user_id(&self, estate: &Estate) -> String {
        match self {
            Self::Backend => estate.backend().user_id.clone(),
            Self::Session(session) => format!("{}:{}", estate.role_id(&session.role), session.name),
        }
    }

    /// CloudTrail's `userIdentity`.
    pub(crate) fn user_identity(&self, estate: &Estate, access_key_id: &str) -> Value {
        let (kind, more) = match self {
            Self::Backend => ("IAMUser", ("userName", json!(self.arn(estate).rsplit('/').next()))),
            Self::Session(session) => ("AssumedRole", ("sessionContext", session_context(estate, session))),
        };
        let members = [
            ("type", json!(kind)),
            ("principalId", json!(self.user_id(estate))),
            ("arn", json!(self.arn(estate))),
            ("accountId", json!(estate.place().account)),
            ("accessKeyId", json!(access_key_id)),
            more,
        ];
        members.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
    }

    /// What every request of this caller carries, whatever it asks for.
    pub(crate) fn circumstances(&self, estate: &Estate, now: OffsetDateTime) -> Circumstances {
        let mut circumstances = Circumstances::at(now).with("aws:userid", self.user_id(estate));
        if let Self::Session(session) = self {
            circumstances = circumstances.issued_at(session.issued_at);
            if let Some(person) = &session.source_identity {
                circumstances = circumstances.with("aws:SourceIdentity", person);
            }
            for (key, value) in &session.tags {
                circumstances = circumstances.with(&format!("aws:PrincipalTag/{key}"), value);
            }
        }
        circumstances
    }

    /// Refuses unless all policies that bind this act, together, allow it.
    pub(crate) fn authorise(
        &self,
        estate: &Estate,
        action: &str,
        resource: &str,
        circumstances: &Circumstances,
    ) -> Result<(), Refusal> {
        let verdict = self.verdict(estate, action, resource, circumstances)?;
        let Some(source) = verdict.refused_by else { return Ok(()) };
        let kind = match source {
            Source::Identity => "identity-based policy",
            Source::Boundary => "permissions boundary",
            Source::Session => "session policy",
            Source::Resource => "resource-based policy",
        };
        let because = match verdict.decision {
            Decision::ExplicitDeny => {
                format!(" with an explicit deny in {} {kind}", if source == Source::Identity { "an" } else { "a" })
            }
            // STS does not say what a role's trust demands.
            _ if source == Source::Resource && action.starts_with("sts:") => String::new(),
            _ => format!(" because no {kind} allows the {action} action"),
        };
        let arn = self.arn(estate);
        Err(Refusal::AccessDenied(format!("User: {arn} is not authorized to perform: {action} on resource: {resource}{because}")))
    }

    fn verdict(&self, estate: &Estate, action: &str, resource: &str, circumstances: &Circumstances) -> Result<Verdict, Refusal> {
        let (role, session) = match self {
            Self::Backend => (estate.stack().role(names::BACKEND), None),
            Self::Session(session) => (estate.role(&session.role), Some(session)),
        };
        // It was there when the session began. Without it, nothing is allowed.
        let role = role.ok_or_else(|| Refusal::AccessDenied("The role of this session does not exist any more.".to_owned()))?;
        // It loaded when the session began. If this program no longer reads it, nothing is allowed.
        let policy = session.and_then(|session| session.policy.as_deref()).map(|text| PolicyDocument::parse(Kind::Session, text));
        let policy = policy.transpose().map_err(|fault| Refusal::AccessDenied(fault.to_string()))?;
        let mut actor: Actor<'_> = role.session(session.map_or("", |session| &session.name));
        actor.principal = self.principal(estate);
        actor.session = policy.as_ref();
        Ok(estate.stack().decide(&actor, action, resource, circumstances))
    }
}

/// CloudTrail's `sessionContext`: whose session it is, since when, and for whom.
fn session_context(estate: &Estate, session: &Session) -> Value {
    let issuer = json!({
        "type": "Role",
        "principalId": estate.role_id(&session.role),
        "arn": estate.place().role_arn(&session.role),
        "accountId": estate.place().account,
        "userName": session.role,
    });
    let began = OffsetDateTime::format(session.issued_at, &Rfc3339).ok();
    let attributes = json!({"creationDate": began, "mfaAuthenticated": "false"});
    match &session.source_identity {
        Some(person) => json!({"sessionIssuer": issuer, "attributes": attributes, "sourceIdentity": person}),
        None => json!({"sessionIssuer": issuer, "attributes": attributes}),
    }
}
