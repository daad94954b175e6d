//! The portal put together from what the operator set.

use std::{io::Write as _, net::SocketAddr, path::PathBuf, sync::Arc};

use anyhow::{Context as _, bail};
use halligan_authority::Authority as EmbeddedAuthority;
use halligan_backend::{
    aws::{Authority, AuthoritySettings},
    cad::CadKey,
    clock::Clock,
    config::{Limits, Premises, Rates, Settings},
    outside::Outside,
    policy::Policies,
    server::Certificate,
    services::Portal,
    store::{Store, StoreError},
};
use ipnet::IpNet;

use super::{Options, private};

/// The database, in the portal's folder.
pub(super) const DATABASE: &str = "halligan.db";

/// How often callers may come, who is believed about them, what TLS they are served by, by which key dispatch signs, and how many in a
/// hundred of what they open is reviewed.
#[derive(Default)]
pub(super) struct Callers {
    pub(super) rates: Rates,
    pub(super) proxies: Vec<IpNet>,
    pub(super) certificate: Option<Certificate>,
    pub(super) cad: Option<Arc<CadKey>>,
    pub(super) review_sample: u8,
    pub(super) outside: Outside,
}

/// The portal, and the embedded authority when it is ours to run.
pub(super) struct House {
    pub(super) portal: Portal,
    embedded: Option<EmbeddedAuthority>,
}

impl House {
    /// Opens the database, making it when it is not there, and connects to the authority.
    ///
    /// Another process may have the same folder open: the database and the keys file are made for that.
    pub(super) async fn open(options: &Options, limits: Limits, callers: Callers, policies: Policies) -> anyhow::Result<Self> {
        private::folder(&options.data).with_context(|| format!("cannot use the folder {}", options.data.display()))?;
        let (authority, embedded) = authority(options, &Clock::system()).await?;
        let portal = portal(options, settings(options, limits, callers, policies), authority).await?;
        Ok(Self { portal, embedded })
    }

    /// The same for a step of the operator's: nobody calls, and nobody is judged.
    pub(super) async fn open_unserved(options: &Options) -> anyhow::Result<Self> {
        Self::open(options, Limits::default(), Callers::default(), Policies::built_in()?).await
    }

    /// Stops what was started.
    pub(super) async fn close(self) {
        self.portal.authority().close_all();
        if let Some(embedded) = self.embedded {
            embedded.shutdown().await;
        }
    }
}

/// The portal for steps that need no key: no authority is started or asked.
pub(super) async fn open_without_keys(options: &Options, limits: Limits) -> anyhow::Result<Portal> {
    private::folder(&options.data).with_context(|| format!("cannot use the folder {}", options.data.display()))?;
    let settings = settings(options, limits, Callers::default(), Policies::built_in()?);
    portal(options, settings, AuthoritySettings::absent()).await
}

async fn portal(options: &Options, settings: Settings, authority: AuthoritySettings) -> anyhow::Result<Portal> {
    let clock = Clock::system();
    let store = open_store(options).await?;
    let authority = Authority::connect(authority, clock.clone()).await;
    Ok(Portal::new(settings, clock, store, authority).await?)
}

/// What the operator set, as the portal is told it.
pub(super) fn settings(options: &Options, limits: Limits, callers: Callers, policies: Policies) -> Settings {
    Settings {
        origin: options.origin.clone(),
        agency: options.agency.clone(),
        device_bound: options.device_bound.clone(),
        limits,
        rates: callers.rates,
        proxies: callers.proxies,
        premises: Premises { data: Some(options.data.clone()), certificate: callers.certificate },
        policies,
        review_sample: callers.review_sample,
        cad: callers.cad,
        outside: callers.outside,
    }
}

/// The database as it is, if there is one: nothing is made or changed.
pub(super) async fn attach_store(options: &Options) -> Result<Store, StoreError> {
    Store::attach(&format!("sqlite://{}?mode=rw", options.data.join(DATABASE).display())).await
}

/// The database alone.
pub(super) async fn open_store(options: &Options) -> anyhow::Result<Store> {
    let file = options.data.join(DATABASE);
    Store::open(&format!("sqlite://{}?mode=rwc", file.display()))
        .await
        .with_context(|| format!("cannot open the database {}", file.display()))
}

/// AWS when its keys are named, else the embedded authority on any free port of this machine.
pub(super) async fn authority(options: &Options, clock: &Clock) -> anyhow::Result<(AuthoritySettings, Option<EmbeddedAuthority>)> {
    let aws = &options.aws;
    match (&aws.kek, &aws.agreement_key, &aws.decrypter_role, &aws.registrar_role) {
        (Some(kek), Some(agreement_key), Some(decrypter_role), Some(registrar_role)) => {
            let settings = AuthoritySettings {
                endpoint: aws.endpoint.clone(),
                region: aws.region.clone(),
                credentials: None,
                kek: kek.clone(),
                agreement_key: agreement_key.clone(),
                decrypter_role: decrypter_role.clone(),
                registrar_role: registrar_role.clone(),
                rotation_role: aws.rotation_role.clone(),
                former_keys: aws.former_keys.clone(),
            };
            return Ok((settings, None));
        }
        (None, None, None, None) => {}
        // Records sealed under keys of the data folder instead would open nowhere else, and nobody would have been told.
        _ => bail!(
            "only a part of AWS is named: name all of HALLIGAN_KEK, HALLIGAN_AGREEMENT_KEY, HALLIGAN_DECRYPTER_ROLE and \
             HALLIGAN_REGISTRAR_ROLE, or none of them to use the embedded authority"
        ),
    }
    let embedded = embedded(options, clock, ([127, 0, 0, 1], 0).into()).await?;
    let connection = embedded.connection();
    let settings = AuthoritySettings {
        endpoint: Some(connection.endpoint.clone()),
        region: connection.region.clone(),
        credentials: Some((connection.access_key_id.clone(), connection.secret_access_key.clone())),
        kek: connection.kek_arn.clone(),
        agreement_key: connection.agreement_arn.clone(),
        decrypter_role: connection.decrypter_role_arn.clone(),
        registrar_role: connection.registrar_role_arn.clone(),
        rotation_role: Some(connection.rotation_role_arn.clone()),
        former_keys: aws.former_keys.clone(),
    };
    Ok((settings, Some(embedded)))
}

/// Whether there is an authority to ask without making one: AWS is named, or the data folder has keys.
pub(super) fn has_authority(options: &Options) -> bool {
    options.aws.kek.is_some() || keys_file(options).exists()
}

/// Whether there is a portal in the data folder.
pub(super) fn has_database(options: &Options) -> bool {
    options.data.join(DATABASE).exists()
}

fn keys_file(options: &Options) -> PathBuf {
    options.data.join("authority").join("keys.json")
}

/// Starts the embedded authority on the keys of the data folder.
pub(super) async fn embedded(options: &Options, clock: &Clock, listen: SocketAddr) -> anyhow::Result<EmbeddedAuthority> {
    let clock = clock.clone();
    let settings = halligan_authority::Settings { listen, keys_file: Some(keys_file(options)) };
    // Before it starts: a trail that cannot be written would be missed only when somebody looks for it.
    let trail = options.trail.as_deref().map(private::append).transpose()?;
    let embedded = EmbeddedAuthority::start(settings, halligan_authority::Clock::new(move || clock.now())).await?;
    if let Some(mut trail) = trail {
        embedded.on_event(move |event| {
            let Some(line) = event.cloudtrail() else { return };
            if let Err(error) = writeln!(trail, "{line}") {
                tracing::error!(%error, "a call could not be written into the embedded authority's trail");
            }
        });
    }
    Ok(embedded)
}
