//! Events of the log after somebody changed the database: one event by itself, and the log as the auditor's page reads it.

use halligan_backend::{domain::audit::Head, services::ChainState, store::AuditFilter};
use halligan_shared::{bytes::Bytes, member::Role, statement, wire::AuditPage};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sqlx::{Sqlite, SqlitePool, query::Query, sqlite::SqliteArguments};
use tokio::runtime::Runtime;

use crate::support::TestPortal;

/// A text with the digest that fits it: an event is the next one of the chain in exactly one spelling, or it is not.
pub(crate) fn event(bytes: &[u8]) {
    let text = &String::from_utf8_lossy(bytes);
    let digest = digest(text);
    for start in [Head::START, Head { sequence: 41, digest: Bytes([0xab; 32]) }] {
        let Ok((link, next)) = start.follow(text, &digest) else { continue };
        assert_eq!((link.sequence, next.sequence), (start.sequence + 1, start.sequence + 1));
        assert_eq!((next.digest.to_hex(), &link.previous), (digest.clone(), &start.digest.to_hex()));
        assert_eq!(statement::canonical(&link).unwrap(), **text);
        assert!(start.follow(text, &digest.replace(&digest[..1], "x")).is_err(), "another digest");
        assert!(next.follow(text, &digest).is_err(), "twice");
    }
}

fn digest(text: &str) -> String {
    Bytes::<32>(Sha256::digest(text).into()).to_hex()
}

/// A changed row, as JSON: `event`, `digest`, `kind`, `actor`, `at`, `sequence` and the head's `last` and `end`, each of any
/// type that SQLite keeps; which event is `gone`, and whether the head is (`beheaded`). Whatever stands there, the auditor's page can be shown, and says that the chain is broken.
pub(crate) fn rows(bytes: &[u8]) {
    let Ok(Value::Object(row)) = serde_json::from_slice(bytes) else { return };
    BENCH.with(|bench| bench.runtime.block_on(bench.judge(&Value::Object(row))));
}

thread_local! {
    static BENCH: Bench = Bench::start();
}

struct Bench {
    portal: TestPortal,
    database: SqlitePool,
    runtime: Runtime,
}

impl Bench {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (portal, database) = runtime.block_on(async {
            let portal = TestPortal::start().await;
            portal.member("REG-1", &[Role::Registrar]).await;
            let database = portal.database().await;
            for sql in [
                "pragma synchronous = off",
                "create table kept as select * from audit_event",
                "create table kept_head as select * from audit_head",
            ] {
                sqlx::query(sql).execute(&database).await.unwrap();
            }
            (portal, database)
        });
        Self { portal, database, runtime }
    }

    async fn judge(&self, row: &Value) {
        self.restore().await;
        let changed = self.change(row).await;
        let state = ChainState::of(self.portal.portal.store()).await.unwrap();
        let page = self.portal.portal.audit(AuditFilter { limit: 200, ..AuditFilter::default() }).await.unwrap();
        assert_eq!(page.chain_holds, matches!(state, ChainState::Holds { .. }));
        assert!(!(changed && page.chain_holds), "not noticed: {row}");
        let sent = serde_json::to_vec(&page).unwrap();
        let read: AuditPage = serde_json::from_slice(&sent).unwrap();
        assert_eq!(read, page);
    }

    async fn restore(&self) {
        for sql in [
            "delete from audit_event",
            "insert into audit_event select * from kept",
            "delete from audit_head",
            "insert into audit_head select * from kept_head",
        ] {
            sqlx::query(sql).execute(&self.database).await.unwrap();
        }
    }

    /// Puts what the input says into the second event and the head. Whether the database is another one now.
    async fn change(&self, row: &Value) -> bool {
        // An event that is given as an object is written as it should be, with the digest that fits, unless the input says otherwise.
        let event = match row.get("event") {
            Some(object @ Value::Object(_)) => statement::canonical(object).ok().map(Value::from),
            other => other.cloned(),
        };
        let digest = row.get("digest").cloned().or_else(|| event.as_ref()?.as_str().map(|text| digest(text).into()));
        let columns = [
            ("update or ignore audit_event set event = $1 where sequence = 2", event.as_ref()),
            ("update or ignore audit_event set digest = $1 where sequence = 2", digest.as_ref()),
            ("update or ignore audit_event set kind = $1 where sequence = 2", row.get("kind")),
            ("update or ignore audit_event set actor = $1 where sequence = 2", row.get("actor")),
            ("update or ignore audit_event set at = $1 where sequence = 2", row.get("at")),
            ("update or ignore audit_event set request_id = $1 where sequence = 2", row.get("request")),
            ("update or ignore audit_head set sequence = $1", row.get("last")),
            ("update or ignore audit_head set digest = $1", row.get("end")),
            ("update or ignore audit_event set sequence = $1 where sequence = 2", row.get("sequence")),
            ("delete from audit_event where sequence = $1", row.get("gone")),
            ("delete from audit_head where $1", row.get("beheaded")),
        ];
        for (sql, value) in columns {
            if let Some(value) = value {
                bound(sqlx::query(sql), value).execute(&self.database).await.unwrap();
            }
        }
        let different = "select (select count(*) from (select * from audit_event except select * from kept))
            + (select count(*) from (select * from audit_head except select * from kept_head))";
        sqlx::query_scalar::<_, i64>(different).fetch_one(&self.database).await.unwrap() > 0
    }
}

/// A value as the type that SQLite has for it; a list is a blob of its small numbers.
fn bound<'q>(query: Query<'q, Sqlite, SqliteArguments>, value: &Value) -> Query<'q, Sqlite, SqliteArguments> {
    match value {
        Value::String(text) => query.bind(text.clone()),
        Value::Number(number) if number.is_i64() => query.bind(number.as_i64()),
        Value::Number(number) => query.bind(number.as_f64()),
        Value::Bool(flag) => query.bind(*flag),
        Value::Null => query.bind(None::<i64>),
        Value::Array(list) => {
            query.bind(list.iter().filter_map(Value::as_u64).filter_map(|byte| u8::try_from(byte).ok()).collect::<Vec<u8>>())
        }
        Value::Object(_) => query.bind(value.to_string()),
    }
}
