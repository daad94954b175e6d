//! An authority of its own for each test, on a clock that only the test moves, and SDK clients on that same clock.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::SystemTime,
};

use aws_credential_types::Credentials;
use aws_sdk_kms::{config::BehaviorVersion, error::ProvideErrorMetadata, primitives::Blob, types::DataKeySpec};
use aws_sdk_sts::operation::assume_role::{AssumeRoleError, AssumeRoleOutput, builders::AssumeRoleFluentBuilder};
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeTransmitInterceptorContextMut, dyn_dispatch_hint},
        orchestrator::HttpRequest,
        result::SdkError,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{config_bag::ConfigBag, retry::RetryConfig};
use halligan_authority::{Authority, Clock, Connection, Settings, StartError};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339, macros::datetime};

/// When every test begins.
pub(crate) const START: OffsetDateTime = datetime!(2026-11-23 10:00 UTC);
/// The encryption context's name for a record.
pub(crate) const RECORD: &str = "halligan:record";

/// A clock that stands still until it is moved.
#[derive(Clone, Debug)]
pub(crate) struct TestClock(Arc<Mutex<OffsetDateTime>>);

impl TestClock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(START)))
    }

    pub(crate) fn set(&self, to: OffsetDateTime) {
        *self.0.lock().unwrap() = to;
    }

    pub(crate) fn authority(&self) -> Clock {
        let clock = self.clone();
        Clock::new(move || *clock.0.lock().unwrap())
    }
}

impl TimeSource for TestClock {
    fn now(&self) -> SystemTime {
        (*self.0.lock().unwrap()).into()
    }
}

pub(crate) struct TestAuthority {
    pub(crate) authority: Authority,
    pub(crate) clock: TestClock,
    pub(crate) connection: Connection,
}

impl TestAuthority {
    /// Keys in memory.
    pub(crate) async fn start() -> Self {
        Self::start_with(None).await.unwrap()
    }

    pub(crate) async fn start_with(keys_file: Option<PathBuf>) -> Result<Self, StartError> {
        let clock = TestClock::new();
        let settings = Settings { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), keys_file };
        let authority = Authority::start(settings, clock.authority()).await?;
        let connection = authority.connection();
        Ok(Self { authority, clock, connection })
    }

    pub(crate) fn backend(&self) -> Credentials {
        credentials(&self.connection.access_key_id, &self.connection.secret_access_key, None)
    }

    pub(crate) fn sts(&self, credentials: Credentials) -> aws_sdk_sts::Client {
        self.sts_in(credentials, &self.connection.region, self.clock.clone())
    }

    pub(crate) fn sts_in(&self, credentials: Credentials, region: &str, clock: TestClock) -> aws_sdk_sts::Client {
        let config = aws_sdk_sts::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .endpoint_url(&self.connection.endpoint)
            .region(aws_sdk_sts::config::Region::new(region.to_owned()))
            .credentials_provider(credentials)
            .retry_config(RetryConfig::disabled())
            .time_source(clock);
        aws_sdk_sts::Client::from_conf(config.build())
    }

    pub(crate) fn kms(&self, credentials: Credentials) -> aws_sdk_kms::Client {
        self.kms_in(credentials, &self.connection.region, self.clock.clone())
    }

    pub(crate) fn kms_in(&self, credentials: Credentials, region: &str, clock: TestClock) -> aws_sdk_kms::Client {
        let config = aws_sdk_kms::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .endpoint_url(&self.connection.endpoint)
            .region(aws_sdk_kms::config::Region::new(region.to_owned()))
            .credentials_provider(credentials)
            .retry_config(RetryConfig::disabled())
            .time_source(clock);
        aws_sdk_kms::Client::from_conf(config.build())
    }

    /// An `AssumeRole` for the decrypter as the backend makes it for the record `ab`, still without a session policy.
    pub(crate) fn decrypter(&self) -> AssumeRoleFluentBuilder {
        self.decrypter_for("ab")
    }

    /// The same for any record.
    pub(crate) fn decrypter_for(&self, record: &str) -> AssumeRoleFluentBuilder {
        let tagged = |role: AssumeRoleFluentBuilder, (key, value): (&str, &str)| role.tags(tag(key, value));
        let role = self.sts(self.backend()).assume_role().role_arn(&self.connection.decrypter_role_arn);
        let role = role.role_session_name("grant-1").source_identity("agency-7").duration_seconds(900);
        [("incident", "incident-1"), ("request", "request-1"), ("door", "dispatcher"), ("record", record)]
            .into_iter()
            .fold(role, tagged)
    }

    /// The session policy of one grant: one record, until one moment.
    pub(crate) fn grant_policy(&self, record: &str, until: OffsetDateTime) -> Value {
        let until = until.format(&Rfc3339).unwrap();
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": self.connection.kek_arn, "Condition": {
                "DateLessThan": {"aws:CurrentTime": until},
                "StringEquals": {format!("kms:EncryptionContext:{RECORD}"): record},
            }},
            {"Effect": "Allow", "Action": "kms:DeriveSharedSecret", "Resource": self.connection.agreement_arn, "Condition": {
                "DateLessThan": {"aws:CurrentTime": until},
            }},
        ]})
    }

    /// A KMS client of a decrypter session with this session policy.
    pub(crate) async fn decrypter_with(&self, policy: &Value) -> aws_sdk_kms::Client {
        self.kms(session(&self.decrypter().policy(policy.to_string()).send().await.unwrap()))
    }

    /// A KMS client for one record and the five minutes from the start.
    pub(crate) async fn grant(&self, record: &str) -> aws_sdk_kms::Client {
        let policy = self.grant_policy(record, START + Duration::minutes(5));
        self.kms(session(&self.decrypter_for(record).policy(policy.to_string()).send().await.unwrap()))
    }

    pub(crate) async fn registrar(&self) -> aws_sdk_kms::Client {
        let role = self.sts(self.backend()).assume_role().role_arn(&self.connection.registrar_role_arn);
        let assumed = role.role_session_name("enrol-1").source_identity("registrar-3").send().await.unwrap();
        self.kms(session(&assumed))
    }

    /// Whoever re-wraps one record.
    pub(crate) async fn rotation(&self, record: &str) -> aws_sdk_kms::Client {
        let role = self.sts(self.backend()).assume_role().role_arn(&self.connection.rotation_role_arn);
        let role = role.role_session_name("rotate-1").source_identity("operator-1").tags(tag("record", record));
        self.kms(session(&role.send().await.unwrap()))
    }

    /// Whoever creates keys.
    pub(crate) fn administrator(&self) -> Credentials {
        let given = self.authority.administrator("operator-1").unwrap();
        credentials(&given.access_key_id, &given.secret_access_key, Some(given.session_token.to_string()))
    }

    /// IAM, signed for in this region.
    pub(crate) fn iam(&self, credentials: Credentials, region: &str) -> aws_sdk_iam::Client {
        let config = aws_sdk_iam::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .endpoint_url(&self.connection.endpoint)
            .region(aws_sdk_iam::config::Region::new(region.to_owned()))
            .credentials_provider(credentials)
            .retry_config(RetryConfig::disabled())
            .time_source(self.clock.clone());
        aws_sdk_iam::Client::from_conf(config.build())
    }

    /// A new data key for a record: in clear, and wrapped.
    pub(crate) async fn data_key(&self, record: &str) -> (Vec<u8>, Blob) {
        let made = self.registrar().await.generate_data_key().key_id(&self.connection.kek_arn).key_spec(DataKeySpec::Aes256);
        let made = made.encryption_context(RECORD, record).send().await.unwrap();
        (made.plaintext.unwrap().into_inner(), made.ciphertext_blob.unwrap())
    }
}

pub(crate) fn tag(key: &str, value: &str) -> aws_sdk_sts::types::Tag {
    aws_sdk_sts::types::Tag::builder().key(key).value(value).build().unwrap()
}

pub(crate) fn credentials(access_key_id: &str, secret: &str, token: Option<String>) -> Credentials {
    // Without an end: what is past it must be refused by the authority, not held back by the SDK.
    Credentials::new(access_key_id, secret, token, None, "test")
}

/// The credentials of an assumed role.
pub(crate) fn session(assumed: &AssumeRoleOutput) -> Credentials {
    let given = assumed.credentials().unwrap();
    credentials(given.access_key_id(), given.secret_access_key(), Some(given.session_token().to_owned()))
}

/// AWS's code for a refusal.
pub(crate) fn code<O, E, R>(outcome: Result<O, SdkError<E, R>>) -> String
where
    SdkError<E, R>: ProvideErrorMetadata + std::fmt::Debug,
{
    match outcome {
        Ok(_) => panic!("it was not refused"),
        Err(fault) => fault.code().unwrap_or_else(|| panic!("no code in {fault:?}")).to_owned(),
    }
}

/// The refusal of an `AssumeRole`.
pub(crate) async fn refusal(role: AssumeRoleFluentBuilder) -> AssumeRoleError {
    role.send().await.unwrap_err().into_service_error()
}

/// Changes a request after the SDK signed it.
#[derive(Debug)]
pub(crate) struct Tamper(pub(crate) fn(&mut HttpRequest));

#[dyn_dispatch_hint]
impl Intercept for Tamper {
    fn name(&self) -> &'static str {
        "tamper"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        (self.0)(context.request_mut());
        Ok(())
    }
}

/// Changes a request before the SDK signs it.
#[derive(Debug)]
pub(crate) struct Rewrite(pub(crate) fn(&mut HttpRequest));

#[dyn_dispatch_hint]
impl Intercept for Rewrite {
    fn name(&self) -> &'static str {
        "rewrite"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        (self.0)(context.request_mut());
        Ok(())
    }
}
