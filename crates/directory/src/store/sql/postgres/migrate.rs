//! Numbered migrations, each in one transaction and under a lock that all nodes share.
//!
//! Two versions of the program run side by side while nodes are upgraded, so a migration first only
//! adds, and a later release takes away. Each migration names the oldest release that can still work
//! with its outcome.

use super::{
    super::{
        db::{Conn, Optional as _, params},
        error::int,
    },
    lane::Berth,
};
use crate::{DirectoryError, OpenError};

/// A migration.
struct Migration {
    sql: &'static str,
    /// The number of migrations that the oldest program knows which can go on working.
    readable_by: u64,
}

/// Every migration in order; the first one is number 1. Published ones never change.
const MIGRATIONS: &[Migration] = &[
    Migration {
        sql: include_str!("../../../../migrations/postgres/0001_init.sql"),
        readable_by: 1,
    },
    Migration {
        sql: include_str!("../../../../migrations/postgres/0002_sessions.sql"),
        readable_by: 1,
    },
];

/// Held while one node migrates.
const BEGIN: &str = "BEGIN; SELECT pg_advisory_xact_lock(1347571542, 4)";

const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS schema_version (
    only_one    BIGINT PRIMARY KEY DEFAULT 1 CHECK (only_one = 1),
    version     BIGINT NOT NULL,
    readable_by BIGINT NOT NULL
)";

/// Brings the database to the newest version.
pub(super) fn run(berth: &mut Berth) -> Result<(), OpenError> {
    loop {
        let step = berth.transact(BEGIN, |conn| Ok(step(conn)));
        match step {
            Ok(Ok(true)) => return Ok(()),
            Ok(Ok(false)) => {}
            Ok(Err(StepError::Newer(error))) => return Err(error),
            Ok(Err(StepError::Failed(error))) | Err((error, _)) => {
                return Err(OpenError(format!(
                    "the database could not be brought to version {}: {error}; nothing was changed, give the user of the URL the right to create tables in the schema, and start again",
                    MIGRATIONS.len()
                )));
            }
        }
    }
}

enum StepError {
    Newer(OpenError),
    Failed(DirectoryError),
}

impl<E: Into<DirectoryError>> From<E> for StepError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Carries out the next migration; whether there was none.
fn step(conn: &Conn) -> Result<bool, StepError> {
    conn.batch(VERSIONS)?;
    let (version, readable_by) = conn
        .prepare_cached("SELECT version, readable_by FROM schema_version")?
        .query_row(params![], |row| {
            Ok((row.get::<i64>(0)?, row.get::<i64>(1)?))
        })
        .optional()?
        .unwrap_or_default();
    let known = int(MIGRATIONS.len() as u64);
    if version > known && readable_by > known {
        return Err(StepError::Newer(OpenError(format!(
            "the database has version {version}, but this program knows only versions up to {known}; start the newer Provost that wrote it, or restore a backup made before the upgrade"
        ))));
    }
    let next = usize::try_from(version)
        .ok()
        .and_then(|version| MIGRATIONS.get(version));
    let Some(migration) = next else {
        return Ok(true);
    };
    conn.batch(migration.sql)?;
    conn.prepare_cached(
        "INSERT INTO schema_version (version, readable_by) VALUES (?1, ?2)
         ON CONFLICT (only_one) DO UPDATE SET version = excluded.version,
             readable_by = excluded.readable_by",
    )?
    .execute(params![version + 1, int(migration.readable_by)])?;
    Ok(false)
}
