//! STS: `AssumeRole` and `GetCallerIdentity`, in the AWS query protocol (a form in, XML out), version 2011-06-15.

mod assume_role;
mod caller_identity;

use zeroize::Zeroizing;

use crate::{
    query::{self, Namespace, Parameters},
    refusal::Refusal,
    service::{Answer, Call, Service},
};

/// The version of the API that clients name.
const VERSION: &str = "2011-06-15";
const NAMESPACE: Namespace = Namespace("https://sts.amazonaws.com/doc/2011-06-15/");

/// Answers one call to STS.
pub(crate) fn answer(call: Call<'_>, body: &[u8]) -> Result<Answer, Refusal> {
    let mut parameters = Parameters::read(body)?;
    match parameters.action(VERSION)?.as_str() {
        "AssumeRole" => assume_role::answer(call, parameters),
        "GetCallerIdentity" => caller_identity::answer(call, &parameters),
        _ => Err(Refusal::UnknownOperation),
    }
}

/// A refusal in STS's shape.
pub(crate) fn refused(refusal: &Refusal, request_id: &str) -> Zeroizing<Vec<u8>> {
    query::refusal(NAMESPACE, refusal.in_words(Service::Sts), request_id)
}
