//! What happened since a number, read in one transaction.

use std::collections::BTreeSet;

use provost_scim::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{log, rows, txn::read_head, views};
use crate::{
    DirectoryError,
    coalesce::{Pair, PairState, Present, Touch, Touched, assemble},
    id::TenantId,
    store::{Followed, Kind},
};

/// Most entries that are coalesced; a reader further behind is better off starting afresh.
const MOST_ENTRIES: usize = 10_000;
/// Most entries that are read to find those of the view.
const MOST_READ: usize = 50_000;

/// Reads and coalesces.
pub(super) fn follow(
    conn: &Connection,
    seen: &[TenantId],
    number: u64,
    not_before: Timestamp,
) -> Result<Followed, DirectoryError> {
    let head = read_head(conn)?;
    if number > head.number {
        return Ok(Followed::Expired);
    }
    let Some(touched) = read(conn, seen, number, not_before)? else {
        return Ok(Followed::Expired);
    };
    if seen.len() > 1 && is_contested(conn, seen, &touched)? {
        return Ok(Followed::Expired);
    }
    Ok(match present(conn, seen, &touched)? {
        Some(present) => Followed::Events(assemble(&touched, present), head),
        None => Followed::Expired,
    })
}

/// What the entries are about; `None` when the reader must start afresh.
fn read(
    conn: &Connection,
    seen: &[TenantId],
    number: u64,
    not_before: Timestamp,
) -> Result<Option<Touched>, DirectoryError> {
    let mut touched = Touched::default();
    let (mut read, mut own, mut is_fit) = (0_usize, 0_usize, true);
    log::each_after(conn, number, MOST_READ + 1, |logged| {
        read += 1;
        is_fit = read <= MOST_READ && (read > 1 || logged.at >= not_before);
        if is_fit && seen.contains(&logged.tenant) {
            own += 1;
            is_fit = own <= MOST_ENTRIES
                && touched.add(
                    logged.tenant,
                    logged.kind,
                    logged.object,
                    &logged.name,
                    logged.member,
                );
        }
        Ok(is_fit)
    })?;
    Ok(is_fit.then_some(touched))
}

/// Whether a name came or went that another tenant of the view has too: then another person or
/// group may have come into sight or gone out of it, with memberships that have no entries.
fn is_contested(
    conn: &Connection,
    seen: &[TenantId],
    touched: &Touched,
) -> Result<bool, DirectoryError> {
    let users = touched
        .users
        .iter()
        .map(|(key, touch)| (Kind::User, key, touch));
    let groups = touched
        .groups
        .iter()
        .map(|(key, touch)| (Kind::Group, key, touch));
    for (kind, key, Touch { moved, .. }) in users.chain(groups) {
        if moved.is_empty() {
            continue;
        }
        let mut owners: BTreeSet<TenantId> = moved.clone();
        for tenant in seen {
            let has = views::named(conn, *tenant, kind, key)?.is_some()
                || (kind == Kind::User && views::tombstone(conn, *tenant, key)?.is_some());
            if has {
                owners.insert(*tenant);
            }
        }
        if owners.len() > 1 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is there now of everything touched; `None` when a name cannot be told any more.
fn present(
    conn: &Connection,
    seen: &[TenantId],
    touched: &Touched,
) -> Result<Option<Present>, DirectoryError> {
    let mut present = Present::default();
    for key in touched.users.keys() {
        if let Some(person) = views::person_named(conn, seen, key)? {
            present.users.insert(key.clone(), person);
        }
    }
    for key in touched.groups.keys() {
        if let Some(group) = views::group_named(conn, seen, key)? {
            present.groups.insert(key.clone(), group);
        }
    }
    for pair in &touched.pairs {
        match pair_state(conn, seen, touched, pair)? {
            Told::State(state) => present.pairs.push(state),
            Told::Nothing => {}
            Told::Unknown => return Ok(None),
        }
    }
    Ok(Some(present))
}

enum Told {
    State(PairState),
    /// The end of one side says it all, or the view does not show it.
    Nothing,
    /// The member is gone and the log read does not say what it was called.
    Unknown,
}

/// Tenant, row and name of a living resource.
type Living = (TenantId, i64, Kind, String);

fn living(conn: &Connection, id: uuid::Uuid) -> Result<Option<Living>, DirectoryError> {
    Ok(conn
        .prepare_cached("SELECT tenant, row, kind, name FROM resources WHERE id = ?1")?
        .query_row([id.as_bytes()], |row| {
            let kind = rows::kind_of(row.get(2)?);
            Ok((TenantId(row.get(0)?), row.get(1)?, kind, row.get(3)?))
        })
        .optional()?)
}

fn pair_state(
    conn: &Connection,
    seen: &[TenantId],
    touched: &Touched,
    (group, member): &Pair,
) -> Result<Told, DirectoryError> {
    let Some((tenant, group_row, _, group)) = living(conn, *group)? else {
        return Ok(Told::Nothing);
    };
    if !views::is_shown(conn, seen, tenant, Kind::Group, &group)? {
        return Ok(Told::Nothing);
    }
    let Some((_, row, kind, member)) = living(conn, *member)? else {
        return Ok(match touched.gone.get(member) {
            Some((Kind::User, name)) => Told::State(PairState {
                group,
                kind: Kind::User,
                member: name.clone(),
                is_in: false,
            }),
            Some((Kind::Group, _)) => Told::Nothing,
            None => Told::Unknown,
        });
    };
    if !views::is_shown(conn, seen, tenant, kind, &member)? {
        return Ok(Told::Nothing);
    }
    let is_in = conn
        .prepare_cached(
            "SELECT 1 FROM members WHERE tenant = ?1 AND grp = ?2 AND kind = ?3 AND member = ?4",
        )?
        .exists(params![tenant.0, group_row, rows::kind_code(kind), row])?;
    Ok(Told::State(PairState {
        group,
        kind,
        member,
        is_in,
    }))
}
