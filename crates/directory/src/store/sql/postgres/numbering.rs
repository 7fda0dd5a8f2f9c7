//! Numbers what writers left in `pending` and chains it into the log.
//!
//! Whoever numbers holds the row of the head. He sees only what is committed, so no number is ever
//! given to a transaction that is still open, and none is left out. An entry that followed upon
//! another one (its writer had waited for the other's row) has the greater `seq` and is seen only
//! together with it, so the order of `seq` is an order in which it all may have happened.

use provost_scim::Timestamp;
use uuid::Uuid;

use super::super::{
    db::{self, Conn, Param as _, Row, Value, params},
    error::{damaged, int},
    txn,
};
use crate::{
    DirectoryError,
    change::ChangeKind,
    id::TenantId,
    log::{BodyDigest, Entry, Head},
};

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
        .prepare_cached("SELECT 1 FROM pending LIMIT 1")?
        .exists(params![])?)
}

/// An entry with its place in the order.
struct Waiting {
    seq: i64,
    tenant: TenantId,
    kind: ChangeKind,
    object: Uuid,
    name: String,
    member: Option<Uuid>,
    at: Timestamp,
    actor: String,
    request: String,
    before: Option<BodyDigest>,
    after: Option<BodyDigest>,
    members: i64,
}

impl Waiting {
    fn read(row: &Row<'_>) -> Result<Self, DirectoryError> {
        Ok(Self {
            seq: row.get(0)?,
            tenant: TenantId(row.get(1)?),
            kind: ChangeKind::from_code(row.get(2)?)
                .ok_or_else(|| damaged("an entry that waits has an unknown kind"))?,
            object: Uuid::from_bytes(row.get(3)?),
            name: row.get(4)?,
            member: row.get::<Option<[u8; 16]>>(5)?.map(Uuid::from_bytes),
            at: Timestamp::from_micros(row.get(6)?),
            actor: row.get(7)?,
            request: row.get(8)?,
            before: row.get(9)?,
            after: row.get(10)?,
            members: row.get(11)?,
        })
    }

    fn entry(&self) -> Entry<'_> {
        Entry {
            tenant: self.tenant,
            kind: self.kind,
            object: self.object,
            name: &self.name,
            member: self.member,
            at: self.at,
            actor: &self.actor,
            request: &self.request,
            before: self.before,
            after: self.after,
        }
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
        head = head.after(&entry.entry());
        numbered.push((entry, Chained::new(entry, head)));
        if entry.members > 0 {
            txn::note_end(conn, entry.tenant, head.number, entry.members)?;
        }
    }
    let rows: Vec<_> = numbered
        .iter()
        .map(|(entry, chained)| values(entry, chained))
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
        "SELECT seq, tenant, kind, object, name, member, at, actor, request, before, after, members
         FROM pending ORDER BY seq",
    )?;
    let mut rows = statement.stream(params![])?;
    while let Some(row) = rows.next()? {
        let entry = Waiting::read(&row)?;
        head = head.after(&entry.entry());
        let chained = Chained::new(&entry, head);
        let cells = values(&entry, &chained);
        each(entry.tenant.0, head, entry.members, &cells)?;
    }
    Ok(head)
}

fn take(conn: &Conn) -> Result<Vec<Waiting>, DirectoryError> {
    let mut statement = conn.prepare_cached(
        "DELETE FROM pending WHERE seq IN (SELECT seq FROM pending ORDER BY seq LIMIT ?1)
         RETURNING seq, tenant, kind, object, name, member, at, actor, request, before, after,
                   members",
    )?;
    let mut rows = statement.query(params![AT_ONCE])?;
    let mut waiting = Vec::new();
    while let Some(row) = rows.next()? {
        waiting.push(Waiting::read(&row)?);
    }
    Ok(waiting)
}

/// What numbering adds to an entry, as columns.
struct Chained {
    head: Head,
    object: [u8; 16],
    member: Option<[u8; 16]>,
}

impl Chained {
    fn new(entry: &Waiting, head: Head) -> Self {
        Self {
            head,
            object: entry.object.into_bytes(),
            member: entry.member.map(Uuid::into_bytes),
        }
    }
}

fn values<'v>(entry: &'v Waiting, chained: &'v Chained) -> [Value<'v>; COLUMNS] {
    [
        Value::Integer(entry.tenant.0),
        Value::Integer(int(chained.head.number)),
        Value::Integer(int(chained.head.epoch)),
        Value::Integer(entry.kind.code()),
        chained.object.value(),
        entry.name.value(),
        chained.member.value(),
        Value::Integer(entry.at.as_micros()),
        entry.actor.value(),
        entry.request.value(),
        entry.before.value(),
        entry.after.value(),
        chained.head.hash.value(),
    ]
}
