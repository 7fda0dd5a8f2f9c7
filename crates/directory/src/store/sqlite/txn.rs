//! A write transaction with the head of the log in hand.

use rusqlite::{Connection, params};

use super::error::int;
use crate::{
    DirectoryError,
    log::{Entry, Head},
};

/// One write transaction; the log's new head is written once, before the commit.
pub(super) struct Txn<'c> {
    pub(super) conn: &'c Connection,
    head: Head,
}

impl<'c> Txn<'c> {
    /// Reads the head of the log: another process may have written since the last transaction.
    pub(super) fn begin(conn: &'c Connection) -> rusqlite::Result<Self> {
        let head = read_head(conn)?;
        Ok(Self { conn, head })
    }

    pub(super) const fn head(&self) -> Head {
        self.head
    }

    /// Forgets what was logged after `head`; the rows go with the savepoint.
    pub(super) fn rewind(&mut self, head: Head) {
        self.head = head;
    }

    /// Writes an entry.
    pub(super) fn log(&mut self, entry: &Entry<'_>) -> Result<(), DirectoryError> {
        let head = self.head.after(entry);
        self.conn
            .prepare_cached(
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
            ])?;
        self.head = head;
        Ok(())
    }

    /// Writes the head.
    pub(super) fn seal(&self) -> rusqlite::Result<()> {
        self.conn
            .prepare_cached("UPDATE log_head SET epoch = ?1, number = ?2, hash = ?3")?
            .execute(params![
                int(self.head.epoch),
                int(self.head.number),
                self.head.hash
            ])?;
        Ok(())
    }
}

/// The head as stored.
pub(super) fn read_head(conn: &Connection) -> rusqlite::Result<Head> {
    conn.prepare_cached("SELECT epoch, number, hash FROM log_head")?
        .query_row([], |row| {
            Ok(Head {
                epoch: super::error::uint(row.get(0)?),
                number: super::error::uint(row.get(1)?),
                hash: row.get(2)?,
            })
        })
}
