//! What is kept beside the rows so that look-ups and totals cost little: counts, blocks, e-mails.

use std::collections::BTreeSet;

use provost_scim::{Resource, text::fold};
use rusqlite::{Connection, params};

use super::rows::kind_code;
use crate::{DirectoryError, id::TenantId, store::Kind};

/// Row numbers in one block, as a power of two.
pub(super) const BLOCK_BITS: u32 = 10;

/// Counts a row in (`1`) or out (`-1`).
pub(super) fn count(
    conn: &Connection,
    tenant: TenantId,
    kind: Kind,
    row: i64,
    step: i64,
) -> Result<(), DirectoryError> {
    conn.prepare_cached(
        "INSERT INTO blocks (tenant, kind, block, live) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (tenant, kind, block) DO UPDATE SET live = live + ?4",
    )?
    .execute(params![tenant.0, kind_code(kind), row >> BLOCK_BITS, step])?;
    let sql = match kind {
        Kind::User => "UPDATE counts SET users = users + ?2 WHERE tenant = ?1",
        Kind::Group => "UPDATE counts SET groups = groups + ?2 WHERE tenant = ?1",
    };
    conn.prepare_cached(sql)?.execute(params![tenant.0, step])?;
    Ok(())
}

/// Counts memberships in or out.
pub(super) fn count_memberships(
    conn: &Connection,
    tenant: TenantId,
    step: i64,
) -> Result<(), DirectoryError> {
    if step != 0 {
        conn.prepare_cached("UPDATE counts SET memberships = memberships + ?2 WHERE tenant = ?1")?
            .execute(params![tenant.0, step])?;
    }
    Ok(())
}

fn emails(resource: &Resource) -> BTreeSet<String> {
    resource
        .values("emails")
        .map(|mail| fold(mail).into_owned())
        .collect()
}

/// Makes a new user's e-mails findable.
pub(super) fn add_emails(
    conn: &Connection,
    tenant: TenantId,
    row: i64,
    resource: &Resource,
) -> Result<(), DirectoryError> {
    write(conn, tenant, row, &emails(resource), true)
}

/// Follows a change.
pub(super) fn change_emails(
    conn: &Connection,
    tenant: TenantId,
    row: i64,
    before: &Resource,
    after: &Resource,
) -> Result<(), DirectoryError> {
    let (old, new) = (emails(before), emails(after));
    write(conn, tenant, row, old.difference(&new), false)?;
    write(conn, tenant, row, new.difference(&old), true)
}

/// Forgets a user's e-mails.
pub(super) fn remove_emails(
    conn: &Connection,
    tenant: TenantId,
    row: i64,
    resource: &Resource,
) -> Result<(), DirectoryError> {
    write(conn, tenant, row, &emails(resource), false)
}

fn write<'a>(
    conn: &Connection,
    tenant: TenantId,
    row: i64,
    values: impl IntoIterator<Item = &'a String>,
    add: bool,
) -> Result<(), DirectoryError> {
    let sql = if add {
        "INSERT OR IGNORE INTO emails (tenant, value, owner) VALUES (?1, ?2, ?3)"
    } else {
        "DELETE FROM emails WHERE tenant = ?1 AND value = ?2 AND owner = ?3"
    };
    for value in values {
        conn.prepare_cached(sql)?
            .execute(params![tenant.0, value, row])?;
    }
    Ok(())
}
