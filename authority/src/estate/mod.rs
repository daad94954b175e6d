//! The estate: the account, the backend's access key, the KMS keys, and what was put on roles. What AWS would hold for an account.
//!
//! Roles, their trust and every policy come from the template in `infra/`: what governs a deployment governs this. The estate knows
//! what exists and what each policy says; not who is asking, nor how.

mod holder;
mod keys_file;
pub(crate) mod names;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;
use zeroize::Zeroizing;

pub(crate) use holder::EstateHolder;
pub use keys_file::KeysError;

use crate::{
    identifier::{Place, Prefix, random_account},
    key::{Key, Rotated, Use},
    policy::{Kind, MalformedPolicy, PolicyDocument},
    secret::{NoRandomness, SecretAccessKey, SecretKey},
    template::{Deployment, Role, Stack, TemplateFault},
};

/// The Region that a new estate says it is in.
const REGION: &str = "eu-central-1";
/// The user whose access key the backend holds.
const BACKEND_USER: &str = "Halligan-Backend";
/// The form of the file. An estate of another form is refused: an older one lacks what this program relies on.
const FORM: u8 = 2;

/// Everything that is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Holdings {
    form: u8,
    pub(crate) place: Place,
    pub(crate) backend: BackendUser,
    /// Seals session tokens. Whoever has it can issue sessions.
    pub(crate) session_key: SecretKey,
    kek: Uuid,
    agreement: Uuid,
    keys: Vec<Key>,
    /// What `PutRolePolicy` put on roles: texts by the role's name and the policy's.
    role_policies: BTreeMap<String, BTreeMap<String, String>>,
}

/// The backend's own identity.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackendUser {
    pub(crate) user_id: String,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: SecretAccessKey,
}

/// Holdings that fit together, with the template's policies for them.
pub(crate) struct Estate {
    holdings: Holdings,
    stack: Stack,
}

/// What a keys file would say after it was read and written again, or why it cannot be read.
#[doc(hidden)]
pub fn reread(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, String> {
    let estate = Estate::try_from(keys_file::parse(text)?).map_err(|unfit| unfit.to_string())?;
    keys_file::text(&estate.holdings)
}

/// The holdings contradict each other.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum UnfitHoldings {
    #[error("it is of form {0}, and this program reads form {FORM}")]
    Form(u8),
    #[error("it names a key that it does not hold")]
    KeyMissing,
    #[error("it holds a key without material")]
    KeyEmpty,
    #[error("its account or Region do not fit the template: {0}")]
    Template(#[from] TemplateFault),
    #[error("it holds a policy that cannot be read: {0}")]
    Policy(#[from] MalformedPolicy),
    #[error("it holds a policy of a role that the template does not have")]
    RoleMissing,
}

impl Holdings {
    /// A new account with its user and keys.
    pub(crate) fn generate(now: OffsetDateTime) -> Result<Self, NoRandomness> {
        let kek = Key::generate(Use::Wrapping, "KEK-Responder".to_owned(), now)?;
        let agreement = Key::generate(Use::Agreement, "KEK-Responder-ECDH".to_owned(), now)?;
        Ok(Self {
            form: FORM,
            place: Place { account: random_account()?, region: REGION.to_owned() },
            backend: BackendUser {
                user_id: Prefix::User.generate()?,
                access_key_id: Prefix::LongTermKey.generate()?,
                secret_access_key: SecretAccessKey::generate()?,
            },
            session_key: SecretKey::generate()?,
            kek: kek.id,
            agreement: agreement.id,
            keys: vec![kek, agreement],
            role_policies: BTreeMap::new(),
        })
    }

    /// Adds a key, unless there are `limit` already. Says whether it did.
    pub(crate) fn add_key(&mut self, key: Key, limit: usize) -> bool {
        let room = self.keys.len() < limit;
        if room {
            self.keys.push(key);
        }
        room
    }

    /// Enables or disables a key. Says whether there is one.
    pub(crate) fn set_enabled(&mut self, id: Uuid, enabled: bool) -> bool {
        let key = self.keys.iter_mut().find(|key| key.id == id);
        key.map(|key| key.enabled = enabled).is_some()
    }

    /// Gives a symmetric key new material beside the old. Says whether it did; nothing if there is no such key.
    pub(crate) fn rotate(&mut self, id: Uuid, now: OffsetDateTime) -> Option<Result<Rotated, NoRandomness>> {
        self.keys.iter_mut().find(|key| key.id == id)?.rotate(now)
    }

    /// Puts a policy on a role, in place of one of the same name, unless it would then have more than `limit` characters of them.
    /// Says whether it did.
    pub(crate) fn put_role_policy(&mut self, role: String, name: String, text: String, limit: usize) -> bool {
        let on_role = self.role_policies.entry(role).or_default();
        let others = on_role.iter().filter(|(other, _)| **other != name).map(|(_, text)| visible(text));
        let room = others.sum::<usize>() + visible(&text) <= limit;
        if room {
            on_role.insert(name, text);
        }
        room
    }

    /// Takes a policy off a role. Says whether it was there.
    pub(crate) fn delete_role_policy(&mut self, role: &str, name: &str) -> bool {
        self.role_policies.get_mut(role).is_some_and(|on_role| on_role.remove(name).is_some())
    }
}

/// Characters that count against IAM's quota of inline policies: white space does not.
fn visible(text: &str) -> usize {
    text.chars().filter(|symbol| !symbol.is_whitespace()).count()
}

impl TryFrom<Holdings> for Estate {
    type Error = UnfitHoldings;

    fn try_from(holdings: Holdings) -> Result<Self, UnfitHoldings> {
        Self::governed(holdings, None)
    }
}

impl Estate {
    /// By this template in place of the one that is deployed.
    fn governed(holdings: Holdings, template: Option<&str>) -> Result<Self, UnfitHoldings> {
        if holdings.form != FORM {
            return Err(UnfitHoldings::Form(holdings.form));
        }
        if ![holdings.kek, holdings.agreement].iter().all(|id| holdings.keys.iter().any(|key| key.id == *id)) {
            return Err(UnfitHoldings::KeyMissing);
        }
        if holdings.keys.iter().any(Key::is_empty) {
            return Err(UnfitHoldings::KeyEmpty);
        }
        let place = &holdings.place;
        let deployment = deployment(&holdings);
        let mut stack = match template {
            Some(text) => Stack::read(text, &deployment)?,
            None => Stack::halligan(&deployment)?,
        };
        stack.add_role(administrator(place)?);
        for key in &holdings.keys {
            if let Some(own) = &key.own_policy {
                stack.add_key(crate::template::Key::new(place.key_arn(key.id), own.text.clone(), own.tags.clone())?);
            }
        }
        for (role, policies) in &holdings.role_policies {
            let role = stack.role_at_mut(&place.role_arn(role)).ok_or(UnfitHoldings::RoleMissing)?;
            for text in policies.values() {
                role.identity.push(PolicyDocument::parse(Kind::Identity, text)?);
            }
        }
        Ok(Self { holdings, stack })
    }
}

/// What the template asks for, as this estate has it.
fn deployment(holdings: &Holdings) -> Deployment {
    let place = &holdings.place;
    let arns = [
        (names::BACKEND, place.user_arn(BACKEND_USER)),
        (names::RESPONDER_KEY, place.key_arn(holdings.kek)),
        (names::AGREEMENT_KEY, place.key_arn(holdings.agreement)),
    ];
    let parameters = [(names::ADMINISTRATOR_PARAMETER, place.role_arn(names::ADMINISTRATOR))];
    let owned = |(name, value): (&str, String)| (name.to_owned(), value);
    Deployment {
        account: place.account.clone(),
        region: place.region.clone(),
        parameters: parameters.map(owned).into(),
        arns: arns.map(owned).into(),
    }
}

/// Whoever deploys a template may do everything that no policy of a key or role withholds. Nobody assumes this role over the wire.
fn administrator(place: &Place) -> Result<Role, MalformedPolicy> {
    let everything = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    Ok(Role {
        logical_id: names::ADMINISTRATOR.to_owned(),
        arn: place.role_arn(names::ADMINISTRATOR),
        name: names::ADMINISTRATOR.to_owned(),
        max_session_seconds: 3600,
        trust: None,
        identity: vec![PolicyDocument::parse(Kind::Identity, &everything.to_string())?],
        boundary: None,
    })
}

impl Estate {
    pub(crate) fn place(&self) -> &Place {
        &self.holdings.place
    }

    pub(crate) fn stack(&self) -> &Stack {
        &self.stack
    }

    pub(crate) fn backend(&self) -> &BackendUser {
        &self.holdings.backend
    }

    pub(crate) fn backend_arn(&self) -> String {
        self.place().user_arn(BACKEND_USER)
    }

    /// The role of this name, in this account.
    pub(crate) fn role(&self, name: &str) -> Option<&Role> {
        self.stack.role_at(&self.place().role_arn(name))
    }

    /// The ARN of a role of the template. Every estate has all of them, or it would not have loaded.
    pub(crate) fn role_arn(&self, logical_id: &str) -> String {
        self.stack.role(logical_id).map(|role| role.arn.clone()).unwrap_or_default()
    }

    /// The unique id of a role: always the same for the same account and name, as long as nobody deletes the role.
    pub(crate) fn role_id(&self, name: &str) -> String {
        Prefix::Role.derive(&[&self.place().account, name])
    }

    /// The text of a policy that was put on a role.
    pub(crate) fn role_policy(&self, role: &str, name: &str) -> Option<&str> {
        self.holdings.role_policies.get(role)?.get(name).map(String::as_str)
    }

    pub(crate) fn session_key(&self) -> &SecretKey {
        &self.holdings.session_key
    }

    pub(crate) fn kek_arn(&self) -> String {
        self.place().key_arn(self.holdings.kek)
    }

    pub(crate) fn agreement_arn(&self) -> String {
        self.place().key_arn(self.holdings.agreement)
    }

    pub(crate) fn key(&self, id: Uuid) -> Option<&Key> {
        self.holdings.keys.iter().find(|key| key.id == id)
    }
}
