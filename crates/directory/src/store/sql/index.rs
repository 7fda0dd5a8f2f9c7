//! What is kept beside the rows so that look-ups and totals cost little: counts, blocks, e-mails.

use std::collections::BTreeSet;

use provost_scim::{Resource, text::fold};

use super::{
    db::{self, Conn, params},
    rows::kind_code,
    txn::Txn,
};
use crate::{DirectoryError, id::TenantId, store::Kind};

/// Row numbers in one block, as a power of two.
pub(super) const BLOCK_BITS: u32 = 10;

/// Counts a row in (`1`) or out (`-1`).
pub(super) fn count(
    txn: &mut Txn<'_>,
    tenant: TenantId,
    kind: Kind,
    row: i64,
    step: i64,
) -> Result<(), DirectoryError> {
    let (users, groups) = match kind {
        Kind::User => (step, 0),
        Kind::Group => (0, step),
    };
    let block = Step::Block {
        tenant,
        kind,
        block: row >> BLOCK_BITS,
    };
    txn.count(block, [step, 0, 0])?;
    txn.count(Step::Tenant(tenant), [users, groups, 0])
}

/// Counts memberships in or out.
pub(super) fn count_memberships(
    txn: &mut Txn<'_>,
    tenant: TenantId,
    step: i64,
) -> Result<(), DirectoryError> {
    match step {
        0 => Ok(()),
        step => txn.count(Step::Tenant(tenant), [0, 0, step]),
    }
}

/// A number that grows and shrinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Users, groups and memberships of a tenant.
    Tenant(TenantId),
    /// Living rows of a block.
    Block {
        tenant: TenantId,
        kind: Kind,
        block: i64,
    },
}

/// Writes a step. Where several connections write, each has rows of its own, so that none waits
/// for another one's.
pub(super) fn write_step(conn: &Conn, step: Step, by: [i64; 3]) -> db::Result<()> {
    let [first, second, third] = by;
    match step {
        Step::Tenant(tenant) => conn
            .prepare_cached(conn.either(
                "UPDATE counts SET users = users + ?2, groups = groups + ?3,
                     memberships = memberships + ?4
                 WHERE tenant = ?1",
                "INSERT INTO counts (tenant, users, groups, memberships) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (tenant, slot) DO UPDATE SET users = counts.users + excluded.users,
                     groups = counts.groups + excluded.groups,
                     memberships = counts.memberships + excluded.memberships",
            ))?
            .post(params![tenant.0, first, second, third]),
        Step::Block {
            tenant,
            kind,
            block,
        } => conn
            .prepare_cached(conn.either(
                "INSERT INTO blocks (tenant, kind, block, live) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (tenant, kind, block) DO UPDATE SET live = blocks.live + ?4",
                "INSERT INTO blocks (tenant, kind, block, live) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (tenant, kind, block, slot)
                 DO UPDATE SET live = blocks.live + excluded.live",
            ))?
            .post(params![tenant.0, kind_code(kind), block, first]),
    }
}

fn emails(resource: &Resource) -> BTreeSet<String> {
    resource
        .values("emails")
        .map(|mail| fold(mail).into_owned())
        .collect()
}

/// Makes a new user's e-mails findable.
pub(super) fn add_emails(
    conn: &Conn,
    tenant: TenantId,
    row: i64,
    resource: &Resource,
) -> Result<(), DirectoryError> {
    write(conn, tenant, row, &emails(resource), true)
}

/// Follows a change.
pub(super) fn change_emails(
    conn: &Conn,
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
    conn: &Conn,
    tenant: TenantId,
    row: i64,
    resource: &Resource,
) -> Result<(), DirectoryError> {
    write(conn, tenant, row, &emails(resource), false)
}

fn write<'a>(
    conn: &Conn,
    tenant: TenantId,
    row: i64,
    values: impl IntoIterator<Item = &'a String>,
    add: bool,
) -> Result<(), DirectoryError> {
    let sql = if add {
        "INSERT INTO emails (tenant, value, owner) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"
    } else {
        "DELETE FROM emails WHERE tenant = ?1 AND value = ?2 AND owner = ?3"
    };
    for value in values {
        conn.prepare_cached(sql)?
            .post(params![tenant.0, value, row])?;
    }
    Ok(())
}
