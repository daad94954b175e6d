//! `GetCallerIdentity`: who the credentials belong to. Needs no permission, as at AWS.

use super::{parameters::Parameters, xml::Xml};
use crate::{
    refusal::Refusal,
    service::{Answer, Call},
};

pub(super) fn answer(call: Call<'_>, parameters: &Parameters) -> Result<Answer, Refusal> {
    "GetCallerIdentity".clone_into(&mut call.event.name);
    parameters.finish()?;
    let Call { estate, caller, event, .. } = call;
    Ok(Answer(Xml::answer("GetCallerIdentity", &event.request_id, |xml| {
        xml.text("Arn", &caller.arn(estate));
        xml.text("UserId", &caller.user_id(estate));
        xml.text("Account", &estate.place().account);
    })))
}
