//! Deleted users that applications still see: kept, and forgotten when their time is over or their
//! name has a living owner again.

use uuid::Uuid;

use super::{
    db::{Optional as _, params},
    error::{int, uint},
    names, rows,
    txn::Txn,
    write::entry,
};
use crate::{
    DirectoryError,
    change::ChangeKind,
    log::{BodyDigest, Entry, body_digest},
    store::{Scope, Stored},
};

/// Keeps a deleted user for the applications.
pub(super) fn bury(txn: &Txn<'_>, scope: &Scope, user: &Stored) -> Result<(), DirectoryError> {
    let resource = &user.resource;
    txn.conn
        .prepare_cached(
            "INSERT INTO tombstones (tenant, name_key, id, created, deleted, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (tenant, name_key) DO UPDATE SET id = excluded.id,
                 created = excluded.created, deleted = excluded.deleted, body = excluded.body",
        )?
        .execute(params![
            scope.tenant.id.0,
            provost_scim::text::fold(resource.user_name()),
            user.id.as_bytes(),
            user.created.as_micros(),
            scope.now.max(user.last_modified).as_micros(),
            resource.to_stored(),
        ])?;
    Ok(())
}

/// The tombstone of a name: whose it is, and what he was.
pub(super) type Buried = ([u8; 16], String);

/// The tombstone of a name, if there is one.
pub(super) fn find(
    txn: &Txn<'_>,
    scope: &Scope,
    key: &str,
) -> Result<Option<Buried>, DirectoryError> {
    Ok(txn
        .conn
        .prepare_cached("SELECT id, body FROM tombstones WHERE tenant = ?1 AND name_key = ?2")?
        .query_row(params![scope.tenant.id.0, key], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?)
}

/// A user called `name` lives, so the tombstone of that name goes. A view may make another name of
/// another spelling, so that one is told as gone by itself.
pub(super) fn give_way(
    txn: &mut Txn<'_>,
    scope: &Scope,
    (key, name): (&str, &str),
    (id, body): Buried,
) -> Result<(), DirectoryError> {
    let tenant = scope.tenant.id.0;
    forget_traces(txn, &id)?;
    txn.conn
        .prepare_cached("DELETE FROM tombstones WHERE tenant = ?1 AND name_key = ?2")?
        .execute(params![tenant, key])?;
    let known = rows::resource(&body)?;
    if known.user_name() != name {
        log_end(txn, scope, &id, known.user_name(), &body)?;
    }
    Ok(())
}

fn log_end(
    txn: &mut Txn<'_>,
    scope: &Scope,
    id: &[u8; 16],
    name: &str,
    body: &str,
) -> Result<(), DirectoryError> {
    txn.log(&Entry {
        before: Some::<BodyDigest>(body_digest(body)),
        ..entry(
            scope,
            ChangeKind::UserForgotten,
            Uuid::from_bytes(*id),
            name,
        )
    })
}

/// What views know about a tombstone ends with it.
fn forget_traces(txn: &Txn<'_>, id: &[u8; 16]) -> Result<(), DirectoryError> {
    names::give_up(txn, id)?;
    txn.conn
        .prepare_cached("DELETE FROM tombstone_groups WHERE id = ?1")?
        .execute(params![id])?;
    Ok(())
}

/// Removes the tombstones of users deleted at `until` or before; how many.
pub(super) fn forget(
    txn: &mut Txn<'_>,
    scope: &Scope,
    until: i64,
    most: u64,
) -> Result<u64, DirectoryError> {
    let old: Vec<(i64, [u8; 16], String)> = txn
        .conn
        .prepare_cached(
            "SELECT rowid, id, body FROM tombstones WHERE tenant = ?1 AND deleted <= ?2 LIMIT ?3",
        )?
        .query_map(params![scope.tenant.id.0, until, int(most)], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<Result<_, _>>()?;
    for (row, id, body) in &old {
        let resource = rows::resource(body)?;
        let removed = txn
            .conn
            .prepare_cached("DELETE FROM tombstones WHERE rowid = ?1")?
            .execute(params![row])?;
        // Its name may have found a living owner meanwhile.
        if removed == 0 {
            continue;
        }
        forget_traces(txn, id)?;
        log_end(txn, scope, id, resource.user_name(), body)?;
    }
    Ok(uint(i64::try_from(old.len()).unwrap_or_default()))
}
