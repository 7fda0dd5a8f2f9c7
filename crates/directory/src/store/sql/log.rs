//! Reading the change log and checking its chain.

use provost_scim::Timestamp;
use uuid::Uuid;

use super::{
    db::{Conn, Optional as _, Param as _, Row, Value, params},
    error::{damaged, int, uint},
    txn::read_head,
};
use crate::{
    DirectoryError,
    change::{Change, ChangeKind, Position},
    id::TenantId,
    log::{BodyDigest, Entry, Head},
};

/// An entry that outlives what it was made of.
pub(super) struct Kept {
    pub(super) tenant: TenantId,
    pub(super) kind: ChangeKind,
    pub(super) object: Uuid,
    pub(super) name: String,
    pub(super) member: Option<Uuid>,
    pub(super) at: Timestamp,
    actor: String,
    request: String,
    before: Option<BodyDigest>,
    after: Option<BodyDigest>,
}

impl Kept {
    /// Reads tenant, kind, object, name, member, at, actor, request, before and after, which stand
    /// in this order from column `first` on.
    pub(super) fn read(row: &Row<'_>, first: usize) -> Result<Self, DirectoryError> {
        Ok(Self {
            tenant: TenantId(row.get(first)?),
            kind: ChangeKind::from_code(row.get(first + 1)?)
                .ok_or_else(|| damaged("the change log holds an unknown kind"))?,
            object: Uuid::from_bytes(row.get(first + 2)?),
            name: row.get(first + 3)?,
            member: row
                .get::<Option<[u8; 16]>>(first + 4)?
                .map(Uuid::from_bytes),
            at: Timestamp::from_micros(row.get(first + 5)?),
            actor: row.get(first + 6)?,
            request: row.get(first + 7)?,
            before: row.get(first + 8)?,
            after: row.get(first + 9)?,
        })
    }

    /// The columns that [`Kept::read`] reads.
    pub(super) fn values(&self) -> [Value<'_>; 10] {
        let member = self.member.as_ref().map(Uuid::as_bytes);
        [
            Value::Integer(self.tenant.0),
            Value::Integer(self.kind.code()),
            Value::Bytes(self.object.as_bytes()),
            Value::Text(&self.name),
            member.map_or(Value::Null, |id| Value::Bytes(id)),
            Value::Integer(self.at.as_micros()),
            Value::Text(&self.actor),
            Value::Text(&self.request),
            self.before.value(),
            self.after.value(),
        ]
    }

    pub(super) fn entry(&self) -> Entry<'_> {
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

impl From<&Entry<'_>> for Kept {
    fn from(entry: &Entry<'_>) -> Self {
        Self {
            tenant: entry.tenant,
            kind: entry.kind,
            object: entry.object,
            name: entry.name.to_owned(),
            member: entry.member,
            at: entry.at,
            actor: entry.actor.to_owned(),
            request: entry.request.to_owned(),
            before: entry.before,
            after: entry.after,
        }
    }
}

/// A row of the log.
pub(super) struct Logged {
    pub(super) head: Head,
    pub(super) entry: Kept,
}

impl Logged {
    fn from_row(row: &Row<'_>) -> Result<Self, DirectoryError> {
        let head = Head {
            number: uint(row.get(0)?),
            epoch: uint(row.get(1)?),
            hash: row.get(2)?,
        };
        let entry = Kept::read(row, 3)?;
        Ok(Self { head, entry })
    }
}

/// Calls `each` with the entries after a number, in order, until it says `false`.
pub(super) fn each_after(
    conn: &Conn,
    number: u64,
    limit: usize,
    mut each: impl FnMut(Logged) -> Result<bool, DirectoryError>,
) -> Result<(), DirectoryError> {
    let mut statement = conn.prepare_cached(
        "SELECT number, epoch, hash, tenant, kind, object, name, member, at, actor, request, before, after
         FROM changes WHERE number > ?1 ORDER BY number LIMIT ?2",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.stream(params![int(number), limit])?;
    while let Some(row) = rows.next()? {
        if !each(Logged::from_row(&row)?)? {
            break;
        }
    }
    Ok(())
}

/// Entries after a number, as the directory shows them.
pub(super) fn changes_after(
    conn: &Conn,
    number: u64,
    limit: usize,
) -> Result<Vec<Change>, DirectoryError> {
    let mut changes = Vec::new();
    each_after(conn, number, limit, |logged| {
        changes.push(Change {
            position: logged.head.position(),
            tenant: slug(conn, logged.entry.tenant)?,
            kind: logged.entry.kind,
            object: logged.entry.object.to_string(),
            name: logged.entry.name,
            member: logged.entry.member.map(|id| id.to_string()),
            at: logged.entry.at,
            actor: logged.entry.actor,
            request: logged.entry.request,
        });
        Ok(true)
    })?;
    Ok(changes)
}

fn slug(conn: &Conn, tenant: TenantId) -> Result<String, DirectoryError> {
    Ok(conn
        .prepare_cached("SELECT slug FROM tenants WHERE tenant = ?1")?
        .query_row(params![tenant.0], |row| row.get(0))?)
}

/// Recomputes the chain after a number. `Invalid` says what is wrong.
pub(super) fn verify(conn: &Conn, after: u64) -> Result<Position, DirectoryError> {
    let mut last = match after {
        0 => Head::genesis(0),
        number => stored_head(conn, number)?
            .ok_or_else(|| wrong(&format!("change {number} is missing")))?,
    };
    each_after(conn, after, usize::MAX, |logged| {
        if logged.head.number != last.number + 1 {
            return Err(wrong(&format!(
                "changes {} to {} are missing",
                last.number + 1,
                logged.head.number - 1
            )));
        }
        last.epoch = logged.head.epoch;
        last = last.after(&logged.entry.entry());
        if last != logged.head {
            return Err(wrong(&format!(
                "change {} or its predecessor was altered",
                logged.head.number
            )));
        }
        Ok(true)
    })?;
    let head = read_head(conn)?;
    if (head.number, head.hash) != (last.number, last.hash) {
        return Err(wrong(&format!(
            "the log ends at change {} but its head names change {}",
            last.number, head.number
        )));
    }
    Ok(head.position())
}

fn wrong(text: &str) -> DirectoryError {
    DirectoryError::Invalid(format!(
        "the change log is damaged: {text}; restore a backup"
    ))
}

/// Number and hash of an entry.
pub(super) fn stored_head(conn: &Conn, number: u64) -> Result<Option<Head>, DirectoryError> {
    Ok(conn
        .prepare_cached("SELECT epoch, number, hash FROM changes WHERE number = ?1")?
        .query_row(params![int(number)], |row| {
            Ok(Head {
                epoch: uint(row.get(0)?),
                number: uint(row.get(1)?),
                hash: row.get(2)?,
            })
        })
        .optional()?)
}

/// The number that was current at an instant.
pub(super) fn number_at(conn: &Conn, at: Timestamp) -> Result<u64, DirectoryError> {
    let number = conn
        .prepare_cached(
            "SELECT number FROM changes WHERE at <= ?1 ORDER BY at DESC, number DESC LIMIT 1",
        )?
        .query_row(params![at.as_micros()], |row| row.get(0))
        .optional()?;
    Ok(uint(number.unwrap_or(0)))
}
