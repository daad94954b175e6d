//! What KMS's requests and answers have in common. Members that are not supported are refused, never ignored.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error, MapAccess, Visitor},
};
use serde_json::{Map, Value};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    key::{EncryptionContext, Key},
    policy::Circumstances,
    refusal::Refusal,
    service::{Answer, Call},
};

/// Room for the longest answer, so that growing leaves no copy of a secret behind.
const ROOM: usize = 16 * 1024;

/// Reads a request's body.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|fault| {
        if fault.is_data() {
            Refusal::Validation(format!("1 validation error detected: {fault}"))
        } else {
            Refusal::Serialization("The request's body is not JSON.".to_owned())
        }
    })
}

/// The members of a request that the trail keeps: no ciphertext, no point, no token, and nothing that is not known to be neither.
const KEPT: [&str; 20] = [
    "Description",
    "DestinationEncryptionAlgorithm",
    "DestinationEncryptionContext",
    "DestinationKeyId",
    "DryRun",
    "EncryptionAlgorithm",
    "EncryptionContext",
    "KeyAgreementAlgorithm",
    "KeyId",
    "KeySpec",
    "KeyUsage",
    "NumberOfBytes",
    "Policy",
    "PolicyName",
    "RotationPeriodInDays",
    "SourceEncryptionAlgorithm",
    "SourceEncryptionContext",
    "SourceKeyId",
    "Tags",
    "BypassPolicyLockoutSafetyCheck",
];

/// A request's members as `requestParameters` spells them.
pub(super) fn parameters(body: &[u8]) -> Map<String, Value> {
    let members: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    let kept = members.into_iter().filter(|(name, _)| KEPT.contains(&name.as_str()));
    kept.map(|(name, value)| (uncapitalized(&name), value)).collect()
}

fn uncapitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

/// Writes an answer's body into memory that zeroizes.
pub(super) fn write(answer: &impl Serialize) -> Result<Answer, Refusal> {
    let mut body = Zeroizing::new(Vec::with_capacity(ROOM));
    serde_json::to_writer(&mut *body, answer).map_err(|_| Refusal::Internal)?;
    Ok(Answer(body))
}

/// Base64 of secret bytes.
pub(super) fn secret_base64(bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(STANDARD.encode(bytes))
}

/// Base64 of bytes that are not secret.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Bytes that arrive as base64: ciphertexts and public keys, nothing secret.
pub(super) struct Blob(pub(super) Vec<u8>);

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self).map_err(|_| D::Error::custom("a blob is not base64"))
    }
}

/// An encryption context. Two names that differ only in case are refused: condition keys of policies compare without case,
/// and a policy must not look at one pair while the cipher binds another.
#[derive(Default)]
pub(super) struct Context(pub(super) EncryptionContext);

impl<'de> Deserialize<'de> for Context {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Context;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an encryption context")
            }

            fn visit_unit<E: Error>(self) -> Result<Context, E> {
                Ok(Context::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Context, A::Error> {
                let mut context = EncryptionContext::new();
                while let Some((name, value)) = pairs.next_entry::<String, String>()? {
                    if context.keys().any(|earlier| earlier.eq_ignore_ascii_case(&name)) {
                        return Err(A::Error::custom("the encryption context has a name twice"));
                    }
                    context.insert(name, value);
                }
                Ok(Context(context))
            }
        }

        deserializer.deserialize_any(Pairs)
    }
}

impl<'a> Call<'a> {
    /// The key that a request names by id or ARN.
    pub(super) fn key_named(&self, named: &str) -> Result<Uuid, Refusal> {
        let missing = || Refusal::NotFound(format!("Key '{}' does not exist", printable(named)));
        let id = self.estate.place().key_id(named).ok_or_else(missing)?;
        self.estate.key(id).map(|key| key.id).ok_or_else(missing)
    }

    /// Notes that a key is asked for, and refuses unless the caller may do this with it.
    pub(super) fn may(&mut self, id: Uuid, action: &str) -> Result<(), Refusal> {
        let circumstances = self.circumstances();
        self.may_in(id, action, &circumstances)
    }

    fn may_in(&mut self, id: Uuid, action: &str, circumstances: &Circumstances) -> Result<(), Refusal> {
        let arn = self.estate.place().key_arn(id);
        self.note_key(arn.clone());
        self.authorise(action, &arn, circumstances)
    }

    /// Notes that a key is asked for.
    pub(super) fn note_key(&mut self, arn: String) {
        if !self.event.details.keys.contains(&arn) {
            self.event.details.keys.push(arn);
        }
    }

    /// The key, if the caller may do this with it and it is enabled, in this order: who may not use a key does not learn its state.
    pub(super) fn usable_key(&mut self, id: Uuid, action: &str, context: &EncryptionContext) -> Result<&'a Key, Refusal> {
        let circumstances = self.circumstances();
        self.usable_key_in(id, action, context, circumstances)
    }

    /// The same, where more than the encryption context bears on it.
    pub(super) fn usable_key_in(
        &mut self,
        id: Uuid,
        action: &str,
        context: &EncryptionContext,
        mut circumstances: Circumstances,
    ) -> Result<&'a Key, Refusal> {
        self.event.encryption_context.clone_from(context);
        if !context.is_empty() {
            circumstances = circumstances.with_all("kms:EncryptionContextKeys", context.keys().cloned());
        }
        for (name, value) in context {
            circumstances = circumstances.with(&format!("kms:EncryptionContext:{name}"), value);
        }
        self.may_in(id, action, &circumstances)?;
        let arn = self.estate.place().key_arn(id);
        match self.estate.key(id) {
            Some(key) if key.enabled => Ok(key),
            Some(_) => Err(Refusal::Disabled(format!("{arn} is disabled."))),
            None => Err(Refusal::NotFound(format!("Key '{arn}' does not exist"))),
        }
    }
}

/// The key is there, but for something else.
pub(super) fn wrong_use(arn: &str, operation: &str) -> Refusal {
    Refusal::InvalidKeyUsage(format!("{arn} key usage does not allow {operation}."))
}

/// A text from a request, safe to repeat in a message: bounded and without control characters.
fn printable(text: &str) -> String {
    text.chars().take(256).filter(|symbol| !symbol.is_control()).collect()
}
