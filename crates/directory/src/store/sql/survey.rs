//! What administrators ask about a view. Reads everything; not for the path of applications.

use std::collections::HashMap;

use provost_scim::{Timestamp, text::fold};
use uuid::Uuid;

use super::{
    db::{Conn, Optional as _, params},
    error::{int, uint},
    lens::{GroupRow, Lens, group_by_id},
    losses,
    txn::read_head,
    views,
};
use crate::{
    DirectoryError,
    brake::Lost,
    change::Position,
    figures::Veiled,
    id::GroupId,
    view::MembershipItem,
    view_report::{Difference, Hidden, KeptName, Preview, Sample, Standing, Survey},
};

/// What the view shows and hides.
pub(super) fn survey(lens: &Lens<'_>) -> Result<Survey, DirectoryError> {
    let mut survey = Survey::default();
    views::each_person(lens, &mut |person| {
        survey.inactive += u64::from(!person.active);
        survey.without_email += u64::from(person.derived.contains(&"email"));
        survey.users.push(person.name);
        true
    })?;
    views::each_membership(lens, &mut |item| {
        match item {
            MembershipItem::Group(name) => survey.groups.push(name),
            MembershipItem::User(_) | MembershipItem::Child(_) => survey.memberships += 1,
        }
        true
    })?;
    survey.hidden_users = hidden_users(lens)?;
    survey.hidden_groups = hidden_groups(lens)?;
    survey.kept_names = kept_names(lens)?;
    Ok(survey)
}

fn slug(lens: &Lens<'_>, tenant: crate::id::TenantId) -> Result<String, DirectoryError> {
    Ok(lens
        .conn
        .prepare_cached("SELECT slug FROM tenants WHERE tenant = ?1")?
        .query_row(params![tenant.0], |row| row.get(0))?)
}

fn hidden_users(lens: &Lens<'_>) -> Result<Sample<Hidden>, DirectoryError> {
    let mut hidden = Sample::default();
    if lens.tenants().len() == 1 && !lens.settings().renames_users() {
        return Ok(hidden);
    }
    lens.find_hidden()?;
    for tenant in lens.tenants() {
        let slug = slug(lens, *tenant)?;
        let mut statement = lens.conn.prepare_cached(
            "SELECT row, id, name FROM resources INDEXED BY resources_in_order
             WHERE tenant = ?1 AND kind = 0 ORDER BY row",
        )?;
        let mut found = statement.stream(params![tenant.0])?;
        while let Some(row) = found.next()? {
            let (number, id) = (row.get(0)?, Uuid::from_bytes(row.get(1)?));
            let name: String = row.get(2)?;
            if lens.user_in_scope(*tenant, number)?
                && !lens.living_owns_name(*tenant, number, id, &name)?
            {
                hidden.push(Hidden {
                    tenant: slug.clone(),
                    wanted: lens.settings().user_name(&name),
                    name,
                });
            }
        }
    }
    Ok(hidden)
}

fn hidden_groups(lens: &Lens<'_>) -> Result<Sample<Hidden>, DirectoryError> {
    let mut hidden = Sample::default();
    for tenant in lens.tenants() {
        let slug = slug(lens, *tenant)?;
        let mut statement = lens.conn.prepare_cached(
            "SELECT tenant, row, id, name FROM resources INDEXED BY resources_in_order
             WHERE tenant = ?1 AND kind = 1 ORDER BY row",
        )?;
        let mut found = statement.stream(params![tenant.0])?;
        while let Some(row) = found.next()? {
            let group = GroupRow::read(&row)?;
            let key = fold(lens.known_as(&group.id, &group.name)).into_owned();
            if lens.settings().names_group(&key) && !lens.owns(&group)? {
                hidden.push(Hidden {
                    tenant: slug.clone(),
                    wanted: lens.group_name(&group),
                    name: group.name,
                });
            }
        }
    }
    Ok(hidden)
}

fn kept_names(lens: &Lens<'_>) -> Result<Vec<KeptName>, DirectoryError> {
    let ids: Vec<[u8; 16]> = lens
        .conn
        .prepare_cached("SELECT id FROM group_names WHERE application = ?1 ORDER BY name")?
        .query_map(params![lens.seen.application.0], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut kept = Vec::new();
    for id in ids {
        let Some(group) = group_by_id(lens.conn, Uuid::from_bytes(id))? else {
            continue;
        };
        let shown = lens.known_as(&group.id, &group.name);
        if shown != group.name {
            kept.push(KeptName {
                group: GroupId::from_uuid(group.id),
                shown: shown.to_owned(),
                members: members(lens, &group)?,
                current: group.name,
            });
        }
    }
    Ok(kept)
}

fn members(lens: &Lens<'_>, group: &GroupRow) -> Result<u64, DirectoryError> {
    Ok(lens
        .conn
        .prepare_cached("SELECT count(*) FROM members WHERE tenant = ?1 AND grp = ?2")?
        .query_row(params![group.tenant.0, group.row], |row| {
            row.get(0).map(uint)
        })?)
}

/// What is seen, by what stays the same when it gets another name.
#[derive(Default)]
struct Everything {
    users: HashMap<Uuid, (String, bool)>,
    groups: HashMap<Uuid, (String, u64)>,
    memberships: u64,
}

fn everything(lens: &Lens<'_>) -> Result<Everything, DirectoryError> {
    let mut all = Everything::default();
    views::each_person(lens, &mut |person| {
        let id = *person.key.as_uuid();
        all.users.insert(id, (person.name, person.active));
        true
    })?;
    views::each_group(lens, |group, _| {
        all.groups.insert(group.id, (lens.group_name(group), 0));
        Ok(true)
    })?;
    let mut sizes: HashMap<String, u64> = HashMap::new();
    let mut current = String::new();
    views::each_membership(lens, &mut |item| {
        match item {
            MembershipItem::Group(name) => current = name,
            MembershipItem::User(_) | MembershipItem::Child(_) => {
                all.memberships += 1;
                match sizes.get_mut(&current) {
                    Some(size) => *size += 1,
                    None => drop(sizes.insert(current.clone(), 1)),
                }
            }
        }
        true
    })?;
    for (name, size) in all.groups.values_mut() {
        *size = sizes.get(name).copied().unwrap_or(0);
    }
    Ok(all)
}

fn difference<T: PartialEq>(
    old: &HashMap<Uuid, (String, T)>,
    new: &HashMap<Uuid, (String, T)>,
) -> Difference {
    let mut difference = Difference::default();
    let mut ids: Vec<_> = old.iter().collect();
    ids.sort_by(|(_, (a, _)), (_, (b, _))| a.cmp(b));
    for (id, (name, facts)) in ids {
        match new.get(id) {
            None => difference.vanish.push(name.clone()),
            Some((other, facts_then)) => {
                if other != name {
                    let names = (name.clone(), other.clone());
                    difference.renamed.push(names);
                }
                if facts != facts_then {
                    difference.changed.push(name.clone());
                }
            }
        }
    }
    let mut names: Vec<_> = new
        .iter()
        .filter(|(id, _)| !old.contains_key(*id))
        .map(|(_, (name, _))| name)
        .collect();
    names.sort();
    for name in names {
        difference.appear.push(name.clone());
    }
    difference
}

/// What would change for the application if the view became another one.
pub(super) fn preview(now: &Lens<'_>, then: &Lens<'_>) -> Result<Preview, DirectoryError> {
    let (old, new) = (everything(now)?, everything(then)?);
    Ok(Preview {
        users: difference(&old.users, &new.users),
        groups: difference(&old.groups, &new.groups),
        memberships: (old.memberships, new.memberships),
    })
}

/// Where the application stands, and what it would lose.
pub(super) fn standing(lens: &Lens<'_>) -> Result<(Standing, Lost), DirectoryError> {
    let head = read_head(lens.conn)?;
    let read = lens
        .conn
        .prepare_cached("SELECT number, at, full_at FROM synchronisations WHERE application = ?1")?
        .query_row(params![lens.seen.application.0], |row| {
            Ok((
                uint(row.get(0)?),
                Timestamp::from_micros(row.get(1)?),
                row.get::<Option<i64>>(2)?.map(Timestamp::from_micros),
            ))
        })
        .optional()?;
    let lost = match losses::baseline(lens)? {
        Some(from) => losses::since(lens, from, 1)?,
        None => Lost::default(),
    };
    let number = read.map(|(number, _, _)| number);
    let (lag_changes, lag_since) = lag(lens, number.unwrap_or(0))?;
    let standing = Standing {
        last_synchronisation: read.map(|(_, at, _)| at),
        last_full_synchronisation: read.and_then(|(_, _, at)| at),
        position: number,
        head: head.position(),
        lag_changes,
        lag_since,
        loss: lost.loss,
        is_held: lost.loss.is_held_by(lens.settings().brake),
    };
    Ok((standing, lost))
}

/// Changes after a number, and when the first of them was made.
fn lag(lens: &Lens<'_>, number: u64) -> Result<(u64, Option<Timestamp>), DirectoryError> {
    let (mut changes, mut first) = (0, None);
    let mut statement = lens
        .conn
        .prepare_cached("SELECT tenant, at FROM changes WHERE number > ?1 ORDER BY number")?;
    let mut found = statement.stream(params![int(number)])?;
    while let Some(row) = found.next()? {
        if lens.sees(crate::id::TenantId(row.get(0)?)) {
            changes += 1;
            if first.is_none() {
                first = Some(Timestamp::from_micros(row.get(1)?));
            }
        }
    }
    Ok((changes, first))
}

/// How much the view keeps from its application.
pub(super) fn veiled(lens: &Lens<'_>) -> Result<Veiled, DirectoryError> {
    Ok(Veiled {
        kept_group_names: kept_names(lens)?.len() as u64,
        hidden_users: hidden_users(lens)?.total,
        hidden_groups: hidden_groups(lens)?.total,
    })
}

/// Notes how far an application has read.
pub(super) fn note(
    conn: &Conn,
    application: crate::id::ApplicationId,
    number: u64,
    at: Timestamp,
    listing: Option<Position>,
) -> Result<(), DirectoryError> {
    conn.prepare_cached(
        "INSERT INTO synchronisations (application, number, at, full_at, full_epoch, full_number)
         SELECT application, ?2, ?3, ?4, ?5, ?6 FROM applications WHERE application = ?1
         ON CONFLICT (application) DO UPDATE SET
             number = max(synchronisations.number, excluded.number),
             at = max(synchronisations.at, excluded.at),
             full_at = coalesce(excluded.full_at, synchronisations.full_at),
             full_epoch = coalesce(excluded.full_epoch, synchronisations.full_epoch),
             full_number = coalesce(excluded.full_number, synchronisations.full_number)",
    )?
    .execute(params![
        application.0,
        int(number),
        at.as_micros(),
        listing.map(|_| at.as_micros()),
        listing.map(|start| int(start.epoch)),
        listing.map(|start| int(start.number)),
    ])?;
    Ok(())
}

/// Where an application last began to list everything.
pub(super) fn last_listing(
    conn: &Conn,
    application: crate::id::ApplicationId,
) -> Result<Option<Position>, DirectoryError> {
    let start = conn
        .prepare_cached(
            "SELECT full_epoch, full_number FROM synchronisations
             WHERE application = ?1 AND full_epoch IS NOT NULL",
        )?
        .query_row(params![application.0], |row| {
            Ok(Position {
                epoch: uint(row.get(0)?),
                number: uint(row.get(1)?),
            })
        });
    Ok(start.optional()?)
}
