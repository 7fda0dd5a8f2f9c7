//! Numbers what writers left in `pending` and chains it into the log.
//!
//! Whoever numbers holds the row of the head. He sees only what is committed, so no number is ever
//! given to a transaction that is still open, and none is left out. An entry that followed upon
//! another one (its writer had waited for the other's row) has the greater `seq` and is seen only
//! together with it, so the order of `seq` is an order in which it all may have happened.

use super::super::{
    db::{self, Conn, Param as _, Row, Value, params},
    error::int,
    log::Kept,
    txn,
};
use crate::{DirectoryError, log::Head};

/// Begins the transaction of [`run`].
pub(super) const BEGIN: &str = "BEGIN; SELECT 1 FROM log_head FOR UPDATE";
/// Entries numbered in one transaction.
const AT_ONCE: i64 = 2_000;
/// Columns of an entry.
const COLUMNS: usize = 13;

const INSERT: &str = "INSERT INTO changes (tenant, number, epoch, kind, object, name, member, at, actor, request, before, after, hash)";

/// Whether entries wait.
pub(super) fn is_due(conn: &Conn) -> Result<bool, DirectoryError> {
    Ok(conn
        // By the index, which forgets rows that are gone; the table is full of them for a while.
        .prepare_cached("SELECT 1 FROM pending ORDER BY seq LIMIT 1")?
        .exists(params![])?)
}

/// An entry with its place in the order, and how many memberships end with it.
struct Waiting {
    seq: i64,
    members: i64,
    entry: Kept,
}

impl Waiting {
    fn read(row: &Row<'_>) -> Result<Self, DirectoryError> {
        Ok(Self {
            seq: row.get(0)?,
            members: row.get(1)?,
            entry: Kept::read(row, 2)?,
        })
    }
}

/// Numbers what waits; the new head, and whether more may wait. `None` if nothing did.
pub(super) fn run(conn: &Conn) -> Result<Option<(Head, bool)>, DirectoryError> {
    let head = txn::ask_head(conn)?;
    let mut waiting = take(conn)?;
    if waiting.is_empty() {
        return Ok(None);
    }
    waiting.sort_by_key(|entry| entry.seq);
    let is_more = waiting.len() >= usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
    let mut head = head.row()?.ok_or(db::Error::NoRow)?;
    let mut numbered = Vec::with_capacity(waiting.len());
    for entry in &waiting {
        head = head.after(&entry.entry.entry());
        numbered.push((entry, head));
        if entry.members > 0 {
            txn::note_end(conn, entry.entry.tenant, head.number, entry.members)?;
        }
    }
    let rows: Vec<_> = numbered
        .iter()
        .map(|(entry, head)| values(entry, head))
        .collect();
    db::insert_rows(conn, INSERT, &rows)?;
    txn::write_head(conn, &head)?;
    conn.prepare_cached("SELECT 1 FROM (SELECT pg_notify('provost_log', ?1)) AS told")?
        .post(params![head.position().to_string()])?;
    Ok(Some((head, is_more)))
}

/// Calls `each` with what waits as it would stand in the log after `head`: tenant, place, memberships
/// that end with it, and the columns. The last place.
pub(in crate::store::sql) fn each_waiting(
    conn: &Conn,
    mut head: Head,
    mut each: impl FnMut(i64, Head, i64, &[Value<'_>]) -> Result<(), DirectoryError>,
) -> Result<Head, DirectoryError> {
    let mut statement = conn.prepare_cached(
        "SELECT seq, members, tenant, kind, object, name, member, at, actor, request, before, after
         FROM pending ORDER BY seq",
    )?;
    let mut rows = statement.stream(params![])?;
    while let Some(row) = rows.next()? {
        let waiting = Waiting::read(&row)?;
        head = head.after(&waiting.entry.entry());
        let cells = values(&waiting, &head);
        each(waiting.entry.tenant.0, head, waiting.members, &cells)?;
    }
    Ok(head)
}

fn take(conn: &Conn) -> Result<Vec<Waiting>, DirectoryError> {
    let mut statement = conn.prepare_cached(
        "DELETE FROM pending WHERE seq IN (SELECT seq FROM pending ORDER BY seq LIMIT ?1)
         RETURNING seq, members, tenant, kind, object, name, member, at, actor, request, before,
                   after",
    )?;
    let mut rows = statement.query(params![AT_ONCE])?;
    let mut waiting = Vec::new();
    while let Some(row) = rows.next()? {
        waiting.push(Waiting::read(&row)?);
    }
    Ok(waiting)
}

/// An entry as a row of the log.
fn values<'v>(waiting: &'v Waiting, head: &'v Head) -> [Value<'v>; COLUMNS] {
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
    ] = waiting.entry.values();
    let number = Value::Integer(int(head.number));
    let epoch = Value::Integer(int(head.epoch));
    let hash = head.hash.value();
    [
        tenant, number, epoch, kind, object, name, member, at, actor, request, before, after, hash,
    ]
}
