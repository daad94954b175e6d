//! `GetKeyPolicy`: the text of a key's policy, which a key that replaces it can be created with.

use serde::Deserialize;
use serde_json::json;

use super::wire::write;
use crate::{
    refusal::Refusal,
    service::{Answer, Call},
};

/// The only name that a key policy has.
const NAME: &str = "default";

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    policy_name: Option<String>,
}

pub(super) fn answer(mut call: Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let id = call.key_named(&input.key_id)?;
    call.may(id, "kms:GetKeyPolicy")?;
    if input.policy_name.as_deref().is_some_and(|name| name != NAME) {
        return Err(Refusal::NotFound("No such policy exists".to_owned()));
    }
    let key = call.estate.stack().key_at(&call.estate.place().key_arn(id)).ok_or(Refusal::Internal)?;
    write(&json!({"Policy": key.policy_text, "PolicyName": NAME}))
}
