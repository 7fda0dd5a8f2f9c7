//! What happened since a number, read in one transaction.
//!
//! This is the way of a view that shows users and memberships as they are stored; the others go
//! the way of `affected`.

use std::collections::BTreeSet;

use provost_scim::Timestamp;
use uuid::Uuid;

use super::{
    affected,
    db::{Conn, Optional as _, params},
    lens::{GroupRow, Lens, group_by_id},
    log::{self, Kept},
    losses, rows,
    txn::read_head,
};
use crate::{
    DirectoryError,
    change::ChangeKind,
    coalesce::{Pair, PairState, Present, Touch, Touched, assemble},
    id::TenantId,
    store::{Followed, Kind, Seen},
};

/// Most entries that are coalesced; a reader further behind is better off starting afresh.
pub(super) const MOST_ENTRIES: usize = 10_000;
/// Most entries that are read to find those of the view.
const MOST_READ: usize = 50_000;

/// Reads and coalesces.
pub(super) fn follow(
    conn: &Conn,
    seen: &Seen,
    number: u64,
    not_before: Timestamp,
) -> Result<Followed, DirectoryError> {
    let head = read_head(conn)?;
    if number > head.number {
        return Ok(Followed::Expired);
    }
    if number == head.number {
        return Ok(Followed::Events(Vec::new(), head));
    }
    // Opened only now: a poll with nothing new costs one look at the head.
    let lens = &Lens::open(conn, seen)?;
    if let Some(lost) = losses::held(lens)? {
        return Ok(Followed::Held(lost.loss, head));
    }
    let events = if lens.settings().is_plain() {
        plain(lens, number, not_before)?
    } else {
        affected::events(lens, number, not_before)?
    };
    Ok(events.map_or(Followed::Expired, |events| Followed::Events(events, head)))
}

/// Calls `each` with the entries of the view's tenants after a number; `false` when there are too
/// many, the first is too old, or `each` said so.
pub(super) fn each_entry(
    lens: &Lens<'_>,
    number: u64,
    not_before: Timestamp,
    mut each: impl FnMut(&Kept) -> Result<bool, DirectoryError>,
) -> Result<bool, DirectoryError> {
    let (mut read, mut own, mut is_fit) = (0_usize, 0_usize, true);
    log::each_after(lens.conn, number, MOST_READ + 1, |logged| {
        read += 1;
        let logged = logged.entry;
        is_fit = read <= MOST_READ && (read > 1 || logged.at >= not_before);
        if is_fit && lens.sees(logged.tenant) {
            own += 1;
            is_fit = own <= MOST_ENTRIES && each(&logged)?;
        }
        Ok(is_fit)
    })?;
    Ok(is_fit)
}

fn plain(
    lens: &Lens<'_>,
    number: u64,
    not_before: Timestamp,
) -> Result<Option<Vec<crate::view::ViewEvent>>, DirectoryError> {
    let mut touched = Touched::default();
    let is_fit = each_entry(lens, number, not_before, |logged| {
        Ok(add(lens, &mut touched, logged))
    })?;
    if !is_fit || is_contested(lens, &touched)? {
        return Ok(None);
    }
    Ok(present(lens, &touched)?.map(|present| assemble(&touched, present)))
}

/// Takes an entry in, under the names that the view has.
fn add(lens: &Lens<'_>, touched: &mut Touched, logged: &Kept) -> bool {
    use ChangeKind as K;
    let settings = lens.settings();
    let (kind, name) = match logged.kind {
        // The application goes on under the old name; other attributes may have changed.
        K::GroupRenamed if lens.keeps(&logged.object) => (
            K::GroupUpdated,
            settings.group_name(lens.known_as(&logged.object, &logged.name)),
        ),
        kind @ (K::GroupCreated
        | K::GroupUpdated
        | K::GroupRenamed
        | K::GroupDeleted
        | K::MemberAdded
        | K::MemberRemoved) => (
            kind,
            settings.group_name(lens.known_as(&logged.object, &logged.name)),
        ),
        kind @ (K::UserCreated
        | K::UserUpdated
        | K::UserDeactivated
        | K::UserActivated
        | K::UserRenamed
        | K::UserDeleted
        | K::UserForgotten) => (kind, settings.user_name(&logged.name)),
    };
    touched.add(logged.tenant, kind, logged.object, &name, logged.member)
}

/// Whether a name came or went that another user or group of the view has too: then another one
/// may have come into sight or gone out of it, with memberships that have no entries.
fn is_contested(lens: &Lens<'_>, touched: &Touched) -> Result<bool, DirectoryError> {
    let many = lens.tenants().len() > 1;
    for (key, Touch { moved, .. }) in &touched.groups {
        if moved.is_empty() {
            continue;
        }
        let mut owners: BTreeSet<TenantId> = moved.clone();
        if many {
            owners.extend(lens.group_claims(key)?.iter().map(|group| group.tenant));
        }
        if owners.len() > 1 || lens.keeps_name(key) {
            return Ok(true);
        }
    }
    for (key, Touch { moved, .. }) in &touched.users {
        if many && !moved.is_empty() && lens.is_claimed_beside(key, moved)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is there now of everything touched; `None` when a name cannot be told any more.
fn present(lens: &Lens<'_>, touched: &Touched) -> Result<Option<Present>, DirectoryError> {
    let mut present = Present::default();
    for key in touched.users.keys() {
        if let Some((_, person)) = lens.person_named(key)? {
            present.users.insert(key.clone(), person);
        }
    }
    for key in touched.groups.keys() {
        if let Some(group) = lens.group_named(key)? {
            present.groups.insert(key.clone(), lens.view_group(&group)?);
        }
    }
    for pair in &touched.pairs {
        match pair_state(lens, touched, pair)? {
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

/// A living member of a group.
pub(super) struct Living {
    pub(super) tenant: TenantId,
    pub(super) row: i64,
    pub(super) id: Uuid,
    pub(super) kind: Kind,
    pub(super) name: String,
}

impl Living {
    pub(super) fn find(lens: &Lens<'_>, id: Uuid) -> Result<Option<Self>, DirectoryError> {
        Ok(lens
            .conn
            .prepare_cached("SELECT tenant, row, kind, name FROM resources WHERE id = ?1")?
            .query_row(params![id.as_bytes()], |row| {
                Ok(Self {
                    tenant: TenantId(row.get(0)?),
                    row: row.get(1)?,
                    id,
                    kind: rows::kind_of(row.get(2)?),
                    name: row.get(3)?,
                })
            })
            .optional()?)
    }

    /// As a group, if it is one.
    pub(super) fn group(self) -> GroupRow {
        GroupRow {
            tenant: self.tenant,
            row: self.row,
            id: self.id,
            name: self.name,
        }
    }

    /// Whether it is directly in a group.
    pub(super) fn is_in(&self, lens: &Lens<'_>, group: &GroupRow) -> Result<bool, DirectoryError> {
        let kind = rows::kind_code(self.kind);
        Ok(lens
            .conn
            .prepare_cached(
                "SELECT 1 FROM members WHERE tenant = ?1 AND grp = ?2 AND kind = ?3 AND member = ?4",
            )?
            .exists(params![group.tenant.0, group.row, kind, self.row])?)
    }
}

fn pair_state(
    lens: &Lens<'_>,
    touched: &Touched,
    (group, member): &Pair,
) -> Result<Told, DirectoryError> {
    let Some(group) = group_by_id(lens.conn, *group)? else {
        return Ok(Told::Nothing);
    };
    if !lens.owns(&group)? {
        return Ok(Told::Nothing);
    }
    let name = lens.group_name(&group);
    let Some(member) = Living::find(lens, *member)? else {
        return Ok(match touched.gone.get(member) {
            Some((Kind::User, user)) => Told::State(PairState {
                group: name,
                kind: Kind::User,
                member: user.clone(),
                is_in: false,
            }),
            Some((Kind::Group, _)) => Told::Nothing,
            None => Told::Unknown,
        });
    };
    let (kind, is_in) = (member.kind, member.is_in(lens, &group)?);
    let shown = match kind {
        Kind::User => lens
            .owns_name(member.tenant, member.id, &member.name)?
            .then(|| lens.settings().user_name(&member.name)),
        Kind::Group => {
            let child = member.group();
            lens.owns(&child)?.then(|| lens.group_name(&child))
        }
    };
    Ok(shown.map_or(Told::Nothing, |member| {
        Told::State(PairState {
            group: name,
            kind,
            member,
            is_in,
        })
    }))
}
