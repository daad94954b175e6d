//! The `Authorization` header of Signature Version 4, parsed.

use axum::http::{HeaderMap, header::AUTHORIZATION};

use crate::refusal::Refusal;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What a request claims: these credentials signed these headers for this scope.
pub(crate) struct Authorization<'a> {
    pub(crate) access_key_id: &'a str,
    pub(crate) scope: Scope<'a>,
    /// Header names in lower case, as the client listed them.
    pub(crate) signed_headers: Vec<&'a str>,
    pub(crate) signature: &'a str,
}

/// Where and when a signature counts.
#[derive(PartialEq, Eq)]
pub(crate) struct Scope<'a> {
    /// The day, as `YYYYMMDD`.
    pub(crate) day: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
}

impl<'a> Authorization<'a> {
    /// The one header, or why it cannot be read.
    pub(crate) fn of(headers: &'a HeaderMap) -> Result<Self, Refusal> {
        let mut given = headers.get_all(AUTHORIZATION).iter();
        let header = given.next().ok_or(Refusal::MissingAuthentication)?;
        if given.next().is_some() {
            return Err(incomplete("there is more than one Authorization header"));
        }
        let text = header.to_str().map_err(|_| incomplete("the Authorization header is not ASCII"))?;
        let parameters = text
            .strip_prefix(ALGORITHM)
            .and_then(|rest| rest.strip_prefix(' '))
            .ok_or_else(|| incomplete("the Authorization header is not of AWS4-HMAC-SHA256"))?;
        let parameter = |name: &str| one_parameter(parameters, name);
        let (credential, signed_headers, signature) =
            (parameter("Credential")?, parameter("SignedHeaders")?, parameter("Signature")?);

        let [access_key_id, day, region, service, "aws4_request"] = *credential.split('/').collect::<Vec<_>>() else {
            return Err(incomplete("Credential must read <access key>/<date>/<region>/<service>/aws4_request"));
        };
        if access_key_id.len() > 128 || !access_key_id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(incomplete("the access key id is not one"));
        }
        let scope = Scope { day, region, service };
        Ok(Self { access_key_id, scope, signed_headers: signed_headers.split(';').collect(), signature })
    }
}

fn one_parameter<'a>(parameters: &'a str, name: &str) -> Result<&'a str, Refusal> {
    let mut found = parameters.split(',').filter_map(|parameter| {
        let (key, value) = parameter.trim().split_once('=')?;
        (key == name).then_some(value)
    });
    match (found.next(), found.next()) {
        (Some(value), None) => Ok(value),
        _ => Err(incomplete(&format!("the Authorization header must have exactly one {name}"))),
    }
}

pub(crate) fn incomplete(what: &str) -> Refusal {
    Refusal::IncompleteSignature(format!("The request signature cannot be read: {what}."))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<(String, Vec<String>, String)> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(text).unwrap());
        let read = Authorization::of(&headers).ok()?;
        let signed = read.signed_headers.iter().map(|name| (*name).to_owned()).collect();
        Some((read.access_key_id.to_owned(), signed, read.signature.to_owned()))
    }

    #[test]
    fn parameters_may_stand_in_any_order_with_or_without_spaces() {
        let credential = "Credential=AKIA1/20261123/eu-central-1/kms/aws4_request";
        let expected = Some(("AKIA1".to_owned(), vec!["host".to_owned(), "x-amz-date".to_owned()], "00".to_owned()));
        assert_eq!(read(&format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host;x-amz-date, Signature=00")), expected);
        assert_eq!(read(&format!("AWS4-HMAC-SHA256 Signature=00,SignedHeaders=host;x-amz-date,{credential}")), expected);
    }

    #[test]
    fn a_parameter_twice_is_two_meanings() {
        let credential = "Credential=AKIA1/20261123/eu-central-1/kms/aws4_request";
        assert_eq!(read(&format!("AWS4-HMAC-SHA256 {credential}, {credential}, SignedHeaders=host, Signature=00")), None);
        assert_eq!(read(&format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=00, Signature=01")), None);
    }

    proptest! {
        #[test]
        fn nothing_makes_the_reader_panic(text in "(AWS4-HMAC-SHA256 )?[ -~]{0,200}") {
            let _ = read(&text);
        }
    }
}
