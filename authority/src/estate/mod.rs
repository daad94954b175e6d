//! The estate: the account, the backend's access key, the two roles, and the KMS keys. What AWS would hold for an account.
//!
//! It knows what exists and what each identity's policy permits; not who is asking, nor how.

mod holder;
mod keys_file;
mod role;

use serde::{Deserialize, Serialize};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;
use zeroize::Zeroizing;

pub(crate) use holder::EstateHolder;
pub use keys_file::KeysError;
pub(crate) use role::Role;

use crate::{
    identifier::{Place, Prefix, random_account},
    key::{Key, Use},
    policy::{Kind, MalformedPolicy, PolicyDocument},
    secret::{NoRandomness, SecretAccessKey, SecretKey},
};

/// The Region that a new estate says it is in.
const REGION: &str = "eu-central-1";
/// The user whose access key the backend holds.
const BACKEND_USER: &str = "Halligan-Backend";

/// Everything that is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Holdings {
    /// The form of the file: 1.
    form: u8,
    pub(crate) place: Place,
    pub(crate) backend: BackendUser,
    roles: RoleIds,
    /// Seals session tokens. Whoever has it can issue sessions.
    pub(crate) session_key: SecretKey,
    kek: Uuid,
    agreement: Uuid,
    keys: Vec<Key>,
}

/// The backend's own identity.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackendUser {
    pub(crate) user_id: String,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: SecretAccessKey,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleIds {
    decrypter: String,
    registrar: String,
}

/// Holdings that fit together, with the policies that follow from them.
pub(crate) struct Estate {
    holdings: Holdings,
    backend_policy: PolicyDocument,
    decrypter_policy: PolicyDocument,
    registrar_policy: PolicyDocument,
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
    #[error("it is of form {0}, and this program reads form 1")]
    Form(u8),
    #[error("it names a key that it does not hold")]
    KeyMissing,
    #[error("its account or Region cannot be written into a policy: {0}")]
    Policy(#[from] MalformedPolicy),
}

impl Holdings {
    /// A new account with its user, roles and keys.
    pub(crate) fn generate(now: OffsetDateTime) -> Result<Self, NoRandomness> {
        let kek = Key::generate(Use::Wrapping, "KEK-Responder".to_owned(), now)?;
        let agreement = Key::generate(Use::Agreement, "KEK-Responder-ECDH".to_owned(), now)?;
        Ok(Self {
            form: 1,
            place: Place { account: random_account()?, region: REGION.to_owned() },
            backend: BackendUser {
                user_id: Prefix::User.generate()?,
                access_key_id: Prefix::LongTermKey.generate()?,
                secret_access_key: SecretAccessKey::generate()?,
            },
            roles: RoleIds { decrypter: Prefix::Role.generate()?, registrar: Prefix::Role.generate()? },
            session_key: SecretKey::generate()?,
            kek: kek.id,
            agreement: agreement.id,
            keys: vec![kek, agreement],
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
}

impl TryFrom<Holdings> for Estate {
    type Error = UnfitHoldings;

    fn try_from(holdings: Holdings) -> Result<Self, UnfitHoldings> {
        if holdings.form != 1 {
            return Err(UnfitHoldings::Form(holdings.form));
        }
        if ![holdings.kek, holdings.agreement].iter().all(|id| holdings.keys.iter().any(|key| key.id == *id)) {
            return Err(UnfitHoldings::KeyMissing);
        }
        let place = &holdings.place;
        let (kek, agreement) = (place.key_arn(holdings.kek), place.key_arn(holdings.agreement));
        let allow = |action: &[&str], resource: &[&str]| json!({"Effect": "Allow", "Action": action, "Resource": resource});
        let policy = |statements: &[serde_json::Value]| {
            PolicyDocument::parse(Kind::Identity, &json!({"Version": "2012-10-17", "Statement": statements}).to_string())
        };
        Ok(Self {
            backend_policy: policy(&[
                allow(
                    &["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                    &[&place.role_arn(Role::Decrypter), &place.role_arn(Role::Registrar)],
                ),
                allow(&["kms:DescribeKey", "kms:GetPublicKey"], &[&kek, &agreement]),
                allow(&["kms:CreateKey"], &["*"]),
            ])?,
            decrypter_policy: policy(&[allow(&["kms:Decrypt"], &[&kek]), allow(&["kms:DeriveSharedSecret"], &[&agreement])])?,
            registrar_policy: policy(&[allow(&["kms:GenerateDataKey"], &[&kek]), allow(&["kms:GetPublicKey"], &[&agreement])])?,
            holdings,
        })
    }
}

impl Estate {
    pub(crate) fn place(&self) -> &Place {
        &self.holdings.place
    }

    pub(crate) fn backend(&self) -> &BackendUser {
        &self.holdings.backend
    }

    pub(crate) fn backend_arn(&self) -> String {
        self.place().user_arn(BACKEND_USER)
    }

    pub(crate) fn backend_policy(&self) -> &PolicyDocument {
        &self.backend_policy
    }

    pub(crate) fn role_policy(&self, role: Role) -> &PolicyDocument {
        match role {
            Role::Decrypter => &self.decrypter_policy,
            Role::Registrar => &self.registrar_policy,
        }
    }

    pub(crate) fn role_id(&self, role: Role) -> &str {
        match role {
            Role::Decrypter => &self.holdings.roles.decrypter,
            Role::Registrar => &self.holdings.roles.registrar,
        }
    }

    pub(crate) fn role_named(&self, arn: &str) -> Option<Role> {
        [Role::Decrypter, Role::Registrar].into_iter().find(|role| self.place().role_arn(role) == arn)
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
