//! Passwords of users: one row each, apart from the attributes, so that nothing that reads a user
//! can hand one out.

use uuid::Uuid;

use super::{
    db::{Conn, Optional as _, params},
    txn::Txn,
};
use crate::{DirectoryError, id::TenantId, password::PasswordHash};

/// The password of a user, and the tenant it is in.
pub(super) fn find(
    conn: &Conn,
    user: Uuid,
) -> Result<Option<(TenantId, PasswordHash)>, DirectoryError> {
    let found: Option<(i64, String)> = conn
        .prepare_cached("SELECT tenant, hash FROM passwords WHERE \"user\" = ?1")?
        .query_row(params![user.as_bytes()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    found
        .map(|(tenant, hash)| Ok((TenantId(tenant), PasswordHash::from_stored(&hash)?)))
        .transpose()
}

/// Sets or replaces the password of a user.
pub(super) fn set(
    txn: &Txn<'_>,
    tenant: TenantId,
    user: Uuid,
    password: &PasswordHash,
) -> Result<(), DirectoryError> {
    txn.conn
        .prepare_cached(
            "INSERT INTO passwords (tenant, \"user\", hash) VALUES (?1, ?2, ?3)
             ON CONFLICT (\"user\") DO UPDATE SET tenant = excluded.tenant, hash = excluded.hash",
        )?
        .execute(params![tenant.0, user.as_bytes(), password.to_stored()])?;
    Ok(())
}

/// Removes the password of a user, if there is one.
pub(super) fn remove(txn: &Txn<'_>, user: Uuid) -> Result<(), DirectoryError> {
    txn.conn
        .prepare_cached("DELETE FROM passwords WHERE \"user\" = ?1")?
        .execute(params![user.as_bytes()])?;
    Ok(())
}

/// Removes every password of a tenant.
pub(super) fn remove_all(txn: &Txn<'_>, tenant: TenantId) -> Result<(), DirectoryError> {
    txn.conn
        .prepare_cached("DELETE FROM passwords WHERE tenant = ?1")?
        .execute(params![tenant.0])?;
    Ok(())
}
