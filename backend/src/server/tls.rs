//! TLS 1.2 and 1.3 by a certificate in two files, read anew when they change: a renewed certificate needs no restart.

use std::{convert::Infallible, io, path::PathBuf, time::Duration};

use axum_server::tls_rustls::RustlsConfig;

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
    read: Dates,
}

/// When the two files were last written.
type Dates = [Option<std::time::SystemTime>; 2];

impl Tls {
    pub(super) async fn open(certificate: Certificate) -> Result<Self, TlsFault> {
        // Dated before they are read: what is written in between counts as a change.
        let read = certificate.dates().await;
        let config = RustlsConfig::from_pem_file(&certificate.chain, &certificate.key).await.map_err(|source| TlsFault {
            chain: certificate.chain.clone(),
            key: certificate.key.clone(),
            source,
        })?;
        Ok(Self { certificate, config, read })
    }

    pub(super) fn config(&self) -> RustlsConfig {
        self.config.clone()
    }

    /// Looks at the files every `look` for as long as it is polled. Files that do not fit each other, as in the middle of a renewal, change
    /// nothing, and are tried again: what failed may have been the reading of them.
    pub(super) async fn renew(mut self, look: Duration) -> Infallible {
        let mut tick = tokio::time::interval(look);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut complained_of = self.read;
        loop {
            tick.tick().await;
            let dates = self.certificate.dates().await;
            if dates == self.read {
                continue;
            }
            match self.config.reload_from_pem_file(&self.certificate.chain, &self.certificate.key).await {
                Ok(()) => {
                    self.read = dates;
                    tracing::info!("the certificate was read anew");
                }
                // Once for each change, not once a minute.
                Err(error) if dates != complained_of => {
                    complained_of = dates;
                    tracing::error!(%error, "the new certificate cannot be used; the one before goes on");
                }
                Err(_) => {}
            }
        }
    }
}

impl Certificate {
    /// Reads the files as the portal does that serves by them: whether both are what they should be, and of each other.
    pub async fn check(&self) -> Result<(), TlsFault> {
        Tls::open(self.clone()).await.map(|_| ())
    }

    async fn dates(&self) -> Dates {
        let date = async |path| tokio::fs::metadata(path).await.and_then(|file| file.modified()).ok();
        [date(&self.chain).await, date(&self.key).await]
    }
}
