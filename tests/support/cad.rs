//! Computer-aided dispatch, as it signs what it tells: RFC 9421 and RFC 9530 by hand, and nothing of the portal's own.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use halligan_shared::{paths, wire};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tower::ServiceExt as _;

use super::{Answer, Contract};

/// A dispatch system with a key.
#[derive(Clone)]
pub(crate) struct Cad {
    router: Router,
    key: Vec<u8>,
}

/// A call, signed or yet to be changed.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Call {
    /// Puts another line in the place of a header.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
}

impl Cad {
    /// The key that a test's portal is given, in hexadecimal.
    pub(crate) fn key() -> String {
        "0123456789abcdef".repeat(4)
    }

    pub(crate) fn new(router: Router) -> Self {
        let key = (0..32).map(|place| u8::from_str_radix(&Self::key()[2 * place..2 * place + 2], 16).unwrap()).collect();
        Self { router, key }
    }

    /// Somebody who has another key.
    pub(crate) fn with_key(&self, key: [u8; 32]) -> Self {
        Self { router: self.router.clone(), key: key.to_vec() }
    }

    /// A document of an incident as it stood at an instant, with units that are on their way.
    pub(crate) fn document(status: &str, units: &[&str], at: OffsetDateTime) -> Value {
        let unit = |name: &&str| json!({ "emergencyResourceName": name, "primaryUnitStatusRegistryText": "Enroute" });
        json!({
            "$id": "urn:emergency:uid:incidentid:drill", "eidoVersion": "1.0",
            "lastUpdateTimeStamp": at.format(&Rfc3339).unwrap(),
            "incidentComponent": { "incidentStatusCommonRegistryText": [status], "incidentTypeCommonRegistryText": "Medical" },
            "emergencyResourceComponent": units.iter().map(unit).collect::<Vec<_>>(),
        })
    }

    /// A call as it is signed at an instant.
    pub(crate) fn signed(&self, method: Method, path: &str, body: Vec<u8>, at: OffsetDateTime) -> Call {
        let digest = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(&body)));
        let seconds = at.unix_timestamp();
        let params = format!(r#"("@method" "@path" "content-digest");created={seconds};keyid="drill";tag="halligan/v1/cad""#);
        let base =
            format!("\"@method\": {method}\n\"@path\": {path}\n\"content-digest\": {digest}\n\"@signature-params\": {params}");
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).unwrap();
        mac.update(base.as_bytes());
        let mut call = Call { method, path: path.to_owned(), headers: HeaderMap::new(), body };
        call.set("content-type", "application/json");
        call.set("content-digest", &digest);
        call.set("signature-input", &format!("cad={params}"));
        call.set("signature", &format!("cad=:{}:", STANDARD.encode(mac.finalize().into_bytes())));
        call
    }

    /// What tells of an incident, signed at an instant. The number is put into the address as it is.
    pub(crate) fn telling(&self, number: &str, document: &Value, at: OffsetDateTime) -> Call {
        self.signed(Method::PUT, &paths::INCIDENT.replace("{number}", number), serde_json::to_vec(document).unwrap(), at)
    }

    pub(crate) async fn send(&self, call: Call) -> Answer {
        let Call { method, path, headers, body } = call;
        let mut request = Request::builder().method(method.clone()).uri(&path).body(Body::from(body.clone())).unwrap();
        *request.headers_mut() = headers;
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let answer =
            Answer { status, headers, body: axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec() };
        Contract::of_portal().await.hold(&method, &path, Some(&body), &answer);
        answer
    }

    /// Tells of an incident as it stands now.
    pub(crate) async fn tell(&self, number: &str, status: &str, units: &[&str], now: OffsetDateTime) -> wire::IncidentTaken {
        self.send(self.telling(number, &Self::document(status, units, now), now)).await.ok()
    }

    pub(crate) async fn heartbeat(&self, now: OffsetDateTime) -> Answer {
        self.send(self.signed(Method::POST, paths::INCIDENT_HEARTBEAT, b"{}".to_vec(), now)).await
    }
}
