//! A write transaction.
//!
//! On SQLite it numbers and chains its entries of the log as it writes them: nobody else writes. On
//! PostgreSQL others do, so it leaves its entries in `pending`, and who numbers them (see
//! `postgres::numbering`) sees them once they are committed.

use std::collections::BTreeMap;

use super::{
    db::{self, Asked, Conn, Value, params},
    error::{int, uint},
    index::{self, Step},
    log::Kept,
};
use crate::{
    DirectoryError,
    id::TenantId,
    log::{Entry, Head},
};

/// One write transaction.
pub(crate) struct Txn<'c> {
    pub(super) conn: &'c Conn,
    log: Log,
    /// Whether any view makes user names by a rule, where the write has looked already.
    pub(super) makes_names: Option<bool>,
}

/// Where entries of the log go.
enum Log {
    /// Into the log, after this head.
    Chained(Head),
    /// Into the rows that wait to be numbered; numbers that grow are written at the end, because
    /// others wait for their rows.
    Pending {
        /// Those that are not written yet.
        waiting: Vec<Waiting>,
        has_any: bool,
        steps: BTreeMap<Step, [i64; 3]>,
    },
}

impl<'c> Txn<'c> {
    /// The only writer, going on from the head: another process may have written since the last
    /// transaction.
    pub(super) fn begin(conn: &'c Conn) -> db::Result<Self> {
        let log = Log::Chained(read_head(conn)?);
        Ok(Self {
            conn,
            log,
            makes_names: None,
        })
    }

    /// One of several writers.
    pub(super) const fn beside_others(conn: &'c Conn) -> Self {
        let log = Log::Pending {
            waiting: Vec::new(),
            has_any: false,
            steps: BTreeMap::new(),
        };
        Self {
            conn,
            log,
            makes_names: None,
        }
    }

    /// The end of the log, where this transaction moves it.
    pub(super) const fn head(&self) -> Option<Head> {
        match self.log {
            Log::Chained(head) => Some(head),
            Log::Pending { .. } => None,
        }
    }

    /// Whether it left entries to be numbered.
    pub(super) const fn has_pending(&self) -> bool {
        matches!(self.log, Log::Pending { has_any: true, .. })
    }

    /// Forgets what was logged after `head`; the rows go with the savepoint.
    pub(super) fn rewind(&mut self, head: Option<Head>) {
        if let Some(head) = head {
            self.log = Log::Chained(head);
        }
    }

    /// The log goes on after `head`, whatever stood there before.
    pub(super) fn adopt(&mut self, head: Head) -> db::Result<()> {
        if let Log::Chained(present) = &mut self.log {
            *present = head;
        }
        write_head(self.conn, &head)
    }

    /// Writes an entry.
    pub(super) fn log(&mut self, entry: &Entry<'_>) -> Result<(), DirectoryError> {
        self.log_end(entry, 0)
    }

    /// Writes the entry of a deletion with which so many memberships end.
    pub(super) fn log_end(
        &mut self,
        entry: &Entry<'_>,
        members: usize,
    ) -> Result<(), DirectoryError> {
        let members = int(members as u64);
        match &mut self.log {
            Log::Chained(head) => {
                *head = head.after(entry);
                insert(self.conn, entry, *head)?;
                if members > 0 {
                    note_end(self.conn, entry.tenant, head.number, members)?;
                }
            }
            Log::Pending {
                waiting, has_any, ..
            } => {
                *has_any = true;
                let entry = Kept::from(entry);
                waiting.push(Waiting { entry, members });
                if waiting.len() >= MOST_WAITING {
                    leave(self.conn, waiting)?;
                    waiting.clear();
                }
            }
        }
        Ok(())
    }

    /// Lets a number grow or shrink.
    pub(super) fn count(&mut self, step: Step, by: [i64; 3]) -> Result<(), DirectoryError> {
        match &mut self.log {
            Log::Chained(_) => index::write_step(self.conn, step, by)?,
            Log::Pending { steps, .. } => {
                let sum = steps.entry(step).or_default();
                for (sum, by) in sum.iter_mut().zip(by) {
                    *sum += by;
                }
            }
        }
        Ok(())
    }

    /// Keeps other writers from nesting groups of the tenant until the end: two of them could
    /// close a circle of which each sees one half.
    pub(super) fn hold_nesting(&self, tenant: TenantId) -> Result<(), DirectoryError> {
        if self.conn.is_shared() {
            self.conn
                .prepare_cached("SELECT 1 FROM (SELECT pg_advisory_xact_lock(?1)) AS held")?
                .exists(params![NESTING + tenant.0])?;
        }
        Ok(())
    }

    /// Writes what is written once, before the commit.
    pub(super) fn seal(&self) -> db::Result<()> {
        match &self.log {
            Log::Chained(head) => write_head(self.conn, head),
            Log::Pending { steps, waiting, .. } => {
                leave(self.conn, waiting)?;
                let moved = steps.iter().filter(|(_, by)| **by != [0; 3]);
                for (step, by) in moved {
                    index::write_step(self.conn, *step, *by)?;
                }
                Ok(())
            }
        }
    }
}

/// Entries that a transaction keeps in memory before it writes them.
const MOST_WAITING: usize = 1_024;
/// Advisory locks of tenants lie above this; "PROV" in the upper half.
const NESTING: i64 = 0x5052_4F56 << 32;

/// Writes an entry where it stands in the log.
pub(super) fn insert(conn: &Conn, entry: &Entry<'_>, head: Head) -> db::Result<()> {
    conn.prepare_cached(
        "INSERT INTO changes (tenant, number, epoch, kind, object, name, member, at, actor, request, before, after, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(params![
        entry.tenant.0,
        int(head.number),
        int(head.epoch),
        entry.kind.code(),
        entry.object.as_bytes(),
        entry.name,
        entry.member.map(uuid::Uuid::into_bytes),
        entry.at.as_micros(),
        entry.actor,
        entry.request,
        entry.before,
        entry.after,
        head.hash,
    ])
    .map(drop)
}

/// An entry that will be left to be numbered, with how many memberships end with it.
struct Waiting {
    entry: Kept,
    members: i64,
}

impl Waiting {
    fn values(&self) -> [Value<'_>; 11] {
        let [
            tenant,
            kind,
            object,
            name,
            member,
            at,
            actor,
            request,
            before,
            after,
        ] = self.entry.values();
        let members = Value::Integer(self.members);
        [
            tenant, kind, object, name, member, at, actor, request, before, after, members,
        ]
    }
}

/// Leaves entries to be numbered.
fn leave(conn: &Conn, waiting: &[Waiting]) -> db::Result<()> {
    let rows: Vec<_> = waiting.iter().map(Waiting::values).collect();
    db::insert_rows(
        conn,
        "INSERT INTO pending (tenant, kind, object, name, member, at, actor, request, before, after, members)",
        &rows,
    )
}

/// The memberships of a group that was deleted have no entries of their own.
pub(super) fn note_end(conn: &Conn, tenant: TenantId, number: u64, members: i64) -> db::Result<()> {
    conn.prepare_cached("INSERT INTO group_ends (tenant, number, members) VALUES (?1, ?2, ?3)")?
        .post(params![tenant.0, int(number), members])
}

/// Writes the head.
pub(super) fn write_head(conn: &Conn, head: &Head) -> db::Result<()> {
    conn.prepare_cached("UPDATE log_head SET epoch = ?1, number = ?2, hash = ?3")?
        .post(params![int(head.epoch), int(head.number), head.hash])
}

/// The head as stored.
pub(super) fn read_head(conn: &Conn) -> db::Result<Head> {
    ask_head(conn)?.row()?.ok_or(db::Error::NoRow)
}

/// The head as stored, on its way.
pub(super) fn ask_head(conn: &Conn) -> db::Result<Asked<'_, Head>> {
    conn.prepare_cached("SELECT epoch, number, hash FROM log_head")?
        .ask_row(params![], |row| {
            Ok(Head {
                epoch: uint(row.get(0)?),
                number: uint(row.get(1)?),
                hash: row.get(2)?,
            })
        })
}
