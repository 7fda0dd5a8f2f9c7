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
    /// With `user` in a name replaced by `person`.
    replace: bool,
}

impl Settings {
    /// Filters only where there is one tenant.
    pub(super) fn any(random: &mut Random, tenants: usize) -> Self {
        let endings: &[&[&str]] = &[&[], &[], &["1", "3"], &["5"], &["0", "2", "4", "6"]];
        let endings = random.pick(endings).expect("there are some");
        let only = tenants == 1;
        Self {
            lower_case: random.percent(30),
            flatten: random.percent(40),
            exclude_inactive: only && random.percent(30),
            endings: if only { endings.to_vec() } else { Vec::new() },
            replace: random.percent(30),
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
            ("usernames", pick(self.replace, "s/user/person/", "as-is")),
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
        let name = if self.replace {
            person.name.replacen("user", "person", 1)
        } else {
            person.name.clone()
        };
        Person {
            name: self.cased(&name),
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
    /// By id, those that have their name, with its folded form.
    groups: BTreeMap<Id<'a>, String>,
    users: BTreeMap<Id<'a>, Person>,
}

impl<'a> Scene<'a> {
    /// Where several have a name, the first counts that has it living, and a deleted user counts
    /// only where nobody lives.
    fn new(settings: &'a Settings, tenants: &'a [&'a State]) -> Self {
        let (mut groups, mut users) = (BTreeMap::new(), BTreeMap::new());
        let (mut group_names, mut user_names) = (BTreeSet::new(), BTreeSet::new());
        for (place, tenant) in tenants.iter().enumerate() {
            for (id, group) in &tenant.groups {
                let key = key_of(&group.name);
                if group_names.insert(key.clone()) {
                    groups.insert((place, id.as_str()), key);
                }
            }
        }
        let living = |tenant: &'a State| tenant.users.values().collect::<Vec<_>>();
        let dead = |tenant: &'a State| tenant.tombstones.values().map(|t| &t.person).collect();
        let kinds: [&dyn Fn(&'a State) -> Vec<&'a Person>; 2] = [&living, &dead];
        for kind in kinds {
            for (place, tenant) in tenants.iter().enumerate() {
                for person in kind(tenant) {
                    let shown = settings.person(person);
                    if user_names.insert(key_of(&shown.name)) {
                        users.insert((place, person.key.as_str()), shown);
                    }
                }
            }
        }
        Self {
            settings,
            tenants,
            groups,
            users,
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
            if self.settings.names(name) {
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
            let (place, key) = (group.0, &self.groups[group]);
            // Where groups are flattened, those of the filter stand for the groups in them.
            if self.settings.flatten && !self.settings.names(key) {
                continue;
            }
            let own = &self.tenants[place].groups[group.1];
            let shown = Group {
                name: self.settings.cased(&own.name),
                description: own.description.clone(),
            };
            copy.groups.insert(key.clone(), shown);
            let mut from = BTreeSet::from([*group]);
            if self.settings.flatten {
                from.clear();
                self.within(*group, &mut from);
            } else {
                let children = self.children(*group);
                let children = children.map(|child| (key.clone(), self.groups[&child].clone()));
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

impl View {
    /// What it shows of these states of its tenants.
    pub(super) fn of(&self, states: &[&State]) -> Copy {
        Scene::new(&self.settings, states).copy()
    }

    /// What the application should keep now.
    pub(super) fn now(&self, sources: &[Source]) -> Copy {
        let states: Vec<_> = self.tenants.iter().map(|at| &sources[*at].state).collect();
        self.as_kept(self.of(&states))
    }

    /// Applications that do not look at groups in groups keep none.
    pub(super) fn as_kept(&self, mut copy: Copy) -> Copy {
        if !self.nested {
            copy.children.clear();
        }
        copy
    }
}
