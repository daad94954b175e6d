//! STS, KMS and IAM, through AWS's own SDK, against whatever endpoint is configured.
//!
//! The only holder of a grant's credentials: one KMS client a grant, in memory, gone at the grant's end. The backend's own
//! identity can assume three roles, look at both keys, read the public one, and put the deny on the decrypter or take it away; it
//! can neither decrypt nor make data keys.

mod breaker;
mod budget;
mod doctor;
mod fault;
mod lockdown;
mod policy;
mod rotation;

use std::{collections::HashMap, sync::Mutex, time::Duration};

use aws_config::{BehaviorVersion, Region, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::Credentials;
use aws_sdk_kms::{config::IdentityCache, primitives::Blob, types::DataKeySpec, types::KeyAgreementAlgorithmSpec};
use aws_sdk_sts::{operation::assume_role::builders::AssumeRoleFluentBuilder, types::Tag};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use halligan_shared::{
    crypto::{Point, Share},
    door::Door,
    id::{GrantId, RecordId, RequestId, SealingId},
    member::AgencyId,
    wire::KeyTrouble,
};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use self::{breaker::Breaker, budget::Budget};
pub use self::{
    breaker::{Change, Purpose, Turn},
    doctor::{KeyFound, Sample, Trial, Tried},
    fault::{AuthorityFault, How},
    lockdown::Denied,
    rotation::{Material, Rewrap},
};
use crate::clock::Clock;

/// The shortest life STS gives credentials, in seconds (API model sts/2011-06-15: 900..43200). The session policy is
/// what closes the window earlier.
const DURATION_SECONDS: i32 = 900;
/// How long a connection to the authority is kept without a call: from one call of a release to the next, and not longer, because
/// what came over it last, credentials or a share, stays in its buffers until it is closed.
const IDLE: Duration = Duration::from_secs(2);
/// How long one try of a call may take: many times what STS and KMS take, and a third of what a release may.
const ATTEMPT: Duration = Duration::from_millis(1_500);
/// How often a call is tried.
const ATTEMPTS: u32 = 3;
/// The encryption context key that binds share 1 to its record, in policy, in KMS and in its log.
const CONTEXT: &str = "halligan:record";

/// Where the authority is and what the portal's keys and roles are called.
#[derive(Clone)]
pub struct AuthoritySettings {
    /// Endpoint of STS, KMS and IAM; AWS's own when absent.
    pub endpoint: Option<String>,
    /// Region.
    pub region: String,
    /// The backend's own credentials; the SDK's usual sources when absent.
    pub credentials: Option<(String, Zeroizing<String>)>,
    /// ARN of KEK-Responder.
    pub kek: String,
    /// ARN of KEK-Responder-ECDH.
    pub agreement_key: String,
    /// ARN of the role KEK-Responder-Decrypter.
    pub decrypter_role: String,
    /// ARN of the role KEK-Registrar.
    pub registrar_role: String,
    /// ARN of the role that wraps shares anew; absent where nobody rotates.
    pub rotation_role: Option<String>,
    /// ARNs of keys that records may still be under, and no new ones.
    pub former_keys: Vec<String>,
}

impl AuthoritySettings {
    /// No authority, for steps that need no key: whoever asks it something gets no answer.
    pub fn absent() -> Self {
        Self {
            // RFC 6761: no name under `invalid` ever resolves.
            endpoint: Some("http://authority.invalid".to_owned()),
            region: "none".to_owned(),
            credentials: Some(("none".to_owned(), Zeroizing::new("none".to_owned()))),
            kek: String::new(),
            agreement_key: String::new(),
            decrypter_role: String::new(),
            registrar_role: String::new(),
            rotation_role: None,
            former_keys: Vec::new(),
        }
    }
}

/// The keys that one record needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys<'a> {
    /// The one that wraps its share 1.
    pub kek: &'a str,
    /// The one that derives its share 2.
    pub agreement_key: &'a str,
}

/// What one AssumeRole is for.
pub struct Window<'a> {
    /// The record's keys, bound by the session policy.
    pub keys: Keys<'a>,
    /// The grant: the role session's name.
    pub grant: GrantId,
    /// Who reads: the source identity.
    pub agency_id: &'a AgencyId,
    /// The request, as a session tag.
    pub request: RequestId,
    /// The incident, as a session tag.
    pub incident: &'a str,
    /// The door that the request came through, as a session tag.
    pub door: Door,
    /// The record, as a session tag and bound by the session policy.
    pub record: RecordId,
    /// When the window closes, bound by the session policy.
    pub ends_at: OffsetDateTime,
}

/// Both shares of a release, the second still blinded.
pub struct Shares {
    /// share 1.
    pub share1: Share,
    /// X.
    pub blinded: [u8; 32],
}

/// STS, KMS, and the credentials of the grants that live.
pub struct Authority {
    settings: AuthoritySettings,
    sts: aws_sdk_sts::Client,
    iam: aws_sdk_iam::Client,
    kms: aws_sdk_kms::Client,
    base: aws_sdk_kms::config::Builder,
    clock: Clock,
    releases: Breaker,
    sealings: Breaker,
    // A std Mutex: nothing is awaited while it is held.
    windows: Mutex<HashMap<GrantId, aws_sdk_kms::Client>>,
}

#[derive(Debug)]
struct PortalTime(Clock);

impl TimeSource for PortalTime {
    fn now(&self) -> std::time::SystemTime {
        self.0.now().into()
    }
}

impl Authority {
    /// Clients for this endpoint, on this clock. Nothing is called yet.
    pub async fn connect(settings: AuthoritySettings, clock: Clock) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(budget::BUDGET)
            .build();
        let http = aws_smithy_http_client::Builder::new()
            .pool_idle_timeout(IDLE)
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .build_https();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .region(Region::new(settings.region.clone()))
            .time_source(SharedTimeSource::new(PortalTime(clock.clone())))
            // The end of a window is a literal of the portal's clock. The SDK would measure how wrong that clock is and sign as if it
            // were right, and KMS would keep windows open by as much as it is fast, with nobody told.
            .disable_clock_skew_correction(true)
            .timeout_config(timeouts)
            // Its waits are random, so that portals that are told to slow down do not come back all at once.
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS).with_max_backoff(Duration::from_secs(1)));
        if let Some(endpoint) = &settings.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        if let Some((id, secret)) = &settings.credentials {
            loader = loader.credentials_provider(Credentials::new(id, secret.as_str(), None, None, "portal"));
        }
        let config = loader.load().await;
        Self {
            settings,
            sts: aws_sdk_sts::Client::new(&config),
            iam: aws_sdk_iam::Client::new(&config),
            kms: aws_sdk_kms::Client::new(&config),
            base: aws_sdk_kms::config::Builder::from(&config),
            releases: Breaker::new(Purpose::Release, clock.clone()),
            sealings: Breaker::new(Purpose::Sealing, clock.clone()),
            clock,
            windows: Mutex::default(),
        }
    }

    /// Whether the authority may be asked now for this, or is left alone because it fails.
    pub fn turn(&self, purpose: Purpose) -> Result<Turn<'_>, AuthorityFault> {
        match purpose {
            Purpose::Release => self.releases.turn(),
            Purpose::Sealing => self.sealings.turn(),
        }
    }

    /// What is wrong with the authority, as far as is known from releases and looks, and for how long.
    pub fn trouble(&self) -> Option<(KeyTrouble, Duration)> {
        self.releases.trouble()
    }

    /// Whether nobody asked it for a release or looked for so long that its state is not known.
    pub fn is_due(&self) -> bool {
        self.releases.is_due()
    }

    /// Asks both services for what costs nothing and tells nothing: whether they are there, and take the portal's own credentials.
    pub async fn answers(&self) -> Result<(), AuthorityFault> {
        self.identity().await?;
        self.agreement_point().await.map(|_| ())
    }

    /// The key that wraps new records' share 1.
    pub fn kek(&self) -> &str {
        &self.settings.kek
    }

    /// The key whose public point new records are sealed to.
    pub fn agreement_key(&self) -> &str {
        &self.settings.agreement_key
    }

    /// The keys that a record was sealed under. `None`: one of them the operator does not name, so it is not used, whatever the
    /// database says.
    pub fn keys_for<'a>(&'a self, kek: &str, agreement_key: &str) -> Option<Keys<'a>> {
        let named = |current: &'a String, wanted: &str| {
            std::iter::once(current).chain(&self.settings.former_keys).map(String::as_str).find(|key| *key == wanted)
        };
        Some(Keys { kek: named(&self.settings.kek, kek)?, agreement_key: named(&self.settings.agreement_key, agreement_key)? })
    }

    /// Decrypt (share 1) and DeriveSharedSecret (blinded share 2), by the grant's own credentials. All calls together take five
    /// seconds at most.
    pub async fn release(
        &self,
        window: &Window<'_>,
        wrapped_share: &[u8],
        blinded_point: &Point,
    ) -> Result<Shares, AuthorityFault> {
        let budget = self.budget();
        let client = self.client_for(window, &budget).await?;
        let decrypt = client
            .decrypt()
            .key_id(window.keys.kek)
            .ciphertext_blob(Blob::new(wrapped_share))
            .encryption_context(CONTEXT, window.record.to_string());
        let decrypted = budget.call("Decrypt", decrypt.send()).await?;
        let share1 = share_of(decrypted.plaintext, "Decrypt")?;
        let derive = client
            .derive_shared_secret()
            .key_id(window.keys.agreement_key)
            .key_agreement_algorithm(KeyAgreementAlgorithmSpec::Ecdh)
            .public_key(Blob::new(blinded_point.to_spki_der()));
        let derived = budget.call("DeriveSharedSecret", derive.send()).await?;
        let blinded = *share_of(derived.shared_secret, "DeriveSharedSecret")?.as_bytes();
        Ok(Shares { share1, blinded })
    }

    /// The grant's credentials: AssumeRole once, with a session policy that closes when the window does, and then what is held.
    /// AssumeRole itself and not the SDK's provider: that one refreshes itself and would prolong a grant in silence.
    async fn client_for(&self, window: &Window<'_>, budget: &Budget<'_>) -> Result<aws_sdk_kms::Client, AuthorityFault> {
        if let Some(client) = self.lock().get(&window.grant) {
            return Ok(client.clone());
        }
        let assume = self.assume_decrypter(
            &window.grant.to_string(),
            window.agency_id.as_str(),
            (window.incident, &window.request.to_string(), window.door, &window.record),
            policy::of_window(&window.keys, &window.record, window.ends_at),
        )?;
        let answer = budget.call("AssumeRole", assume.send()).await?;
        let client = self.client_of(answer.credentials())?;
        self.lock().insert(window.grant, client.clone());
        Ok(client)
    }

    /// The role of releases, for whom, and what for: by the record's tag the role itself opens no other record. A session policy narrows
    /// it to the window.
    fn assume_decrypter(
        &self,
        session: &str,
        source_identity: &str,
        (incident, request, door, record): (&str, &str, Door, &RecordId),
        policy: String,
    ) -> Result<AssumeRoleFluentBuilder, AuthorityFault> {
        let tag = |key: &str, value: &str| {
            Tag::builder().key(key).value(value).build().map_err(|_| AuthorityFault::Unusable("AssumeRole"))
        };
        Ok(self
            .sts
            .assume_role()
            .role_arn(&self.settings.decrypter_role)
            .role_session_name(session)
            .source_identity(source_identity)
            .duration_seconds(DURATION_SECONDS)
            .policy(policy)
            .tags(tag("incident", incident)?)
            .tags(tag("request", request)?)
            .tags(tag("record", &record.to_string())?)
            .tags(tag("door", door.word())?))
    }

    /// The role of sealings, and for whom.
    fn assume_registrar(&self, session: &str, source_identity: &str) -> AssumeRoleFluentBuilder {
        self.sts
            .assume_role()
            .role_arn(&self.settings.registrar_role)
            .role_session_name(session)
            .source_identity(source_identity)
            .duration_seconds(DURATION_SECONDS)
    }

    /// Forgets a grant's credentials. STS cannot revoke what it issued, but nobody holds it any more.
    pub fn close_window(&self, grant: GrantId) {
        self.lock().remove(&grant);
    }

    /// Forgets the credentials of every grant: the portal stops.
    pub fn close_all(&self) {
        self.lock().clear();
    }

    /// The grants whose credentials are held.
    pub fn held(&self) -> Vec<GrantId> {
        self.lock().keys().copied().collect()
    }

    /// Whether credentials of this grant are held.
    pub fn holds(&self, grant: GrantId) -> bool {
        self.lock().contains_key(&grant)
    }

    /// GenerateDataKey for a record being sealed: share 1, and W, its wrapped form.
    pub async fn data_key(&self, sealing: SealingId, by: &AgencyId, record: &RecordId) -> Result<(Share, Vec<u8>), AuthorityFault> {
        let budget = self.budget();
        let assume = self.assume_registrar(&sealing.to_string(), by.as_str());
        let answer = budget.call("AssumeRole", assume.send()).await?;
        let generate = self
            .client_of(answer.credentials())?
            .generate_data_key()
            .key_id(&self.settings.kek)
            .key_spec(DataKeySpec::Aes256)
            .encryption_context(CONTEXT, record.to_string());
        let generated = budget.call("GenerateDataKey", generate.send()).await?;
        let wrapped = generated.ciphertext_blob.ok_or(AuthorityFault::Unusable("GenerateDataKey"))?.into_inner();
        Ok((share_of(generated.plaintext, "GenerateDataKey")?, wrapped))
    }

    /// GetPublicKey of KEK-Responder-ECDH: S.
    pub async fn agreement_point(&self) -> Result<Point, AuthorityFault> {
        let get = self.kms.get_public_key().key_id(&self.settings.agreement_key);
        let answer = self.budget().call("GetPublicKey", get.send()).await?;
        let key = answer.public_key.ok_or(AuthorityFault::Unusable("GetPublicKey"))?;
        Point::from_spki_der(key.as_ref()).map_err(|_| AuthorityFault::Unusable("GetPublicKey"))
    }

    fn budget(&self) -> Budget<'_> {
        Budget::begin(&self.clock)
    }

    fn client_of(&self, credentials: Option<&aws_sdk_sts::types::Credentials>) -> Result<aws_sdk_kms::Client, AuthorityFault> {
        let given = credentials.ok_or(AuthorityFault::Unusable("AssumeRole"))?;
        let expires = std::time::SystemTime::try_from(*given.expiration()).map_err(|_| AuthorityFault::Unusable("AssumeRole"))?;
        // The SDK puts nothing, and 1970, in the place of what an answer that was cut off does not say.
        if expires <= self.clock.now() || given.session_token().is_empty() {
            return Err(AuthorityFault::Unusable("AssumeRole"));
        }
        let credentials = Credentials::new(
            given.access_key_id(),
            given.secret_access_key(),
            Some(given.session_token().to_owned()),
            Some(expires),
            "grant",
        );
        // The SDK's cache is one for all clients, and keeps credentials for as long as the process lives.
        let config = self.base.clone().identity_cache(IdentityCache::no_cache()).credentials_provider(credentials);
        Ok(aws_sdk_kms::Client::from_conf(config.build()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<GrantId, aws_sdk_kms::Client>> {
        // A thread that panicked while it held the map left it whole: its changes are single steps.
        self.windows.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn share_of(blob: Option<Blob>, call: &'static str) -> Result<Share, AuthorityFault> {
    let bytes = Zeroizing::new(blob.ok_or(AuthorityFault::Unusable(call))?.into_inner());
    halligan_shared::bytes::Secret32::from_slice(&bytes).map(Share::from).ok_or(AuthorityFault::Unusable(call))
}
