//! Members as rows: every step is a point operation, whatever the size of the group.

use std::collections::HashMap;

use provost_scim::{ScimError, ScimType, member::MemberOp};
use uuid::Uuid;

use super::{
    db::{Optional as _, params},
    error::int,
    index,
    rows::{self, Raw, kind_code},
    txn::Txn,
    write::{entry, touch},
};
use crate::{
    DirectoryError,
    change::ChangeKind,
    id::{TenantId, UserId},
    log::Entry,
    members::{self, Known, Needs, Plan},
    store::{Kind, Scope},
};

/// The group that changes.
#[derive(Clone, Copy)]
pub(super) struct Group<'a> {
    pub(super) row: i64,
    pub(super) id: Uuid,
    pub(super) name: &'a str,
}

/// What a change did.
#[derive(Debug, Default)]
pub(super) struct Applied {
    /// Members that came or went.
    pub(super) effective: u64,
    /// Ids that name nothing in the tenant.
    pub(super) skipped: Vec<String>,
}

/// Adds the first members of a new group.
pub(super) fn add_all(
    txn: &mut Txn<'_>,
    scope: &Scope,
    group: &Group<'_>,
    ids: &[String],
) -> Result<Applied, DirectoryError> {
    if ids.is_empty() {
        return Ok(Applied::default());
    }
    apply(txn, scope, group, &[MemberOp::Add(ids.to_vec())])
}

/// Carries out member operations.
pub(super) fn apply(
    txn: &mut Txn<'_>,
    scope: &Scope,
    group: &Group<'_>,
    operations: &[MemberOp],
) -> Result<Applied, DirectoryError> {
    let tenant = scope.tenant.id;
    let known = known(txn, tenant, group, operations)?;
    let Plan { add, remove } = members::fold(operations, &known);
    let mut applied = Applied::default();
    let mut step = 0;
    for id in &remove {
        if remove_one(txn, scope, group, id)? {
            applied.effective += 1;
            step -= 1;
        }
    }
    for id in add {
        match add_one(txn, scope, group, &id)? {
            Some(true) => {
                applied.effective += 1;
                step += 1;
            }
            Some(false) => {}
            None => applied.skipped.push(id),
        }
    }
    if scope.tenant.settings.strict_members && !applied.skipped.is_empty() {
        return Err(unknown(&applied.skipped));
    }
    index::count_memberships(txn, tenant, step)?;
    Ok(applied)
}

fn unknown(ids: &[String]) -> DirectoryError {
    let named: Vec<_> = ids.iter().take(10).map(String::as_str).collect();
    let text = format!(
        "members: no user or group of this tenant has the id {}{}",
        named.join(", "),
        if ids.len() > named.len() { ", …" } else { "" }
    );
    ScimError::new(ScimType::InvalidValue, text).into()
}

/// What the operations must know about the members there are.
fn known(
    txn: &Txn<'_>,
    tenant: TenantId,
    group: &Group<'_>,
    operations: &[MemberOp],
) -> Result<Known, DirectoryError> {
    let needs = members::needs(operations);
    let mut known = Known::default();
    if needs >= Needs::Ids {
        known.ids = ids(txn, tenant, group.row)?;
    }
    if needs >= Needs::Members {
        let present = rows::members_of(txn.conn, tenant, group.row)?;
        known.members = present.into_iter().map(|m| (m.id.clone(), m)).collect();
        add_resolved(txn, tenant, operations, &mut known.members)?;
    }
    Ok(known)
}

fn ids(txn: &Txn<'_>, tenant: TenantId, group: i64) -> Result<Vec<String>, DirectoryError> {
    let mut statement = txn.conn.prepare_cached(
        "SELECT r.id FROM members m JOIN resources r ON r.row = m.member
         WHERE m.tenant = ?1 AND m.grp = ?2 ORDER BY m.kind, m.member",
    )?;
    let rows = statement.query_map(params![tenant.0, group], |row| {
        Ok(Uuid::from_bytes(row.get(0)?).to_string())
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn add_resolved(
    txn: &Txn<'_>,
    tenant: TenantId,
    operations: &[MemberOp],
    known: &mut HashMap<String, provost_scim::member::Member>,
) -> Result<(), DirectoryError> {
    let added = operations.iter().flat_map(|operation| match operation {
        MemberOp::Add(ids) => ids.as_slice(),
        MemberOp::Remove(_) | MemberOp::RemoveMatching(_) | MemberOp::Clear => &[],
    });
    for id in added {
        if let Some((row, _, _)) = locate(txn, tenant, id)? {
            known.insert(id.clone(), rows::as_member(txn.conn, row)?);
        }
    }
    Ok(())
}

fn locate(
    txn: &Txn<'_>,
    tenant: TenantId,
    id: &str,
) -> Result<Option<(i64, Kind, Uuid)>, DirectoryError> {
    let Some(id) = UserId::parse(id) else {
        return Ok(None);
    };
    let id = *id.as_uuid();
    let found = rows::locate(txn.conn, tenant, id)?;
    Ok(found.map(|(row, kind)| (row, kind, id)))
}

/// `None` when the id names nothing; otherwise whether the member is new.
fn add_one(
    txn: &mut Txn<'_>,
    scope: &Scope,
    group: &Group<'_>,
    id: &str,
) -> Result<Option<bool>, DirectoryError> {
    let tenant = scope.tenant.id;
    let Some((row, kind, member)) = locate(txn, tenant, id)? else {
        return Ok(None);
    };
    if kind == Kind::Group {
        refuse_cycle(txn, tenant, group, row, id)?;
    }
    let added = txn
        .conn
        .prepare_cached(
            "INSERT INTO members (tenant, grp, kind, member) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![tenant.0, group.row, kind_code(kind), row])?;
    if added > 0 {
        log(txn, scope, group, ChangeKind::MemberAdded, member)?;
    }
    Ok(Some(added > 0))
}

fn remove_one(
    txn: &mut Txn<'_>,
    scope: &Scope,
    group: &Group<'_>,
    id: &str,
) -> Result<bool, DirectoryError> {
    let Some((row, kind, member)) = locate(txn, scope.tenant.id, id)? else {
        return Ok(false);
    };
    let removed = take_out(txn, scope.tenant.id, group.row, kind, row)?;
    if removed {
        log(txn, scope, group, ChangeKind::MemberRemoved, member)?;
    }
    Ok(removed)
}

fn take_out(
    txn: &Txn<'_>,
    tenant: TenantId,
    group: i64,
    kind: Kind,
    member: i64,
) -> Result<bool, DirectoryError> {
    let removed = txn
        .conn
        .prepare_cached(
            "DELETE FROM members WHERE tenant = ?1 AND grp = ?2 AND kind = ?3 AND member = ?4",
        )?
        .execute(params![tenant.0, group, kind_code(kind), member])?;
    Ok(removed > 0)
}

fn log(
    txn: &mut Txn<'_>,
    scope: &Scope,
    group: &Group<'_>,
    kind: ChangeKind,
    member: Uuid,
) -> Result<(), DirectoryError> {
    txn.log(&Entry {
        member: Some(member),
        ..entry(scope, kind, group.id, group.name)
    })
}

/// A group must not contain itself, directly or through others.
fn refuse_cycle(
    txn: &Txn<'_>,
    tenant: TenantId,
    group: &Group<'_>,
    child: i64,
    id: &str,
) -> Result<(), DirectoryError> {
    txn.hold_nesting(tenant)?;
    let is_above = child == group.row
        || txn
            .conn
            .prepare_cached(
                "WITH RECURSIVE up (grp) AS (
                     SELECT grp FROM members WHERE tenant = ?1 AND member = ?2
                     UNION
                     SELECT m.grp FROM up CROSS JOIN members m ON m.tenant = ?1 AND m.member = up.grp
                 )
                 SELECT 1 FROM up WHERE grp = ?3",
            )?
            .query_row(params![tenant.0, group.row, child], |_| Ok(()))
            .optional()?
            .is_some();
    if is_above {
        let text = format!(
            "members: the group {id} contains this group, or is it; a group cannot contain itself"
        );
        return Err(ScimError::new(ScimType::InvalidValue, text).into());
    }
    Ok(())
}

/// Takes a resource out of every group it is in.
pub(super) fn leave_all(
    txn: &mut Txn<'_>,
    scope: &Scope,
    member: &Raw,
) -> Result<(), DirectoryError> {
    let tenant = scope.tenant.id;
    let groups: Vec<(i64, [u8; 16], String, i64)> = txn
        .conn
        .prepare_cached(
            "SELECT r.row, r.id, r.name, m.kind FROM members m JOIN resources r ON r.row = m.grp
             WHERE m.tenant = ?1 AND m.member = ?2 ORDER BY m.grp",
        )?
        .query_map(params![tenant.0, member.row], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .collect::<Result<_, _>>()?;
    for (row, id, name, kind) in &groups {
        take_out(txn, tenant, *row, rows::kind_of(*kind), member.row)?;
        touch(txn, scope, *row)?;
        let group = Group {
            row: *row,
            id: Uuid::from_bytes(*id),
            name,
        };
        log(txn, scope, &group, ChangeKind::MemberRemoved, member.id)?;
    }
    index::count_memberships(txn, tenant, -int(groups.len() as u64))
}

/// Removes the members of a group that goes; how many there were.
pub(super) fn empty(
    txn: &mut Txn<'_>,
    tenant: TenantId,
    group: i64,
) -> Result<usize, DirectoryError> {
    let removed = txn
        .conn
        .prepare_cached("DELETE FROM members WHERE tenant = ?1 AND grp = ?2")?
        .execute(params![tenant.0, group])?;
    index::count_memberships(txn, tenant, -int(removed as u64))?;
    Ok(removed)
}
