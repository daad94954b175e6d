//! Signature Version 4, checked: these credentials made this very request, here and now.
//!
//! The signature is made a second time by `aws-sigv4`, the signer inside the AWS SDK, and compared in constant time.
//! Considered first: `scratchstack-aws-signature` 0.11.4, which checks signatures on http 1.x. It does not fit. Its stable
//! interface fixes the clock skew at 15 minutes, its secret key type is `Copy` and is not zeroized, and at trace level it logs
//! canonical requests, session tokens among them. `aws-sigv4` is in the tree already, keeps tokens out of its log, and a
//! change that AWS makes to signing reaches client and authority together.
//!
//! Beyond the signature itself: the headers that decide what a request means (`host` and every `x-amz-*`) must be signed and
//! must stand there once, and the body's digest is always taken from the body, never from a header.

use std::{fmt::Write as _, time::SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4::SigningParams,
};
use axum::http::{HeaderMap, request::Parts};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use time::{Duration, OffsetDateTime, PrimitiveDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::{
    authorization::{Authorization, incomplete},
    caller::Caller,
    estate::Estate,
    refusal::Refusal,
    service::Service,
};

/// How far a request's date may be from the authority's clock, either way: 5 minutes, as at AWS for both services.
const ALLOWED_SKEW: Duration = Duration::minutes(5);
const DATE: &str = "x-amz-date";
const TOKEN: &str = "x-amz-security-token";
const DIGEST: &str = "x-amz-content-sha256";
const DATE_FORMAT: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");

/// The caller who signed this request.
pub(crate) fn check(
    estate: &Estate,
    service: Service,
    parts: &Parts,
    body: &[u8],
    authorization: &Authorization<'_>,
    now: OffsetDateTime,
) -> Result<Caller, Refusal> {
    let date_text = one_header(&parts.headers, DATE)?.ok_or_else(|| incomplete("there is no X-Amz-Date header"))?;
    let date = PrimitiveDateTime::parse(date_text, DATE_FORMAT)
        .map_err(|_| incomplete("X-Amz-Date must read like 20261123T100500Z"))?
        .assume_utc();
    check_skew(date, date_text, now)?;
    check_scope(estate, service, authorization, date_text)?;
    check_signed_headers(&parts.headers, &authorization.signed_headers)?;
    check_digest(&parts.headers, body)?;

    let token = one_header(&parts.headers, TOKEN)?;
    let caller = Caller::identify(estate, authorization.access_key_id, token, now)?;
    let credentials = Credentials::new(
        authorization.access_key_id,
        caller.secret_access_key(estate),
        token.map(str::to_owned),
        None,
        "halligan-authority",
    );
    let expected = signature(service, parts, body, authorization, credentials, date.into())?;
    if bool::from(expected.as_bytes().ct_eq(authorization.signature.as_bytes())) {
        Ok(caller)
    } else {
        Err(mismatch(
            "The request signature we calculated does not match the signature you provided. \
             Check your AWS Secret Access Key and signing method.",
        ))
    }
}

/// The signature that the caller's credentials make for this request.
fn signature(
    service: Service,
    parts: &Parts,
    body: &[u8],
    authorization: &Authorization<'_>,
    credentials: Credentials,
    date: SystemTime,
) -> Result<String, Refusal> {
    let mut headers = Vec::new();
    for name in authorization.signed_headers.iter().copied().filter(|name| ![DATE, TOKEN].contains(name)) {
        let value = one_header(&parts.headers, name)?;
        headers.push((name, value.ok_or_else(|| mismatch(&format!("The signed header {name} is missing.")))?));
    }
    let mut settings = SigningSettings::default();
    // The client said what it signed; nothing is left out on our own account.
    settings.excluded_headers = None;

    let unsignable = || mismatch("The request is not one that can be signed.");
    let host = one_header(&parts.headers, "host")?.unwrap_or_default();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let request =
        SignableRequest::new(parts.method.as_str(), format!("http://{host}{path}"), headers.into_iter(), SignableBody::Bytes(body))
            .map_err(|_| unsignable())?;
    let identity = credentials.into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(authorization.scope.region)
        .name(service.signing_name())
        .time(date)
        .settings(settings)
        .build()
        .map_err(|_| unsignable())?
        .into();
    Ok(sign(request, &parameters).map_err(|_| unsignable())?.signature().to_owned())
}

fn check_skew(date: OffsetDateTime, date_text: &str, now: OffsetDateTime) -> Result<(), Refusal> {
    // To the second, which is all that the header can say.
    let skew = date - now.replace_nanosecond(0).unwrap_or(now);
    if skew < -ALLOWED_SKEW {
        Err(mismatch(&format!(
            "Signature expired: {date_text} is now earlier than {} ({} - 5 min.)",
            stamp(now - ALLOWED_SKEW),
            stamp(now)
        )))
    } else if skew > ALLOWED_SKEW {
        Err(mismatch(&format!(
            "Signature not yet current: {date_text} is still later than {} ({} + 5 min.)",
            stamp(now + ALLOWED_SKEW),
            stamp(now)
        )))
    } else {
        Ok(())
    }
}

fn stamp(time: OffsetDateTime) -> String {
    time.format(DATE_FORMAT).unwrap_or_default()
}

fn check_scope(estate: &Estate, service: Service, authorization: &Authorization<'_>, date_text: &str) -> Result<(), Refusal> {
    let (scope, region) = (&authorization.scope, &estate.place().region);
    if !service.is_signed_for(scope.region, region) {
        Err(mismatch(&format!("Credential should be scoped to a valid region, which here is {region}.")))
    } else if scope.service != service.signing_name() {
        Err(mismatch(&format!("Credential should be scoped to correct service: '{}'.", service.signing_name())))
    } else if !date_text.starts_with(scope.day) || scope.day.len() != 8 {
        Err(mismatch(&format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{}', from '{date_text}'.",
            scope.day,
            date_text.get(..8).unwrap_or_default()
        )))
    } else {
        Ok(())
    }
}

/// What a client says of its body has to be so. The signature is over the body itself all the same.
fn check_digest(headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
    let mut digest = String::with_capacity(64);
    for byte in Sha256::digest(body) {
        // Writing into a text cannot fail.
        let _ = write!(digest, "{byte:02x}");
    }
    match one_header(headers, DIGEST)? {
        Some(said) if said != digest => {
            Err(mismatch("The provided 'x-amz-content-sha256' header does not match what was computed."))
        }
        _ => Ok(()),
    }
}

/// An unsigned `x-amz-target` would let whoever relays a request turn it into another one.
fn check_signed_headers(headers: &HeaderMap, signed: &[&str]) -> Result<(), Refusal> {
    let must_be_signed = |name: &str| name == "host" || name.starts_with("x-amz-");
    match headers.keys().map(axum::http::HeaderName::as_str).find(|name| must_be_signed(name) && !signed.contains(name)) {
        Some(name) => Err(mismatch(&format!("'{name}' must be a 'SignedHeader' in the AWS Authorization."))),
        None if !signed.contains(&"host") => Err(mismatch("'host' must be a 'SignedHeader' in the AWS Authorization.")),
        None => Ok(()),
    }
}

/// The value of a header that may stand there once. Twice is two meanings.
fn one_header<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(incomplete(&format!("the header {name} appears twice")));
    }
    value.to_str().map(Some).map_err(|_| incomplete(&format!("the header {name} is not ASCII")))
}

fn mismatch(text: &str) -> Refusal {
    Refusal::Signature(text.to_owned())
}
