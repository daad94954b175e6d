//! STS: `AssumeRole` and `GetCallerIdentity`, in the AWS query protocol (a form in, XML out), version 2011-06-15.

mod assume_role;
mod caller_identity;
mod parameters;
mod xml;

use zeroize::Zeroizing;

use crate::{
    refusal::Refusal,
    service::{Answer, Call, Service},
};
use parameters::Parameters;

/// The version of the API that clients name.
const VERSION: &str = "2011-06-15";

/// Answers one call to STS.
pub(crate) fn answer(call: Call<'_>, body: &[u8]) -> Result<Answer, Refusal> {
    let mut parameters = Parameters::read(body)?;
    let action = parameters.take("Action").ok_or(Refusal::UnknownOperation)?;
    if parameters.take("Version").as_deref() != Some(VERSION) {
        return Err(Refusal::Validation(format!("Version must be {VERSION}.")));
    }
    match action.as_str() {
        "AssumeRole" => assume_role::answer(call, parameters),
        "GetCallerIdentity" => caller_identity::answer(call, &parameters),
        _ => Err(Refusal::UnknownOperation),
    }
}

/// A refusal in STS's shape.
pub(crate) fn refused(refusal: &Refusal, request_id: &str) -> Zeroizing<Vec<u8>> {
    xml::refusal(refusal.code(Service::Sts), refusal.message().unwrap_or_default(), request_id)
}
