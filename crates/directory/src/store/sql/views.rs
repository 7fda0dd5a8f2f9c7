//! What an application sees, from the rows.

use provost_scim::{Resource, Timestamp, text::fold, urn};
use uuid::Uuid;

use super::{
    db::{self, Conn, Row, params},
    engine::Sink,
    lens::{GroupRow, Lens, Place, UserAt},
    rows::{self, kind_code},
    scope::RowSet,
    shown::ShownNames,
    txn::read_head,
};
use crate::{
    DirectoryError,
    id::{GroupId, TenantId, UserId},
    person::{Facts, Person},
    store::{Begun, GroupQuery, Kind, PersonQuery},
    view::{MembershipItem, ViewGroup},
};

fn living(id: Uuid, created: i64, updated: i64) -> Facts {
    Facts {
        key: UserId::from_uuid(id),
        created: Timestamp::from_micros(created),
        updated: Timestamp::from_micros(updated),
        is_tombstone: false,
    }
}

/// A user of a group, as stored.
pub(super) struct Member {
    tenant: TenantId,
    pub(super) row: i64,
    id: Uuid,
    pub(super) name: String,
    is_active: bool,
}

impl Member {
    /// From `row, id, active, name`.
    pub(super) fn read(tenant: TenantId, found: &Row<'_>) -> db::Result<Self> {
        Ok(Self {
            tenant,
            row: found.get(0)?,
            id: Uuid::from_bytes(found.get(1)?),
            is_active: found.get::<Option<bool>>(2)?.unwrap_or(true),
            name: found.get(3)?,
        })
    }
}

impl Lens<'_> {
    /// A group as the application sees it.
    pub(super) fn view_group(&self, group: &GroupRow) -> Result<ViewGroup, DirectoryError> {
        let raw = rows::by_row(self.conn, group.row)?;
        let times = [raw.created, raw.modified];
        Ok(self.described(group, times, &raw.resource()?))
    }

    fn described(
        &self,
        group: &GroupRow,
        [created, updated]: [Timestamp; 2],
        resource: &Resource,
    ) -> ViewGroup {
        let description = resource.extension_text(urn::OKTA_GROUP, "description");
        ViewGroup {
            id: GroupId::from_uuid(group.id),
            name: self.group_name(group),
            description: description.unwrap_or_default().to_owned(),
            created,
            updated,
        }
    }

    fn derive(&self, facts: Facts, resource: Resource) -> Person {
        let mut person = Person::derive(facts, resource);
        person.name = self.settings().user_name(&person.name);
        person
    }

    /// The user as the application would see it.
    pub(super) fn load_person(&self, user: &UserAt) -> Result<Person, DirectoryError> {
        match user.place {
            Place::Living(row) => {
                let raw = rows::by_row(self.conn, row)?;
                let facts = living(raw.id, raw.created.as_micros(), raw.modified.as_micros());
                Ok(self.derive(facts, raw.resource()?))
            }
            Place::Gone(row) => Ok(self
                .conn
                .prepare_cached(
                    "SELECT id, created, deleted, body FROM tombstones WHERE rowid = ?1",
                )?
                .query_row(params![row], |row| Ok(self.buried(row)))??),
        }
    }

    fn buried(&self, row: &Row<'_>) -> Result<Person, DirectoryError> {
        let facts = Facts {
            is_tombstone: true,
            ..living(Uuid::from_bytes(row.get(0)?), row.get(1)?, row.get(2)?)
        };
        let resource = rows::resource(&row.get::<String>(3)?)?;
        Ok(self.derive(facts, resource))
    }

    /// The person that has a folded name, if the view shows it.
    pub(super) fn person_named(
        &self,
        key: &str,
    ) -> Result<Option<(UserAt, Person)>, DirectoryError> {
        let Some(user) = self.user_named(key)? else {
            return Ok(None);
        };
        if !self.has_in_scope(&user)? {
            return Ok(None);
        }
        let person = self.load_person(&user)?;
        let is_shown = person.active || !self.settings().exclude_inactive;
        Ok(is_shown.then_some((user, person)))
    }

    /// Whether the view shows a member of a group that it shows.
    pub(super) fn shows_member(&self, member: &Member) -> Result<bool, DirectoryError> {
        if self.settings().exclude_inactive && !member.is_active {
            return Ok(false);
        }
        self.living_owns_name(member.tenant, member.row, member.id, &member.name)
    }

    /// The living user of that row.
    pub(super) fn member(&self, tenant: TenantId, row: i64) -> Result<Member, DirectoryError> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT row, id, active, name FROM resources WHERE row = ?1")?;
        Ok(statement.query_row(params![row], |found| Member::read(tenant, found))?)
    }

    /// Calls `each` with tenant and row of the users in a group, once each, also of those that the
    /// view does not show, until it says `false`; whether it never did.
    fn each_member(
        &self,
        group: &GroupRow,
        mut each: impl FnMut(TenantId, i64) -> Result<bool, DirectoryError>,
    ) -> Result<bool, DirectoryError> {
        let groups = if self.settings().flatten {
            self.below(group.clone())?
        } else {
            vec![group.clone()]
        };
        // Only users of several groups can be met twice.
        let mut met = (groups.len() > 1).then(RowSet::default);
        for group in groups {
            let whole = self.each_member_row(&group, |member| {
                let is_new = met.as_mut().is_none_or(|met| met.insert(member));
                Ok(!is_new || each(group.tenant, member)?)
            })?;
            if !whole {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Calls `each` with the row of every user directly in a group, part by part, until it says
    /// `false`; whether it never did.
    pub(super) fn each_member_row(
        &self,
        group: &GroupRow,
        mut each: impl FnMut(i64) -> Result<bool, DirectoryError>,
    ) -> Result<bool, DirectoryError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT member FROM members WHERE tenant = ?1 AND grp = ?2 AND kind = 0 AND member > ?3
             ORDER BY member LIMIT ?4",
        )?;
        let mut last = i64::MIN;
        loop {
            let mut read = 0;
            let mut found = statement.query(params![group.tenant.0, group.row, last, MEMBERS])?;
            while let Some(row) = found.next()? {
                read += 1;
                last = row.get(0)?;
                if !each(last)? {
                    return Ok(false);
                }
            }
            if read < MEMBERS {
                return Ok(true);
            }
        }
    }

    /// The child groups that the view shows in a group.
    pub(super) fn shown_children(&self, group: &GroupRow) -> Result<Vec<GroupRow>, DirectoryError> {
        if self.settings().flatten {
            return Ok(Vec::new());
        }
        self.shown_of(self.children(group)?)
    }

    /// The groups that the view shows a group in.
    pub(super) fn shown_parents(&self, group: &GroupRow) -> Result<Vec<GroupRow>, DirectoryError> {
        if self.settings().flatten {
            return Ok(Vec::new());
        }
        self.shown_of(self.above(group.tenant, group.row)?)
    }

    fn shown_of(&self, groups: Vec<GroupRow>) -> Result<Vec<GroupRow>, DirectoryError> {
        let mut shown = Vec::new();
        for group in groups {
            if self.shows_group(&group)? {
                shown.push(group);
            }
        }
        Ok(shown)
    }
}

/// One person.
pub(super) fn person(
    lens: &Lens<'_>,
    query: &PersonQuery,
) -> Result<Option<Person>, DirectoryError> {
    let (key, id) = match query {
        PersonQuery::Name(key) => (key.clone(), None),
        PersonQuery::Key(id) => {
            let Some(user) = lens.user_by_id(*id)?.filter(|user| lens.sees(user.tenant)) else {
                return Ok(None);
            };
            (fold(&lens.load_person(&user)?.name).into_owned(), Some(*id))
        }
    };
    let found = lens.person_named(&key)?;
    Ok(found
        .filter(|(user, _)| id.is_none_or(|id| user.id == id))
        .map(|(_, person)| person))
}

/// Finds a group by name, for what is asked about it.
pub(super) fn require_group(lens: &Lens<'_>, name: &str) -> Result<GroupRow, DirectoryError> {
    lens.group_named(&fold(name))?
        .ok_or(DirectoryError::NotFound)
}

/// Groups by their relation to something.
pub(super) fn groups(
    lens: &Lens<'_>,
    query: &GroupQuery,
) -> Result<Vec<ViewGroup>, DirectoryError> {
    let found = match query {
        GroupQuery::Named(name) => lens.group_named(&fold(name))?.into_iter().collect(),
        GroupQuery::OfUser(name) => match lens.person_named(&fold(name))? {
            None => return Err(DirectoryError::NotFound),
            Some((user, _)) => match user.place {
                Place::Living(row) => lens.groups_of(user.tenant, row)?,
                Place::Gone(_) => Vec::new(),
            },
        },
        GroupQuery::ChildrenOf(name) => lens.shown_children(&require_group(lens, name)?)?,
        GroupQuery::ParentsOf(name) => lens.shown_parents(&require_group(lens, name)?)?,
    };
    found.iter().map(|group| lens.view_group(group)).collect()
}

/// Members read at once.
const MEMBERS: i64 = 5_000;

const IN_ORDER: &str =
    "SELECT tenant, row, id, name, created, modified, active, body FROM resources
     INDEXED BY resources_in_order WHERE tenant = ?1 AND kind = ?2 ORDER BY row";

/// What is known when a listing begins. Blocks stay when their last row goes, so they tell whether
/// a tenant ever had a user.
pub(super) fn begin(conn: &Conn, tenants: &[TenantId]) -> Result<Begun, DirectoryError> {
    let mut statement =
        conn.prepare_cached("SELECT 1 FROM blocks WHERE tenant = ?1 AND kind = ?2 LIMIT 1")?;
    let mut is_provisioned = false;
    for tenant in tenants {
        is_provisioned |= statement.exists(params![tenant.0, kind_code(Kind::User)])?;
    }
    Ok(Begun {
        head: read_head(conn)?.position(),
        is_provisioned,
    })
}

/// Calls `each` with every person: the living of each tenant, then the tombstones; until it says
/// `false`.
pub(super) fn each_person(
    lens: &Lens<'_>,
    each: &mut dyn FnMut(Person) -> bool,
) -> Result<(), DirectoryError> {
    lens.find_hidden()?;
    lens.find_scoped()?;
    let exclude = lens.settings().exclude_inactive;
    for tenant in lens.tenants() {
        let mut statement = lens.conn.prepare_cached(IN_ORDER)?;
        let mut found = statement.stream(params![tenant.0, kind_code(Kind::User)])?;
        while let Some(row) = found.next()? {
            let (number, id) = (row.get(1)?, Uuid::from_bytes(row.get(2)?));
            let is_active = row.get::<Option<bool>>(6)?.unwrap_or(true);
            if (exclude && !is_active)
                || !lens.user_in_scope(*tenant, number)?
                || !lens.living_owns_name(
                    *tenant,
                    number,
                    id,
                    row.get_ref(3)?.as_str().unwrap_or_default(),
                )?
            {
                continue;
            }
            let facts = living(id, row.get(4)?, row.get(5)?);
            let resource = rows::resource(row.get_ref(7)?.as_str().unwrap_or_default())?;
            if !each(lens.derive(facts, resource)) {
                return Ok(());
            }
        }
    }
    if exclude {
        return Ok(());
    }
    each_tombstone(lens, each)
}

fn each_tombstone(
    lens: &Lens<'_>,
    each: &mut dyn FnMut(Person) -> bool,
) -> Result<(), DirectoryError> {
    for tenant in lens.tenants() {
        let mut statement = lens.conn.prepare_cached(
            "SELECT id, created, deleted, body FROM tombstones WHERE tenant = ?1 ORDER BY name_key",
        )?;
        let mut found = statement.stream(params![tenant.0])?;
        while let Some(row) = found.next()? {
            let person = lens.buried(&row)?;
            let id = *person.key.as_uuid();
            // The name is the one in the view already, by which claims are found.
            let owner = lens.user_named(&fold(&person.name))?;
            if owner.is_some_and(|owner| owner.id == id)
                && lens.tombstone_in_scope(id)?
                && !each(person)
            {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Calls `each` with every group that is shown, until it says `false`.
pub(super) fn each_group(
    lens: &Lens<'_>,
    mut each: impl FnMut(&GroupRow, &Row<'_>) -> Result<bool, DirectoryError>,
) -> Result<(), DirectoryError> {
    for tenant in lens.tenants() {
        let mut statement = lens.conn.prepare_cached(IN_ORDER)?;
        let mut found = statement.stream(params![tenant.0, kind_code(Kind::Group)])?;
        while let Some(row) = found.next()? {
            let group = GroupRow::read(&row)?;
            if lens.shows_group(&group)? && !each(&group, &row)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Calls `each` with every group that lies inside the filter, also those that are not shown.
pub(super) fn each_scoped_group(
    lens: &Lens<'_>,
    mut each: impl FnMut(&GroupRow) -> Result<(), DirectoryError>,
) -> Result<(), DirectoryError> {
    for tenant in lens.tenants() {
        let mut statement = lens.conn.prepare_cached(IN_ORDER)?;
        let mut found = statement.stream(params![tenant.0, kind_code(Kind::Group)])?;
        while let Some(row) = found.next()? {
            let group = GroupRow::read(&row)?;
            if lens.in_scope(&group)? {
                each(&group)?;
            }
        }
    }
    Ok(())
}

/// Every person.
pub(super) fn all_persons(lens: &Lens<'_>, sink: &mut Sink<Person>) -> Result<(), DirectoryError> {
    each_person(lens, &mut |person| sink.push(person))
}

/// Every group.
pub(super) fn all_groups(
    lens: &Lens<'_>,
    sink: &mut Sink<ViewGroup>,
) -> Result<(), DirectoryError> {
    each_group(lens, |group, row| {
        let times = [row.get(4)?, row.get(5)?].map(Timestamp::from_micros);
        let resource = rows::resource(row.get_ref(7)?.as_str().unwrap_or_default())?;
        Ok(sink.push(lens.described(group, times, &resource)))
    })
}

/// Calls `each` with every membership, group by group, until it says `false`.
pub(super) fn each_membership(
    lens: &Lens<'_>,
    each: &mut dyn FnMut(MembershipItem) -> bool,
) -> Result<(), DirectoryError> {
    lens.find_hidden()?;
    let mut names = ShownNames::new(lens);
    names.meet_all()?;
    each_group(lens, |group, _| {
        if !each(MembershipItem::Group(lens.group_name(group))) {
            return Ok(false);
        }
        let whole = lens.each_member(group, |tenant, row| {
            let name = names.of(tenant, row)?;
            Ok(name.is_none_or(|name| each(MembershipItem::User(name))))
        })?;
        if !whole {
            return Ok(false);
        }
        let children = lens.shown_children(group)?;
        Ok(children
            .iter()
            .all(|child| each(MembershipItem::Child(lens.group_name(child)))))
    })
}

/// Every membership.
pub(super) fn all_memberships(
    lens: &Lens<'_>,
    sink: &mut Sink<MembershipItem>,
) -> Result<(), DirectoryError> {
    each_membership(lens, &mut |item| sink.push(item))
}

/// The user members of a group.
pub(super) fn users_of_group(
    lens: &Lens<'_>,
    group: &GroupRow,
    sink: &mut Sink<Person>,
) -> Result<(), DirectoryError> {
    lens.each_member(group, |tenant, row| {
        let member = lens.member(tenant, row)?;
        if !lens.shows_member(&member)? {
            return Ok(true);
        }
        let user = UserAt {
            tenant: member.tenant,
            id: member.id,
            place: Place::Living(member.row),
        };
        Ok(sink.push(lens.load_person(&user)?))
    })?;
    Ok(())
}
