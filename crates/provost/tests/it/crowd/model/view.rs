//! What an application should see, from the states of its tenants: the simplest that can be right.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    copy::{Copy, Group, Person, key_of},
    random::Random,
    source::{Source, State},
};

/// What an administrator set, and what the application looks at.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// The name of the application.
    pub(super) name: &'static str,
    /// In their order.
    pub(super) tenants: Vec<usize>,
    /// The application keeps groups in groups.
    pub(super) nested: bool,
    pub(super) settings: Settings,
}

/// The settings of a view.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    lower_case: bool,
    flatten: bool,
    exclude_inactive: bool,
    /// Groups that end like this; empty for all.
    endings: Vec<&'static str>,
    user_names: UserNames,
    /// A renamed group keeps the name that the application knows.
    pub(super) stable: bool,
}

/// What names of users are made of.
#[derive(Clone, Copy, Debug, Default)]
enum UserNames {
    #[default]
    AsIs,
    /// `user` is replaced by `person`.
    Replace,
    /// What follows `@` is left out, so that several users may come to one name.
    LocalPart,
}

impl UserNames {
    const fn print(self) -> &'static str {
        match self {
            Self::AsIs => "as-is",
            Self::Replace => "s/user/person/",
            Self::LocalPart => "local-part",
        }
    }

    fn apply(self, name: &str) -> String {
        match self {
            Self::AsIs => name.to_owned(),
            Self::Replace => name.replacen("user", "person", 1),
            Self::LocalPart => name.split('@').take(1).collect(),
        }
    }
}

impl Settings {
    /// Filters and stable names only where there is one tenant: with several, it would matter in
    /// which order they were changed.
    pub(super) fn any(random: &mut Random, tenants: usize) -> Self {
        let endings: &[&[&str]] = &[&[], &[], &["1", "3"], &["5"], &["0", "2", "4", "6"]];
        let endings = random.pick(endings).expect("there are some");
        let only = tenants == 1;
        let rules = [
            UserNames::AsIs,
            UserNames::AsIs,
            UserNames::Replace,
            UserNames::LocalPart,
        ];
        Self {
            lower_case: random.percent(30),
            flatten: random.percent(40),
            exclude_inactive: only && random.percent(30),
            endings: if only { endings.to_vec() } else { Vec::new() },
            user_names: random.pick(&rules).expect("there are some"),
            stable: only && random.percent(60),
        }
    }

    /// As an administrator types them.
    pub(super) fn print(&self) -> Vec<(String, String)> {
        let pick = |is: bool, yes: &str, no: &str| if is { yes } else { no }.to_owned();
        let endings: Vec<_> = self.endings.iter().map(|end| format!("*{end}")).collect();
        let groups = pick(endings.is_empty(), "*", &endings.join(","));
        let pairs = [
            ("lower_case", pick(self.lower_case, "true", "false")),
            ("nested_groups", pick(self.flatten, "flatten", "pass")),
            (
                "inactive_users",
                pick(self.exclude_inactive, "exclude", "include"),
            ),
            ("groups", groups),
            ("usernames", self.user_names.print().to_owned()),
            ("group_names", pick(self.stable, "stable", "follow")),
        ];
        let owned = pairs.map(|(key, value)| (key.to_owned(), value));
        owned.to_vec()
    }

    fn cased(&self, name: &str) -> String {
        if self.lower_case {
            name.to_lowercase()
        } else {
            name.to_owned()
        }
    }

    fn person(&self, person: &Person) -> Person {
        Person {
            name: self.cased(&self.user_names.apply(&person.name)),
            ..person.clone()
        }
    }

    fn names(&self, group: &str) -> bool {
        let mut endings = self.endings.iter();
        self.endings.is_empty() || endings.any(|ending| group.ends_with(ending))
    }
}

/// A group or user: the place of its tenant, and its id.
type Id<'a> = (usize, &'a str);

/// Who has which name, and what is inside the filter.
struct Scene<'a> {
    settings: &'a Settings,
    tenants: &'a [&'a State],
    /// By id, those that have their name.
    groups: BTreeMap<Id<'a>, &'a str>,
    users: BTreeMap<Id<'a>, Person>,
}

impl<'a> Scene<'a> {
    fn new(view: &'a View, tenants: &'a [&'a State]) -> Self {
        Self {
            settings: &view.settings,
            tenants,
            groups: named_groups(view, tenants),
            users: named_users(&view.settings, tenants),
        }
    }

    fn children(&self, (place, id): Id<'a>) -> impl Iterator<Item = Id<'a>> {
        let children = self.tenants[place].groups[id].children.iter();
        let ids = children.map(move |child| (place, child.as_str()));
        ids.filter(|id| self.groups.contains_key(id))
    }

    /// The group and what is in it at any depth.
    fn within(&self, group: Id<'a>, found: &mut BTreeSet<Id<'a>>) {
        if found.insert(group) {
            self.children(group)
                .for_each(|child| self.within(child, found));
        }
    }

    /// Groups that the filter names, and the groups in them.
    fn scope(&self) -> BTreeSet<Id<'a>> {
        let mut scope = BTreeSet::new();
        for (group, name) in &self.groups {
            if self.settings.names(&key_of(name)) {
                self.within(*group, &mut scope);
            }
        }
        scope
    }

    fn is_seen(&self, (place, id): Id<'a>, scope: &BTreeSet<Id<'a>>) -> bool {
        let Some(person) = self.users.get(&(place, id)) else {
            return false;
        };
        if self.settings.exclude_inactive && !person.active {
            return false;
        }
        let tenant = self.tenants[place];
        let mut dead = tenant.tombstones.values();
        let groups: Vec<_> = match dead.find(|tombstone| tombstone.person.key == id) {
            Some(tombstone) => tombstone.groups.iter().collect(),
            None => (tenant.groups.iter())
                .filter(|(_, group)| group.users.contains(id))
                .map(|(group, _)| group)
                .collect(),
        };
        let mut groups = groups.into_iter();
        self.settings.endings.is_empty() || groups.any(|g| scope.contains(&(place, g.as_str())))
    }

    /// Where groups are flattened, those of the filter stand for the groups in them.
    fn is_shown(&self, group: &Id<'a>) -> bool {
        !self.settings.flatten || self.settings.names(&key_of(self.groups[group]))
    }

    fn copy(&self) -> Copy {
        let scope = self.scope();
        let mut copy = Copy::default();
        let seen: BTreeMap<_, _> = (self.users.iter())
            .filter(|(id, _)| self.is_seen(**id, &scope))
            .collect();
        for person in seen.values() {
            copy.users.insert(key_of(&person.name), (*person).clone());
        }
        for group in &scope {
            if !self.is_shown(group) {
                continue;
            }
            let (place, name) = (group.0, self.groups[group]);
            let key = key_of(name);
            let own = &self.tenants[place].groups[group.1];
            let shown = Group {
                name: self.settings.cased(name),
                description: own.description.clone(),
            };
            copy.groups.insert(key.clone(), shown);
            let mut from = BTreeSet::from([*group]);
            if self.settings.flatten {
                from.clear();
                self.within(*group, &mut from);
            } else {
                let children = self.children(*group);
                let children = children.map(|child| (key.clone(), key_of(self.groups[&child])));
                copy.children.extend(children);
            }
            for (_, id) in from {
                for user in &self.tenants[place].groups[id].users {
                    if let Some(person) = seen.get(&(place, user.as_str())) {
                        copy.members.insert((key.clone(), key_of(&person.name)));
                    }
                }
            }
        }
        copy
    }
}

/// The groups that have their names: those that keep one, then the others, tenant by tenant.
fn named_groups<'a>(view: &View, tenants: &[&'a State]) -> BTreeMap<Id<'a>, &'a str> {
    let (mut groups, mut taken) = (BTreeMap::new(), BTreeSet::new());
    for keeps in [true, false] {
        for (place, tenant) in tenants.iter().enumerate() {
            let kept = tenant.kept.get(view.name).filter(|_| view.settings.stable);
            for (id, group) in &tenant.groups {
                let name = kept.and_then(|names| names.get(id));
                let known = name.unwrap_or(&group.name);
                if name.is_some() == keeps && taken.insert(key_of(known)) {
                    groups.insert((place, id.as_str()), known.as_str());
                }
            }
        }
    }
    groups
}

/// The users that have their names: inside a tenant whoever was there first, whether living or
/// not; of several tenants the first in which that one lives, else the first.
fn named_users<'a>(settings: &Settings, tenants: &[&'a State]) -> BTreeMap<Id<'a>, Person> {
    let mut claims: BTreeMap<String, Vec<(bool, usize, &'a Person)>> = BTreeMap::new();
    for (place, tenant) in tenants.iter().enumerate() {
        let mut first: BTreeMap<String, (&'a str, bool, &'a Person)> = BTreeMap::new();
        let living = tenant.users.values().map(|person| (false, person));
        let dead = (tenant.tombstones.values()).map(|tombstone| (true, &tombstone.person));
        for (is_dead, person) in living.chain(dead) {
            let claim = (person.key.as_str(), is_dead, person);
            let key = key_of(&settings.person(person).name);
            let known = first.entry(key).or_insert(claim);
            if claim.0 < known.0 {
                *known = claim;
            }
        }
        for (key, (_, is_dead, person)) in first {
            claims
                .entry(key)
                .or_default()
                .push((is_dead, place, person));
        }
    }
    let first = |all: Vec<(bool, usize, &'a Person)>| {
        let (_, place, person) = all
            .into_iter()
            .min_by_key(|(dead, place, _)| (*dead, *place))?;
        Some(((place, person.key.as_str()), settings.person(person)))
    };
    claims.into_values().filter_map(first).collect()
}

impl View {
    /// What it shows of these states of its tenants.
    pub(super) fn of(&self, states: &[&State]) -> Copy {
        Scene::new(self, states).copy()
    }

    /// Whether it shows a group of its only tenant.
    pub(super) fn shows_group(&self, state: &State, id: &str) -> bool {
        let states = [state];
        let scene = Scene::new(self, &states);
        let shown = scene.scope();
        shown.contains(&(0, id)) && scene.is_shown(&(0, id))
    }

    /// Whether a group of the tenant at that place is inside the filter.
    pub(super) fn has_in_scope(&self, states: &[&State], place: usize, id: &str) -> bool {
        Scene::new(self, states).scope().contains(&(place, id))
    }

    /// Whether every group and user of its tenants is seen.
    pub(super) fn hides_nothing(&self) -> bool {
        self.tenants.len() == 1 && self.settings.endings.is_empty() && !self.settings.stable
    }

    /// The states of its tenants.
    pub(super) fn states<'a>(&self, sources: &'a [Source]) -> Vec<&'a State> {
        self.tenants.iter().map(|at| &sources[*at].state).collect()
    }

    /// What the application should keep now.
    pub(super) fn now(&self, sources: &[Source]) -> Copy {
        self.as_kept(self.of(&self.states(sources)))
    }

    /// Applications that do not look at groups in groups keep none.
    pub(super) fn as_kept(&self, mut copy: Copy) -> Copy {
        if !self.nested {
            copy.children.clear();
        }
        copy
    }
}
