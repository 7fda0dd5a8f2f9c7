//! Events for a view that filters groups, flattens them, leaves people out or makes names.
//!
//! There one entry of the log can change what is seen of many: a child group brings its people
//! along. So the entries say who may look different now, and everybody of those is told as it is:
//! replayed or not, that leads to the present. Users are told with all their groups.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use provost_scim::{Timestamp, text::fold};
use uuid::Uuid;

use super::{
    db::{self, params},
    lens::{GroupRow, Lens, Place, group_by_id},
    log::Kept,
    since::{Living, MOST_ENTRIES, each_entry},
};
use crate::{DirectoryError, change::ChangeKind, coalesce::order, store::Kind, view::ViewEvent};

/// Who may look different. Maps lead from folded names to names in the view.
#[derive(Default)]
struct Affected {
    users: BTreeMap<String, String>,
    groups: BTreeMap<String, String>,
    /// Groups that were deleted.
    ended: BTreeSet<String>,
    /// Group and member, where the membership of one group in another came or went.
    links: BTreeSet<(Uuid, Uuid)>,
    /// Memberships to look at.
    pairs: Vec<(Uuid, Uuid)>,
    gone_groups: HashSet<Uuid>,
    gone_users: HashSet<Uuid>,
}

/// The events after a number; `None` when the reader must start afresh.
pub(super) fn events(
    lens: &Lens<'_>,
    number: u64,
    not_before: Timestamp,
) -> Result<Option<Vec<ViewEvent>>, DirectoryError> {
    let mut affected = Affected::default();
    let is_fit = each_entry(lens, number, not_before, |logged| {
        affected.add(lens, logged)
    })?;
    if !is_fit || !affected.follow_members(lens)? || affected.is_contested(lens)? {
        return Ok(None);
    }
    Ok(Some(affected.told(lens)?))
}

impl Affected {
    fn user(&mut self, lens: &Lens<'_>, user_name: &str) {
        let key = lens.user_key(user_name);
        self.users.insert(key, lens.settings().user_name(user_name));
    }

    fn group(&mut self, lens: &Lens<'_>, id: &Uuid, name: &str) -> String {
        let name = lens.known_as(id, name);
        let key = fold(name).into_owned();
        self.groups
            .insert(key.clone(), lens.settings().group_name(name));
        key
    }

    /// Takes an entry in; `false` when it cannot be told.
    fn add(&mut self, lens: &Lens<'_>, logged: &Kept) -> Result<bool, DirectoryError> {
        use ChangeKind as K;
        match logged.kind {
            K::UserRenamed => return Ok(false),
            K::UserCreated
            | K::UserUpdated
            | K::UserDeactivated
            | K::UserActivated
            | K::UserForgotten => self.user(lens, &logged.name),
            K::UserDeleted => {
                self.gone_users.insert(logged.object);
                self.user(lens, &logged.name);
            }
            K::GroupRenamed => return self.renamed(lens, logged),
            K::GroupCreated | K::GroupUpdated => {
                self.group(lens, &logged.object, &logged.name);
            }
            K::GroupDeleted => {
                let key = self.group(lens, &logged.object, &logged.name);
                // Whom the filter let in through it is not known any more.
                let lost = lens.settings().is_filtered() && lens.settings().names_group(&key);
                self.ended.insert(key);
                self.gone_groups.insert(logged.object);
                return Ok(!lost);
            }
            K::MemberAdded | K::MemberRemoved => {
                if let Some(member) = logged.member {
                    self.pairs.push((logged.object, member));
                }
            }
        }
        Ok(true)
    }

    /// A group whose old name the view keeps looks as before. Another one was not seen before:
    /// if it is now, what came with it cannot be told.
    fn renamed(&mut self, lens: &Lens<'_>, logged: &Kept) -> Result<bool, DirectoryError> {
        if lens.keeps(&logged.object) {
            self.group(lens, &logged.object, &logged.name);
            return Ok(true);
        }
        if lens.settings().follow_group_names {
            return Ok(false);
        }
        match group_by_id(lens.conn, logged.object)? {
            Some(group) => Ok(!lens.in_scope(&group)?),
            None => Ok(!lens.keeps_name(&fold(&logged.name))),
        }
    }

    /// Follows memberships to everybody below; `false` when that is not possible, or too many.
    fn follow_members(&mut self, lens: &Lens<'_>) -> Result<bool, DirectoryError> {
        let is_deep = lens.settings().flatten || lens.settings().is_filtered();
        let mut met = HashSet::new();
        for (group, member) in std::mem::take(&mut self.pairs) {
            let Some(living) = Living::find(lens, member)? else {
                let is_told = self.gone_users.contains(&member)
                    || (self.gone_groups.contains(&member) && !is_deep);
                if !is_told {
                    return Ok(false);
                }
                continue;
            };
            match living.kind {
                Kind::User => self.user(lens, &living.name),
                Kind::Group => {
                    self.links.insert((group, member));
                    if is_deep && met.insert(member) {
                        self.everybody_below(lens, living.group())?;
                    }
                }
            }
            if self.users.len() > MOST_ENTRIES {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn everybody_below(&mut self, lens: &Lens<'_>, group: GroupRow) -> Result<(), DirectoryError> {
        const LIVING: &str = "SELECT r.name FROM members m JOIN resources r ON r.row = m.member
             WHERE m.tenant = ?1 AND m.grp = ?2 AND m.kind = 0";
        const GONE: &str = "SELECT t.body ->> 'userName' FROM tombstone_groups g
             JOIN tombstones t ON t.id = g.id WHERE g.tenant = ?1 AND g.grp = ?2";
        for group in lens.below(group)? {
            self.group(lens, &group.id, &group.name);
            self.named(lens, LIVING, params![group.tenant.0, group.row])?;
            self.named(lens, GONE, params![group.tenant.0, group.id.as_bytes()])?;
            if self.users.len() > MOST_ENTRIES {
                break;
            }
        }
        Ok(())
    }

    /// Takes in users by their userNames, until there are too many.
    fn named(
        &mut self,
        lens: &Lens<'_>,
        sql: &str,
        values: &[db::Value<'_>],
    ) -> Result<(), DirectoryError> {
        let mut statement = lens.conn.prepare_cached(sql)?;
        let mut found = statement.query(values)?;
        while let Some(row) = found.next()? {
            self.user(lens, row.get_ref(0)?.as_str().unwrap_or_default());
            if self.users.len() > MOST_ENTRIES {
                break;
            }
        }
        Ok(())
    }

    /// Whether a group that came or went shares its name with another one: then the members of
    /// the other one may have come into sight, or gone out of it.
    fn is_contested(&self, lens: &Lens<'_>) -> Result<bool, DirectoryError> {
        for key in self.groups.keys() {
            let claims = lens.group_claims(key)?.len();
            let is_moved = self.ended.contains(key) || claims > 1;
            if is_moved && (claims > 1 || lens.keeps_name(key) || lens.tenants().len() > 1) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Everybody as it is now.
    fn told(&self, lens: &Lens<'_>) -> Result<Vec<ViewEvent>, DirectoryError> {
        let mut events = Vec::new();
        self.tell_groups(lens, &mut events)?;
        self.tell_links(lens, &mut events)?;
        self.tell_users(lens, &mut events)?;
        Ok(order(events))
    }

    fn tell_groups(
        &self,
        lens: &Lens<'_>,
        events: &mut Vec<ViewEvent>,
    ) -> Result<(), DirectoryError> {
        for (key, name) in &self.groups {
            let found = lens.group_named(key)?;
            if found.is_none() || self.ended.contains(key) {
                events.push(ViewEvent::GroupRemoved(name.clone()));
            }
            if let Some(group) = found {
                events.push(ViewEvent::GroupChanged {
                    group: lens.view_group(&group)?,
                    created: self.ended.contains(key),
                });
                let parents = lens.shown_parents(&group)?;
                if !parents.is_empty() {
                    events.push(ViewEvent::ChildJoined {
                        group: lens.group_name(&group),
                        parents: parents.iter().map(|p| lens.group_name(p)).collect(),
                    });
                }
            }
        }
        Ok(())
    }

    fn tell_links(
        &self,
        lens: &Lens<'_>,
        events: &mut Vec<ViewEvent>,
    ) -> Result<(), DirectoryError> {
        if lens.settings().flatten {
            return Ok(());
        }
        for (group, member) in &self.links {
            let parent = group_by_id(lens.conn, *group)?;
            let (Some(parent), Some(living)) = (parent, Living::find(lens, *member)?) else {
                continue;
            };
            let is_in = living.is_in(lens, &parent)?;
            let child = living.group();
            if !lens.shows_group(&parent)? || !lens.shows_group(&child)? {
                continue;
            }
            let (group, parents) = (lens.group_name(&child), vec![lens.group_name(&parent)]);
            events.push(if is_in {
                ViewEvent::ChildJoined { group, parents }
            } else {
                ViewEvent::ChildLeft { group, parents }
            });
        }
        Ok(())
    }

    fn tell_users(
        &self,
        lens: &Lens<'_>,
        events: &mut Vec<ViewEvent>,
    ) -> Result<(), DirectoryError> {
        for (key, name) in &self.users {
            let Some((user, person)) = lens.person_named(key)? else {
                events.push(ViewEvent::UserRemoved(name.clone()));
                continue;
            };
            let groups = match user.place {
                Place::Living(row) => lens.groups_of(user.tenant, row)?,
                Place::Gone(_) => Vec::new(),
            };
            events.push(ViewEvent::GroupsOfUser {
                user: person.name.clone(),
                groups: groups.iter().map(|group| lens.group_name(group)).collect(),
            });
            events.push(ViewEvent::UserChanged {
                person,
                created: false,
            });
        }
        Ok(())
    }
}
