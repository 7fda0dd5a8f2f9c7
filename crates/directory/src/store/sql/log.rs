//! Reading the change log and checking its chain.

use provost_scim::Timestamp;
use uuid::Uuid;

use super::{
    db::{Conn, Optional as _, Row, params},
    error::{damaged, int, uint},
    txn::read_head,
};
use crate::{
    DirectoryError,
    change::{Change, ChangeKind, Position},
    id::TenantId,
    log::{BodyDigest, Entry, Head},
};

/// A row of the log.
pub(super) struct Logged {
    pub(super) number: u64,
    pub(super) epoch: u64,
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
    hash: [u8; 32],
}

impl Logged {
    fn from_row(row: &Row<'_>) -> Result<Self, DirectoryError> {
        let kind = ChangeKind::from_code(row.get(3)?)
            .ok_or_else(|| damaged("the change log holds an unknown kind"))?;
        Ok(Self {
            number: uint(row.get(0)?),
            epoch: uint(row.get(1)?),
            tenant: TenantId(row.get(2)?),
            kind,
            object: Uuid::from_bytes(row.get(4)?),
            name: row.get(5)?,
            member: row.get::<Option<[u8; 16]>>(6)?.map(Uuid::from_bytes),
            at: Timestamp::from_micros(row.get(7)?),
            actor: row.get(8)?,
            request: row.get(9)?,
            before: row.get(10)?,
            after: row.get(11)?,
            hash: row.get(12)?,
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

    fn head(&self) -> Head {
        Head {
            epoch: self.epoch,
            number: self.number,
            hash: self.hash,
        }
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
        "SELECT number, epoch, tenant, kind, object, name, member, at, actor, request, before, after, hash
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
            position: logged.head().position(),
            tenant: slug(conn, logged.tenant)?,
            kind: logged.kind,
            object: logged.object.to_string(),
            name: logged.name,
            member: logged.member.map(|id| id.to_string()),
            at: logged.at,
            actor: logged.actor,
            request: logged.request,
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
        if logged.number != last.number + 1 {
            return Err(wrong(&format!(
                "changes {} to {} are missing",
                last.number + 1,
                logged.number - 1
            )));
        }
        last.epoch = logged.epoch;
        last = last.after(&logged.entry());
        if last != logged.head() {
            return Err(wrong(&format!(
                "change {} or its predecessor was altered",
                logged.number
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
