//! What computer-aided dispatch tells: its documents, and the heads of its calls.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use halligan_backend::cad::CadKey;
use halligan_shared::wire::{IncidentDocument, RESOURCES_MAX, STATUSES_MAX};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::support::Cad;

/// When the calls of the corpus were signed.
const SIGNED_AT: i64 = 1_764_187_200;
/// What was signed with the key then: all that there is to be accepted.
const SIGNED: [(&str, &str, &[u8]); 2] = [
    ("POST", "/api/v1/incidents/heartbeat", b"{}"),
    (
        "PUT",
        "/api/v1/incidents/2026%2F11-24",
        br#"{"lastUpdateTimeStamp":"2025-11-26T20:00:00Z","incidentComponent":{"incidentStatusCommonRegistryText":["Active"]}}"#,
    ),
];

/// Stable and bounded; what stands beside the known members changes nothing of them.
pub(crate) fn document(bytes: &[u8]) {
    let Ok(read) = serde_json::from_slice::<IncidentDocument>(bytes) else { return };
    assert!(read.emergency_resource_component.len() <= RESOURCES_MAX);
    assert!(read.incident_component.incident_status_common_registry_text.len() <= STATUSES_MAX);
    let units = read.units();
    assert!(units.len() <= read.emergency_resource_component.len() && units.is_sorted_by(|one, next| one < next));
    let mut printed = serde_json::to_value(&read).unwrap();
    for place in ["", "/incidentComponent", "/emergencyResourceComponent/0"] {
        if let Some(Value::Object(members)) = printed.pointer_mut(place) {
            members.insert("beside".into(), json!({ "incidentStatusCommonRegistryText": ["Active"] }));
        }
    }
    let again: IncidentDocument = serde_json::from_value(printed).unwrap();
    assert_eq!((again.is_open(), again.units()), (read.is_open(), units));
    assert_eq!(again, read);
}

/// An input is a request line, headers, an empty line, and a body. Nothing counts but what was signed, as it was signed.
pub(crate) fn signature(bytes: &[u8]) {
    let key = CadKey::from_hex(&Cad::key()).unwrap();
    let Some((method, uri, headers, body)) = call(bytes) else { return };
    for seconds in [SIGNED_AT - 3_600, SIGNED_AT, SIGNED_AT + 60, SIGNED_AT + 61] {
        let now = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        let Ok(signed) = key.check(&method, &uri, &headers, now) else { continue };
        assert_eq!(signed.at.unix_timestamp(), SIGNED_AT);
        assert!((SIGNED_AT..=SIGNED_AT + 60).contains(&seconds), "out of its time");
        let known = SIGNED.iter().find(|(of, at, _)| *of == method.as_str() && uri == *at);
        let (.., was_signed) = known.unwrap_or_else(|| panic!("nobody signed {method} {uri}"));
        assert!(signed.is_of(was_signed) && signed.is_of(body) == (body == *was_signed));
    }
}

fn call(bytes: &[u8]) -> Option<(Method, Uri, HeaderMap, &[u8])> {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n")?;
    let (head, body) = (&bytes[..end], &bytes[end + 2..]);
    let mut lines = head.split(|byte| *byte == b'\n');
    let (method, uri) = std::str::from_utf8(lines.next()?).ok()?.split_once(' ')?;
    let mut headers = HeaderMap::new();
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        headers.append(HeaderName::from_bytes(&line[..colon]).ok()?, HeaderValue::from_bytes(&line[colon + 1..]).ok()?);
    }
    Some((method.parse().ok()?, uri.parse().ok()?, headers, body))
}

/// A target whose inputs are all refused would prove nothing.
#[test]
fn the_signed_calls_of_the_seeds_hold() {
    let key = CadKey::from_hex(&Cad::key()).unwrap();
    let now = OffsetDateTime::from_unix_timestamp(SIGNED_AT).unwrap();
    let seeds = crate::harness::seeds("cad_signature");
    let holds = |(method, uri, headers, body): (Method, Uri, HeaderMap, &[u8])| {
        key.check(&method, &uri, &headers, now).is_ok_and(|signed| signed.is_of(body)).then_some(method)
    };
    let methods: Vec<_> = seeds.iter().filter_map(|input| holds(call(input)?)).collect();
    assert!(methods.contains(&Method::PUT) && methods.contains(&Method::POST));
}
