//! TLS 1.2 and 1.3 by a certificate in two files, read anew when they change: a renewed certificate needs no restart.

use std::{convert::Infallible, io, path::PathBuf, time::Duration};

use axum_server::tls_rustls::RustlsConfig;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The files of a certificate, PEM.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The certificate, and the chain that leads to its root.
    pub chain: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// No TLS by these files.
#[derive(Debug, thiserror::Error)]
#[error("cannot speak TLS by {} and {}; are they a certificate chain and its private key, both PEM?", .chain.display(), .key.display())]
pub struct TlsFault {
    chain: PathBuf,
    key: PathBuf,
    #[source]
    source: io::Error,
}

/// TLS by a certificate.
pub(super) struct Tls {
    certificate: Certificate,
    config: RustlsConfig,
    /// What it goes by.
    read: [u8; 32],
}

/// What stands in the two files.
struct Pems {
    chain: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
}

impl Tls {
    pub(super) async fn open(certificate: Certificate) -> Result<Self, TlsFault> {
        let opened = async {
            let pems = certificate.read().await?;
            let read = pems.digest();
            Ok((RustlsConfig::from_pem(pems.chain, pems.key.to_vec()).await?, read))
        };
        let (config, read) =
            opened.await.map_err(|source| TlsFault { chain: certificate.chain.clone(), key: certificate.key.clone(), source })?;
        Ok(Self { certificate, config, read })
    }

    pub(super) fn config(&self) -> RustlsConfig {
        self.config.clone()
    }

    /// Looks at the files every `look` for as long as it is polled. Files that do not fit each other, as in the middle of a renewal, change
    /// nothing. They are judged by what stands in them: their dates may be those of the ones before.
    pub(super) async fn renew(mut self, look: Duration) -> Infallible {
        let mut tick = tokio::time::interval(look);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut complained_of = None;
        loop {
            tick.tick().await;
            let (found, renewed) = match self.certificate.read().await {
                Ok(pems) if pems.digest() == self.read => continue,
                Ok(pems) => (Some(pems.digest()), self.config.reload_from_pem(pems.chain, pems.key.to_vec()).await),
                Err(error) => (None, Err(error)),
            };
            match (renewed, found) {
                (Ok(()), Some(read)) => {
                    self.read = read;
                    tracing::info!("the certificate was read anew");
                }
                // Once for each change, not once a minute.
                (Err(error), _) if complained_of != Some(found) => {
                    complained_of = Some(found);
                    tracing::error!(%error, "the new certificate cannot be used; the one before goes on");
                }
                _ => {}
            }
        }
    }
}

impl Pems {
    fn digest(&self) -> [u8; 32] {
        Sha256::new().chain_update(Sha256::digest(&self.chain)).chain_update(Sha256::digest(&self.key)).finalize().into()
    }
}

impl Certificate {
    /// Reads the files as the portal does that serves by them: whether both are what they should be, and of each other.
    pub async fn check(&self) -> Result<(), TlsFault> {
        Tls::open(self.clone()).await.map(|_| ())
    }

    async fn read(&self) -> io::Result<Pems> {
        Ok(Pems { chain: tokio::fs::read(&self.chain).await?, key: Zeroizing::new(tokio::fs::read(&self.key).await?) })
    }
}
