//! Whether a release would work, tried without releasing anything: by KMS's dry runs, with credentials of the same role and policy.
//!
//! No answer of a dry run holds a key; credentials live as long as the trial. What is tried stands in the authority's own log.

use aws_sdk_kms::{
    error::{ProvideErrorMetadata, SdkError},
    primitives::Blob,
    types::{DataKeySpec, DryRunModifierType, KeyAgreementAlgorithmSpec},
};
use aws_sdk_sts::operation::assume_role::AssumeRoleOutput;
use halligan_shared::{crypto::Point, door::Door, id::RecordId};
use time::OffsetDateTime;

use super::{Authority, AuthorityFault, CONTEXT, Keys, policy};

/// Who tries, as the authority's log has it: the name of the session, and the tags that name no request.
const TRIAL: &str = "halligan-doctor";

/// A record to try with, and its share 1 as it is kept, where there is a record.
pub struct Sample<'a> {
    /// The keys that it is under.
    pub keys: Keys<'a>,
    /// Which record.
    pub record: RecordId,
    /// W of docs/ARCHITECTURE.md, Keys.
    pub wrapped_share: Option<Vec<u8>>,
    /// A point to try with, as good as one that a page blinded.
    pub point: Point,
}

/// What a dry run came to.
#[derive(Debug)]
pub enum Trial {
    /// It would have been done.
    Allowed,
    /// It was refused, or nothing came of it.
    Not(AuthorityFault),
}

/// A key, as KMS describes it.
pub struct KeyFound {
    /// Whether it can be used now.
    pub enabled: bool,
    /// `ENCRYPT_DECRYPT`, `KEY_AGREEMENT` or something else.
    pub usage: String,
    /// `SYMMETRIC_DEFAULT`, `ECC_NIST_P256` or something else.
    pub spec: String,
}

/// Credentials to try with.
pub struct Tried<'a> {
    authority: &'a Authority,
    /// The keys to try them on.
    keys: Keys<'a>,
    kms: aws_sdk_kms::Client,
    /// How much of the room for policy and tags is taken, in percent, where STS said so.
    pub packed: Option<i32>,
    /// How far the authority's clock is ahead of the portal's, by when the credentials end.
    pub ahead: Option<time::Duration>,
}

impl Authority {
    /// Whose credentials the portal has.
    pub async fn identity(&self) -> Result<String, AuthorityFault> {
        let answer = self.budget().call("GetCallerIdentity", self.sts.get_caller_identity().send()).await?;
        Ok(answer.arn.unwrap_or_default())
    }

    /// Where the authority is, as far as it was said.
    pub fn endpoint(&self) -> Option<&str> {
        self.settings.endpoint.as_deref()
    }

    /// The region that calls are signed for.
    pub fn region(&self) -> &str {
        &self.settings.region
    }

    /// The ARNs of the keys that are named: KEK-Responder, KEK-Responder-ECDH, and the former ones.
    pub fn named_keys(&self) -> impl Iterator<Item = &str> {
        let settings = &self.settings;
        [&settings.kek, &settings.agreement_key].into_iter().chain(&settings.former_keys).map(String::as_str)
    }

    /// The ARNs of the roles of releases and sealings.
    pub fn named_roles(&self) -> [&str; 2] {
        [&self.settings.decrypter_role, &self.settings.registrar_role]
    }

    /// The keys that new records are sealed under.
    pub fn current_keys(&self) -> Keys<'_> {
        Keys { kek: &self.settings.kek, agreement_key: &self.settings.agreement_key }
    }

    /// KEK-Responder.
    pub async fn describe_kek(&self) -> Result<KeyFound, AuthorityFault> {
        self.describe(&self.settings.kek).await
    }

    /// KEK-Responder-ECDH.
    pub async fn describe_agreement_key(&self) -> Result<KeyFound, AuthorityFault> {
        self.describe(&self.settings.agreement_key).await
    }

    async fn describe(&self, key: &str) -> Result<KeyFound, AuthorityFault> {
        let answer = self.budget().call("DescribeKey", self.kms.describe_key().key_id(key).send()).await?;
        let key = answer.key_metadata.ok_or(AuthorityFault::Unusable("DescribeKey"))?;
        let text = |word: Option<&str>| word.unwrap_or("nothing known").to_owned();
        Ok(KeyFound {
            enabled: key.enabled,
            usage: text(key.key_usage.as_ref().map(aws_sdk_kms::types::KeyUsageType::as_str)),
            spec: text(key.key_spec.as_ref().map(aws_sdk_kms::types::KeySpec::as_str)),
        })
    }

    /// The portal's own credentials, which must open nothing under these keys.
    pub fn own<'a>(&'a self, keys: Keys<'a>) -> Tried<'a> {
        Tried { authority: self, keys, kms: self.kms.clone(), packed: None, ahead: None }
    }

    /// Credentials as a grant has them, for this record under these keys until then.
    pub async fn try_decrypter<'a>(
        &'a self,
        keys: Keys<'a>,
        record: &RecordId,
        ends_at: OffsetDateTime,
    ) -> Result<Tried<'a>, AuthorityFault> {
        let assume = self.assume_decrypter(
            TRIAL,
            TRIAL,
            (TRIAL, TRIAL, Door::Dispatcher, record),
            policy::of_window(&keys, record, ends_at),
        )?;
        self.tried(keys, &self.budget().call("AssumeRole", assume.send()).await?)
    }

    /// Credentials of a session that is for this record by its tag alone: its policy lets it have every record until then.
    pub async fn try_unbound<'a>(
        &'a self,
        keys: Keys<'a>,
        record: &RecordId,
        ends_at: OffsetDateTime,
    ) -> Result<Tried<'a>, AuthorityFault> {
        let assume =
            self.assume_decrypter(TRIAL, TRIAL, (TRIAL, TRIAL, Door::Dispatcher, record), policy::of_any_record(&keys, ends_at))?;
        self.tried(keys, &self.budget().call("AssumeRole", assume.send()).await?)
    }

    /// Credentials as a sealing has them.
    pub async fn try_registrar(&self) -> Result<Tried<'_>, AuthorityFault> {
        let assume = self.assume_registrar(TRIAL, TRIAL);
        self.tried(self.current_keys(), &self.budget().call("AssumeRole", assume.send()).await?)
    }

    fn tried<'a>(&'a self, keys: Keys<'a>, answer: &AssumeRoleOutput) -> Result<Tried<'a>, AuthorityFault> {
        // Its successor is not in every endpoint's answer yet.
        #[expect(deprecated, reason = "SessionTokenUtilization says the same, where it is there")]
        let packed = answer.packed_policy_size;
        let ends = answer.credentials().map(|given| *given.expiration());
        let ahead = ends
            .and_then(|ends| OffsetDateTime::from_unix_timestamp(ends.secs()).ok())
            .map(|ends| ends - time::Duration::seconds(super::DURATION_SECONDS.into()) - self.clock.now());
        Ok(Tried { kms: self.client_of(answer.credentials())?, authority: self, keys, packed, ahead })
    }
}

impl Tried<'_> {
    /// Whether Decrypt would be done for this record: of the share that is kept for it, where there is one.
    pub async fn decrypt(&self, record: &RecordId, wrapped_share: Option<&[u8]>) -> Trial {
        let decrypt = self.kms.decrypt().key_id(self.keys.kek).encryption_context(CONTEXT, record.to_string()).dry_run(true);
        let decrypt = match wrapped_share {
            Some(wrapped) => decrypt.ciphertext_blob(Blob::new(wrapped)),
            None => decrypt.dry_run_modifiers(DryRunModifierType::IgnoreCiphertext),
        };
        self.outcome("Decrypt", decrypt.send()).await
    }

    /// Whether DeriveSharedSecret would be done.
    pub async fn derive(&self, point: &Point) -> Trial {
        let derive = self
            .kms
            .derive_shared_secret()
            .key_id(self.keys.agreement_key)
            .key_agreement_algorithm(KeyAgreementAlgorithmSpec::Ecdh)
            .public_key(Blob::new(point.to_spki_der()))
            .dry_run(true);
        self.outcome("DeriveSharedSecret", derive.send()).await
    }

    /// Whether GenerateDataKey would be done.
    pub async fn data_key(&self, record: &RecordId) -> Trial {
        let generate = self
            .kms
            .generate_data_key()
            .key_id(self.keys.kek)
            .key_spec(DataKeySpec::Aes256)
            .encryption_context(CONTEXT, record.to_string())
            .dry_run(true);
        self.outcome("GenerateDataKey", generate.send()).await
    }

    fn outcome<T, E>(&self, call: &'static str, sent: impl Future<Output = Result<T, SdkError<E>>>) -> impl Future<Output = Trial>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let sent = Box::pin(sent);
        async move {
            match self.authority.budget().call(call, sent).await {
                Ok(_) => Trial::Allowed,
                // KMS's way of saying yes.
                Err(fault) if fault.code() == Some("DryRunOperationException") => Trial::Allowed,
                Err(fault) => Trial::Not(fault),
            }
        }
    }
}
