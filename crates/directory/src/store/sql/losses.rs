//! What an application would lose with the changes that it has not fetched yet: the figures of
//! the mass-change brake.
//!
//! Entries that take nothing away are passed over, and the figures to compare with are counted
//! only when enough people are concerned, so that a look costs next to nothing.

use std::collections::{HashMap, HashSet};

use provost_scim::text::fold;
use uuid::Uuid;

use super::{
    db::{Optional as _, params},
    error::{damaged, int, uint},
    lens::{GroupRow, Lens, Place, group_by_id},
    list,
    since::Living,
    views,
};
use crate::{
    DirectoryError,
    brake::{Loss, Lost},
    change::ChangeKind,
    id::TenantId,
    store::Kind,
};

/// How far the application has the changes, as far as the brake counts; `None` while it never
/// asked for any.
pub(super) fn baseline(lens: &Lens<'_>) -> Result<Option<u64>, DirectoryError> {
    let read = lens
        .conn
        .prepare_cached("SELECT number FROM synchronisations WHERE application = ?1")?
        .query_row(params![lens.seen.application.0], |row| row.get(0).map(uint))
        .optional()?;
    Ok(read.map(|number: u64| number.max(lens.seen.released)))
}

/// What would be lost, if the brake holds it.
pub(super) fn held(lens: &Lens<'_>) -> Result<Option<Lost>, DirectoryError> {
    let brake = lens.settings().brake;
    let Some(from) = baseline(lens)?.filter(|_| brake.share.is_some()) else {
        return Ok(None);
    };
    let lost = since(lens, from, brake.least)?;
    Ok(lost.loss.is_held_by(brake).then_some(lost))
}

/// Refuses a full listing of a view that is held.
pub(super) fn gate(lens: &Lens<'_>) -> Result<(), DirectoryError> {
    match held(lens)? {
        Some(lost) => Err(DirectoryError::Held(lost.loss)),
        None => Ok(()),
    }
}

/// What entries took away.
#[derive(Default)]
struct Taken {
    created: HashSet<Uuid>,
    /// Tenant, last name, and whether the user was deactivated in the entries themselves.
    users: HashMap<Uuid, (TenantId, String, bool)>,
    pairs: HashSet<(TenantId, Uuid, Uuid)>,
    /// Tenant, number, id and name.
    groups: Vec<(TenantId, u64, Uuid, String)>,
}

fn read(lens: &Lens<'_>, from: u64) -> Result<Taken, DirectoryError> {
    use ChangeKind as K;
    let mut taken = Taken::default();
    let mut statement = lens.conn.prepare_cached(
        "SELECT kind, tenant, number, object, name, member FROM changes
         WHERE number > ?1 AND kind IN (1, 3, 4, 9, 11, 12) ORDER BY number",
    )?;
    let mut rows = statement.stream(params![int(from)])?;
    while let Some(row) = rows.next()? {
        let tenant = TenantId(row.get(1)?);
        if !lens.sees(tenant) {
            continue;
        }
        let kind = ChangeKind::from_code(row.get(0)?)
            .ok_or_else(|| damaged("the change log holds an unknown kind"))?;
        let object = Uuid::from_bytes(row.get(3)?);
        match kind {
            K::UserCreated => {
                taken.created.insert(object);
            }
            K::MemberRemoved => {
                let member: Option<[u8; 16]> = row.get(5)?;
                let pair = member.map(|id| (tenant, object, Uuid::from_bytes(id)));
                taken.pairs.extend(pair);
            }
            K::GroupDeleted => {
                let number = uint(row.get(2)?);
                taken.groups.push((tenant, number, object, row.get(4)?));
            }
            kind => {
                let was_active = kind != K::UserDeleted;
                let name: String = row.get(4)?;
                let entry = taken.users.entry(object);
                let user = entry.or_insert((tenant, String::new(), was_active));
                // The last name counts: somebody may be renamed after he was deactivated.
                user.1 = name;
                user.2 |= was_active;
            }
        }
    }
    taken.users.retain(|id, _| !taken.created.contains(id));
    taken
        .pairs
        .retain(|(_, _, member)| !taken.created.contains(member));
    Ok(taken)
}

/// What was lost after a number. Shares are counted if at least `least` people lose something.
pub(super) fn since(lens: &Lens<'_>, from: u64, least: u64) -> Result<Lost, DirectoryError> {
    let taken = read(lens, from)?;
    let mut lost = Lost::default();
    let mut people: HashSet<Uuid> = HashSet::new();
    let mut users: HashSet<Uuid> = HashSet::new();
    for (id, (tenant, name, was_active)) in &taken.users {
        if lost_user(lens, &mut lost, *id, (*tenant, name, *was_active))? {
            users.insert(*id);
        }
    }
    // People behind a group that went, who are not known one by one.
    let mut behind = 0;
    for pair in &taken.pairs {
        behind += lost_pair(lens, &mut lost, *pair, &mut people, &mut users)?;
    }
    for (_, number, id, name) in &taken.groups {
        let key = fold(lens.known_as(id, name)).into_owned();
        if lens.settings().names_group(&key) {
            let members = members_at_end(lens, *number)?;
            lost.loss.groups += 1;
            lost.loss.memberships += members;
            behind += members;
        }
    }
    lost.loss.users = users.len() as u64;
    people.extend(users);
    lost.loss.people = people.len() as u64 + behind;
    if lost.loss.people >= least {
        compare(lens, &mut lost.loss, &taken.created)?;
    }
    Ok(lost)
}

/// Whether the application loses this user.
fn lost_user(
    lens: &Lens<'_>,
    lost: &mut Lost,
    id: Uuid,
    (tenant, name, was_active): (TenantId, &str, bool),
) -> Result<bool, DirectoryError> {
    let Some(user) = lens.user_by_id(id)? else {
        return Ok(true);
    };
    let (is_active, was_active) = match user.place {
        Place::Living(row) => (is_active(lens, row)?, was_active),
        // A tombstone keeps what was said last.
        Place::Gone(_) => {
            let resource = lens.load_person(&user)?.resource;
            (false, was_active || resource.is_active())
        }
    };
    if is_active
        || !was_active
        || !lens.has_in_scope(&user)?
        || !lens.owns_name(tenant, id, name)?
    {
        return Ok(false);
    }
    match user.place {
        Place::Living(_) => lost.inactive.insert((tenant, id)),
        Place::Gone(_) => lost.deleted.insert((tenant, id)),
    };
    Ok(true)
}

fn is_active(lens: &Lens<'_>, row: i64) -> Result<bool, DirectoryError> {
    let active = lens
        .conn
        .prepare_cached("SELECT active FROM resources WHERE row = ?1")?
        .query_row(params![row], |row| row.get::<Option<bool>>(0))?;
    Ok(active.unwrap_or(true))
}

/// Counts a membership that went; returns how many people are behind it that are not known one
/// by one.
fn lost_pair(
    lens: &Lens<'_>,
    lost: &mut Lost,
    (tenant, group, member): (TenantId, Uuid, Uuid),
    people: &mut HashSet<Uuid>,
    users: &mut HashSet<Uuid>,
) -> Result<u64, DirectoryError> {
    let group_row = group_by_id(lens.conn, group)?;
    if let Some(group) = &group_row
        && !lens.in_scope(group)?
    {
        return Ok(0);
    }
    let Some(living) = Living::find(lens, member)? else {
        // A group that went has an entry of its own.
        if lens.user_by_id(member)?.is_some() || users.contains(&member) {
            lost.loss.memberships += 1;
            people.insert(member);
            lost.pairs.insert((tenant, group, member));
        }
        return Ok(0);
    };
    if let Some(group) = &group_row
        && living.is_in(lens, group)?
    {
        return Ok(0);
    }
    if group_row.is_some() {
        lost.pairs.insert((tenant, group, member));
    }
    match living.kind {
        Kind::User => {
            lost.loss.memberships += 1;
            people.insert(member);
            if !lens.user_in_scope(tenant, living.row)? && is_active(lens, living.row)? {
                users.insert(member);
            }
            Ok(0)
        }
        Kind::Group => {
            let mut behind = 0;
            for group in lens.below(living.group())? {
                behind += users_in(lens, &group)?;
            }
            lost.loss.memberships += behind;
            Ok(behind)
        }
    }
}

fn users_in(lens: &Lens<'_>, group: &GroupRow) -> Result<u64, DirectoryError> {
    Ok(lens
        .conn
        .prepare_cached("SELECT count(*) FROM members WHERE tenant = ?1 AND grp = ?2 AND kind = 0")?
        .query_row(params![group.tenant.0, group.row], |row| {
            row.get(0).map(uint)
        })?)
}

fn members_at_end(lens: &Lens<'_>, number: u64) -> Result<u64, DirectoryError> {
    let members = lens
        .conn
        .prepare_cached("SELECT members FROM group_ends WHERE number = ?1")?
        .query_row(params![int(number)], |row| row.get(0).map(uint))
        .optional()?;
    Ok(members.unwrap_or(0))
}

/// What there was: what is there now, with what was lost and without what came.
fn compare(
    lens: &Lens<'_>,
    loss: &mut Loss,
    created: &HashSet<Uuid>,
) -> Result<(), DirectoryError> {
    let mut came = 0;
    for id in created {
        if let Some(living) = Living::find(lens, *id)?
            && is_active(lens, living.row)?
        {
            came += 1;
        }
    }
    let present = active_users(lens)?.saturating_sub(came);
    loss.of_users = present + loss.users;
    loss.of_memberships = memberships(lens)? + loss.memberships;
    Ok(())
}

fn active_users(lens: &Lens<'_>) -> Result<u64, DirectoryError> {
    let mut users = 0;
    for tenant in lens.tenants() {
        let mut statement = lens.conn.prepare_cached(
            "SELECT row FROM resources INDEXED BY resources_in_order
             WHERE tenant = ?1 AND kind = 0 AND active IS DISTINCT FROM 0",
        )?;
        let mut rows = statement.stream(params![tenant.0])?;
        while let Some(row) = rows.next()? {
            users += u64::from(lens.user_in_scope(*tenant, row.get(0)?)?);
        }
    }
    Ok(users)
}

fn memberships(lens: &Lens<'_>) -> Result<u64, DirectoryError> {
    let mut memberships = 0;
    if !lens.settings().is_filtered() {
        for tenant in lens.tenants() {
            memberships += list::counts(lens.conn, *tenant)?.memberships;
        }
        return Ok(memberships);
    }
    views::each_scoped_group(lens, |group| {
        memberships += users_in(lens, group)?;
        Ok(())
    })?;
    Ok(memberships)
}
