//! Requests as they are read: one SELECT, and every request with its incident, its grant, and whoever approved it.

use std::collections::HashMap;

use halligan_shared::{
    door::Door,
    id::{MemberId, RequestId},
    outcome::Outcome,
};
use serde_json::Value;
use sqlx::{
    Any, AnyConnection, AssertSqlSafe, Row as _,
    any::{AnyArguments, AnyRow},
    query::Query,
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    super::{
        Store, StoreError, Unit, instant, json, maybe_instant,
        member::{member_columns, member_of},
        millis, parsed,
    },
    milliseconds,
};
use crate::domain::{
    door::Heard,
    member::Member,
    request::{AccessRequest, DENIAL_KEPT, Grant, Opened, State},
};

// `$1` is the word of a denied one, `$2` for how long that is remembered, in milliseconds.
const SELECT: &str = concat!(
    "select q.*, ",
    member_columns!("m", "by_"),
    ", ",
    member_columns!("d", "d_"),
    ", i.units as incident_units, i.closed_at as incident_closed_at, f.heard_at as feed_heard_at, \
    (select max(p.decided_at) from access_request o join decision p on p.request_id = o.id where o.member_id = q.member_id \
    and o.record_id = q.record_id and o.state = $1 and p.verdict <> 'approve') as refused_at, \
    (select max(e.ended_at) from access_request o join access_grant e on e.request_id = o.id where o.member_id = q.member_id \
    and o.record_id = q.record_id and e.ending = 'revoked') as revoked_at, \
    (select min(o.asked_at) from access_request o join decision p on p.request_id = o.id where o.member_id = q.member_id \
    and o.record_id = q.record_id and o.state = $1 and p.verdict <> 'approve' and p.decided_at > q.asked_at - $2) as first_asked_at, w.reason as denial, g.id as grant_id, g.ends_at, g.ending, g.reason \
    from access_request q join member m on m.id = q.member_id \
    left join decision w on w.request_id = q.id and w.verdict <> 'approve' and w.counts = 1 \
    left join member d on d.id = w.member_id left join access_grant g on g.request_id = q.id \
    left join incident i on i.number = q.incident left join incident_feed f on f.one = 1 and i.number is not null "
);

/// What counts of dispatchers' approvals.
const APPROVALS: &str = concat!(
    "select a.request_id, ",
    member_columns!("m"),
    " from decision a join member m on m.id = a.member_id where a.verdict = 'approve' and a.counts = 1"
);

impl Store {
    /// One request.
    pub async fn request(&self, id: RequestId) -> Result<Option<AccessRequest>, StoreError> {
        self.one_request("where q.id = $3", &id.to_string(), "").await
    }

    /// The request that a member filed under this key, if any.
    pub async fn request_by_key(&self, member: MemberId, key: Uuid) -> Result<Option<AccessRequest>, StoreError> {
        self.one_request("where q.member_id = $3 and q.idempotency_key = $4", &member.to_string(), &key.to_string()).await
    }

    /// The request that a grant belongs to.
    pub async fn request_by_grant(&self, grant: halligan_shared::id::GrantId) -> Result<Option<AccessRequest>, StoreError> {
        self.one_request("where g.id = $3", &grant.to_string(), "").await
    }

    /// A member's requests that could still matter to the pages, newest first: at most 20.
    pub async fn requests_of(&self, member: MemberId) -> Result<Vec<AccessRequest>, StoreError> {
        let rows = select("where q.member_id = $3 order by q.asked_at desc limit 20")
            .bind(member.to_string())
            .fetch_all(&self.pool)
            .await?;
        self.requests(&rows).await
    }

    /// Requests that wait: real patients before made-up ones, so that no drill uses up the desk's room; then most pressing first, then
    /// oldest.
    pub async fn waiting_requests(&self, now: OffsetDateTime) -> Result<Vec<AccessRequest>, StoreError> {
        let rows = select(
            "where q.state = $3 and q.until_at > $4 \
             order by (select r.drill from record r where r.id = q.record_id), q.severity, q.asked_at limit 200",
        )
        .bind(Outcome::Pending.word())
        .bind(millis(now))
        .fetch_all(&self.pool)
        .await?;
        self.requests(&rows).await
    }

    /// Requests whose window is open, the nearest end first.
    pub async fn open_requests(&self, now: OffsetDateTime) -> Result<Vec<AccessRequest>, StoreError> {
        let rows = select("where g.ending is null and g.ends_at > $3 order by g.ends_at limit 200")
            .bind(millis(now))
            .fetch_all(&self.pool)
            .await?;
        self.requests(&rows).await
    }

    /// Requests that may be opened and are not yet, the nearest end first.
    pub async fn approved_requests(&self, now: OffsetDateTime) -> Result<Vec<AccessRequest>, StoreError> {
        let rows = select("where q.state = $3 and q.until_at > $4 order by q.until_at limit 200")
            .bind(Outcome::Approved.word())
            .bind(millis(now))
            .fetch_all(&self.pool)
            .await?;
        self.requests(&rows).await
    }

    /// The assertion that a request was filed with.
    pub async fn assertion(&self, id: RequestId) -> Result<Option<Value>, StoreError> {
        let row = sqlx::query("select assertion from access_request where id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| json(&row, "assertion")).transpose()
    }

    /// The digest of what the responder signed, hexadecimal.
    pub async fn statement_digest(&self, id: RequestId) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("select statement_digest from access_request where id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| Ok(row.try_get("statement_digest")?)).transpose()
    }

    async fn one_request(&self, condition: &'static str, first: &str, second: &str) -> Result<Option<AccessRequest>, StoreError> {
        let query = select(condition).bind(first.to_owned());
        let query = if condition.contains("$4") { query.bind(second.to_owned()) } else { query };
        let row = query.fetch_optional(&self.pool).await?;
        Ok(self.requests(row.as_slice()).await?.pop())
    }

    /// Rows as requests, each with who approved it.
    async fn requests(&self, rows: &[AnyRow]) -> Result<Vec<AccessRequest>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut approvals = approvals(&mut connection, rows).await?;
        rows.iter().map(|row| request_of(row, approvals.remove(&parsed(row, "id")?).unwrap_or_default())).collect()
    }
}

impl Unit {
    /// One request, as nothing can change it before the unit is over.
    pub async fn request(&mut self, id: RequestId) -> Result<Option<AccessRequest>, StoreError> {
        let row = select("where q.id = $3").bind(id.to_string()).fetch_optional(&mut *self.tx).await?;
        let mut approvals = approvals(&mut self.tx, row.as_slice()).await?;
        row.map(|row| request_of(&row, approvals.remove(&id).unwrap_or_default())).transpose()
    }
}

/// The one SELECT with its condition, whose own numbers begin at `$3`. Conditions are constants of this file.
fn select(condition: &'static str) -> Query<'static, Any, AnyArguments> {
    sqlx::query(AssertSqlSafe(format!("{SELECT}{condition}"))).bind(Outcome::Denied.word()).bind(milliseconds(DENIAL_KEPT))
}

/// Who approved each of these requests, first first, as far as it counts.
async fn approvals(connection: &mut AnyConnection, rows: &[AnyRow]) -> Result<HashMap<RequestId, Vec<Member>>, StoreError> {
    let mut given = HashMap::<RequestId, Vec<Member>>::new();
    if rows.is_empty() {
        return Ok(given);
    }
    let places = (1..=rows.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let mut query =
        sqlx::query(AssertSqlSafe(format!("{APPROVALS} and a.request_id in ({places}) order by a.decided_at, a.member_id")));
    for row in rows {
        query = query.bind(row.try_get::<String, _>("id")?);
    }
    for row in query.fetch_all(connection).await? {
        given.entry(parsed(&row, "request_id")?).or_default().push(member_of(&row, "")?);
    }
    Ok(given)
}

fn request_of(row: &AnyRow, approvals: Vec<Member>) -> Result<AccessRequest, StoreError> {
    Ok(AccessRequest {
        id: parsed(row, "id")?,
        by: member_of(row, "by_")?,
        sign_in: parsed(row, "sign_in_id")?,
        record: parsed(row, "record_id")?,
        sealing: parsed(row, "sealing_id")?,
        justification: json(row, "justification")?,
        statement: json(row, "statement")?,
        asked_at: instant(row, "asked_at")?,
        denied_at: maybe_instant(row, "refused_at")?.max(maybe_instant(row, "revoked_at")?),
        first_asked_at: maybe_instant(row, "first_asked_at")?,
        incident: heard_of(row)?,
        drill: row
            .try_get::<Option<String>, _>("drill_id")?
            .map(|id| id.parse().map_err(|_| StoreError::Unreadable("drill")))
            .transpose()?,
        state: state_of(row, approvals)?,
    })
}

/// The incident that a request names, if it and its feed were ever heard.
fn heard_of(row: &AnyRow) -> Result<Option<Heard>, StoreError> {
    let Some(at) = maybe_instant(row, "feed_heard_at")? else { return Ok(None) };
    let is_open = maybe_instant(row, "incident_closed_at")?.is_none();
    Ok(Some(Heard { is_open, units: json(row, "incident_units")?, at }))
}

fn state_of(row: &AnyRow, approvals: Vec<Member>) -> Result<State, StoreError> {
    let until = instant(row, "until_at")?;
    let word = row.try_get::<String, _>("state")?;
    Ok(match Outcome::of(&word).ok_or(StoreError::Unreadable("state"))? {
        Outcome::Pending => State::Pending { until, approvals },
        Outcome::Approved => State::Approved { opened: opened_of(row, approvals)?, until },
        Outcome::Denied => State::Denied { by: member_of(row, "d_")?, reason: row.try_get("denial")? },
        Outcome::Cancelled => State::Cancelled,
        Outcome::Expired => State::Expired,
        Outcome::Lapsed => State::Lapsed,
        Outcome::Released => State::Released { opened: opened_of(row, approvals)?, grant: grant_of(row)? },
    })
}

fn opened_of(row: &AnyRow, approvals: Vec<Member>) -> Result<Opened, StoreError> {
    let window = row.try_get::<Option<i64>, _>("window_most")?.map(Duration::milliseconds);
    Ok(match door_of(row)? {
        Door::Dispatcher => Opened { door: Door::Dispatcher, by: approvals, window },
        door => Opened { door, by: Vec::new(), window },
    })
}

/// Through which door a request was opened. One that was opened through none does not read: it was put there by somebody else.
fn door_of(row: &AnyRow) -> Result<Door, StoreError> {
    let word = row.try_get::<Option<String>, _>("door")?;
    Door::ALL.into_iter().find(|door| Some(door.word()) == word.as_deref()).ok_or(StoreError::Unreadable("door"))
}

fn grant_of(row: &AnyRow) -> Result<Grant, StoreError> {
    let ending = match row.try_get::<Option<String>, _>("ending")? {
        None => None,
        Some(word) => Some(serde_json::from_value(Value::String(word)).map_err(|_| StoreError::Unreadable("ending"))?),
    };
    Ok(Grant {
        id: parsed(row, "grant_id")?,
        ends_at: maybe_instant(row, "ends_at")?.ok_or(StoreError::Unreadable("grant"))?,
        ending,
        reason: row.try_get("reason")?,
    })
}
