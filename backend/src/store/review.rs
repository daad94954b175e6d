//! Reviews: one a request. Whoever opens, assigns or closes one does so in one statement that names what it must still find.

use std::collections::{BTreeSet, HashMap};

use halligan_shared::{
    bytes::Bytes,
    door::Door,
    id::{MemberId, RequestId},
    member::{AgencyId, Role},
    review::{Finding, ReviewReason},
};
use serde_json::Value;
use sqlx::{AnyConnection, Row as _, any::AnyRow};
use time::OffsetDateTime;

use super::{
    Store, StoreError, Unit, instant, json, maybe_instant,
    member::{member_columns, member_of},
    millis, parsed, to_json, unsigned,
};
use crate::domain::{
    member::Member,
    review::{Candidate, Closed, Crew, Review},
};

/// A review just opened.
pub struct NewReview {
    /// Of which request.
    pub request: RequestId,
    /// Why.
    pub reason: ReviewReason,
    /// Until when.
    pub due_at: OffsetDateTime,
    /// Whose it is.
    pub owner: Option<MemberId>,
    /// The crew of whoever asked, as it is now.
    pub crew: Option<Crew>,
}

/// A signed finding.
pub struct Found<'a> {
    /// Of which review.
    pub request: RequestId,
    /// Who.
    pub by: MemberId,
    /// What.
    pub finding: Finding,
    /// Why.
    pub note: &'a str,
    /// The canonical statement.
    pub statement: &'a str,
    /// The passkey's signature over it.
    pub assertion: &'a Value,
}

const SELECT: &str = concat!(
    "select v.*, q.statement as asked, q.door, ",
    member_columns!("m", "by_"),
    ", ",
    member_columns!("o", "o_"),
    ", ",
    member_columns!("c", "c_"),
    " from review v join access_request q on q.id = v.request_id join member m on m.id = q.member_id \
    left join member o on o.id = v.owner_id left join member c on c.id = v.closed_by "
);

/// Everybody who took part in what became of a request, by agency id: who asked, who decided, and who did anything else that the log has of it.
const TOOK_PART: &str = "select m.agency_id from access_request q join member m on m.id = q.member_id where q.id = $1 \
    union select m.agency_id from decision d join member m on m.id = d.member_id where d.request_id = $1 \
    union select proposed_by from (select case when json_valid(event) then json_extract(event, '$.facts.proposed_by') end as proposed_by from audit_event where request_id = $1 and kind = 'grant.ended') as ended where proposed_by is not null \
    union select actor from audit_event where request_id = $1 and actor is not null and substr(kind, 1, 7) <> 'review.'";

impl Store {
    /// Reviews that are open, the nearest deadline first: overdue ones come before the others.
    pub async fn open_reviews(&self) -> Result<Vec<Review>, StoreError> {
        let rows = sqlx::query(sql("where v.closed_at is null order by v.due_at, v.opened_at, v.request_id"))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(review_of).collect()
    }

    /// The last reviews that were closed, the last first.
    pub async fn closed_reviews(&self, most: u32) -> Result<Vec<Review>, StoreError> {
        let rows = sqlx::query(sql("where v.closed_at is not null order by v.closed_at desc, v.request_id limit $1"))
            .bind(i64::from(most))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(review_of).collect()
    }

    /// How many are open whose time is over.
    pub async fn count_overdue_reviews(&self, now: OffsetDateTime) -> Result<u32, StoreError> {
        let row = sqlx::query("select count(*) as overdue from review where closed_at is null and due_at <= $1")
            .bind(millis(now))
            .fetch_one(&self.pool)
            .await?;
        unsigned(&row, "overdue")
    }

    /// The review of a request.
    pub async fn review(&self, request: RequestId) -> Result<Option<Review>, StoreError> {
        let row = sqlx::query(sql("where v.request_id = $1")).bind(request.to_string()).fetch_optional(&self.pool).await?;
        row.as_ref().map(review_of).transpose()
    }

    /// Who took part in what became of a request.
    pub async fn took_part(&self, request: RequestId) -> Result<BTreeSet<AgencyId>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        took_part(&mut connection, request).await
    }

    /// The requests with an open review in which a member took part.
    pub async fn took_part_in(&self, member: &Member) -> Result<BTreeSet<RequestId>, StoreError> {
        let rows = sqlx::query(
            "select v.request_id from review v where v.closed_at is null and (\
             exists (select 1 from access_request q where q.id = v.request_id and q.member_id = $1) \
             or exists (select 1 from decision d where d.request_id = v.request_id and d.member_id = $1) \
             or exists (select 1 from audit_event a where a.request_id = v.request_id and a.kind = 'grant.ended' and case when json_valid(a.event) then json_extract(a.event, '$.facts.proposed_by') end = $2) \
             or exists (select 1 from audit_event a where a.request_id = v.request_id and a.actor = $2 and substr(a.kind, 1, 7) <> 'review.'))",
        )
        .bind(member.id.to_string())
        .bind(member.agency_id.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| parsed(row, "request_id")).collect()
    }

    /// Whether a page that opened the record of a request may still send its wipe receipt, or has to be written down as never having.
    pub async fn is_receipt_owed(&self, request: RequestId) -> Result<bool, StoreError> {
        let mut connection = self.pool.acquire().await?;
        is_receipt_owed(&mut connection, request).await
    }
}

impl Unit {
    /// Opens a review. `false`: the request has one already.
    pub async fn open_review(&mut self, review: &NewReview, now: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query("insert into review (request_id, reason, opened_at, due_at, owner_id, crew) values ($1, $2, $3, $4, $5, $6) on conflict (request_id) do nothing")
            .bind(review.request.to_string())
            .bind(review.reason.word())
            .bind(millis(now))
            .bind(millis(review.due_at))
            .bind(review.owner.map(|owner| owner.to_string()))
            .bind(review.crew.as_ref().map(to_json).transpose()?)
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The review of a request, as nothing can change it before the unit is over.
    pub async fn review(&mut self, request: RequestId) -> Result<Option<Review>, StoreError> {
        let row = sqlx::query(sql("where v.request_id = $1")).bind(request.to_string()).fetch_optional(&mut *self.tx).await?;
        row.as_ref().map(review_of).transpose()
    }

    /// Who took part in what became of a request.
    pub async fn took_part(&mut self, request: RequestId) -> Result<BTreeSet<AgencyId>, StoreError> {
        took_part(&mut self.tx, request).await
    }

    /// Whether a wipe receipt is still owed, as [`Store::is_receipt_owed`] says.
    pub async fn is_receipt_owed(&mut self, request: RequestId) -> Result<bool, StoreError> {
        is_receipt_owed(&mut self.tx, request).await
    }

    /// Whether something came into the log about a request, other than about its review, since this event of it. Since an event that
    /// is none of its, everything did.
    pub async fn went_on_since(&mut self, request: RequestId, event: &Bytes<32>) -> Result<bool, StoreError> {
        let row = sqlx::query("select count(*) as later from audit_event where request_id = $1 and substr(kind, 1, 7) <> 'review.' and sequence > coalesce((select max(sequence) from audit_event where request_id = $1 and digest = $2), 0)")
            .bind(request.to_string())
            .bind(event.to_hex())
            .fetch_one(&mut *self.tx)
            .await?;
        Ok(unsigned::<u32>(&row, "later")? > 0)
    }

    /// Privacy officers who are not kept out, and how many open reviews are each one's.
    pub async fn privacy_officers(&mut self) -> Result<Vec<Candidate>, StoreError> {
        let officers = self.members_with(Role::PrivacyOfficer).await?;
        let owned =
            "select owner_id, count(*) as open from review where closed_at is null and owner_id is not null group by owner_id";
        let rows = sqlx::query(owned).fetch_all(&mut *self.tx).await?;
        let open = rows
            .iter()
            .map(|row| Ok((parsed(row, "owner_id")?, unsigned(row, "open")?)))
            .collect::<Result<HashMap<MemberId, u32>, StoreError>>()?;
        let open = |member: &Member| open.get(&member.id).copied().unwrap_or_default();
        Ok(officers.into_iter().map(|member| Candidate { open: open(&member), member }).collect())
    }

    /// The crew that a member is of, with everybody who is.
    pub async fn crew_of(&mut self, member: &Member) -> Result<Option<Crew>, StoreError> {
        let Some(name) = &member.assignment.crew else { return Ok(None) };
        let rows = sqlx::query(concat!("select ", member_columns!("m"), " from member m where m.assignment like '%\"crew\"%'"))
            .fetch_all(&mut *self.tx)
            .await?;
        let members = rows.iter().map(|row| member_of(row, "")).collect::<Result<Vec<_>, _>>()?;
        let is_of_it = |one: &Member| one.assignment.crew.as_ref() == Some(name);
        let members = members.into_iter().filter(is_of_it).map(|one| one.agency_id).collect();
        Ok(Some(Crew { name: name.clone(), members }))
    }

    /// The reviews that are open, as nothing can change them before the unit is over.
    pub async fn open_reviews(&mut self) -> Result<Vec<Review>, StoreError> {
        let rows = sqlx::query(sql("where v.closed_at is null order by v.due_at, v.request_id")).fetch_all(&mut *self.tx).await?;
        rows.iter().map(review_of).collect()
    }

    /// Takes what a member was told of a review that was theirs to do out of their inbox: it is another's.
    pub async fn take_review_from_inbox(&mut self, about: &str, member: MemberId) -> Result<(), StoreError> {
        sqlx::query("delete from notice_to where member_id = $1 and notice_id in (select id from notice where about = $2 and topic = 'review_opened')")
            .bind(member.to_string())
            .bind(about)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Gives an open review to a member, or to nobody. `false`: it is closed.
    pub async fn assign_review(&mut self, request: RequestId, owner: Option<MemberId>) -> Result<bool, StoreError> {
        let done = sqlx::query("update review set owner_id = $1 where request_id = $2 and closed_at is null")
            .bind(owner.map(|owner| owner.to_string()))
            .bind(request.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes down which reviews were not closed in time, each once. Whose each is.
    pub async fn escalate_reviews(&mut self, now: OffsetDateTime) -> Result<Vec<Review>, StoreError> {
        let rows = sqlx::query("update review set overdue_at = $1 where closed_at is null and overdue_at is null and due_at <= $1 returning request_id")
            .bind(millis(now))
            .fetch_all(&mut *self.tx)
            .await?;
        let mut overdue = Vec::new();
        for row in rows {
            overdue.extend(self.review(parsed(&row, "request_id")?).await?);
        }
        Ok(overdue)
    }

    /// Closes a review. `false`: somebody has closed it.
    pub async fn close_review(&mut self, found: &Found<'_>, now: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query("update review set closed_by = $1, closed_at = $2, finding = $3, note = $4, statement = $5, assertion = $6 where request_id = $7 and closed_at is null")
            .bind(found.by.to_string())
            .bind(millis(now))
            .bind(found.finding.word())
            .bind(found.note)
            .bind(found.statement)
            .bind(to_json(found.assertion)?)
            .bind(found.request.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

/// The one SELECT with its condition. Conditions are constants of this file.
fn sql(condition: &'static str) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(format!("{SELECT}{condition}"))
}

async fn took_part(connection: &mut AnyConnection, request: RequestId) -> Result<BTreeSet<AgencyId>, StoreError> {
    let rows = sqlx::query(TOOK_PART).bind(request.to_string()).fetch_all(connection).await?;
    rows.iter().map(|row| parsed(row, "agency_id")).collect()
}

async fn is_receipt_owed(connection: &mut AnyConnection, request: RequestId) -> Result<bool, StoreError> {
    let row = sqlx::query("select count(*) as owed from opening o join access_grant g on g.id = o.grant_id where g.request_id = $1 and o.wiped_at is null and o.missed_at is null")
        .bind(request.to_string())
        .fetch_one(connection)
        .await?;
    Ok(unsigned::<u32>(&row, "owed")? > 0)
}

fn review_of(row: &AnyRow) -> Result<Review, StoreError> {
    let word = |column: &'static str| row.try_get::<Option<String>, _>(column);
    let (reason, door, finding) = (word("reason")?, word("door")?, word("finding")?);
    let reason = ReviewReason::ALL.into_iter().find(|one| Some(one.word()) == reason.as_deref());
    let closed = match maybe_instant(row, "closed_at")? {
        None => None,
        Some(at) => {
            let finding = Finding::ALL.into_iter().find(|one| Some(one.word()) == finding.as_deref());
            let finding = finding.ok_or(StoreError::Unreadable("finding"))?;
            Some(Closed { by: member_of(row, "c_")?, at, finding, note: row.try_get("note")? })
        }
    };
    Ok(Review {
        request: parsed(row, "request_id")?,
        reason: reason.ok_or(StoreError::Unreadable("reason"))?,
        by: member_of(row, "by_")?,
        statement: json(row, "asked")?,
        door: Door::ALL.into_iter().find(|one| Some(one.word()) == door.as_deref()),
        opened_at: instant(row, "opened_at")?,
        due_at: instant(row, "due_at")?,
        owner: word("owner_id")?.map(|_| member_of(row, "o_")).transpose()?,
        crew: word("crew")?.map(|text| serde_json::from_str(&text).map_err(|_| StoreError::Unreadable("crew"))).transpose()?,
        closed,
    })
}
