//! The store: sqlx over SQLite, in one file. The queries are portable SQL; what is SQLite's own stands in [`Store::open`].
//!
//! Every change that has an event goes through a [`Unit`]: one transaction that begins by taking the head of the audit chain, so
//! that an effect and its event are written together or not at all, and writers stand in line. What has no event (a
//! ceremony, a document on its way, the renewal of a session) is one statement outside. Whoever changes a state does so in
//! one statement whose WHERE names the state and the time it must still hold: a race has exactly one winner.

mod audit;
mod ceremony;
mod deciding;
mod decision;
mod decoy;
mod delivery;
mod desk;
mod doctor;
mod document;
mod drill;
mod grant;
mod incidents;
mod invitation;
mod lockdown;
mod member;
mod notice;
mod policy;
mod proposal;
mod push_device;
mod record;
mod reenrolment;
mod request;
mod review;
mod reviewed;
mod rotation;
mod scan;
mod session;
mod stay;
mod sweep;

use std::{sync::Arc, time::Duration};

use halligan_shared::{
    bytes::Bytes,
    statement::{AccessStatement, NotCanonical},
};
use sqlx::{
    Any, AnyPool, Row as _, Transaction,
    any::{AnyPoolOptions, AnyRow},
    migrate::Migrator,
};
use time::OffsetDateTime;
use tokio::sync::{Mutex, OwnedMutexGuard};

pub use self::{
    audit::{AuditFilter, AuditLine, AuditRow},
    ceremony::Ceremony,
    decision::Decided,
    delivery::{Channel, Claimed, DeliveryRow, Part, Target},
    desk::PastRow,
    doctor::DatabaseFound,
    document::{DocumentRow, Room},
    grant::{NewGrant, OpenGrant, Unwiped},
    invitation::InvitationRow,
    lockdown::{Confirmed, DenyDue, DenyRow, LockdownRow, ProposalRow},
    member::{MemberRow, PasskeyRow},
    notice::InboxRow,
    policy::PoliciesRow,
    proposal::NewProposal,
    push_device::{GoneDevice, PushDeviceRow},
    record::{BraceletRow, CommittedSealing, KeysInUse, NewSealing, RecordRow, SealingRow},
    reenrolment::{ConfirmedBy, ReenrolmentRow},
    request::{DoorOpening, NewRequest},
    review::{Found, NewReview},
    reviewed::{OpeningRow, SaidRow, SentRow},
    rotation::{FormerRow, RewrappedRow, RotationRow, WrappedRow},
    scan::AlarmRow,
    session::{OnDutyRow, SIGNED_IN, Sessions},
    stay::Stays,
};
use crate::domain::audit::{self as events, Event, Head};

/// What makes the schema, in order.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");

/// The store failed, or holds something it should not.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or did not answer.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database's schema: {0}")]
    Schema(#[from] sqlx::migrate::MigrateError),
    /// A row does not read as what it should be.
    #[error("the database holds a {0} that cannot be read")]
    Unreadable(&'static str),
    /// No new database without randomness.
    #[error("the system gave no random bytes")]
    NoRandomness,
    /// An event could not be written as canonical JSON.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
}

/// The database.
#[derive(Debug, Clone)]
pub struct Store {
    pool: AnyPool,
    // Writers of this process stand in a fair line here instead of polling SQLite's lock.
    writer: Arc<Mutex<()>>,
}

/// One transaction, at the head of the audit chain. Dropped without [`Unit::commit`] it never was.
pub struct Unit {
    tx: Transaction<'static, Any>,
    head: Head,
    _writer: OwnedMutexGuard<()>,
}

impl Store {
    /// Opens the database and brings its schema up to date.
    ///
    /// `url` is `sqlite://PATH`; the file is made when it is not there.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(Duration::from_secs(30))
            .after_connect(|connection, _| {
                Box::pin(async move {
                    // FULL: a commit that was answered survives a power cut.
                    let pragmas = "pragma busy_timeout = 10000; pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma secure_delete = on;";
                    sqlx::raw_sql(pragmas).execute(connection).await.map(|_| ())
                })
            })
            .connect(url)
            .await?;
        MIGRATIONS.run(&pool).await?;
        Ok(Self { pool, writer: Arc::default() })
    }

    /// Begins a change: waits for its place in line and takes the head of the audit chain.
    pub async fn begin(&self) -> Result<Unit, StoreError> {
        let writer = self.writer.clone().lock_owned().await;
        let mut tx = self.pool.begin().await?;
        // A write, not a read: it takes the database's write lock from the start, so that two processes cannot append behind
        // the same head.
        let row = sqlx::query("update audit_head set sequence = sequence where one = 1 returning sequence, digest")
            .fetch_one(&mut *tx)
            .await?;
        let digest: String = row.try_get("digest")?;
        let head = Head {
            sequence: unsigned(&row, "sequence")?,
            digest: Bytes::from_hex(&digest).ok_or(StoreError::Unreadable("head of the audit chain"))?,
        };
        Ok(Unit { tx, head, _writer: writer })
    }
}

impl Unit {
    /// Writes what happened behind everything that happened before, and ends the notices of what it ended: no caller can forget to.
    pub async fn record(&mut self, event: &Event, now: OffsetDateTime) -> Result<(), StoreError> {
        let event = &self.marked(event).await?;
        let (text, head) = self.head.append(event, now)?;
        // An event that could not be read back would break the chain for everything after it.
        let _ = self.head.follow(&text, &head.digest.to_hex()).map_err(|_| StoreError::Unreadable("event just written"))?;
        let row = sqlx::query("insert into audit_event (sequence, at, kind, actor, event, digest, request_id) values ($1, $2, $3, $4, $5, $6, coalesce($7, (select request_id from access_grant where id = $8))) returning request_id")
            .bind(signed(head.sequence)?)
            .bind(millis(now))
            .bind(event.kind.word())
            .bind(event.actor.as_ref().map(ToString::to_string))
            .bind(text)
            .bind(head.digest.to_hex())
            .bind(events::request_of(&event.facts))
            .bind(events::grant_of(&event.facts))
            .fetch_one(&mut *self.tx)
            .await?;
        let request = row.try_get::<Option<String>, _>("request_id")?.and_then(|id| id.parse().ok());
        sqlx::query("update audit_head set sequence = $1, digest = $2 where one = 1")
            .bind(signed(head.sequence)?)
            .bind(head.digest.to_hex())
            .execute(&mut *self.tx)
            .await?;
        self.head = head;
        self.end_notices_by(event, request, now).await
    }

    /// The event with the mark that it is about a made-up patient, and in which drill, where it is: whatever wrote it, nobody who reads the
    /// log takes one for the other.
    async fn marked(&mut self, event: &Event) -> Result<Event, StoreError> {
        let mut event = event.clone();
        let (request, grant, record) =
            (events::request_of(&event.facts), events::grant_of(&event.facts), events::record_of(&event.facts));
        let request = request.or_else(|| events::told_of(&event.facts));
        let row = sqlx::query(
            "select q.statement, q.drill_id, null as drill from access_request q where q.id = coalesce($1, (select request_id from access_grant where id = $2)) \
             union all select null, null, r.drill from record r where r.id = $3 union all select null, d.id, 1 from drill d where d.id = $1",
        )
        .bind(request)
        .bind(grant)
        .bind(record)
        .fetch_optional(&mut *self.tx)
        .await?;
        let Some(row) = row else { return Ok(event) };
        let is_drill = match row.try_get::<Option<String>, _>("statement")? {
            Some(statement) => serde_json::from_str::<AccessStatement>(&statement).is_ok_and(|statement| statement.drill),
            None => row.try_get::<Option<i64>, _>("drill")? == Some(1),
        };
        if let Some(facts) = event.facts.as_object_mut().filter(|_| is_drill) {
            facts.insert("drill".to_owned(), true.into());
            if let Some(drill) = row.try_get::<Option<String>, _>("drill_id")? {
                facts.insert("drill_id".to_owned(), drill.into());
            }
        }
        Ok(event)
    }

    /// Makes everything since [`Store::begin`] true.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.tx.commit().await?)
    }
}

/// Milliseconds since 1970: how the store keeps instants.
fn millis(at: OffsetDateTime) -> i64 {
    // Years past 292 million do not fit; no clock shows them.
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

fn instant(row: &AnyRow, column: &'static str) -> Result<OffsetDateTime, StoreError> {
    from_millis(row.try_get(column)?, column)
}

fn maybe_instant(row: &AnyRow, column: &'static str) -> Result<Option<OffsetDateTime>, StoreError> {
    row.try_get::<Option<i64>, _>(column)?.map(|millis| from_millis(millis, column)).transpose()
}

fn from_millis(millis: i64, what: &'static str) -> Result<OffsetDateTime, StoreError> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000).map_err(|_| StoreError::Unreadable(what))
}

/// A text column as what it stands for.
fn parsed<T: std::str::FromStr>(row: &AnyRow, column: &'static str) -> Result<T, StoreError> {
    row.try_get::<String, _>(column)?.parse().map_err(|_| StoreError::Unreadable(column))
}

/// A JSON column as what it stands for.
fn json<T: serde::de::DeserializeOwned>(row: &AnyRow, column: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(&row.try_get::<String, _>(column)?).map_err(|_| StoreError::Unreadable(column))
}

fn unsigned<T: TryFrom<i64>>(row: &AnyRow, column: &'static str) -> Result<T, StoreError> {
    T::try_from(row.try_get::<i64, _>(column)?).map_err(|_| StoreError::Unreadable(column))
}

fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Unreadable("number"))
}

fn to_json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Unreadable("value"))
}
