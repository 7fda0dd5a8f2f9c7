//! Names that views keep or make: what writes must note so that views can read it.
//!
//! A view that makes user names by a rule has a claim in the store for each user; a view with
//! stable group names has the old name of each renamed group.

use provost_scim::text::fold;
use uuid::Uuid;

use super::{
    db::{Conn, params},
    lens::{Claims, GroupRow, Lens},
    registry,
    rows::Raw,
    txn::Txn,
};
use crate::{
    DirectoryError,
    id::{ApplicationId, TenantId},
    store::Seen,
};

/// Views that make user names by a rule.
fn renaming(txn: &Txn<'_>) -> Result<Vec<Seen>, DirectoryError> {
    let conn = txn.conn;
    let look = || {
        conn.prepare_cached("SELECT 1 FROM applications WHERE makes_names = 1 LIMIT 1")?
            .exists(params![])
    };
    if !txn.makes_names.map_or_else(look, Ok)? {
        return Ok(Vec::new());
    }
    let records = registry::applications(conn)?.into_iter();
    Ok(records
        .map(|record| record.seen)
        .filter(|seen| seen.settings.renames_users())
        .collect())
}

fn key_of(seen: &Seen, user_name: &str) -> String {
    fold(&seen.settings.user_name(user_name)).into_owned()
}

fn insert(
    conn: &Conn,
    seen: &Seen,
    tenant: TenantId,
    id: Uuid,
    user_name: &str,
) -> Result<(), DirectoryError> {
    conn.prepare_cached(
        "INSERT INTO user_names (application, name_key, tenant, id) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        seen.application.0,
        key_of(seen, user_name),
        tenant.0,
        id.as_bytes()
    ])?;
    Ok(())
}

/// A user has this userName from now on.
pub(super) fn claim(
    txn: &Txn<'_>,
    tenant: TenantId,
    id: Uuid,
    user_name: &str,
) -> Result<(), DirectoryError> {
    for seen in renaming(txn)? {
        if seen.tenants.contains(&tenant) {
            insert(txn.conn, &seen, tenant, id, user_name)?;
        }
    }
    Ok(())
}

/// A user gives its name up: it is renamed, or gone without a tombstone.
pub(super) fn give_up(txn: &Txn<'_>, id: &[u8; 16]) -> Result<(), DirectoryError> {
    txn.conn
        .prepare_cached("DELETE FROM user_names WHERE id = ?1")?
        .execute(params![id])?;
    Ok(())
}

/// Calls `each` with id and userName of every user of a tenant, then of its tombstones.
fn each_user(
    conn: &Conn,
    tenant: TenantId,
    mut each: impl FnMut(Uuid, &str) -> Result<(), DirectoryError>,
) -> Result<(), DirectoryError> {
    for sql in [
        "SELECT id, name FROM resources INDEXED BY resources_in_order WHERE tenant = ?1 AND kind = 0",
        "SELECT id, body ->> 'userName' FROM tombstones WHERE tenant = ?1",
    ] {
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.stream(params![tenant.0])?;
        while let Some(row) = rows.next()? {
            let name: Option<String> = row.get(1)?;
            each(
                Uuid::from_bytes(row.get(0)?),
                name.as_deref().unwrap_or_default(),
            )?;
        }
    }
    Ok(())
}

/// Makes the claims of a view anew; to be called when its settings have changed.
pub(super) fn rebuild(conn: &Conn, seen: &Seen) -> Result<(), DirectoryError> {
    conn.prepare_cached("DELETE FROM user_names WHERE application = ?1")?
        .execute(params![seen.application.0])?;
    let renames = seen.settings.renames_users();
    conn.prepare_cached("UPDATE applications SET makes_names = ?2 WHERE application = ?1")?
        .execute(params![seen.application.0, renames])?;
    if renames {
        for tenant in &seen.tenants {
            each_user(conn, *tenant, |id, name| {
                insert(conn, seen, *tenant, id, name)
            })?;
        }
    }
    Ok(())
}

/// The claims that the users would have in a view that is not in the store.
pub(super) fn tried(conn: &Conn, seen: &Seen) -> Result<Option<Claims>, DirectoryError> {
    if !seen.settings.renames_users() {
        return Ok(None);
    }
    let mut claims = Claims::new();
    for tenant in &seen.tenants {
        each_user(conn, *tenant, |id, name| {
            let first = claims.entry((*tenant, key_of(seen, name))).or_insert(id);
            *first = id.min(*first);
            Ok(())
        })?;
    }
    Ok(Some(claims))
}

/// A group is about to be renamed: the views that show it keep its name.
pub(super) fn keep(txn: &Txn<'_>, tenant: TenantId, raw: &Raw) -> Result<(), DirectoryError> {
    let group = GroupRow {
        tenant,
        row: raw.row,
        id: raw.id,
        name: raw.name.clone(),
    };
    for record in registry::applications(txn.conn)? {
        let lens = Lens::open(txn.conn, &record.seen)?;
        let follows = lens.settings().follow_group_names;
        if follows || !lens.sees(tenant) || lens.keeps(&raw.id) || !lens.shows_group(&group)? {
            continue;
        }
        txn.conn
            .prepare_cached(
                "INSERT INTO group_names (application, id, tenant, name) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                record.seen.application.0,
                raw.id.as_bytes(),
                tenant.0,
                raw.name
            ])?;
    }
    Ok(())
}

/// Lets groups of a view have their present names; how many had another one.
pub(super) fn release(
    conn: &Conn,
    application: ApplicationId,
    groups: &[Uuid],
) -> Result<usize, DirectoryError> {
    let mut released = 0;
    for id in groups {
        released += conn
            .prepare_cached("DELETE FROM group_names WHERE application = ?1 AND id = ?2")?
            .execute(params![application.0, id.as_bytes()])?;
    }
    Ok(released)
}

/// Forgets the names that a view keeps although it cannot show them any more: its tenants changed,
/// or it follows names.
pub(super) fn prune(conn: &Conn, seen: &Seen) -> Result<(), DirectoryError> {
    let kept: Vec<([u8; 16], i64)> = conn
        .prepare_cached("SELECT id, tenant FROM group_names WHERE application = ?1")?
        .query_map(params![seen.application.0], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<Result<_, _>>()?;
    let gone = kept.into_iter().filter(|(_, tenant)| {
        seen.settings.follow_group_names || !seen.tenants.contains(&TenantId(*tenant))
    });
    let gone: Vec<_> = gone.map(|(id, _)| Uuid::from_bytes(id)).collect();
    release(conn, seen.application, &gone)?;
    Ok(())
}
