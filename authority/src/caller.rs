//! Who is calling, and what they may do.
//!
//! A caller is the backend's user, by its long-term key, or a session of a role. A session may do what its role's policy
//! *and* its session policy allow, explicit deny first; the user, what its own policy allows.

use time::OffsetDateTime;

use crate::{
    estate::Estate,
    identifier::Prefix,
    key::EncryptionContext,
    policy::{Act, Circumstances, Decision, Kind, Policies, PolicyDocument, Principal, Source},
    refusal::Refusal,
    session::Session,
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
            Self::Session(session) => estate.place().session_arn(session.role, &session.name),
        }
    }

    /// The unique id: of the user, or of the role with the session's name.
    pub(crate) fn user_id(&self, estate: &Estate) -> String {
        match self {
            Self::Backend => estate.backend().user_id.clone(),
            Self::Session(session) => format!("{}:{}", estate.role_id(session.role), session.name),
        }
    }

    /// Refuses unless every policy that binds this caller allows the act.
    pub(crate) fn authorise(
        &self,
        estate: &Estate,
        action: &str,
        resource: &str,
        encryption_context: &EncryptionContext,
        now: OffsetDateTime,
    ) -> Result<(), Refusal> {
        let mut circumstances = Circumstances::at(now);
        if let Self::Session(session) = self {
            circumstances = circumstances.issued_at(session.issued_at);
        }
        for (name, value) in encryption_context {
            circumstances = circumstances.with(&format!("kms:EncryptionContext:{name}"), value);
        }
        let principal = self.principal(estate);
        let act = Act { principal: &principal, action, resource, circumstances: &circumstances };
        let session = match self {
            Self::Backend => None,
            // It loaded when the session began. If this program no longer reads it, nothing is allowed.
            Self::Session(session) => session.policy.as_deref().map(|policy| PolicyDocument::parse(Kind::Session, policy)),
        };
        let session = session.transpose().map_err(|fault| Refusal::AccessDenied(fault.to_string()))?;
        let identity = match self {
            Self::Backend => estate.backend_policy(),
            Self::Session(session) => estate.role_policy(session.role),
        };
        let policies = Policies { identity: vec![identity], session: session.as_ref(), ..Policies::default() };
        let verdict = policies.decide(&act);
        let kind = match verdict.refused_by {
            None => return Ok(()),
            Some(Source::Identity) => "identity-based",
            Some(Source::Boundary) => "permissions boundary",
            Some(Source::Session) => "session",
            Some(Source::Resource) => "resource-based",
        };
        let because = match verdict.decision {
            Decision::ExplicitDeny => format!("with an explicit deny in a {kind} policy"),
            _ => format!("because no {kind} policy allows the {action} action"),
        };
        let arn = self.arn(estate);
        Err(Refusal::AccessDenied(format!("User: {arn} is not authorized to perform: {action} on resource: {resource} {because}")))
    }

    fn principal(&self, estate: &Estate) -> Principal {
        let arn = self.arn(estate);
        match self {
            Self::Backend => Principal::User { arn },
            Self::Session(session) => Principal::Session { arn, role: estate.place().role_arn(session.role) },
        }
    }
}
