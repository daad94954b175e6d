//! `AssumeRole`: begins a session of a role, narrowed by a session policy.
//!
//! Bounds are those of the API model (sts/2011-06-15). A session policy outside the supported language is refused here, so
//! that no session exists whose limits the authority does not understand.

mod bounds;

use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use zeroize::Zeroizing;

use super::{parameters::Parameters, xml::Xml};
use crate::{
    estate::Role,
    identifier::Prefix,
    key::EncryptionContext,
    policy::{Kind, PolicyDocument},
    refusal::Refusal,
    secret::SecretAccessKey,
    service::{Answer, Call},
    session::Session,
};

/// What a caller asks for, within bounds.
struct Wish {
    role_arn: String,
    session_name: String,
    source_identity: Option<String>,
    tags: Vec<(String, String)>,
    policy: Option<String>,
    duration: Duration,
}

pub(super) fn answer(mut call: Call<'_>, parameters: Parameters) -> Result<Answer, Refusal> {
    "AssumeRole".clone_into(&mut call.event.name);
    let wish = Wish::read(parameters)?;
    call.event.session_name = Some(wish.session_name.clone());
    call.event.source_identity.clone_from(&wish.source_identity);
    let (role, source_identity) = trusted(&mut call, &wish)?;
    let packed = bounds::packed_size(wish.policy.as_deref(), &wish.tags)?;
    if let Some(policy) = &wish.policy {
        PolicyDocument::parse(Kind::Session, policy).map_err(|fault| Refusal::MalformedPolicy(fault.to_string()))?;
    }
    if wish.duration > Duration::seconds(Role::MAX_SESSION_SECONDS) {
        return Err(Refusal::Validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.".to_owned(),
        ));
    }

    let issued_at = call.now.replace_nanosecond(0).unwrap_or(call.now);
    let session = Session {
        role,
        name: wish.session_name,
        source_identity,
        tags: wish.tags,
        policy: wish.policy,
        issued_at,
        expires_at: issued_at + wish.duration,
        secret_access_key: SecretAccessKey::generate().map_err(|_| Refusal::Internal)?,
    };
    let access_key_id = Prefix::SessionKey.generate().map_err(|_| Refusal::Internal)?;
    let token = session.seal(call.estate.session_key(), &access_key_id).map_err(|_| Refusal::Internal)?;
    call.event.issued_access_key_id = Some(access_key_id.clone());
    told(&call, &session, &access_key_id, &token, packed)
}

/// The role, if it trusts this caller to begin this session.
fn trusted(call: &mut Call<'_>, wish: &Wish) -> Result<(Role, String), Refusal> {
    for action in ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"] {
        call.authorise(action, &wish.role_arn, &EncryptionContext::new())?;
    }
    let denied = |lacking: &str| {
        let arn = call.caller.arn(call.estate);
        Refusal::AccessDenied(format!(
            "User: {arn} is not authorized to perform: sts:AssumeRole on resource: {} because its trust policy requires {lacking}",
            wish.role_arn
        ))
    };
    let role = call.estate.role_named(&wish.role_arn).ok_or_else(|| denied("a role that exists"))?;
    let source_identity = wish.source_identity.clone().ok_or_else(|| denied("a source identity"))?;
    let lacks = |required: &&&str| !wish.tags.iter().any(|(key, value)| key == **required && !value.is_empty());
    match role.required_tags().iter().find(lacks) {
        Some(tag) => Err(denied(&format!("the session tag {tag}"))),
        None => Ok((role, source_identity)),
    }
}

fn told(
    call: &Call<'_>,
    session: &Session,
    access_key_id: &str,
    token: &Zeroizing<String>,
    packed: usize,
) -> Result<Answer, Refusal> {
    let expiration = OffsetDateTime::format(session.expires_at, &Rfc3339).map_err(|_| Refusal::Internal)?;
    let arn = call.estate.place().session_arn(session.role, &session.name);
    let assumed_role_id = format!("{}:{}", call.estate.role_id(session.role), session.name);
    Ok(Answer(Xml::answer("AssumeRole", &call.event.request_id, |xml| {
        xml.text("SourceIdentity", &session.source_identity);
        xml.element("AssumedRoleUser", |xml| {
            xml.text("Arn", &arn);
            xml.text("AssumedRoleId", &assumed_role_id);
        });
        xml.element("Credentials", |xml| {
            xml.text("AccessKeyId", access_key_id);
            xml.text("SecretAccessKey", session.secret_access_key.text());
            xml.text("SessionToken", token);
            xml.text("Expiration", &expiration);
        });
        xml.text("PackedPolicySize", &packed.to_string());
    })))
}

impl Wish {
    fn read(mut parameters: Parameters) -> Result<Self, Refusal> {
        let wish = Self {
            role_arn: bounds::arn(parameters.require("RoleArn")?)?,
            session_name: bounds::name("roleSessionName", parameters.require("RoleSessionName")?)?,
            source_identity: parameters.take("SourceIdentity").map(|text| bounds::name("sourceIdentity", text)).transpose()?,
            tags: bounds::tags(parameters.take_tags()?)?,
            policy: parameters.take("Policy").map(bounds::policy).transpose()?,
            duration: bounds::duration(parameters.take("DurationSeconds"))?,
        };
        parameters.finish()?;
        Ok(wish)
    }
}
