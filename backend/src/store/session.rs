//! Cookie sessions, for tower-sessions. Only a digest of the id is kept: a copy of the database yields no live cookie.

use async_trait::async_trait;
use halligan_shared::member::Role;
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use time::{Duration, OffsetDateTime};
use tokio::sync::watch;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{self, Error},
};

use super::{
    Store, StoreError, from_millis,
    member::{member_columns, member_of},
    millis, unsigned,
};
use crate::{clock::Clock, domain::member::Member};

/// The key under which a session holds who is signed in (see `services::sign_in`).
pub const SIGNED_IN: &str = "signed_in";

/// The store as tower-sessions sees it. That library reckons ends by the system's clock; they are not looked at: a session
/// ends here when it has rested for `idle` by the portal's own clock. It is saved anew by what a person does in it (see `http::gate`).
#[derive(Clone, Debug)]
pub struct Sessions {
    store: Store,
    clock: Clock,
    idle: Duration,
    begun: watch::Sender<u64>,
}

impl Store {
    /// The sessions of this store, on this clock; each lives until it has rested for `idle`. Counts up at each new one.
    pub fn sessions(&self, clock: Clock, idle: Duration, begun: watch::Sender<u64>) -> Sessions {
        Sessions { store: self.clone(), clock, idle, begun }
    }

    /// Forgets sessions that have run out, and stays that began before `over`.
    pub async fn sweep_sessions(&self, now: OffsetDateTime, over: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query("delete from http_session where expires_at <= $1").bind(millis(now)).execute(&self.pool).await?;
        sqlx::query("delete from stay where since <= $1").bind(millis(over)).execute(&self.pool).await?;
        Ok(())
    }
}

/// A responder at a browser.
pub struct OnDutyRow {
    /// Who.
    pub member: Member,
    /// At how many browsers.
    pub sessions: u32,
}

impl Store {
    /// Members of this role who are signed in, by agency id.
    pub async fn on_duty(&self, role: Role, now: OffsetDateTime) -> Result<Vec<OnDutyRow>, StoreError> {
        let rows = sqlx::query(
            concat!("select ", member_columns!("m"), ", count(*) as sessions from http_session h join stay s on s.id = h.sign_in_id join member m on m.id = s.member_id where h.expires_at > $1 group by m.id, m.agency_id, m.display_name, m.roles, m.assignment order by m.agency_id"),
        )
        .bind(millis(now))
        .fetch_all(&self.pool)
        .await?;
        let mut on_duty = Vec::new();
        for row in &rows {
            let member = member_of(row, "")?;
            if member.is(role) {
                on_duty.push(OnDutyRow { member, sessions: unsigned(row, "sessions")? });
            }
        }
        Ok(on_duty)
    }
}

impl Sessions {
    async fn put(&self, sql: &'static str, record: &Record) -> session_store::Result<u64> {
        let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let signed_in = |field| record.data.get(SIGNED_IN).and_then(|stay| stay.get(field)).and_then(|id| id.as_str());
        sqlx::query(sql)
            .bind(digest(&record.id))
            .bind(signed_in("member").map(ToOwned::to_owned))
            .bind(signed_in("sign_in").map(ToOwned::to_owned))
            .bind(data)
            .bind(millis(self.clock.now() + self.idle))
            .execute(&self.store.pool)
            .await
            .map(|done| done.rows_affected())
            .map_err(backend)
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        let insert = "insert into http_session (id_digest, member_id, sign_in_id, data, expires_at) values ($1, $2, $3, $4, $5) on conflict (id_digest) do nothing";
        // Nobody is signed in: a stranger's calls with made-up cookies must not fill the database.
        if record.data.is_empty() {
            return Ok(());
        }
        while self.put(insert, record).await? == 0 {
            record.id = Id::default();
        }
        self.begun.send_modify(|count| *count = count.wrapping_add(1));
        Ok(())
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        // An update and never an insert: a session that was ended elsewhere must not come back because one of its
        // requests was still under way.
        let update = "update http_session set member_id = $2, sign_in_id = $3, data = $4, expires_at = $5 where id_digest = $1";
        self.put(update, record).await.map(|_| ())
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let row = sqlx::query("select data, expires_at from http_session where id_digest = $1 and expires_at > $2")
            .bind(digest(id))
            .bind(millis(self.clock.now()))
            .fetch_optional(&self.store.pool)
            .await
            .map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        let data: String = row.try_get("data").map_err(backend)?;
        let expires_at = from_millis(row.try_get("expires_at").map_err(backend)?, "session")
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data: serde_json::from_str(&data).map_err(|error| Error::Decode(error.to_string()))?,
            expiry_date: expires_at,
        }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        sqlx::query("delete from http_session where id_digest = $1")
            .bind(digest(id))
            .execute(&self.store.pool)
            .await
            .map(|_| ())
            .map_err(backend)
    }
}

fn digest(id: &Id) -> String {
    halligan_shared::bytes::Bytes::<32>(Sha256::digest(id.0.to_be_bytes()).into()).to_hex()
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn backend(error: sqlx::Error) -> Error {
    Error::Backend(error.to_string())
}
