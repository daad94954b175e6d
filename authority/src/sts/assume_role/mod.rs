//! `AssumeRole`: begins a session of a role, narrowed by a session policy.
//!
//! Bounds are those of the API model (sts/2011-06-15); what a role demands of a session is its trust policy's. A session policy outside the supported language is refused here, so
//! that no session exists whose limits the authority does not understand.

mod bounds;

use serde_json::{Value, json};
use time::{
    Duration, OffsetDateTime,
    format_description::{BorrowedFormatItem, well_known::Rfc3339},
    macros::format_description,
};
use zeroize::Zeroizing;

use super::NAMESPACE;
use crate::{
    caller::Caller,
    identifier::Prefix,
    policy::{Kind, PolicyDocument},
    query::{Parameters, Xml},
    refusal::Refusal,
    secret::SecretAccessKey,
    service::{Answer, Call},
    session::Session,
    template::Role,
};

/// How CloudTrail writes the end of a session.
const TRAIL_DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[month repr:short] [day padding:none], [year], [hour repr:12 padding:none]:[minute]:[second] [period]");

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
    wish.note(&mut call.event.details.request);
    let role = trusted(&mut call, &wish)?;
    let packed = bounds::packed_size(wish.policy.as_deref(), &wish.tags)?;
    if let Some(policy) = &wish.policy {
        PolicyDocument::parse(Kind::Session, policy).map_err(|fault| Refusal::MalformedPolicy(fault.to_string()))?;
    }
    if wish.duration > Duration::seconds(role.max_session_seconds) {
        return Err(Refusal::Validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.".to_owned(),
        ));
    }

    let issued_at = call.now.replace_nanosecond(0).unwrap_or(call.now);
    let session = Session {
        role: role.name.clone(),
        name: wish.session_name,
        source_identity: wish.source_identity,
        tags: wish.tags,
        policy: wish.policy,
        issued_at,
        expires_at: issued_at + wish.duration,
        secret_access_key: SecretAccessKey::generate().map_err(|_| Refusal::Internal)?,
    };
    let access_key_id = Prefix::SessionKey.generate().map_err(|_| Refusal::Internal)?;
    let token = session.seal(call.estate.session_key(), &access_key_id).map_err(|_| Refusal::Internal)?;
    call.event.issued_access_key_id = Some(access_key_id.clone());
    told(&mut call, &session, &access_key_id, &token, packed)
}

/// The role, if it trusts this caller to begin this session. Naming and tagging it are acts of their own.
fn trusted<'a>(call: &mut Call<'a>, wish: &Wish) -> Result<&'a Role, Refusal> {
    let mut circumstances = call.circumstances().with("sts:RoleSessionName", &wish.session_name);
    let mut actions = vec!["sts:AssumeRole"];
    if let Some(person) = &wish.source_identity {
        actions.push("sts:SetSourceIdentity");
        circumstances = circumstances.with("sts:SourceIdentity", person);
    }
    if !wish.tags.is_empty() {
        actions.push("sts:TagSession");
        circumstances = circumstances.with_all("aws:TagKeys", wish.tags.iter().map(|(key, _)| key.clone()));
        for (key, value) in &wish.tags {
            circumstances = circumstances.with(&format!("aws:RequestTag/{key}"), value);
        }
    }
    for action in actions {
        call.authorise(action, &wish.role_arn, &circumstances)?;
    }
    // A source identity stays what it is through every session that begins from another.
    if let Caller::Session(session) = call.caller
        && session.source_identity.is_some()
        && session.source_identity != wish.source_identity
    {
        return Err(Refusal::AccessDenied("The source identity of a session cannot be changed.".to_owned()));
    }
    call.estate.stack().role_at(&wish.role_arn).ok_or(Refusal::Internal)
}

fn told(
    call: &mut Call<'_>,
    session: &Session,
    access_key_id: &str,
    token: &Zeroizing<String>,
    packed: usize,
) -> Result<Answer, Refusal> {
    let expiration = OffsetDateTime::format(session.expires_at, &Rfc3339).map_err(|_| Refusal::Internal)?;
    let arn = call.estate.place().session_arn(&session.role, &session.name);
    let assumed_role_id = format!("{}:{}", call.estate.role_id(&session.role), session.name);
    call.event.details.response = Some(json!({
        "credentials": {"accessKeyId": access_key_id, "expiration": session.expires_at.format(TRAIL_DATE).ok()},
        "assumedRoleUser": {"assumedRoleId": assumed_role_id, "arn": arn},
        "sourceIdentity": session.source_identity,
        "packedPolicySize": packed,
    }));
    let tell = |xml: &mut Xml| {
        if let Some(person) = &session.source_identity {
            xml.text("SourceIdentity", person);
        }
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
    };
    Ok(Answer(Xml::answer(NAMESPACE, "AssumeRole", &call.event.request_id, Some(tell))))
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

    /// What the trail keeps of it.
    fn note(&self, request: &mut serde_json::Map<String, Value>) {
        let mut add = |name: &str, value: Value| request.insert(name.to_owned(), value);
        add("roleArn", json!(self.role_arn));
        add("roleSessionName", json!(self.session_name));
        add("durationSeconds", json!(self.duration.whole_seconds()));
        if let Some(person) = &self.source_identity {
            add("sourceIdentity", json!(person));
        }
        if let Some(policy) = &self.policy {
            add("policy", json!(policy));
        }
        if !self.tags.is_empty() {
            add("tags", self.tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect());
        }
    }
}
