//! The portal under test: the real router over a database of its own and an embedded authority, on the test's clock.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::Router;
use halligan_authority::Authority as EmbeddedAuthority;
use halligan_backend::{
    aws::{Authority, AuthoritySettings},
    cad::CadKey,
    clock::Clock,
    config::{Limits, Premises, Rates, Settings},
    domain::member::SignedIn,
    http,
    outside::Outside,
    policy::Policies,
    services::{ChainState, Portal, Stay},
    store::Store,
};
use halligan_shared::{assignment::Assignment, id::RequestId, member::Role, statement::Verdict};
use ipnet::IpNet;
use tempfile::TempDir;
use time::OffsetDateTime;
use url::Url;

use super::{
    Cad, Device, Relay,
    member::{Client, Opened},
    peer::ministack,
};

/// Where the portal believes it is.
pub(crate) const ORIGIN: &str = "http://localhost:8080";

/// How long a session rests where a test has it rest for less than it would.
const SHORT_REST: time::Duration = time::Duration::minutes(2);

/// A portal of one's own.
pub(crate) struct TestPortal {
    pub(crate) portal: Portal,
    pub(crate) router: Router,
    pub(crate) authority: EmbeddedAuthority,
    clock: Arc<AtomicI64>,
    /// How far the portal's own clock is ahead, in milliseconds.
    ahead: Arc<AtomicI64>,
    /// What stands between portal and authority, where something does.
    relay: Option<Relay>,
    directory: TempDir,
    // Boxed: a test holds its portal across everything it awaits.
    set: Box<Set>,
}

/// What a test sets otherwise than an operator who sets nothing.
#[derive(Clone, Default)]
pub(crate) struct Set {
    /// How often something may be done.
    pub(crate) rates: Rates,
    /// Trusted proxies.
    pub(crate) proxies: Vec<IpNet>,
    /// Whether browsers reach the portal over TLS.
    pub(crate) tls: bool,
    /// What it is told of its authority.
    pub(crate) way: Way,
    /// What it judges by, if that is not what is built in.
    pub(crate) policies: Option<Policies>,
    /// Whether it was given no key of computer-aided dispatch.
    pub(crate) deaf: bool,
    /// How many in a hundred of what is opened without anything out of the ordinary are reviewed: none, so that nothing is left to chance.
    pub(crate) review_sample: u8,
    /// How devices and another system are told.
    pub(crate) outside: Outside,
    /// Whether a session rests for two minutes at most, which is less than a request waits.
    pub(crate) restless: bool,
}

/// Which authority a portal asks, and how.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Way {
    /// The embedded one.
    #[default]
    Straight,
    /// The embedded one, with a relay before it.
    Relayed,
    /// The embedded one, which knows nothing of the portal's access key.
    UnknownKey,
    /// Ministack. Its clock is the machine's, and what it was called for is not told.
    Ministack,
}

impl Set {
    /// Nobody is too fast: for tests and benches whose one member does what a whole county does.
    pub(crate) fn unhurried() -> Self {
        Self { rates: Rates::default().times(10_000), ..Self::default() }
    }
}

impl TestPortal {
    /// A fresh portal. Its clock stands still, at a whole second near the present, until a test moves it.
    pub(crate) async fn start() -> Self {
        Self::start_with(Set::default()).await
    }

    /// The same with settings of the test's own.
    pub(crate) async fn start_with(set: Set) -> Self {
        let directory = TempDir::new().unwrap();
        let clock = Arc::new(AtomicI64::new(Clock::system().now().unix_timestamp() * 1000));
        let authority = EmbeddedAuthority::start(
            halligan_authority::Settings { listen: "127.0.0.1:0".parse().unwrap(), keys_file: None },
            halligan_authority::Clock::new(reader(&clock)),
        )
        .await
        .unwrap();
        let relay = if set.way == Way::Relayed { Some(Relay::start(authority.router()).await) } else { None };
        let ahead = Arc::new(AtomicI64::new(0));
        let portal = assemble(&authority, relay.as_ref(), (&clock, &ahead), &directory, &set).await;
        let router = http::router(&portal);
        Self { portal, router, authority, clock, ahead, relay, directory, set: Box::new(set) }
    }

    /// The same database under a backend started anew: nothing that lived in memory is left.
    pub(crate) async fn restart(&mut self) {
        let clock = (&self.clock, &self.ahead);
        self.portal = assemble(&self.authority, self.relay.as_ref(), clock, &self.directory, &self.set).await;
        self.router = http::router(&self.portal);
    }

    /// The same by other policies.
    pub(crate) async fn restart_by(&mut self, policies: Policies) {
        self.set.policies = Some(policies);
        self.restart().await;
        self.portal.put_policies_in_force().await.unwrap();
    }

    /// The same with other keys named.
    pub(crate) async fn restart_with(&mut self, settings: AuthoritySettings) {
        self.portal = assemble_with(settings, (&self.clock, &self.ahead), &self.directory, &self.set).await;
        self.router = http::router(&self.portal);
    }

    /// A portal with a relay before its authority, which passes everything on until a test says otherwise.
    pub(crate) async fn relayed() -> Self {
        Self::start_with(Set { way: Way::Relayed, ..Set::default() }).await
    }

    /// What stands between portal and authority.
    pub(crate) fn relay(&mut self) -> &mut Relay {
        self.relay.as_mut().unwrap()
    }

    /// The authority moves to another address; whoever is configured for the old one is not told.
    pub(crate) async fn move_authority(&mut self) {
        self.relay = Some(Relay::start(self.authority.router()).await);
    }

    /// Sets the portal's own clock so far ahead of everybody else's, in milliseconds; less than nothing is behind.
    pub(crate) fn set_ahead(&self, milliseconds: i64) {
        self.ahead.store(milliseconds, Ordering::SeqCst);
    }

    /// Another backend on the same database and authority.
    pub(crate) async fn beside(&self) -> (Portal, Router) {
        let clock = (&self.clock, &self.ahead);
        let portal = assemble(&self.authority, self.relay.as_ref(), clock, &self.directory, &self.set).await;
        let router = http::router(&portal);
        (portal, router)
    }

    /// Another backend on the same database, which looks for its authority at another address.
    pub(crate) async fn beside_at(&self, endpoint: String) -> Portal {
        let settings = AuthoritySettings { endpoint: Some(endpoint), ..authority_settings(&self.authority, None, &self.set) };
        assemble_with(settings, (&self.clock, &self.ahead), &self.directory, &self.set).await
    }

    /// Moves the clock.
    pub(crate) fn pass(&self, milliseconds: i64) {
        self.clock.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// Somebody without a session.
    pub(crate) fn stranger(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// Computer-aided dispatch.
    pub(crate) fn cad(&self) -> Cad {
        Cad::new(self.router.clone())
    }

    /// The time by the portal's clock.
    pub(crate) fn now(&self) -> OffsetDateTime {
        self.portal.clock().now()
    }

    /// A member who has just joined, by a real invitation and a real passkey.
    pub(crate) async fn member(&self, agency_id: &str, roles: &[Role]) -> Client {
        self.member_with(Device::default(), agency_id, roles).await
    }

    /// The same with a device of a certain kind.
    pub(crate) async fn member_with(&self, device: Device, agency_id: &str, roles: &[Role]) -> Client {
        self.member_at(device, agency_id, roles, Assignment::default()).await
    }

    /// The same where they work somewhere.
    pub(crate) async fn member_at(&self, device: Device, agency_id: &str, roles: &[Role], assignment: Assignment) -> Client {
        let (id, name) = (agency_id.parse().unwrap(), format!("{agency_id} Drill").parse().unwrap());
        let invitation = self.portal.invite(None, id, name, roles.to_vec(), assignment).await.unwrap();
        let mut client = Client { device, ..self.stranger() };
        client.join(&invitation.link).await;
        client
    }

    /// EMS-1 with an approved request for a record that REG-1 sealed; DSP-1 approved it.
    pub(crate) async fn approved(&self, content: &[u8]) -> (Client, RequestId) {
        let (_, reference) = self.member("REG-1", &[Role::Registrar]).await.seal(content).await;
        let mut responder = self.member("EMS-1", &[Role::Responder]).await;
        let request = responder.ask(&reference).await.id;
        self.member("DSP-1", &[Role::Dispatcher]).await.decide(request, Verdict::Approve).await;
        (responder, request)
    }

    /// The same with the record open.
    pub(crate) async fn opened(&self, content: &[u8]) -> (Client, Opened) {
        let (mut responder, request) = self.approved(content).await;
        let opened = responder.open(request).await;
        (responder, opened)
    }

    /// A member at their browser, as a call of theirs goes on once the gate has let it in.
    pub(crate) async fn past_the_gate(&self, agency_id: &str) -> SignedIn {
        let stay = "select m.id, s.id, s.since from stay s join member m on m.id = s.member_id where m.agency_id = $1";
        let (member, sign_in, since): (String, String, i64) =
            sqlx::query_as(stay).bind(agency_id).fetch_one(&self.database().await).await.unwrap();
        let stay = Stay { member: member.parse().unwrap(), sign_in: sign_in.parse().unwrap(), since: since / 1000 };
        self.portal.signed_in(stay).await.unwrap().unwrap()
    }

    /// What somebody does who can write to the database file. How many rows it changed.
    pub(crate) async fn tamper(&self, sql: &'static str) -> u64 {
        let database = self.database().await;
        sqlx::query(sql).execute(&database).await.unwrap().rows_affected()
    }

    /// How many rows a table has, read from the database file.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.database().await).await.unwrap()
    }

    /// How the portal finds its authority.
    pub(crate) fn authority_settings(&self) -> AuthoritySettings {
        authority_settings(&self.authority, self.relay.as_ref(), &self.set)
    }

    /// The portal's folder.
    pub(crate) fn folder(&self) -> &Path {
        self.directory.path()
    }

    /// The bytes of everything in the portal's folder.
    pub(crate) fn files(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.directory.path()).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }

    /// The database file, as somebody beside the portal opens it.
    pub(crate) async fn database(&self) -> sqlx::SqlitePool {
        sqlx::SqlitePool::connect(&format!("sqlite://{}", self.directory.path().join("halligan.db").display())).await.unwrap()
    }

    /// How the audit chain stands.
    pub(crate) async fn chain(&self) -> ChainState {
        ChainState::of(self.portal.store()).await.unwrap()
    }

    /// How often the authority did what a call asked. One that it refused, or answered with an error, does not count.
    pub(crate) fn calls(&self, name: &str) -> usize {
        self.authority.events().iter().filter(|event| event.name == name && event.error_code.is_none()).count()
    }

    /// The kinds of the last events of the log, oldest first.
    pub(crate) async fn kinds(&self) -> Vec<String> {
        let filter = halligan_backend::store::AuditFilter { limit: 200, ..Default::default() };
        let page = self.portal.audit(filter).await.unwrap();
        page.events.into_iter().rev().map(|event| event.kind).collect()
    }
}

fn reader(clock: &Arc<AtomicI64>) -> impl Fn() -> OffsetDateTime + Send + Sync + 'static {
    let clock = Arc::clone(clock);
    move || OffsetDateTime::from_unix_timestamp_nanos(i128::from(clock.load(Ordering::SeqCst)) * 1_000_000).unwrap()
}

async fn assemble(
    authority: &EmbeddedAuthority,
    relay: Option<&Relay>,
    clock: (&Arc<AtomicI64>, &Arc<AtomicI64>),
    directory: &TempDir,
    set: &Set,
) -> Portal {
    assemble_with(authority_settings(authority, relay, set), clock, directory, set).await
}

fn authority_settings(authority: &EmbeddedAuthority, relay: Option<&Relay>, set: &Set) -> AuthoritySettings {
    if set.way == Way::Ministack {
        return ministack();
    }
    let connection = authority.connection();
    let id = if set.way == Way::UnknownKey { "AKIAUNKNOWNTOANYBODY" } else { &connection.access_key_id };
    AuthoritySettings {
        endpoint: Some(relay.map_or(&connection.endpoint, |relay| &relay.endpoint).clone()),
        region: connection.region.clone(),
        credentials: Some((id.to_owned(), connection.secret_access_key.clone())),
        kek: connection.kek_arn.clone(),
        agreement_key: connection.agreement_arn.clone(),
        decrypter_role: connection.decrypter_role_arn.clone(),
        registrar_role: connection.registrar_role_arn.clone(),
        rotation_role: Some(connection.rotation_role_arn.clone()),
        former_keys: Vec::new(),
    }
}

/// A portal on the test's clock, which may be wrong by as much as `ahead` says.
async fn assemble_with(
    settings: AuthoritySettings,
    (clock, ahead): (&Arc<AtomicI64>, &Arc<AtomicI64>),
    directory: &TempDir,
    set: &Set,
) -> Portal {
    let (steady, clock, ahead) = (reader(clock), reader(clock), Arc::clone(ahead));
    let steady = move || (steady() - OffsetDateTime::UNIX_EPOCH).unsigned_abs();
    let clock = Clock::wandering(move || clock() + time::Duration::milliseconds(ahead.load(Ordering::SeqCst)), steady);
    let store = Store::open(&format!("sqlite://{}?mode=rwc", directory.path().join("halligan.db").display())).await.unwrap();
    let authority = Authority::connect(settings, clock.clone()).await;
    let usual = Limits::default();
    let limits = if set.restless { Limits { idle: SHORT_REST, ..usual } } else { usual };
    let settings = Settings {
        origin: Url::parse(if set.tls { "https://halligan.example" } else { ORIGIN }).unwrap(),
        agency: "Drill County EMS".to_owned(),
        device_bound: Vec::new(),
        limits,
        rates: set.rates.clone(),
        proxies: set.proxies.clone(),
        premises: Premises { data: Some(directory.path().to_owned()), certificate: None },
        policies: set.policies.clone().unwrap_or_else(|| Policies::built_in().unwrap()),
        review_sample: set.review_sample,
        cad: (!set.deaf).then(|| Arc::new(CadKey::from_hex(&Cad::key()).unwrap())),
        outside: set.outside.clone(),
    };
    Portal::new(settings, clock, store, authority).await.unwrap()
}
