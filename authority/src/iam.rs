//! IAM: the inline policies of a role, as far as a lockdown needs them, in the query protocol, version 2010-05-08.
//!
//! `PutRolePolicy` with a deny on sessions issued before a moment (`aws:TokenIssueTime`) ends every session of a role at once; what is
//! put there is kept with the estate, so it holds for every process and after a restart. Whoever may do this, the template says.

use serde_json::json;

use crate::{
    policy::{Kind, PolicyDocument},
    query::{self, Namespace, Parameters, Xml},
    refusal::Refusal,
    service::{Answer, Call, Service},
};

/// The version of the API that clients name.
const VERSION: &str = "2010-05-08";
const NAMESPACE: Namespace = Namespace("https://iam.amazonaws.com/doc/2010-05-08/");
/// Characters of all inline policies of a role, white space aside (IAM quota).
const MAX_INLINE: usize = 10_240;

/// Answers one call to IAM.
pub(crate) async fn answer(call: Call<'_>, body: &[u8]) -> Result<Answer, Refusal> {
    let mut parameters = Parameters::read(body)?;
    match parameters.action(VERSION)?.as_str() {
        "PutRolePolicy" => put(call, parameters).await,
        "DeleteRolePolicy" => delete(call, parameters).await,
        "GetRolePolicy" => get(call, parameters),
        _ => Err(Refusal::UnknownOperation),
    }
}

/// A refusal in IAM's shape.
pub(crate) fn refused(refusal: &Refusal, request_id: &str) -> zeroize::Zeroizing<Vec<u8>> {
    query::refusal(NAMESPACE, refusal.in_words(Service::Iam), request_id)
}

async fn put(mut call: Call<'_>, mut parameters: Parameters) -> Result<Answer, Refusal> {
    let text = parameters.require("PolicyDocument")?;
    let (role, name) = named(&mut call, "PutRolePolicy", parameters)?;
    call.event.details.request.insert("policyDocument".to_owned(), text.clone().into());
    authorised(&mut call, "iam:PutRolePolicy", &role)?;
    PolicyDocument::parse(Kind::Identity, &text).map_err(|fault| Refusal::MalformedPolicy(fault.to_string()))?;
    let on_role = role.clone();
    let put = call.office.holder.change(move |holdings| holdings.put_role_policy(on_role, name, text, MAX_INLINE)).await;
    if put.map_err(|fault| Refusal::unkept(&fault))? {
        Ok(done(&call, "PutRolePolicy"))
    } else {
        Err(Refusal::LimitExceeded(format!("Maximum policy size of {MAX_INLINE} bytes exceeded for role {role}")))
    }
}

async fn delete(mut call: Call<'_>, parameters: Parameters) -> Result<Answer, Refusal> {
    let (role, name) = named(&mut call, "DeleteRolePolicy", parameters)?;
    authorised(&mut call, "iam:DeleteRolePolicy", &role)?;
    let missing = no_policy(&name);
    let deleted = call.office.holder.change(move |holdings| holdings.delete_role_policy(&role, &name)).await;
    if deleted.map_err(|fault| Refusal::unkept(&fault))? { Ok(done(&call, "DeleteRolePolicy")) } else { Err(missing) }
}

fn get(mut call: Call<'_>, parameters: Parameters) -> Result<Answer, Refusal> {
    let (role, name) = named(&mut call, "GetRolePolicy", parameters)?;
    authorised(&mut call, "iam:GetRolePolicy", &role)?;
    let text = call.estate.role_policy(&role, &name).ok_or_else(|| no_policy(&name))?;
    let tell = |xml: &mut Xml| {
        xml.text("RoleName", &role);
        xml.text("PolicyName", &name);
        // By RFC 3986, as clients expect it: a space is no plus.
        let escaped: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        xml.text("PolicyDocument", &escaped.replace('+', "%20"));
    };
    Ok(Answer(Xml::answer(NAMESPACE, "GetRolePolicy", &call.event.request_id, Some(tell))))
}

/// The role's and the policy's names: `[\w+=,.@-]`, of 64 and of 128 characters at most.
fn named(call: &mut Call<'_>, operation: &str, mut parameters: Parameters) -> Result<(String, String), Refusal> {
    operation.clone_into(&mut call.event.name);
    let role = bounded("roleName", parameters.require("RoleName")?, 64)?;
    let name = bounded("policyName", parameters.require("PolicyName")?, 128)?;
    parameters.finish()?;
    call.event.details.request.insert("roleName".to_owned(), json!(role));
    call.event.details.request.insert("policyName".to_owned(), json!(name));
    Ok((role, name))
}

fn authorised(call: &mut Call<'_>, action: &str, role: &str) -> Result<(), Refusal> {
    let circumstances = call.circumstances();
    call.authorise(action, &call.estate.place().role_arn(role), &circumstances)?;
    match call.estate.role(role) {
        Some(_) => Ok(()),
        None => Err(Refusal::NoSuchEntity(format!("The role with name {role} cannot be found."))),
    }
}

fn no_policy(name: &str) -> Refusal {
    Refusal::NoSuchEntity(format!("The role policy with name {name} cannot be found."))
}

fn bounded(member: &str, text: String, most: usize) -> Result<String, Refusal> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    if (1..=most).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(text)
    } else {
        Err(Refusal::Validation(format!(
            r"1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]{{1,{most}}}"
        )))
    }
}

fn done(call: &Call<'_>, operation: &str) -> Answer {
    Answer(Xml::answer(NAMESPACE, operation, &call.event.request_id, None::<fn(&mut Xml)>))
}
