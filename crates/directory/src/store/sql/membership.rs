//! Members as rows: every step is a point operation, whatever the size of the group.

use std::collections::{HashMap, HashSet};

use provost_scim::{ScimError, ScimType, member::MemberOp};
use uuid::Uuid;

use super::{
    db::{self, Optional as _, Param, Value, params},
    error::int,
    index,
    rows::{self, Raw},
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
    let located = locate_all(txn, tenant, add.iter().chain(&remove))?;
    let gone = take_out(txn, tenant, group.row, &rows_of(&located, &remove))?;
    for id in &remove {
        if let Some((member, (row, _))) = find(&located, id)
            && gone.contains(&row)
        {
            log(txn, scope, group, ChangeKind::MemberRemoved, member)?;
        }
    }
    let come = put_in(txn, tenant, group, &located, &add)?;
    let mut applied = Applied {
        effective: (gone.len() + come.len()) as u64,
        skipped: Vec::new(),
    };
    for id in add {
        match find(&located, &id) {
            Some((member, (row, _))) if come.contains(&row) => {
                log(txn, scope, group, ChangeKind::MemberAdded, member)?;
            }
            Some(_) => {}
            None => applied.skipped.push(id),
        }
    }
    let step = int(come.len() as u64) - int(gone.len() as u64);
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
    let located = locate_all(txn, tenant, added.clone())?;
    for id in added {
        if let Some((_, (row, _))) = find(&located, id) {
            known.insert(id.clone(), rows::as_member(txn.conn, row)?);
        }
    }
    Ok(())
}

/// Rows and kinds of users and groups, by their ids.
type Located = HashMap<Uuid, (i64, Kind)>;

/// Those of the ids that name something.
fn locate_all<'i>(
    txn: &Txn<'_>,
    tenant: TenantId,
    ids: impl Iterator<Item = &'i String>,
) -> Result<Located, DirectoryError> {
    let ids: Vec<Uuid> = ids
        .filter_map(|id| Some(*UserId::parse(id)?.as_uuid()))
        .collect();
    rows::locate_all(txn.conn, tenant, &ids)
}

fn find(located: &Located, id: &str) -> Option<(Uuid, (i64, Kind))> {
    let id = *UserId::parse(id)?.as_uuid();
    Some((id, *located.get(&id)?))
}

fn rows_of(located: &Located, ids: &[String]) -> Vec<i64> {
    let rows = ids.iter().filter_map(|id| find(located, id));
    rows.map(|(_, (row, _))| row).collect()
}

/// Makes members of those that are none; their rows.
fn put_in(
    txn: &Txn<'_>,
    tenant: TenantId,
    group: &Group<'_>,
    located: &Located,
    ids: &[String],
) -> Result<HashSet<i64>, DirectoryError> {
    for id in ids {
        if let Some((_, (row, Kind::Group))) = find(located, id) {
            refuse_cycle(txn, tenant, group, row, id)?;
        }
    }
    each_changed(
        txn,
        params![tenant.0, group.row],
        &rows_of(located, ids),
        |places| {
            // With `+`, because SQLite would rather go through the whole tenant than look up a list.
            format!(
                "INSERT INTO members (tenant, grp, kind, member)
                 SELECT ?1, ?2, r.kind, r.row FROM resources r
                 WHERE +r.tenant = ?1 AND r.row IN ({places})
                 ON CONFLICT DO NOTHING RETURNING member"
            )
        },
    )
}

/// Takes members out; the rows of those that were members.
fn take_out(
    txn: &Txn<'_>,
    tenant: TenantId,
    group: i64,
    members: &[i64],
) -> Result<HashSet<i64>, DirectoryError> {
    each_changed(txn, params![tenant.0, group], members, |places| {
        format!(
            "DELETE FROM members WHERE tenant = ?1 AND grp = ?2 AND kind IN (0, 1)
             AND member IN ({places}) RETURNING member"
        )
    })
}

/// Runs a statement for each part of the rows; the rows that it says it changed.
fn each_changed(
    txn: &Txn<'_>,
    fixed: &[Value<'_>],
    rows: &[i64],
    sql: impl Fn(&str) -> String,
) -> Result<HashSet<i64>, DirectoryError> {
    let list: Vec<_> = rows.iter().map(Param::value).collect();
    let mut changed = HashSet::new();
    db::each_part(fixed, &list, |places, values| {
        let sql = sql(places);
        let mut statement = txn.conn.prepare_cached(&sql)?;
        for row in statement.query_map(values, |row| row.get::<i64>(0))? {
            changed.insert(row?);
        }
        Ok::<_, db::Error>(())
    })?;
    Ok(changed)
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
    let groups: Vec<(i64, [u8; 16], String)> = txn
        .conn
        .prepare_cached(
            "SELECT r.row, r.id, r.name FROM members m JOIN resources r ON r.row = m.grp
             WHERE m.tenant = ?1 AND m.member = ?2 ORDER BY m.grp",
        )?
        .query_map(params![tenant.0, member.row], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<Result<_, _>>()?;
    for (row, id, name) in &groups {
        take_out(txn, tenant, *row, &[member.row])?;
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
