//! Who is calling, and what they may do.
//!
//! A caller is the backend's user, by its long-term key, or a session of a role. A session may do what its role's policy
//! *and* its session policy allow, explicit deny first; the user, what its own policy allows.

use time::OffsetDateTime;

use crate::{
    estate::Estate,
    identifier::Prefix,
    key::EncryptionContext,
    policy::{Act, Circumstances, Decision, PolicyDocument},
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
        let circumstances = Circumstances {
            current_time: now,
            token_issue_time: match self {
                Self::Backend => None,
                Self::Session(session) => Some(session.issued_at),
            },
            encryption_context: encryption_context.clone(),
        };
        let act = Act { action, resource, circumstances: &circumstances };
        let because = match self.decide(estate, &act)? {
            (Decision::Allow, _) => return Ok(()),
            (Decision::ImplicitDeny, policy) => format!("because no {policy} policy allows the {action} action"),
            (Decision::ExplicitDeny, policy) => format!("with an explicit deny in a {policy} policy"),
        };
        let arn = self.arn(estate);
        Err(Refusal::AccessDenied(format!("User: {arn} is not authorized to perform: {action} on resource: {resource} {because}")))
    }

    /// The decision, and the kind of policy that made it.
    fn decide(&self, estate: &Estate, act: &Act<'_>) -> Result<(Decision, &'static str), Refusal> {
        let session = match self {
            Self::Backend => return Ok((estate.backend_policy().decide(act), "identity-based")),
            Self::Session(session) => session,
        };
        let role = estate.role_policy(session.role).decide(act);
        let Some(policy) = &session.policy else {
            return Ok((role, "identity-based"));
        };
        // It loaded when the session began. If this program no longer reads it, nothing is allowed.
        let policy = PolicyDocument::parse(policy).map_err(|fault| Refusal::AccessDenied(fault.to_string()))?;
        let both = role.intersect(policy.decide(act));
        Ok((both, if both == role { "identity-based" } else { "session" }))
    }
}
