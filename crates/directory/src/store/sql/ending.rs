//! The end of a tenant. Other writes wait meanwhile, so it takes few statements, however much the
//! tenant owns.

use uuid::Uuid;

use super::{
    db::params,
    error::int,
    registry::{expire_view, one},
    rows,
    txn::Txn,
    write::entry,
};
use crate::{
    DirectoryError,
    change::ChangeKind,
    id::TenantId,
    log::{Entry, body_digest},
    store::{Kind, Scope},
};

/// Rows removed by one statement, so that none takes long.
const AT_ONCE: usize = 10_000;

/// What may be large, with columns that tell its rows apart.
const LARGE: [(&str, &str); 7] = [
    ("members", "grp, kind, member"),
    ("emails", "value, owner"),
    ("unique_values", "kind, attribute, value"),
    ("passwords", "\"user\""),
    ("resources", "\"row\""),
    ("tombstones", "rowid"),
    ("tombstone_groups", "grp, id"),
];

/// What is small, or is found by the tenant alone.
const SMALL: [&str; 7] = [
    "views",
    "tokens",
    "schemas",
    "blocks",
    "counts",
    "user_names",
    "group_names",
];

/// Deletes a tenant with everything it owns. Its row and its part of the log stay.
pub(super) fn delete_tenant(
    txn: &mut Txn<'_>,
    scope: &Scope,
    next: u64,
) -> Result<(), DirectoryError> {
    let tenant = scope.tenant.id;
    one(
        txn,
        "UPDATE tenants SET deleted = ?2 WHERE tenant = ?1 AND deleted IS NULL",
        params![tenant.0, scope.now.as_micros()],
    )?;
    let viewers: Vec<i64> = txn
        .conn
        .prepare_cached("SELECT DISTINCT application FROM views WHERE tenant = ?1")?
        .query_map(params![tenant.0], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for application in viewers {
        expire_view(txn, application, next)?;
    }
    // Groups first: memberships end with their group and need no entry each.
    log_ends(txn, scope, Kind::Group, ChangeKind::GroupDeleted)?;
    log_ends(txn, scope, Kind::User, ChangeKind::UserDeleted)?;
    for (table, key) in LARGE {
        clear(txn, tenant, table, key)?;
    }
    for table in SMALL {
        let sql = format!("DELETE FROM {table} WHERE tenant = ?1");
        txn.conn.prepare_cached(&sql)?.execute(params![tenant.0])?;
    }
    Ok(())
}

/// Logs that everything of a kind is deleted.
fn log_ends(
    txn: &mut Txn<'_>,
    scope: &Scope,
    kind: Kind,
    what: ChangeKind,
) -> Result<(), DirectoryError> {
    let conn = txn.conn;
    let tenant = scope.tenant.id;
    let mut statement = conn.prepare_cached(
        "SELECT r.id, r.name, r.body,
             (SELECT count(*) FROM members m WHERE m.tenant = r.tenant AND m.grp = r.row)
         FROM resources r WHERE r.tenant = ?1 AND r.kind = ?2 ORDER BY r.row",
    )?;
    let mut found = statement.stream(params![tenant.0, rows::kind_code(kind)])?;
    while let Some(row) = found.next()? {
        let (id, name, body): ([u8; 16], String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let members: i64 = row.get(3)?;
        let end = Entry {
            before: Some(body_digest(&body)),
            ..entry(scope, what, Uuid::from_bytes(id), &name)
        };
        txn.log_end(&end, usize::try_from(members).unwrap_or_default())?;
    }
    Ok(())
}

/// Removes the tenant's rows of a table.
fn clear(txn: &Txn<'_>, tenant: TenantId, table: &str, key: &str) -> Result<(), DirectoryError> {
    let sql = format!(
        "DELETE FROM {table} WHERE tenant = ?1 AND ({key}) IN
             (SELECT {key} FROM {table} WHERE tenant = ?1 LIMIT ?2)"
    );
    let most = int(AT_ONCE as u64);
    while txn
        .conn
        .prepare_cached(&sql)?
        .execute(params![tenant.0, most])?
        == AT_ONCE
    {}
    Ok(())
}
