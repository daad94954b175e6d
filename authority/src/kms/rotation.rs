//! `RotateKeyOnDemand`, `GetKeyRotationStatus`, `ListKeyRotations`: new material for a symmetric key, under the same id.
//!
//! What was wrapped before stays readable. KMS rotates in the background and by the calendar as well; here it is done when the call is
//! answered, and by nobody's calendar, and the status says so.

use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::wire::write;
use crate::{
    key::{EncryptionContext, Material, Rotated, WrappingKey},
    refusal::Refusal,
    service::{Answer, Call},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
}

pub(super) async fn rotate(mut call: Call<'_>, input: Input) -> Result<Answer, Refusal> {
    let id = call.key_named(&input.key_id)?;
    let arn = call.estate.place().key_arn(id);
    if !matches!(call.usable_key(id, "kms:RotateKeyOnDemand", &EncryptionContext::new())?.material, Material::Wrapping(_)) {
        return Err(asymmetric(&arn));
    }
    let now = call.now;
    let rotated =
        call.office.holder.change(move |holdings| holdings.rotate(id, now)).await.map_err(|fault| Refusal::unkept(&fault))?;
    match rotated.ok_or_else(|| asymmetric(&arn))?.map_err(|_| Refusal::Internal)? {
        Rotated::Yes => {
            call.event.details.response = Some(json!({"keyId": arn}));
            write(&json!({"KeyId": arn}))
        }
        Rotated::TooOften => {
            Err(Refusal::LimitExceeded("The maximum number of on-demand rotations of this key was reached.".to_owned()))
        }
    }
}

pub(super) fn status(mut call: Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let (id, _) = symmetric(&mut call, "kms:GetKeyRotationStatus", input)?;
    write(&json!({"KeyId": call.estate.place().key_arn(id), "KeyRotationEnabled": false}))
}

pub(super) fn list(mut call: Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let (id, key) = symmetric(&mut call, "kms:ListKeyRotations", input)?;
    let arn = call.estate.place().key_arn(id);
    let rotation = |time: OffsetDateTime| json!({"KeyId": arn, "RotationDate": time.unix_timestamp(), "RotationType": "ON_DEMAND"});
    let rotations: Vec<_> = key.rotations().map(rotation).collect();
    write(&json!({"Rotations": rotations, "Truncated": false}))
}

/// A symmetric key, disabled or not, if the caller may look at it.
fn symmetric<'a>(call: &mut Call<'a>, action: &str, input: &Input) -> Result<(Uuid, &'a WrappingKey), Refusal> {
    let id = call.key_named(&input.key_id)?;
    call.may(id, action)?;
    match &call.estate.key(id).ok_or(Refusal::Internal)?.material {
        Material::Wrapping(key) => Ok((id, key)),
        Material::Agreement(_) => Err(asymmetric(&call.estate.place().key_arn(id))),
    }
}

fn asymmetric(arn: &str) -> Refusal {
    Refusal::Unsupported(format!("{arn} is asymmetric: it has no rotation. Create another key in its place."))
}
