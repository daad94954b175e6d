//! Whether the portal itself would hold: database, disk, certificate, origin.

use std::path::Path;

use halligan_shared::audit::Kind;
use time::{Duration, OffsetDateTime};
use x509_parser::prelude::{FromDer as _, GeneralName, Pem, X509Certificate};

use super::{
    super::SILENT,
    check::{Findings, Item},
};
use crate::{
    config::{Limits, Settings},
    policy::Policies,
    server::Certificate,
    store::{AuditFilter, Store},
};

/// Room that must be left, in bytes: the largest record once, and its write-ahead log.
const ROOM: u64 = 512 << 20;
/// How long a certificate must be good for: long enough for whoever renews it to see that it was not.
const RENEWAL: Duration = Duration::days(7);

pub(super) async fn database(found: &mut Findings, store: &Store) {
    let database = store.examine().await;
    match database.journal {
        Ok(journal) => {
            found.fine(Item::Database, "it opens");
            found.judge(Item::Journal, journal == "wal", format!("its journal is {journal}"));
        }
        Err(error) => found.fails(Item::Database, error.to_string()),
    }
    match database.migrations {
        Ok((0, 0)) => found.fine(Item::Schema, "of this version"),
        Ok((missing, 0)) => found.fails(Item::Schema, format!("older than this program by {missing} changes")),
        Ok((_, unknown)) => found.fails(Item::Schema, format!("with {unknown} changes that this program does not know")),
        Err(error) => found.unknown(Item::Schema, error.to_string()),
    }
    match database.integrity {
        Ok(words) => found.judge(Item::Integrity, words == "ok", words),
        Err(error) => found.fails(Item::Integrity, error.to_string()),
    }
    match database.writable {
        Ok(()) => found.fine(Item::Writable, "written, and taken back"),
        Err(error) => found.fails(Item::Writable, error.to_string()),
    }
}

pub(super) async fn channels(found: &mut Findings, settings: &Settings, store: &Store, now: OffsetDateTime) {
    let (devices, webhook) = match (store.push_devices_failing(now - SILENT).await, store.webhook_failing_since().await) {
        (Ok(devices), Ok(webhook)) => {
            (devices, webhook.filter(|since| settings.outside.webhook.is_some() && *since <= now - SILENT))
        }
        (Err(error), _) | (_, Err(error)) => return found.unknown(Item::Channels, error.to_string()),
    };
    let is_fine = devices == 0 && webhook.is_none();
    let webhook = match webhook {
        Some(since) => format!("the webhook has not answered since {}", super::super::text(since)),
        None if settings.outside.webhook.is_some() => "the webhook took what was sent".to_owned(),
        None => "there is no webhook".to_owned(),
    };
    found.judge(Item::Channels, is_fine, format!("{webhook}; push to {devices} devices fails"));
}

pub(super) fn no_database(found: &mut Findings, why: &str) {
    found.fails(Item::Database, why);
}

pub(super) fn disk(found: &mut Findings, folder: &Path) {
    match nix::sys::statvfs::statvfs(folder) {
        Ok(disk) => {
            let free = disk.blocks_available().saturating_mul(disk.fragment_size());
            found.judge(Item::Disk, free >= ROOM, format!("{} MiB are free", free >> 20));
        }
        Err(error) => found.unknown(Item::Disk, format!("{}: {error}", folder.display())),
    }
}

/// The certificate that the portal serves by, or why it needs none of its own.
pub(super) async fn certificate(found: &mut Findings, settings: &Settings, now: OffsetDateTime) {
    let Some(certificate) = &settings.premises.certificate else {
        let (is_fine, words) = match (settings.is_tls(), settings.proxies.is_empty()) {
            (false, _) => (true, "none is needed: the origin is this machine"),
            (true, false) => (true, "none of the portal's own: TLS is a trusted proxy's"),
            (true, true) => (false, "the origin is https, and neither a certificate nor a proxy that brings TLS is named"),
        };
        found.judge(Item::Certificate, is_fine, words);
        return found.judge(Item::CertificateName, is_fine, words);
    };
    // As the portal itself reads them: also whether the key is the certificate's.
    if let Err(fault) = certificate.check().await {
        found.fails(Item::Certificate, fault.to_string());
        return found.unknown(Item::CertificateName, "the certificate does not read");
    }
    match leaf(certificate).await {
        Some(leaf) => read(found, &leaf, settings.origin.host_str().unwrap_or_default(), now),
        None => found.fails(Item::Certificate, format!("{} holds no certificate", certificate.chain.display())),
    }
}

async fn leaf(certificate: &Certificate) -> Option<Pem> {
    let text = tokio::fs::read(&certificate.chain).await.ok()?;
    Pem::iter_from_buffer(&text).filter_map(Result::ok).find(|pem| pem.label == "CERTIFICATE")
}

fn read(found: &mut Findings, leaf: &Pem, host: &str, now: OffsetDateTime) {
    let Ok((_, certificate)) = X509Certificate::from_der(&leaf.contents) else {
        return found.fails(Item::Certificate, "it cannot be read");
    };
    let instant = |at: x509_parser::time::ASN1Time| OffsetDateTime::from_unix_timestamp(at.timestamp());
    let (Ok(from), Ok(until)) = (instant(certificate.validity().not_before), instant(certificate.validity().not_after)) else {
        return found.fails(Item::Certificate, "its dates cannot be read");
    };
    match () {
        () if now < from => found.fails(Item::Certificate, format!("it is not valid before {}", from.date())),
        () if now >= until => found.fails(Item::Certificate, format!("it expired on {}", until.date())),
        () => {
            let left = until - now;
            found.judge(
                Item::Certificate,
                left >= RENEWAL,
                format!("valid for {} more days; the key is its own", left.whole_days()),
            );
        }
    }
    let names: Vec<String> = certificate
        .subject_alternative_name()
        .ok()
        .flatten()
        .map(|names| names.value.general_names.iter().filter_map(name).collect())
        .unwrap_or_default();
    let is_named = names.iter().any(|name| covers(name, host));
    found.judge(Item::CertificateName, is_named, format!("it is for {}; the origin's host is {host}", names.join(", ")));
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|bytes| std::net::Ipv4Addr::from(bytes).to_string()),
            16 => <[u8; 16]>::try_from(*bytes).ok().map(|bytes| format!("[{}]", std::net::Ipv6Addr::from(bytes))),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a certificate's name is the host's: a star stands for one label (RFC 6125).
fn covers(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(rest) => host.split_once('.').is_some_and(|(first, of)| !first.is_empty() && of.eq_ignore_ascii_case(rest)),
        None => name.eq_ignore_ascii_case(host),
    }
}

/// Whether the policies of the settings are those that the last start put in force.
pub(super) async fn policies(found: &mut Findings, policies: &Policies, store: &Store) {
    let count = policies.written().len();
    if let Some(lack) = policies.lack() {
        return found.fails(Item::Policies, lack.to_owned());
    }
    match store.policies().await {
        Ok(Some(row)) if row.version == policies.version() => {
            found.fine(Item::Policies, format!("{count} policies, those that the portal started with"));
        }
        Ok(Some(row)) => found.fails(
            Item::Policies,
            format!("version {} is in force, and what is set is version {}", row.version, policies.version()),
        ),
        Ok(None) => found.fine(Item::Policies, format!("{count} policies, which the first start puts in force")),
        Err(error) => found.unknown(Item::Policies, error.to_string()),
    }
}

/// Whether every review that the log has is there, and closed by a finding that the log has.
pub(super) async fn reviews(found: &mut Findings, store: &Store) {
    match store.reviews_unlike_the_log().await {
        Ok(unlike) => found.judge(Item::Reviews, unlike == 0, format!("{unlike} are not as the log has them")),
        Err(error) => found.unknown(Item::Reviews, error.to_string()),
    }
}

/// Whether who asks and then only watches is still signed in at the end.
pub(super) fn idle(found: &mut Findings, limits: &Limits) {
    let longest = limits.pending + limits.approval + limits.window;
    let [idle, longest] = [limits.idle, longest].map(Duration::whole_seconds);
    found.judge(Item::Idle, idle > longest, format!("a sign-in rests for {idle} seconds, and a request takes up to {longest}"));
}

/// Whether members signed for this origin before: passkeys and bracelets are bound to it.
pub(super) async fn origin(found: &mut Findings, settings: &Settings, store: &Store) {
    let now = settings.origin_text();
    let is_secure = settings.is_tls() || matches!(settings.origin.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if !is_secure {
        return found.fails(Item::Origin, format!("{now} is neither https nor this machine: browsers give it no passkeys"));
    }
    let filter = AuditFilter { kind: Some(Kind::RequestFiled.word().to_owned()), limit: 1, ..AuditFilter::default() };
    let before = store.audit_events(&filter).await.ok().and_then(|lines| {
        let event: serde_json::Value = serde_json::from_str(lines.first()?.text.as_deref()?).ok()?;
        Some(event.get("facts")?.get("statement")?.get("origin")?.as_str()?.to_owned())
    });
    match before {
        Some(before) if before != now => found.fails(Item::Origin, format!("it is {now}, and members last signed for {before}")),
        Some(_) => found.fine(Item::Origin, format!("{now}, for which members signed before")),
        None => found.fine(Item::Origin, format!("{now}; nobody has signed yet")),
    }
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_star_stands_for_one_label() {
        assert!(covers("halligan.example", "Halligan.Example") && covers("*.example", "halligan.example"));
        for host in ["example", "a.halligan.example", ".example"] {
            assert!(!covers("*.example", host), "{host}");
        }
    }
}
