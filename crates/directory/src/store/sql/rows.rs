//! Rows of users and groups, and what belongs to them.

use std::collections::{BTreeMap, HashMap, btree_map::Entry};

use provost_scim::{
    Resource, Timestamp,
    member::{GroupRef, Member},
};
use uuid::Uuid;

use super::db::{self, Conn, Optional as _, Param, Row, params};
use super::error::{damaged, uint};
use crate::{
    DirectoryError,
    id::TenantId,
    store::{Kind, Load, Stored},
};

/// The number of a kind in the store.
pub(super) const fn kind_code(kind: Kind) -> i64 {
    match kind {
        Kind::User => 0,
        Kind::Group => 1,
    }
}

/// The kind with that number.
pub(super) const fn kind_of(code: i64) -> Kind {
    if code == 0 { Kind::User } else { Kind::Group }
}

/// The columns of [`Raw`] of a table called `r`.
pub(super) const RAW: &str = "r.row, r.id, r.version, r.created, r.modified, r.name, r.body";

/// A resource's row as read.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) row: i64,
    pub(super) id: Uuid,
    pub(super) version: u64,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) name: String,
    pub(super) body: String,
}

impl Raw {
    /// From `row, id, version, created, modified, name, body`.
    pub(super) fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self {
            row: row.get(0)?,
            id: Uuid::from_bytes(row.get(1)?),
            version: uint(row.get(2)?),
            created: Timestamp::from_micros(row.get(3)?),
            modified: Timestamp::from_micros(row.get(4)?),
            name: row.get(5)?,
            body: row.get(6)?,
        })
    }

    /// The attributes.
    pub(super) fn resource(&self) -> Result<Resource, DirectoryError> {
        resource(&self.body)
    }

    /// With the attributes read, and nothing else loaded.
    pub(super) fn into_stored(self) -> Result<Stored, DirectoryError> {
        Ok(Stored {
            resource: self.resource()?,
            id: self.id,
            version: self.version,
            created: self.created,
            last_modified: self.modified,
            groups: Vec::new(),
            members: Vec::new(),
        })
    }
}

/// Reads stored attributes.
pub(super) fn resource(body: &str) -> Result<Resource, DirectoryError> {
    Resource::from_stored(body)
        .ok_or_else(|| damaged("the attributes of a resource are unreadable"))
}

macro_rules! find {
    ($lock:literal) => {
        concat!(
            "SELECT row, id, version, created, modified, name, body FROM resources
             WHERE id = ?3 AND tenant = ?1 AND kind = ?2",
            $lock
        )
    };
}

const FIND: &str = find!("");
const FIND_TO_CHANGE: &str = find!(" FOR NO KEY UPDATE");
const FIND_TO_REMOVE: &str = find!(" FOR UPDATE");

/// The row of a resource of that tenant and kind.
pub(super) fn find(
    conn: &Conn,
    tenant: TenantId,
    kind: Kind,
    id: Uuid,
) -> Result<Raw, DirectoryError> {
    find_by(conn, tenant, (kind, id), FIND)
}

fn find_by(
    conn: &Conn,
    tenant: TenantId,
    (kind, id): (Kind, Uuid),
    sql: &str,
) -> Result<Raw, DirectoryError> {
    conn.prepare_cached(sql)?
        .query_row(
            params![tenant.0, kind_code(kind), id.as_bytes()],
            Raw::from_row,
        )
        .optional()?
        .ok_or(DirectoryError::NotFound)
}

/// Against which other writes a row is held until the end of the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// Its attributes or members change; it may become a member meanwhile.
    Change,
    /// It goes.
    Removal,
}

/// The row of a resource of that tenant and kind, held.
pub(super) fn find_held(
    conn: &Conn,
    tenant: TenantId,
    (kind, id): (Kind, Uuid),
    hold: Hold,
) -> Result<Raw, DirectoryError> {
    let lock = match hold {
        Hold::Change => FIND_TO_CHANGE,
        Hold::Removal => FIND_TO_REMOVE,
    };
    find_by(conn, tenant, (kind, id), conn.either(FIND, lock))
}

/// The row with that number.
pub(super) fn by_row(conn: &Conn, row: i64) -> Result<Raw, DirectoryError> {
    Ok(conn
        .prepare_cached(
            "SELECT row, id, version, created, modified, name, body FROM resources WHERE row = ?1",
        )?
        .query_row(params![row], Raw::from_row)?)
}

/// The rows with those numbers, in that order.
pub(super) fn by_rows(conn: &Conn, numbers: &[i64]) -> Result<Vec<Raw>, DirectoryError> {
    let list: Vec<_> = numbers.iter().map(Param::value).collect();
    let mut found = HashMap::with_capacity(numbers.len());
    db::each_part(&[], &list, |places, values| {
        let sql = format!(
            "SELECT row, id, version, created, modified, name, body FROM resources WHERE row IN ({places})"
        );
        let mut statement = conn.prepare_cached(&sql)?;
        for raw in statement.query_map(values, Raw::from_row)? {
            let raw = raw?;
            found.insert(raw.row, raw);
        }
        Ok::<_, db::Error>(())
    })?;
    let mut ordered = Vec::with_capacity(numbers.len());
    for number in numbers {
        ordered.push(found.remove(number).ok_or(db::Error::NoRow)?);
    }
    Ok(ordered)
}

/// Row and kind of resources of that tenant by their ids; they stay until the end of the
/// transaction. Ids that name nothing are left out.
pub(super) fn locate_all(
    conn: &Conn,
    tenant: TenantId,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, (i64, Kind)>, DirectoryError> {
    let list: Vec<_> = ids.iter().map(|id| id.as_bytes().value()).collect();
    let mut found = HashMap::with_capacity(ids.len());
    let lock = conn.either("", " ORDER BY row FOR KEY SHARE");
    db::each_part(params![tenant.0], &list, |places, values| {
        // With `+`, because SQLite would rather go through the whole tenant than look up a list.
        let sql = format!(
            "SELECT id, row, kind FROM resources WHERE id IN ({places}) AND +tenant = ?1{lock}"
        );
        let mut statement = conn.prepare_cached(&sql)?;
        let rows = statement.query_map(values, |row| {
            let id = Uuid::from_bytes(row.get(0)?);
            Ok((id, (row.get(1)?, kind_of(row.get(2)?))))
        })?;
        for row in rows {
            let (id, at) = row?;
            found.insert(id, at);
        }
        Ok::<_, db::Error>(())
    })?;
    Ok(found)
}

/// With groups and members as asked for.
pub(super) fn load(
    conn: &Conn,
    tenant: TenantId,
    raw: Raw,
    what: Load,
) -> Result<Stored, DirectoryError> {
    let row = raw.row;
    let mut stored = raw.into_stored()?;
    fill(conn, tenant, (row, &mut stored), what)?;
    Ok(stored)
}

/// Adds groups and members as asked for.
pub(super) fn fill(
    conn: &Conn,
    tenant: TenantId,
    (row, stored): (i64, &mut Stored),
    what: Load,
) -> Result<(), DirectoryError> {
    if what.groups {
        stored.groups = groups_of(conn, tenant, row)?;
    }
    if what.members {
        stored.members = members_of(conn, tenant, row)?;
    }
    Ok(())
}

/// Direct and indirect groups. Most users are in few groups and most groups in none, so a look-up
/// for each costs less than a recursive query, whose set-up alone would cost more than all of them.
pub(super) fn groups_of(
    conn: &Conn,
    tenant: TenantId,
    row: i64,
) -> Result<Vec<GroupRef>, DirectoryError> {
    if conn.is_shared() {
        return groups_at_once(conn, tenant, row);
    }
    let mut found = BTreeMap::new();
    let mut reached = parents(conn, tenant, row)?;
    let mut direct = true;
    while !reached.is_empty() {
        let mut next = Vec::new();
        for group in reached {
            if let Entry::Vacant(place) = found.entry(group) {
                place.insert(direct);
                next.extend(parents(conn, tenant, group)?);
            }
        }
        reached = next;
        direct = false;
    }
    let shown = found
        .iter()
        .map(|(row, direct)| group_ref(conn, *row, *direct));
    Ok(shown.collect::<db::Result<_>>()?)
}

/// Where each question costs a round trip, one is asked. PostgreSQL expects thousands of groups and
/// would read every resource for them; with `OFFSET 0` it looks each one up.
fn groups_at_once(
    conn: &Conn,
    tenant: TenantId,
    row: i64,
) -> Result<Vec<GroupRef>, DirectoryError> {
    let mut statement = conn.prepare_cached(
        "WITH RECURSIVE up (grp) AS (
             SELECT grp FROM members WHERE tenant = ?1 AND member = ?2
             UNION
             SELECT m.grp FROM up CROSS JOIN members m ON m.tenant = ?1 AND m.member = up.grp
         )
         SELECT r.id, r.name,
             up.grp IN (SELECT grp FROM members WHERE tenant = ?1 AND member = ?2)
         FROM up, LATERAL (SELECT id, name FROM resources WHERE row = up.grp OFFSET 0) r
         ORDER BY up.grp",
    )?;
    let found = statement.query_map(params![tenant.0, row], |row| {
        Ok(GroupRef {
            id: Uuid::from_bytes(row.get(0)?).to_string(),
            display: row.get(1)?,
            direct: row.get(2)?,
        })
    })?;
    Ok(found.collect::<db::Result<_>>()?)
}

fn parents(conn: &Conn, tenant: TenantId, row: i64) -> db::Result<Vec<i64>> {
    conn.prepare_cached("SELECT grp FROM members WHERE tenant = ?1 AND member = ?2")?
        .query_map(params![tenant.0, row], |row| row.get(0))?
        .collect()
}

fn group_ref(conn: &Conn, row: i64, direct: bool) -> db::Result<GroupRef> {
    conn.prepare_cached("SELECT id, name FROM resources WHERE row = ?1")?
        .query_row(params![row], |row| {
            Ok(GroupRef {
                id: Uuid::from_bytes(row.get(0)?).to_string(),
                display: row.get(1)?,
                direct,
            })
        })
}

const MEMBER: &str =
    "SELECT r.id, r.kind, coalesce(r.body ->> 'displayName', r.name) FROM resources r";

fn member(row: &Row<'_>) -> db::Result<Member> {
    Ok(Member {
        id: Uuid::from_bytes(row.get(0)?).to_string(),
        kind: kind_of(row.get(1)?),
        display: row.get(2)?,
    })
}

/// Direct members, users first.
pub(super) fn members_of(
    conn: &Conn,
    tenant: TenantId,
    group: i64,
) -> Result<Vec<Member>, DirectoryError> {
    let sql = format!(
        "{MEMBER} JOIN members m ON r.row = m.member WHERE m.tenant = ?1 AND m.grp = ?2 ORDER BY m.kind, m.member"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map(params![tenant.0, group], member)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What a resource looks like as a member.
pub(super) fn as_member(conn: &Conn, row: i64) -> Result<Member, DirectoryError> {
    let sql = format!("{MEMBER} WHERE r.row = ?1");
    Ok(conn.prepare_cached(&sql)?.query_row(params![row], member)?)
}
