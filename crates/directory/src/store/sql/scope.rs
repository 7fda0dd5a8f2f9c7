//! Which users and groups lie inside the group filter of a view, and who is in a group through
//! its child groups.
//!
//! A group is in scope if the filter names it, or one of the groups above it. Chains lead through
//! groups that have their name in the view: what is hidden is hidden with its memberships.

use std::collections::{HashMap, HashSet, VecDeque};

use provost_scim::text::fold;
use uuid::Uuid;

use super::db::params;
use super::lens::{GroupRow, Lens, Place, UserAt, group_by_id, group_by_row};
use crate::{DirectoryError, id::TenantId};

/// Rows of a table as bits: rows are numbered densely.
#[derive(Debug, Default)]
pub(super) struct RowSet(HashMap<i64, u64>);

impl RowSet {
    /// `true` if the row is new.
    pub(super) fn insert(&mut self, row: i64) -> bool {
        let (word, bit) = (row >> 6, 1_u64 << (row & 63));
        let bits = self.0.entry(word).or_default();
        let is_new = *bits & bit == 0;
        *bits |= bit;
        is_new
    }

    /// Whether the row is there.
    pub(super) fn contains(&self, row: i64) -> bool {
        let bits = self.0.get(&(row >> 6));
        bits.is_some_and(|bits| bits & (1_u64 << (row & 63)) != 0)
    }
}

/// Groups a group or user is directly in.
const ABOVE: &str =
    "SELECT r.tenant, r.row, r.id, r.name FROM members m JOIN resources r ON r.row = m.grp
     WHERE m.tenant = ?1 AND m.member = ?2 ORDER BY m.grp";
/// Rows of the groups a group or user is directly in.
const GROUPS_OF: &str = "SELECT grp FROM members WHERE tenant = ?1 AND member = ?2 ORDER BY grp";
/// Groups directly in a group.
const BELOW: &str =
    "SELECT r.tenant, r.row, r.id, r.name FROM members m JOIN resources r ON r.row = m.member
     WHERE m.tenant = ?1 AND m.grp = ?2 AND m.kind = 1 ORDER BY m.member";

impl Lens<'_> {
    fn related(
        &self,
        sql: &str,
        tenant: TenantId,
        row: i64,
    ) -> Result<Vec<GroupRow>, DirectoryError> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let found = statement.query_map(params![tenant.0, row], GroupRow::read)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// The groups that a group or user is directly in, as stored.
    pub(super) fn above(
        &self,
        tenant: TenantId,
        row: i64,
    ) -> Result<Vec<GroupRow>, DirectoryError> {
        self.related(ABOVE, tenant, row)
    }

    /// The groups directly in a group, as stored.
    pub(super) fn children(&self, group: &GroupRow) -> Result<Vec<GroupRow>, DirectoryError> {
        self.related(BELOW, group.tenant, group.row)
    }

    /// Whether the filter names this group.
    fn is_named(&self, group: &GroupRow) -> bool {
        let name = self.known_as(&group.id, &group.name);
        self.settings().names_group(&fold(name))
    }

    /// Whether a group, or one above it, is named by the filter.
    pub(super) fn in_scope(&self, group: &GroupRow) -> Result<bool, DirectoryError> {
        if !self.settings().is_filtered() {
            return self.owns(group);
        }
        let mut reached_from: HashMap<i64, i64> = HashMap::from([(group.row, group.row)]);
        let mut waiting = VecDeque::from([group.clone()]);
        while let Some(next) = waiting.pop_front() {
            let known = self.scopes.borrow().get(&next.row).copied();
            let is_in = match known {
                Some(known) => known,
                None if !self.owns(&next)? => false,
                None if self.is_named(&next) => true,
                None => {
                    for parent in self.above(next.tenant, next.row)? {
                        reached_from.entry(parent.row).or_insert_with(|| {
                            waiting.push_back(parent);
                            next.row
                        });
                    }
                    continue;
                }
            };
            if is_in {
                self.mark(next.row, &reached_from);
                return Ok(true);
            }
            self.scopes.borrow_mut().insert(next.row, false);
        }
        let mut scopes = self.scopes.borrow_mut();
        scopes.extend(reached_from.into_keys().map(|row| (row, false)));
        Ok(false)
    }

    /// Everything on the way to a group in scope is in scope.
    fn mark(&self, mut row: i64, reached_from: &HashMap<i64, i64>) {
        let mut scopes = self.scopes.borrow_mut();
        loop {
            scopes.insert(row, true);
            match reached_from.get(&row) {
                Some(below) if *below != row => row = *below,
                _ => return,
            }
        }
    }

    /// Whether the view shows a group.
    pub(super) fn shows_group(&self, group: &GroupRow) -> Result<bool, DirectoryError> {
        if !self.settings().is_filtered() {
            return self.owns(group);
        }
        if self.settings().flatten {
            return Ok(self.is_named(group) && self.owns(group)?);
        }
        self.in_scope(group)
    }

    /// The group of a folded name, if the view shows it.
    pub(super) fn group_named(&self, key: &str) -> Result<Option<GroupRow>, DirectoryError> {
        match self.group_claims(key)?.into_iter().next() {
            Some(group) if self.shows_group(&group)? => Ok(Some(group)),
            _ => Ok(None),
        }
    }

    /// Finds every user who is in a group in scope beforehand, where asking for each costs a round
    /// trip. Takes a bit per user.
    pub(super) fn find_scoped(&self) -> Result<(), DirectoryError> {
        if !self.settings().is_filtered() || !self.conn.is_shared() || self.scoped.get().is_some() {
            return Ok(());
        }
        let mut scoped = RowSet::default();
        super::views::each_scoped_group(self, |group| {
            self.each_member_row(group, |row| {
                scoped.insert(row);
                Ok(true)
            })
            .map(drop)
        })?;
        let _ = self.scoped.set(scoped);
        Ok(())
    }

    /// Whether a living user is in a group that is in scope.
    pub(super) fn user_in_scope(&self, tenant: TenantId, row: i64) -> Result<bool, DirectoryError> {
        if !self.settings().is_filtered() {
            return Ok(true);
        }
        if let Some(scoped) = self.scoped.get() {
            return Ok(scoped.contains(row));
        }
        let mut statement = self.conn.prepare_cached(GROUPS_OF)?;
        let mut groups = statement.query(params![tenant.0, row])?;
        while let Some(group) = groups.next()? {
            if self.row_in_scope(group.get(0)?)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The group is read only if it was not met before.
    fn row_in_scope(&self, group: i64) -> Result<bool, DirectoryError> {
        let known = self.scopes.borrow().get(&group).copied();
        match known {
            Some(known) => Ok(known),
            None => self.in_scope(&group_by_row(self.conn, group)?),
        }
    }

    /// Whether a deleted user was in a group that is in scope.
    pub(super) fn tombstone_in_scope(&self, id: Uuid) -> Result<bool, DirectoryError> {
        if !self.settings().is_filtered() {
            return Ok(true);
        }
        let mut statement = self
            .conn
            .prepare_cached("SELECT grp FROM tombstone_groups WHERE id = ?1 ORDER BY grp")?;
        let ids: Vec<[u8; 16]> = statement
            .query_map(params![id.as_bytes()], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for id in ids {
            let group = group_by_id(self.conn, Uuid::from_bytes(id))?;
            if let Some(group) = group
                && self.in_scope(&group)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a user lies inside the filter.
    pub(super) fn has_in_scope(&self, user: &UserAt) -> Result<bool, DirectoryError> {
        match user.place {
            Place::Living(row) => self.user_in_scope(user.tenant, row),
            Place::Gone(_) => self.tombstone_in_scope(user.id),
        }
    }

    /// A group and every group below it, each once; hidden ones are left out with what lies below.
    pub(super) fn below(&self, group: GroupRow) -> Result<Vec<GroupRow>, DirectoryError> {
        let mut met = HashSet::from([group.row]);
        let mut waiting = vec![group];
        let mut below = Vec::new();
        while let Some(next) = waiting.pop() {
            if !self.owns(&next)? {
                continue;
            }
            let children = self.children(&next)?;
            waiting.extend(children.into_iter().filter(|child| met.insert(child.row)));
            below.push(next);
        }
        Ok(below)
    }

    /// The groups that the view shows a living user in.
    pub(super) fn groups_of(
        &self,
        tenant: TenantId,
        row: i64,
    ) -> Result<Vec<GroupRow>, DirectoryError> {
        let mut waiting = VecDeque::from(self.above(tenant, row)?);
        let mut met: HashSet<i64> = waiting.iter().map(|group| group.row).collect();
        let mut shown = Vec::new();
        while let Some(next) = waiting.pop_front() {
            if !self.owns(&next)? {
                continue;
            }
            if self.settings().flatten {
                let above = self.above(next.tenant, next.row)?;
                waiting.extend(above.into_iter().filter(|group| met.insert(group.row)));
            }
            if self.shows_group(&next)? {
                shown.push(next);
            }
        }
        Ok(shown)
    }
}
