//! The end of a tenant. Other writes wait meanwhile, so it takes few statements, however much the
//! tenant owns.

use uuid::Uuid;

use super::{
    db::{Conn, params},
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

/// Rows removed by one statement on PostgreSQL, where statements have a deadline.
const AT_ONCE: usize = 100_000;

/// The tables that hold what a tenant owns.
const TABLES: [&str; 14] = [
    "members",
    "emails",
    "unique_values",
    "passwords",
    "resources",
    "tombstones",
    "tombstone_groups",
    "user_names",
    "group_names",
    "blocks",
    "counts",
    "views",
    "tokens",
    "schemas",
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
    for table in TABLES {
        clear(txn.conn, tenant, table)?;
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
fn clear(conn: &Conn, tenant: TenantId, table: &str) -> Result<(), DirectoryError> {
    if !conn.is_shared() {
        let sql = format!("DELETE FROM {table} WHERE tenant = ?1");
        conn.prepare_cached(&sql)?.execute(params![tenant.0])?;
        return Ok(());
    }
    let sql = format!(
        "DELETE FROM {table} WHERE ctid = ANY (ARRAY (
             SELECT ctid FROM {table} WHERE tenant = ?1 LIMIT {AT_ONCE}))"
    );
    while conn.prepare_cached(&sql)?.execute(params![tenant.0])? == AT_ONCE {}
    Ok(())
}
