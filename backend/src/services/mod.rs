//! What the portal does, one step a file. A service checks, changes the store together with its event, and calls the
//! authority; it knows neither HTTP nor SQL.

mod alone;
mod audit;
mod bulk;
mod decide;
mod deliver;
mod desk;
mod devices;
mod doctor;
mod doors;
mod drill;
mod fault;
mod incidents;
mod join;
mod lockdown;
mod members;
mod notices;
mod policy;
mod proposal;
mod readiness;
mod reenrolment;
mod release;
mod request;
mod resting;
mod review;
mod rotation;
mod scan;
mod seal;
mod sign_in;
mod sweep;
mod view;
mod wipe;

use std::sync::{Arc, atomic::AtomicU64};

use halligan_shared::{bytes::Bytes, id::GrantId, wire};
use serde::{Serialize, de::DeserializeOwned};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::sync::watch;

use self::devices::SILENT;
pub use self::{
    audit::ChainState,
    doctor::{Examined, Item},
    fault::Fault,
    rotation::{Ended, Replaced, Rotated},
    seal::SEALED_MAX,
    sign_in::Stay,
};
use crate::{
    aws::Authority,
    clock::Clock,
    config::Settings,
    domain::{
        decoy::DecoyKey,
        member::{Actor, Member, SignedIn},
    },
    outside::Line,
    passkeys::{self, PasskeyFault, Passkeys, SigningState},
    store::{Ceremony, PasskeyRow, Sessions, Store, Unit},
};

/// The portal: everything a step needs.
#[derive(Clone)]
pub struct Portal(Arc<Parts>);

struct Parts {
    settings: Settings,
    clock: Clock,
    store: Store,
    authority: Authority,
    passkeys: Passkeys,
    decoy_key: DecoyKey,
    changes: watch::Sender<u64>,
    /// The revision of the lockdown that the pages were last woken for.
    lockdown_seen: AtomicU64,
    /// When, by the steady clock, this backend last looked whether the authority still refuses what it was told to.
    deny_looked: std::sync::Mutex<Option<std::time::Duration>>,
    /// Who has the desk on a screen.
    desks: desk::Desks,
    /// The line to push services and to the webhook, once something is sent.
    line: std::sync::OnceLock<Line>,
    /// Which push services are left alone for a while.
    push_services: resting::Services,
    /// Held by whoever looks at what would fail.
    looking: tokio::sync::Mutex<()>,
}

impl Portal {
    /// Puts the portal together.
    pub async fn new(settings: Settings, clock: Clock, store: Store, authority: Authority) -> Result<Self, Fault> {
        let passkeys = Passkeys::new(&settings)?;
        let decoy_key = store.decoy_key().await?;
        Ok(Self(Arc::new(Parts {
            settings,
            clock,
            store,
            authority,
            passkeys,
            decoy_key,
            changes: watch::Sender::new(0),
            lockdown_seen: AtomicU64::new(0),
            deny_looked: std::sync::Mutex::default(),
            desks: desk::Desks::default(),
            line: std::sync::OnceLock::new(),
            push_services: resting::Services::default(),
            looking: tokio::sync::Mutex::new(()),
        })))
    }

    /// The installation's decoy key, read once: strangers' calls are judged by it, and none of them is to ask the database for that.
    pub(crate) fn decoy_key(&self) -> &DecoyKey {
        &self.0.decoy_key
    }

    /// What the operator set.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The authority.
    pub fn authority(&self) -> &Authority {
        &self.0.authority
    }

    /// Wakes whenever a request or a grant may have changed; what exactly is read from the store.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// How many wait for that: streams of events, each until its work ends.
    pub fn listeners(&self) -> usize {
        self.0.changes.receiver_count()
    }

    /// The cookie sessions. A new one shows on the desk.
    pub fn sessions(&self) -> Sessions {
        self.store().sessions(self.clock().clone(), self.settings().limits.idle, self.0.changes.clone())
    }

    fn line(&self) -> Result<Line, Fault> {
        if let Some(line) = self.0.line.get() {
            return Ok(line.clone());
        }
        let line = Line::open().map_err(|error| {
            tracing::error!(%error, "no line to the outside: the certificates that this machine trusts cannot be read");
            Fault::Internal
        })?;
        Ok(self.0.line.get_or_init(|| line).clone())
    }

    fn changed(&self) {
        self.0.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    fn now(&self) -> OffsetDateTime {
        self.0.clock.now()
    }

    /// Begins a change by somebody, who is judged once more here, where nothing can come between the judgement and the
    /// change. The gate judged before the body came, and a body can take its time: without this, a call that is held open
    /// would do its work after its member was kept out or signed out.
    async fn begin(&self, actor: Actor<'_>) -> Result<(Unit, OffsetDateTime), Fault> {
        let (mut unit, now) = self.begin_of_portal().await?;
        if let Some(who) = actor.signed_in()
            && (self.is_over(who, now) || !unit.stands(who).await?)
        {
            return Err(Fault::NotSignedIn);
        }
        if let Actor::Fresh(who) = actor {
            members::require_fresh(who, now)?;
        }
        Ok((unit, now))
    }

    /// Begins a change that needs nobody to be signed in. The time is read once the writer's turn has come: a deadline that
    /// passed in the line is over, and the log's instants never run backwards.
    async fn begin_of_portal(&self) -> Result<(Unit, OffsetDateTime), Fault> {
        let unit = self.store().begin().await?;
        Ok((unit, self.now()))
    }

    /// Makes a change true, forgets the credentials of windows that end with it, and wakes the pages. It goes on when the caller
    /// hangs up meanwhile: else the change could come true with credentials left behind, and with nobody told.
    async fn commit(&self, unit: Unit, ended: Vec<GrantId>) -> Result<(), Fault> {
        let portal = self.clone();
        let done = tokio::spawn(async move {
            unit.commit().await?;
            for grant in ended {
                portal.authority().close_window(grant);
            }
            portal.changed();
            Ok(())
        });
        done.await.map_err(|_| Fault::Internal)?
    }

    /// Keeps a passkey ceremony and hands out its options.
    async fn ceremony<T: Serialize>(
        &self,
        purpose: &'static str,
        member: Option<&Member>,
        options: serde_json::Value,
        state: T,
    ) -> Result<wire::Ceremony, Fault> {
        let id = halligan_shared::id::CeremonyId::fresh();
        let now = self.now();
        let ceremony = Ceremony { id, purpose, member: member.map(|member| member.id), state };
        self.store().keep_ceremony(&ceremony, now, now + self.settings().limits.ceremony).await?;
        Ok(wire::Ceremony { ceremony: id, options })
    }

    /// Takes a ceremony out for good.
    async fn take<T: DeserializeOwned>(
        &self,
        ceremony: halligan_shared::id::CeremonyId,
        purpose: &'static str,
        member: Option<&Member>,
    ) -> Result<T, Fault> {
        self.store().take_ceremony(ceremony, purpose, member.map(|member| member.id), self.now()).await?.ok_or(Fault::CeremonyOver)
    }

    /// Begins a signature over a statement by one of the member's passkeys.
    async fn start_signing<T: Serialize>(
        &self,
        purpose: &'static str,
        member: &Member,
        statement: T,
    ) -> Result<(T, wire::Ceremony), Fault> {
        self.start_signing_with(purpose, member, statement, ()).await
    }

    /// The same, with something that is kept beside the statement until it is signed, and that nobody signs.
    async fn start_signing_with<T: Serialize, K: Serialize>(
        &self,
        purpose: &'static str,
        member: &Member,
        statement: T,
        beside: K,
    ) -> Result<(T, wire::Ceremony), Fault> {
        let digest = halligan_shared::statement::digest(&statement).map_err(|_| Fault::Internal)?;
        let passkeys: Vec<_> = self.store().passkeys(member.id).await?.into_iter().map(|row| row.passkey).collect();
        let (options, state) = self.0.passkeys.start_signing(&passkeys, &digest)?;
        let signing = Signing { statement, digest, state, beside };
        let ceremony = self.ceremony(purpose, Some(member), options, &signing).await?;
        Ok((signing.statement, ceremony))
    }

    /// Judges a signature over a statement: what was signed, by which passkey, and the proof.
    async fn finish_signing<T: DeserializeOwned>(
        &self,
        purpose: &'static str,
        who: &SignedIn,
        ceremony: halligan_shared::id::CeremonyId,
        credential: &serde_json::Value,
    ) -> Result<Signed<T>, Fault> {
        let (signed, ()) = self.finish_signing_with(purpose, who, ceremony, credential).await?;
        Ok(signed)
    }

    /// The same, with what was kept beside the statement.
    async fn finish_signing_with<T: DeserializeOwned, K: DeserializeOwned + Default>(
        &self,
        purpose: &'static str,
        who: &SignedIn,
        ceremony: halligan_shared::id::CeremonyId,
        credential: &serde_json::Value,
    ) -> Result<(Signed<T>, K), Fault> {
        let signing: Signing<T, K> = self.take(ceremony, purpose, Some(&who.member)).await?;
        let mut rows = self.store().passkeys(who.member.id).await?;
        let mut passkeys: Vec<_> = rows.iter().map(|row| row.passkey.clone()).collect();
        match self.0.passkeys.finish_signing(credential, &signing.state, &mut passkeys, &who.member.roles) {
            Ok(place) if place < rows.len() => {
                let mut passkey = rows.swap_remove(place);
                passkey.passkey = passkeys.swap_remove(place);
                let Signing { statement, digest, beside, .. } = signing;
                Ok((Signed { statement, digest, passkey, assertion: passkeys::plain(credential)? }, beside))
            }
            Ok(_) => Err(Fault::Internal),
            Err(fault) => Err(self.passkey_refused(&fault, Some(&who.member)).await),
        }
    }

    /// Notes that a passkey was used, judged once more by what stands in the store now: it may have been removed, or a copy
    /// of it may have signed, since it was read.
    async fn passkey_used(&self, mut unit: Unit, row: &PasskeyRow, member: &Member, now: OffsetDateTime) -> Result<Unit, Fault> {
        match unit.passkey(row.id).await? {
            Some(current) if row.passkey.follows(&current) => {
                unit.passkey_used(row, now).await?;
                Ok(unit)
            }
            Some(_) => {
                drop(unit);
                Err(self.passkey_refused(&PasskeyFault::Counter, Some(member)).await)
            }
            None => Err(Fault::CeremonyOver),
        }
    }
}

/// A statement and who signed it.
struct Signed<T> {
    statement: T,
    digest: Bytes<32>,
    /// Its counter moved on.
    passkey: PasskeyRow,
    /// The passkey's answer, nothing beside it.
    assertion: serde_json::Value,
}

impl<T: Serialize> Signed<T> {
    /// What the log keeps of it: everything that it takes to check the signature.
    fn facts(&self) -> serde_json::Value {
        let Self { statement, digest, passkey, assertion } = self;
        serde_json::json!({ "statement": statement, "digest": digest.to_hex(), "passkey": passkey.id, "assertion": assertion })
    }

    /// The same, with what else its event says.
    fn facts_and<const N: usize>(&self, more: [(&str, serde_json::Value); N]) -> serde_json::Value {
        let mut facts = self.facts();
        if let Some(facts) = facts.as_object_mut() {
            facts.extend(more.map(|(name, value)| (name.to_owned(), value)));
        }
        facts
    }
}

/// A statement with the ceremony that signs it.
#[derive(Serialize, serde::Deserialize)]
struct Signing<T, K> {
    statement: T,
    digest: Bytes<32>,
    state: SigningState,
    /// What nobody signs.
    #[serde(default)]
    beside: K,
}

fn text(at: OffsetDateTime) -> String {
    // Every instant of our clocks has a year that RFC 3339 can write.
    at.replace_nanosecond(0).unwrap_or(at).format(&Rfc3339).unwrap_or_default()
}

/// An instant of a statement.
fn instant(text: &str) -> Result<OffsetDateTime, Fault> {
    OffsetDateTime::parse(text, &Rfc3339).map_err(|_| Fault::Internal)
}

fn seconds_until(end: OffsetDateTime, now: OffsetDateTime) -> f64 {
    (end - now).as_seconds_f64().max(0.0)
}
