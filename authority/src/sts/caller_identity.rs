//! `GetCallerIdentity`: who the credentials belong to. Needs no permission, as at AWS.

use super::NAMESPACE;
use crate::{
    query::{Parameters, Xml},
    refusal::Refusal,
    service::{Answer, Call},
};

pub(super) fn answer(call: Call<'_>, parameters: &Parameters) -> Result<Answer, Refusal> {
    "GetCallerIdentity".clone_into(&mut call.event.name);
    parameters.finish()?;
    let Call { estate, caller, event, .. } = call;
    let tell = |xml: &mut Xml| {
        xml.text("Arn", &caller.arn(estate));
        xml.text("UserId", &caller.user_id(estate));
        xml.text("Account", &estate.place().account);
    };
    Ok(Answer(Xml::answer(NAMESPACE, "GetCallerIdentity", &event.request_id, Some(tell))))
}
