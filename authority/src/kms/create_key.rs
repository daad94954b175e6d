//! `CreateKey`: a new key of either kind, with a key policy of its own. Without one it gets KMS's default: the account's own
//! policies decide, and those of the template name no other key than its own.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::{
    describe_key::{KeyMetadata, Output},
    wire::write,
};
use crate::{
    key::{Key, OwnPolicy, Use},
    policy::{Act, Decision, Kind, PolicyDocument, Principal},
    refusal::Refusal,
    service::{Answer, Call},
};

/// Characters of a description and of a policy, from the API model (kms/2014-11-01).
const MAX_DESCRIPTION: usize = 8192;
const MAX_POLICY: usize = 32_768;
const MAX_TAGS: usize = 50;
/// How many keys the estate may hold: a bound of ours, so that nobody fills the file.
const MAX_KEYS: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Input {
    description: Option<String>,
    key_usage: Option<String>,
    key_spec: Option<String>,
    policy: Option<String>,
    #[serde(default)]
    bypass_policy_lockout_safety_check: bool,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Tag {
    tag_key: String,
    tag_value: String,
}

pub(super) async fn answer(mut call: Call<'_>, mut input: Input) -> Result<Answer, Refusal> {
    let mut circumstances = call.circumstances();
    for tag in &input.tags {
        circumstances = circumstances.with(&format!("aws:RequestTag/{}", tag.tag_key), &tag.tag_value);
    }
    call.authorise("kms:CreateKey", "*", &circumstances)?;
    if !input.tags.is_empty() {
        call.authorise("kms:TagResource", "*", &circumstances)?;
    }
    let purpose = input.purpose()?;
    let description = input.description.take().unwrap_or_default();
    if description.chars().count() > MAX_DESCRIPTION {
        return Err(Refusal::Validation("Description may have 8192 characters.".to_owned()));
    }
    let own_policy = input.own_policy(&call)?;
    let mut key = Key::generate(purpose, description, call.now).map_err(|_| Refusal::Internal)?;
    key.own_policy = Some(own_policy);

    let (arn, metadata) = (call.estate.place().key_arn(key.id), KeyMetadata::of(&key, call.estate.place()));
    let added = call.office.holder.change(move |holdings| holdings.add_key(key, MAX_KEYS)).await;
    if !added.map_err(|fault| Refusal::unkept(&fault))? {
        return Err(Refusal::LimitExceeded("The estate holds as many keys as it may.".to_owned()));
    }
    call.event.details.response =
        Some(json!({"keyMetadata": {"arn": arn, "keyUsage": input.key_usage, "keySpec": input.key_spec}}));
    call.note_key(arn.clone());
    call.event.resource = Some(arn);
    write(&Output { key_metadata: metadata })
}

impl Input {
    fn purpose(&self) -> Result<Use, Refusal> {
        let usage = self.key_usage.as_deref().unwrap_or("ENCRYPT_DECRYPT");
        match (usage, self.key_spec.as_deref().unwrap_or("SYMMETRIC_DEFAULT")) {
            ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT") => Ok(Use::Wrapping),
            ("KEY_AGREEMENT", "ECC_NIST_P256") => Ok(Use::Agreement),
            _ => Err(Refusal::Unsupported(
                "Keys here are ENCRYPT_DECRYPT with SYMMETRIC_DEFAULT or KEY_AGREEMENT with ECC_NIST_P256.".to_owned(),
            )),
        }
    }

    /// The key's policy and tags. A policy that would not let its author change it again is refused, as at AWS: nobody else could.
    fn own_policy(&mut self, call: &Call<'_>) -> Result<OwnPolicy, Refusal> {
        let account = call.estate.place().account.clone();
        let text = self.policy.take().unwrap_or_else(|| default_policy(&account));
        if text.len() > MAX_POLICY {
            return Err(Refusal::LimitExceeded("A key policy may have 32768 bytes.".to_owned()));
        }
        let policy = PolicyDocument::parse(Kind::Key, &text).map_err(|fault| Refusal::MalformedPolicy(fault.to_string()))?;
        let circumstances = call.circumstances();
        let lets = |principal: &Principal| {
            let act = Act { principal, action: "kms:PutKeyPolicy", resource: "*", circumstances: &circumstances };
            policy.decide(&act) == Decision::Allow
        };
        if !self.bypass_policy_lockout_safety_check && !lets(&call.caller.principal(call.estate)) {
            return Err(Refusal::MalformedPolicy(
                "The new key policy will not allow you to update the key policy in the future.".to_owned(),
            ));
        }
        let tags: BTreeMap<_, _> = self.tags.drain(..).map(|tag| (tag.tag_key, tag.tag_value)).collect();
        let fits = |text: &str, most: usize| text.chars().count() <= most && !text.chars().any(char::is_control);
        if tags.len() > MAX_TAGS || !tags.iter().all(|(key, value)| !key.is_empty() && fits(key, 128) && fits(value, 256)) {
            return Err(Refusal::Validation("A key may have 50 tags, with keys of 128 and values of 256 characters.".to_owned()));
        }
        Ok(OwnPolicy { text, tags })
    }
}

/// "Enable IAM User Permissions" (KMS Developer Guide, "Default key policy").
fn default_policy(account: &str) -> String {
    let statement = json!({
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:aws:iam::{account}:root")},
        "Action": "kms:*",
        "Resource": "*",
    });
    json!({"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]}).to_string()
}
