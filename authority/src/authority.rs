//! The running authority: starts, tells how to reach it, tells what it answered, stops.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};
use zeroize::Zeroizing;

use crate::{
    clock::Clock,
    estate::{Estate, EstateHolder, KeysError, names},
    event::{Event, EventLog},
    identifier::Prefix,
    secret::{NoRandomness, SecretAccessKey},
    service::{Office, router},
    session::Session,
};

/// How long calls in flight may take to finish at shutdown.
const GRACE: Duration = Duration::from_secs(5);
/// How long a session of the administrator lasts.
const ADMINISTRATION: time::Duration = time::Duration::HOUR;

/// Where the authority listens and keeps its keys.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address; it must be a loopback address. Port 0 takes any free port.
    pub listen: SocketAddr,
    /// The file that holds the keys. Without one they live in memory and end with the process: for tests only.
    pub keys_file: Option<PathBuf>,
}

/// Why the authority did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is reachable from elsewhere.
    #[error("the embedded authority listens on loopback only, and {0} is not; name an address like 127.0.0.1:0")]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("the embedded authority cannot listen on {address}; name another port, or 0 for any")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The program is shutting down.
    #[error("the program stopped while the embedded authority was starting; start it again")]
    Interrupted,
}

/// What a client needs to reach the authority as the backend's own identity, and the names of what it may ask for. It has no
/// `Debug` and no `Clone`: it holds a secret.
pub struct Connection {
    /// The endpoint URL of both services.
    pub endpoint: String,
    /// The Region that requests must be signed for.
    pub region: String,
    /// The backend's access key.
    pub access_key_id: String,
    /// The secret half of the access key.
    pub secret_access_key: Zeroizing<String>,
    /// ARN of the key KEK-Responder, which wraps records' keys.
    pub kek_arn: String,
    /// ARN of the key KEK-Responder-ECDH.
    pub agreement_arn: String,
    /// ARN of the role that opens records: `Decrypt` and `DeriveSharedSecret`.
    pub decrypter_role_arn: String,
    /// ARN of the role that enrols records: `GenerateDataKey` and `GetPublicKey`.
    pub registrar_role_arn: String,
    /// ARN of the role that re-wraps records' keys under KEK-Responder's newest material: `ReEncrypt`.
    pub rotation_role_arn: String,
}

/// The named key is not in the estate, or the change could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeyStateError {
    /// No such key.
    #[error("the embedded authority has no such key; name one by its ARN or its id")]
    NoSuchKey,
    /// The keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

/// A session's credentials. It has no `Debug` and no `Clone`: it holds secrets.
pub struct SessionCredentials {
    /// The access key.
    pub access_key_id: String,
    /// Its secret half.
    pub secret_access_key: Zeroizing<String>,
    /// What every request of the session carries.
    pub session_token: Zeroizing<String>,
}

/// An embedded STS, KMS and IAM, serving until it is shut down or dropped.
pub struct Authority {
    office: Arc<Office>,
    /// As of the start: what it tells never changes during an estate's life.
    estate: Arc<Estate>,
    endpoint: String,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

impl Authority {
    /// Loads the estate, or creates it, and serves it. Must be called on a tokio runtime.
    pub async fn start(settings: Settings, clock: Clock) -> Result<Self, StartError> {
        Self::governed(settings, None, clock).await
    }

    /// The same governed by another template, for tests of what finds a deployment that is not as it should be. Its keys live in memory.
    #[doc(hidden)]
    pub async fn start_governed_by(template: String, clock: Clock) -> Result<Self, StartError> {
        let listen = SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 0));
        Self::governed(Settings { listen, keys_file: None }, Some(template), clock).await
    }

    async fn governed(settings: Settings, template: Option<String>, clock: Clock) -> Result<Self, StartError> {
        let Settings { listen, keys_file } = settings;
        if !listen.ip().is_loopback() {
            return Err(StartError::NotLoopback(listen));
        }
        let cannot_listen = |source| StartError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(cannot_listen)?;
        let endpoint = format!("http://{}", listener.local_addr().map_err(cannot_listen)?);

        let now = clock.now();
        let holder = tokio::task::spawn_blocking(move || EstateHolder::open(keys_file, template, now))
            .await
            .map_err(|_| StartError::Interrupted)??;
        let estate = holder.current()?;
        let office = Arc::new(Office { holder, clock, events: EventLog::default() });
        let (stop, stopped) = oneshot::channel();
        let serve = axum::serve(listener, router(Arc::clone(&office))).with_graceful_shutdown(async {
            // A dropped sender stops the server too.
            let _ = stopped.await;
        });
        let server = tokio::spawn(async move {
            if let Err(fault) = serve.await {
                tracing::error!(%fault, "the embedded authority stopped");
            }
        });
        tracing::info!(endpoint, "the embedded authority listens");
        Ok(Self { office, estate, endpoint, stop: Some(stop), server })
    }

    /// How to reach it.
    pub fn connection(&self) -> Connection {
        let (place, backend) = (self.estate.place(), self.estate.backend());
        Connection {
            endpoint: self.endpoint.clone(),
            region: place.region.clone(),
            access_key_id: backend.access_key_id.clone(),
            secret_access_key: Zeroizing::new(backend.secret_access_key.text().to_owned()),
            kek_arn: self.estate.kek_arn(),
            agreement_arn: self.estate.agreement_arn(),
            decrypter_role_arn: self.estate.role_arn(names::DECRYPTER),
            registrar_role_arn: self.estate.role_arn(names::REGISTRAR),
            rotation_role_arn: self.estate.role_arn(names::ROTATION),
        }
    }

    /// The same face without a socket, for tests that ask more often than a socket bears.
    #[doc(hidden)]
    pub fn router(&self) -> axum::Router {
        router(Arc::clone(&self.office))
    }

    /// Has `listener` told of each call from now on, one after the other, before it is answered. It must not take long: meanwhile no
    /// call is answered.
    pub fn on_event(&self, listener: impl FnMut(&Event) + Send + 'static) {
        self.office.events.tell(listener);
    }

    /// The latest calls that this process answered, oldest first.
    pub fn events(&self) -> Vec<Event> {
        self.office.events.snapshot()
    }

    /// Enables or disables a key for every process that holds the estate. Nobody may do this over the wire: it is for whoever
    /// can read the keys file anyway.
    pub async fn set_key_enabled(&self, key: &str, enabled: bool) -> Result<(), KeyStateError> {
        let id = self.estate.place().key_id(key).ok_or(KeyStateError::NoSuchKey)?;
        let change = self.office.holder.change(move |holdings| holdings.set_enabled(id, enabled));
        if change.await? { Ok(()) } else { Err(KeyStateError::NoSuchKey) }
    }

    /// An hour's session of the role that administers the keys: it creates and describes keys, reads their policies, and uses none.
    /// Nobody may begin one over the wire: it is for whoever can read the keys file anyway.
    pub fn administrator(&self, person: &str) -> Result<SessionCredentials, NoRandomness> {
        let now = self.office.clock.now();
        let issued_at = now.replace_nanosecond(0).unwrap_or(now);
        let session = Session {
            role: names::ADMINISTRATOR.to_owned(),
            name: person.to_owned(),
            source_identity: None,
            tags: Vec::new(),
            policy: None,
            issued_at,
            expires_at: issued_at + ADMINISTRATION,
            secret_access_key: SecretAccessKey::generate()?,
        };
        let access_key_id = Prefix::SessionKey.generate()?;
        let session_token = session.seal(self.estate.session_key(), &access_key_id).map_err(|_| NoRandomness)?;
        let secret_access_key = Zeroizing::new(session.secret_access_key.text().to_owned());
        Ok(SessionCredentials { access_key_id, secret_access_key, session_token })
    }

    /// Lets calls in flight finish, for five seconds at most, and stops. The keys are zeroized with the last of them.
    pub async fn shutdown(mut self) {
        self.stop.take();
        if timeout(GRACE, &mut self.server).await.is_err() {
            tracing::warn!("calls to the embedded authority were cut off at shutdown");
        }
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.server.abort();
    }
}
