//! What an application sees, from the rows.
//!
//! Where several tenants have the same name, the first living owner in the view's order counts,
//! and a tombstone only where nobody lives. What is hidden is hidden with its memberships: a
//! person of the same name in another tenant is somebody else.

use provost_scim::{Resource, Timestamp, text::fold, urn};
use rusqlite::{Connection, OptionalExtension as _, params};
use uuid::Uuid;

use super::{
    readers::Sink,
    rows::{self, kind_code, kind_of},
    txn::read_head,
};
use crate::{
    DirectoryError,
    id::{TenantId, UserId},
    person::{Facts, Person},
    store::{Begun, GroupQuery, Kind, PersonQuery},
    view::{MembershipItem, ViewGroup},
};

/// A row that a view shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) tenant: TenantId,
    pub(super) row: i64,
}

/// The group as applications see it.
fn group(resource: &Resource) -> ViewGroup {
    let description = resource.extension_text(urn::OKTA_GROUP, "description");
    ViewGroup {
        name: resource.display_name().unwrap_or_default().to_owned(),
        description: description.unwrap_or_default().to_owned(),
    }
}

fn living(id: Uuid, created: i64, updated: i64) -> Facts {
    Facts {
        key: UserId::from_uuid(id),
        created: Timestamp::from_micros(created),
        updated: Timestamp::from_micros(updated),
        is_tombstone: false,
    }
}

/// The row with that name in one tenant.
pub(super) fn named(
    conn: &Connection,
    tenant: TenantId,
    kind: Kind,
    key: &str,
) -> Result<Option<i64>, DirectoryError> {
    Ok(conn
        .prepare_cached(
            "SELECT row FROM resources WHERE tenant = ?1 AND kind = ?2 AND name_key = ?3",
        )?
        .query_row(params![tenant.0, kind_code(kind), key], |row| row.get(0))
        .optional()?)
}

/// The row that counts for a name.
pub(super) fn resolve(
    conn: &Connection,
    seen: &[TenantId],
    kind: Kind,
    key: &str,
) -> Result<Option<Found>, DirectoryError> {
    for tenant in seen {
        if let Some(row) = named(conn, *tenant, kind, key)? {
            return Ok(Some(Found {
                tenant: *tenant,
                row,
            }));
        }
    }
    Ok(None)
}

/// Whether a row of that tenant is the one that counts for its name.
pub(super) fn is_shown(
    conn: &Connection,
    seen: &[TenantId],
    tenant: TenantId,
    kind: Kind,
    name: &str,
) -> Result<bool, DirectoryError> {
    let Some(place) = seen.iter().position(|other| *other == tenant) else {
        return Ok(false);
    };
    let earlier = seen.get(..place).unwrap_or_default();
    if earlier.is_empty() {
        return Ok(true);
    }
    Ok(resolve(conn, earlier, kind, &fold(name))?.is_none())
}

fn living_person(conn: &Connection, row: i64) -> Result<Person, DirectoryError> {
    let raw = rows::by_row(conn, row)?;
    let facts = living(raw.id, raw.created.as_micros(), raw.modified.as_micros());
    Ok(Person::derive(facts, raw.resource()?))
}

fn buried(row: &rusqlite::Row<'_>) -> Result<Person, DirectoryError> {
    let facts = Facts {
        is_tombstone: true,
        ..living(Uuid::from_bytes(row.get(0)?), row.get(1)?, row.get(2)?)
    };
    Ok(Person::derive(
        facts,
        rows::resource(&row.get::<_, String>(3)?)?,
    ))
}

/// The tombstone with that name in one tenant.
pub(super) fn tombstone(
    conn: &Connection,
    tenant: TenantId,
    key: &str,
) -> Result<Option<Person>, DirectoryError> {
    let mut statement = conn.prepare_cached(
        "SELECT id, created, deleted, body FROM tombstones WHERE tenant = ?1 AND name_key = ?2",
    )?;
    let mut rows = statement.query(params![tenant.0, key])?;
    rows.next()?.map(buried).transpose()
}

/// One person.
pub(super) fn person(
    conn: &Connection,
    seen: &[TenantId],
    query: &PersonQuery,
) -> Result<Option<Person>, DirectoryError> {
    match query {
        PersonQuery::Name(key) => person_named(conn, seen, key),
        PersonQuery::Key(id) => {
            let Some(key) = name_of_key(conn, *id)? else {
                return Ok(None);
            };
            let found = person_named(conn, seen, &key)?;
            Ok(found.filter(|person| person.key.as_uuid() == id))
        }
    }
}

/// The person that counts for a folded name.
pub(super) fn person_named(
    conn: &Connection,
    seen: &[TenantId],
    key: &str,
) -> Result<Option<Person>, DirectoryError> {
    if let Some(found) = resolve(conn, seen, Kind::User, key)? {
        return living_person(conn, found.row).map(Some);
    }
    for tenant in seen {
        if let Some(person) = tombstone(conn, *tenant, key)? {
            return Ok(Some(person));
        }
    }
    Ok(None)
}

fn name_of_key(conn: &Connection, id: Uuid) -> Result<Option<String>, DirectoryError> {
    Ok(conn
        .prepare_cached(
            "SELECT name_key FROM resources WHERE id = ?1 AND kind = 0
             UNION ALL SELECT name_key FROM tombstones WHERE id = ?1 LIMIT 1",
        )?
        .query_row([id.as_bytes()], |row| row.get(0))
        .optional()?)
}

/// The group that counts for a folded name.
pub(super) fn group_named(
    conn: &Connection,
    seen: &[TenantId],
    key: &str,
) -> Result<Option<ViewGroup>, DirectoryError> {
    match resolve(conn, seen, Kind::Group, key)? {
        Some(found) => Ok(Some(group(&rows::by_row(conn, found.row)?.resource()?))),
        None => Ok(None),
    }
}

/// Finds a group by name, for what is asked about it.
pub(super) fn require_group(
    conn: &Connection,
    seen: &[TenantId],
    name: &str,
) -> Result<Found, DirectoryError> {
    resolve(conn, seen, Kind::Group, &fold(name))?.ok_or(DirectoryError::NotFound)
}

/// Groups by their relation to something.
pub(super) fn groups(
    conn: &Connection,
    seen: &[TenantId],
    query: &GroupQuery,
) -> Result<Vec<ViewGroup>, DirectoryError> {
    const ABOVE: &str = "SELECT grp FROM members WHERE tenant = ?1 AND member = ?2 ORDER BY grp";
    const BELOW: &str =
        "SELECT member FROM members WHERE tenant = ?1 AND grp = ?2 AND kind = 1 ORDER BY member";
    let (found, sql) = match query {
        GroupQuery::Named(name) => {
            return Ok(group_named(conn, seen, &fold(name))?.into_iter().collect());
        }
        GroupQuery::OfUser(name) => {
            let key = fold(name);
            match resolve(conn, seen, Kind::User, &key)? {
                Some(found) => (found, ABOVE),
                None if person_named(conn, seen, &key)?.is_some() => return Ok(Vec::new()),
                None => return Err(DirectoryError::NotFound),
            }
        }
        GroupQuery::ChildrenOf(name) => (require_group(conn, seen, name)?, BELOW),
        GroupQuery::ParentsOf(name) => (require_group(conn, seen, name)?, ABOVE),
    };
    let mut statement = conn.prepare_cached(sql)?;
    let mut related = statement.query(params![found.tenant.0, found.row])?;
    let mut groups = Vec::new();
    while let Some(row) = related.next()? {
        let shown = group(&rows::by_row(conn, row.get(0)?)?.resource()?);
        if is_shown(conn, seen, found.tenant, Kind::Group, &shown.name)? {
            groups.push(shown);
        }
    }
    Ok(groups)
}

const IN_ORDER: &str = "SELECT row, id, created, modified, name, body FROM resources
     INDEXED BY resources_in_order WHERE tenant = ?1 AND kind = ?2 ORDER BY row";

/// What is known when a listing begins. Blocks stay when their last row goes, so they tell whether
/// a tenant ever had a user.
pub(super) fn begin(conn: &Connection, seen: &[TenantId]) -> Result<Begun, DirectoryError> {
    let mut statement =
        conn.prepare_cached("SELECT 1 FROM blocks WHERE tenant = ?1 AND kind = ?2 LIMIT 1")?;
    let mut is_provisioned = false;
    for tenant in seen {
        is_provisioned |= statement.exists(params![tenant.0, kind_code(Kind::User)])?;
    }
    Ok(Begun {
        number: read_head(conn)?.number,
        is_provisioned,
    })
}

/// Every person: the living of each tenant, then its tombstones.
pub(super) fn all_persons(
    conn: &Connection,
    seen: &[TenantId],
    sink: &mut Sink<Person>,
) -> Result<(), DirectoryError> {
    for tenant in seen {
        let mut statement = conn.prepare_cached(IN_ORDER)?;
        let mut found = statement.query(params![tenant.0, kind_code(Kind::User)])?;
        while let Some(row) = found.next()? {
            let name: String = row.get(4)?;
            if !is_shown(conn, seen, *tenant, Kind::User, &name)? {
                continue;
            }
            let facts = living(Uuid::from_bytes(row.get(1)?), row.get(2)?, row.get(3)?);
            let resource = rows::resource(&row.get::<_, String>(5)?)?;
            if !sink.push(Person::derive(facts, resource)) {
                return Ok(());
            }
        }
    }
    all_tombstones(conn, seen, sink)
}

fn all_tombstones(
    conn: &Connection,
    seen: &[TenantId],
    sink: &mut Sink<Person>,
) -> Result<(), DirectoryError> {
    for tenant in seen {
        let mut statement = conn.prepare_cached(
            "SELECT id, created, deleted, body, name_key FROM tombstones
             WHERE tenant = ?1 ORDER BY name_key",
        )?;
        let mut found = statement.query([tenant.0])?;
        while let Some(row) = found.next()? {
            let person = buried(row)?;
            let counts = person_named(conn, seen, &row.get::<_, String>(4)?)?;
            if counts.is_some_and(|counts| counts.key == person.key) && !sink.push(person) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The rows of every group that is shown, with its tenant.
fn each_group(
    conn: &Connection,
    seen: &[TenantId],
    mut each: impl FnMut(Found, ViewGroup) -> Result<bool, DirectoryError>,
) -> Result<(), DirectoryError> {
    for tenant in seen {
        let mut statement = conn.prepare_cached(IN_ORDER)?;
        let mut found = statement.query(params![tenant.0, kind_code(Kind::Group)])?;
        while let Some(row) = found.next()? {
            let shown = group(&rows::resource(&row.get::<_, String>(5)?)?);
            let at = Found {
                tenant: *tenant,
                row: row.get(0)?,
            };
            if is_shown(conn, seen, *tenant, Kind::Group, &shown.name)? && !each(at, shown)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Every group.
pub(super) fn all_groups(
    conn: &Connection,
    seen: &[TenantId],
    sink: &mut Sink<ViewGroup>,
) -> Result<(), DirectoryError> {
    each_group(conn, seen, |_, group| Ok(sink.push(group)))
}

/// Every membership, group by group.
pub(super) fn all_memberships(
    conn: &Connection,
    seen: &[TenantId],
    sink: &mut Sink<MembershipItem>,
) -> Result<(), DirectoryError> {
    each_group(conn, seen, |found, group| {
        Ok(sink.push(MembershipItem::Group(group.name)) && members(conn, seen, found, sink)?)
    })
}

fn members(
    conn: &Connection,
    seen: &[TenantId],
    group: Found,
    sink: &mut Sink<MembershipItem>,
) -> Result<bool, DirectoryError> {
    let mut statement = conn.prepare_cached(
        "SELECT m.kind, r.name FROM members m JOIN resources r ON r.row = m.member
         WHERE m.tenant = ?1 AND m.grp = ?2 ORDER BY m.kind, m.member",
    )?;
    let mut found = statement.query(params![group.tenant.0, group.row])?;
    while let Some(row) = found.next()? {
        let (kind, name) = (kind_of(row.get(0)?), row.get::<_, String>(1)?);
        if !is_shown(conn, seen, group.tenant, kind, &name)? {
            continue;
        }
        let item = match kind {
            Kind::User => MembershipItem::User(name),
            Kind::Group => MembershipItem::Child(name),
        };
        if !sink.push(item) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The direct user members of a group.
pub(super) fn users_of_group(
    conn: &Connection,
    seen: &[TenantId],
    group: Found,
    sink: &mut Sink<Person>,
) -> Result<(), DirectoryError> {
    let mut statement = conn.prepare_cached(
        "SELECT member FROM members WHERE tenant = ?1 AND grp = ?2 AND kind = 0 ORDER BY member",
    )?;
    let mut found = statement.query(params![group.tenant.0, group.row])?;
    while let Some(row) = found.next()? {
        let person = living_person(conn, row.get(0)?)?;
        if is_shown(conn, seen, group.tenant, Kind::User, &person.name)? && !sink.push(person) {
            return Ok(());
        }
    }
    Ok(())
}
