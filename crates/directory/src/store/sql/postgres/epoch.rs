//! When the log begins a new epoch: whenever commits may be gone.
//!
//! A standby that is promoted may lack the last commits of the server before it, and so may a copy
//! of the database on another server. Both show in the identity of the server: its system
//! identifier and its timeline. Every connection is compared with what the log was last written on
//! before anything else is done on it, so no number is given twice in one epoch.

use std::sync::{Mutex, PoisonError};

use provost_scim::Timestamp;

use super::{
    super::{
        db::{Conn, Optional as _, params},
        error::{int, uint},
        log, txn,
    },
    numbering,
    session::{Session, Trouble},
};
use crate::{DirectoryError, change::Position, log::Head};

/// Server and timeline; both grow or change when commits may be gone.
const IDENTITY: &str = "SELECT system_identifier || '/' ||
        substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
    FROM pg_control_system()";

/// Where the functions above are not allowed: every restart counts.
const START: &str =
    "SELECT 'since ' || CAST(extract(epoch FROM pg_postmaster_start_time()) AS TEXT)";

/// The server on which the log is known to go on.
#[derive(Default)]
pub(super) struct Settled(Mutex<Option<String>>);

impl Settled {
    /// Makes sure that the log goes on rightly on the server of this connection.
    pub(super) fn check(&self, session: Session, now: Timestamp) -> Result<Session, Trouble> {
        let server = identity(&session)?;
        let is_known = self.known().as_deref() == Some(server.as_str());
        if is_known {
            return Ok(session);
        }
        let conn = Conn::Postgres(Box::new(session));
        let settled = settle(&conn, &server, now);
        let Conn::Postgres(session) = conn else {
            return Err(Trouble::Lost("no connection".to_owned()));
        };
        settled.map_err(|error| Trouble::Lost(error.to_string()))?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(server);
        Ok(*session)
    }

    fn known(&self) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn identity(session: &Session) -> Result<String, Trouble> {
    let found = match session.text(IDENTITY) {
        Err(Trouble::Other(_)) => session.text(START),
        found => found,
    };
    // That the first way may not be allowed is no fault of the connection.
    let _ = session.take_verdict();
    found
}

/// Makes the head of an empty log, or begins a new epoch on another server.
fn settle(conn: &Conn, server: &str, now: Timestamp) -> Result<(), DirectoryError> {
    conn.batch("BEGIN")?;
    conn.prepare_cached(
        "INSERT INTO log_head (epoch, number, hash, server) VALUES (?1, 0, ?2, ?3)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![seconds(now), [0_u8; 32], server])?;
    let before: Option<String> = conn
        .prepare_cached("SELECT server FROM log_head FOR UPDATE")?
        .query_row(params![], |row| row.get(0))?;
    if before.as_deref() != Some(server) {
        begin(conn, 0, now)?;
        conn.prepare_cached("UPDATE log_head SET server = ?1")?
            .execute(params![server])?;
        tracing::warn!(
            server,
            "the database is another server than before, or was promoted; the log begins a new epoch and applications will synchronise fully"
        );
    }
    conn.batch("COMMIT")?;
    Ok(())
}

fn seconds(now: Timestamp) -> i64 {
    (now.as_micros() / 1_000_000).max(1)
}

/// Begins a new epoch, greater than the present one and `known`.
fn begin(conn: &Conn, known: u64, now: Timestamp) -> Result<(), DirectoryError> {
    conn.prepare_cached("UPDATE log_head SET epoch = max(epoch + 1, ?1)")?
        .execute(params![seconds(now).max(int(known) + 1)])?;
    Ok(())
}

/// What a node knows of the log.
#[derive(Clone, Copy)]
pub(super) struct Known {
    /// An entry that it has seen.
    pub(super) seen: Head,
    /// A position that the log had reached.
    pub(super) reached: Position,
}

/// Whether the log still holds what is known of it.
pub(super) fn holds(conn: &Conn, known: &Known) -> Result<bool, DirectoryError> {
    let (head, seen) = (txn::read_head(conn)?, &known.seen);
    if head.position() < known.reached {
        return Ok(false);
    }
    if seen.number == 0 || head.epoch != seen.epoch {
        return Ok(true);
    }
    let stored = log::stored_head(conn, seen.number)?;
    Ok(stored.is_some_and(|stored| stored.hash == seen.hash))
}

/// Begins a new epoch because what is known is not there any more: somebody has put an older state
/// of the database into the place of this one. Runs in a transaction of `BEGIN`.
pub(super) fn begin_after_loss(
    conn: &Conn,
    known: &Known,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    if holds(conn, known)? {
        return Ok(());
    }
    tracing::error!(
        reached = %known.reached,
        "the database has lost changes that were acknowledged; the log begins a new epoch and applications will synchronise fully"
    );
    begin(conn, known.reached.epoch, now)
}

/// The statement under which [`begin_after_loss`] runs.
pub(super) const BEGIN: &str = numbering::BEGIN;

/// Which cluster the database belongs to; the first node to ask names it.
pub(super) fn cluster(conn: &Conn, name: &str) -> Result<String, DirectoryError> {
    conn.prepare_cached("UPDATE registry SET cluster = ?1 WHERE cluster IS NULL")?
        .execute(params![name])?;
    let found = conn
        .prepare_cached("SELECT cluster FROM registry")?
        .query_row(params![], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// How far `now` is ahead of the database's clock, in microseconds.
pub(super) fn skew(conn: &Conn, now: Timestamp) -> Result<i64, DirectoryError> {
    let there: i64 = conn
        .prepare_cached("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)")?
        .query_row(params![], |row| row.get(0))?;
    Ok(now.as_micros() - int(uint(there)))
}
