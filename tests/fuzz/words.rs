//! Small words that both sides read: ids, names, justifications, statements.

use std::{fmt::Display, str::FromStr};

use halligan_shared::{
    bytes::{Bytes, Secret32},
    id::{CeremonyId, DocumentId, GrantId, MemberId, PasskeyId, RecordId, RequestId, SealingId, SignInId},
    justification::{Draft, INCIDENT_MAX, Justification, TEXT_MAX},
    member::{AgencyId, DisplayName, Role},
    paths, shown,
    statement::{self, AccessStatement, DecisionStatement, ReviewStatement, Said},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// What parses prints as something that parses to the same.
fn settles<T: FromStr + Display + PartialEq>(text: &str) -> Option<T> {
    let value = text.parse::<T>().ok()?;
    assert!(value.to_string().parse::<T>().ok().as_ref() == Some(&value), "{value}");
    Some(value)
}

/// What may be written in one way only.
fn one_spelling<T: Serialize + DeserializeOwned>(text: &str) {
    let json = Value::from(text);
    if let Ok(value) = serde_json::from_value::<T>(json.clone()) {
        assert_eq!(serde_json::to_value(value).unwrap(), json);
    }
}

/// Ids, in paths and in JSON; secrets and digests.
pub(crate) fn ids(bytes: &[u8]) {
    let text = &String::from_utf8_lossy(bytes);
    for printed in [settles::<RecordId>(text).map(|id| id.to_string()), settles::<DocumentId>(text).map(|id| id.to_string())] {
        assert!(printed.is_none_or(|printed| printed == **text), "{text}");
    }
    let path = settles::<RequestId>(text).map(paths::request_of);
    assert!(path.is_none_or(|path| path.matches('/').count() == 4 && !path.contains(['?', '#', '{'])));
    let _ = (settles::<GrantId>(text), settles::<MemberId>(text), settles::<PasskeyId>(text), settles::<SealingId>(text));
    let _ = (settles::<CeremonyId>(text), settles::<SignInId>(text));
    one_spelling::<RecordId>(text);
    one_spelling::<Bytes<32>>(text);
    one_spelling::<Bytes<33>>(text);
    one_spelling::<Secret32>(text);
    if let Some(bytes) = Bytes::<32>::from_hex(text) {
        assert_eq!(bytes.to_hex(), **text);
    }
}

/// What a form lets through is within bounds and steers nothing, reads as it was written, and checking it again changes nothing.
pub(crate) fn justification(bytes: &[u8]) {
    let Ok(draft) = serde_json::from_slice::<Draft>(bytes) else { return };
    let Ok(justification) = Justification::check(&draft) else { return };
    let written = serde_json::to_vec(&justification).unwrap();
    assert_eq!(serde_json::from_slice::<Justification>(&written).unwrap(), justification);
    assert!(shown::is_plain(justification.text()));
    assert!((1..=INCIDENT_MAX).contains(&justification.incident().len()) && justification.incident().is_ascii());
    assert!(justification.text().chars().count() <= TEXT_MAX);
    assert_eq!(Justification::check(&justification.clone().into()), Ok(justification));
}

/// Names of members and roles.
pub(crate) fn member_names(bytes: &[u8]) {
    let text = &String::from_utf8_lossy(bytes);
    if let Some(id) = settles::<AgencyId>(text) {
        assert!(id.as_str().is_ascii() && (2..=64).contains(&id.as_str().len()));
        assert!(id.as_str().bytes().all(|byte| !byte.is_ascii_lowercase()), "compared without regard to case");
    }
    if let Some(name) = settles::<DisplayName>(text) {
        assert!((1..=80).contains(&name.as_str().chars().count()) && !name.as_str().contains(char::is_control));
    }
    if let Some(role) = settles::<Role>(text) {
        assert_eq!(role.word(), text);
    }
}

/// The canonical form of what is signed is stable, and the statement that it spells is the one that was meant.
pub(crate) fn statements(bytes: &[u8]) {
    stable::<AccessStatement>(bytes);
    stable::<DecisionStatement>(bytes);
    stable::<Said>(bytes);
    stable::<ReviewStatement>(bytes);
    stable::<Value>(bytes);
}

fn stable<T: Serialize + DeserializeOwned + PartialEq>(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice::<T>(bytes) else { return };
    let Ok(canonical) = statement::canonical(&value) else { return };
    let again: T = serde_json::from_str(&canonical).unwrap();
    assert!(statement::canonical(&again).unwrap() == canonical, "{canonical}");
    assert_eq!(statement::digest(&again).unwrap(), statement::digest(&value).unwrap());
}
