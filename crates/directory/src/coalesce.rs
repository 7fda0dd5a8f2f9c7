//! From a stretch of the change log to events for an application: per entity one event with its
//! present state (reference crowd-api.md section 6.3 rule 6).
//!
//! [`Touched`] says what must be looked up; [`assemble`] makes events of what was found.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use provost_scim::text::fold;
use uuid::Uuid;

use crate::{
    change::ChangeKind,
    id::TenantId,
    person::Person,
    store::Kind,
    view::{ViewEvent, ViewGroup},
};

/// What happened to one name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Touch {
    /// The name in its last spelling.
    pub(crate) name: String,
    /// The first thing that happened was its creation.
    pub(crate) is_new: bool,
    /// It was deleted at some time.
    pub(crate) was_deleted: bool,
    /// Tenants in which the name came or went.
    pub(crate) moved: BTreeSet<TenantId>,
}

/// A group and a member of it.
pub(crate) type Pair = (Uuid, Uuid);

/// What a stretch of the log is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Touched {
    /// By folded name.
    pub(crate) users: BTreeMap<String, Touch>,
    /// By folded name.
    pub(crate) groups: BTreeMap<String, Touch>,
    /// Memberships that came or went.
    pub(crate) pairs: BTreeSet<Pair>,
    /// Names of what was deleted.
    pub(crate) gone: HashMap<Uuid, (Kind, String)>,
}

impl Touched {
    /// Takes an entry in. `false` when its reader must start afresh: names are the only identity
    /// that events have, so a rename cannot be told.
    pub(crate) fn add(
        &mut self,
        tenant: TenantId,
        kind: ChangeKind,
        object: Uuid,
        name: &str,
        member: Option<Uuid>,
    ) -> bool {
        use ChangeKind as K;
        match kind {
            K::UserRenamed | K::GroupRenamed => return false,
            K::MemberAdded | K::MemberRemoved => {
                if let Some(member) = member {
                    self.pairs.insert((object, member));
                }
            }
            K::UserCreated
            | K::UserUpdated
            | K::UserDeactivated
            | K::UserActivated
            | K::UserDeleted
            | K::UserForgotten => {
                touch(&mut self.users, tenant, kind, name);
            }
            K::GroupCreated | K::GroupUpdated | K::GroupDeleted => {
                touch(&mut self.groups, tenant, kind, name);
            }
        }
        if kind == K::UserDeleted {
            self.gone.insert(object, (Kind::User, name.to_owned()));
        }
        if kind == K::GroupDeleted {
            self.gone.insert(object, (Kind::Group, name.to_owned()));
        }
        true
    }
}

fn touch(map: &mut BTreeMap<String, Touch>, tenant: TenantId, kind: ChangeKind, name: &str) {
    use ChangeKind as K;
    let is_creation = matches!(kind, K::UserCreated | K::GroupCreated);
    let is_update = matches!(
        kind,
        K::UserUpdated | K::UserDeactivated | K::UserActivated | K::GroupUpdated
    );
    let touch = map.entry(fold(name).into_owned()).or_insert_with(|| Touch {
        is_new: is_creation,
        ..Touch::default()
    });
    name.clone_into(&mut touch.name);
    if !is_update {
        touch.moved.insert(tenant);
    }
    touch.was_deleted |= matches!(kind, K::UserDeleted | K::GroupDeleted);
}

/// What a membership is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PairState {
    pub(crate) group: String,
    pub(crate) kind: Kind,
    pub(crate) member: String,
    pub(crate) is_in: bool,
}

/// What is there now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Present {
    /// By folded name; users that are gone are absent.
    pub(crate) users: HashMap<String, Person>,
    /// By folded name; groups that are gone are absent.
    pub(crate) groups: HashMap<String, ViewGroup>,
    /// Memberships between what the view shows.
    pub(crate) pairs: Vec<PairState>,
}

/// The events, in the order of Crowd: removals first, memberships last, because a client drops a
/// membership of something that it does not know.
pub(crate) fn assemble(touched: &Touched, mut present: Present) -> Vec<ViewEvent> {
    let mut events = Vec::new();
    memberships(&present.pairs, false, &mut events);
    for (key, touch) in &touched.users {
        if !present.users.contains_key(key) {
            events.push(ViewEvent::UserRemoved(touch.name.clone()));
        }
    }
    for (key, touch) in &touched.groups {
        if touch.was_deleted || !present.groups.contains_key(key) {
            events.push(ViewEvent::GroupRemoved(touch.name.clone()));
        }
    }
    for (key, touch) in &touched.groups {
        if let Some(group) = present.groups.remove(key) {
            let created = touch.is_new || touch.was_deleted;
            events.push(ViewEvent::GroupChanged { group, created });
        }
    }
    for (key, touch) in &touched.users {
        if let Some(person) = present.users.remove(key) {
            let created = touch.is_new;
            events.push(ViewEvent::UserChanged { person, created });
        }
    }
    memberships(&present.pairs, true, &mut events);
    events
}

/// Puts events into the order of Crowd, for the same reason.
pub(crate) fn order(mut events: Vec<ViewEvent>) -> Vec<ViewEvent> {
    events.sort_by_key(|event| match event {
        ViewEvent::Left { .. } | ViewEvent::ChildLeft { .. } => 0,
        ViewEvent::UserRemoved(_) => 1,
        ViewEvent::GroupRemoved(_) => 2,
        ViewEvent::GroupChanged { .. } => 3,
        ViewEvent::UserChanged { .. } => 4,
        ViewEvent::Joined { .. } | ViewEvent::GroupsOfUser { .. } => 5,
        ViewEvent::ChildJoined { .. } => 6,
    });
    events
}

fn memberships(pairs: &[PairState], is_in: bool, events: &mut Vec<ViewEvent>) {
    for kind in [Kind::User, Kind::Group] {
        let mut by_member: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for pair in pairs.iter().filter(|p| p.is_in == is_in && p.kind == kind) {
            let groups = by_member.entry(&pair.member).or_default();
            groups.push(pair.group.clone());
        }
        events.extend(by_member.into_iter().map(|(member, groups)| {
            let member = member.to_owned();
            match (kind, is_in) {
                (Kind::User, false) => ViewEvent::Left {
                    user: member,
                    groups,
                },
                (Kind::User, true) => ViewEvent::Joined {
                    user: member,
                    groups,
                },
                (Kind::Group, false) => ViewEvent::ChildLeft {
                    group: member,
                    parents: groups,
                },
                (Kind::Group, true) => ViewEvent::ChildJoined {
                    group: member,
                    parents: groups,
                },
            }
        }));
    }
}
