//! The users and groups that an application keeps, and how it applies what it reads, with its
//! dangerous habits (reference: Crowd REST, matching rules and events).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::xml::Element,
    copy::{Copy, Group, Person, key_of},
};

/// What an application keeps. Users have an identity of their own, so that a rename keeps their
/// groups.
#[derive(Clone, Debug, Default)]
pub(super) struct Cache {
    users: BTreeMap<u64, Person>,
    last: u64,
    groups: BTreeMap<String, Group>,
    members: BTreeSet<(String, u64)>,
    children: BTreeSet<(String, String)>,
    /// Whether groups in groups are looked at.
    nested: bool,
}

impl Cache {
    /// An empty one.
    pub(super) fn new(nested: bool) -> Self {
        Self {
            nested,
            ..Self::default()
        }
    }

    /// By names, as it can be compared.
    pub(super) fn copy(&self) -> Copy {
        let name_of = |user: &u64| key_of(&self.users[user].name);
        let users: BTreeMap<_, _> = (self.users.values())
            .map(|person| (key_of(&person.name), person.clone()))
            .collect();
        assert_eq!(users.len(), self.users.len(), "two users have one name");
        Copy {
            users,
            groups: self.groups.clone(),
            members: (self.members.iter())
                .map(|(group, user)| (group.clone(), name_of(user)))
                .collect(),
            children: self.children.clone(),
        }
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    fn named(&self, name: &str) -> Option<u64> {
        let mut users = self.users.iter();
        let found = users.find(|(_, person)| key_of(&person.name) == key_of(name));
        found.map(|(user, _)| *user)
    }

    fn keyed(&self, key: &str) -> Option<u64> {
        let mut users = self.users.iter();
        let found = users.find(|(_, person)| person.key == key);
        found.map(|(user, _)| *user)
    }

    fn add_user(&mut self, person: Person) -> u64 {
        self.last += 1;
        self.users.insert(self.last, person);
        self.last
    }

    fn delete_user(&mut self, user: u64) {
        self.users.remove(&user);
        self.members.retain(|(_, member)| *member != user);
    }

    fn delete_group(&mut self, key: &str) {
        self.groups.remove(key);
        self.members.retain(|(group, _)| group != key);
        self.children
            .retain(|(group, child)| group != key && child != key);
    }

    /// The whole listing of users: whoever is not in it is deleted; the others are found by key,
    /// else by name.
    pub(super) fn take_users(&mut self, listed: &[Person]) {
        let names: BTreeSet<_> = listed.iter().map(|person| key_of(&person.name)).collect();
        let keys: BTreeSet<_> = listed.iter().map(|person| person.key.as_str()).collect();
        assert_eq!(names.len(), listed.len(), "a user is listed twice");
        let is_listed =
            |p: &Person| keys.contains(p.key.as_str()) || names.contains(&key_of(&p.name));
        let known = self.users.iter();
        let gone: Vec<_> = (known.filter(|(_, person)| !is_listed(person)))
            .map(|(user, _)| *user)
            .collect();
        for user in gone {
            self.delete_user(user);
        }
        let mut kept = BTreeSet::new();
        for person in listed {
            let user = self.keyed(&person.key);
            let by_name = || self.named(&person.name).filter(|user| !kept.contains(user));
            let user = user.or_else(by_name);
            let user = user.unwrap_or_else(|| self.add_user(person.clone()));
            self.users.insert(user, person.clone());
            kept.insert(user);
        }
        // Whose name has come to another user.
        let rest: Vec<_> = (self.users.keys().filter(|user| !kept.contains(user)))
            .copied()
            .collect();
        for user in rest {
            self.delete_user(user);
        }
    }

    /// The whole listing of groups: what is not in it is deleted.
    pub(super) fn take_groups(&mut self, listed: &[Group]) {
        let names: BTreeSet<_> = listed.iter().map(|group| key_of(&group.name)).collect();
        assert_eq!(names.len(), listed.len(), "a group is listed twice");
        let known: Vec<_> = self.groups.keys().cloned().collect();
        for key in known.iter().filter(|key| !names.contains(*key)) {
            self.delete_group(key);
        }
        for group in listed {
            self.groups.insert(key_of(&group.name), group.clone());
        }
    }

    /// The members of one listed group. Whoever is not known is skipped; a group that is not
    /// listed keeps whom it has.
    pub(super) fn take_members(&mut self, group: &str, users: &[&str], children: &[&str]) {
        let group = key_of(group);
        if !self.groups.contains_key(&group) {
            return;
        }
        self.members.retain(|(other, _)| *other != group);
        self.children.retain(|(other, _)| *other != group);
        let users = users.iter().filter_map(|name| self.named(name));
        let members: Vec<_> = users.map(|user| (group.clone(), user)).collect();
        self.members.extend(members);
        for child in children {
            self.nest(&group, child);
        }
    }

    fn nest(&mut self, group: &str, child: &str) {
        let child = key_of(child);
        if self.nested && self.groups.contains_key(group) && self.groups.contains_key(&child) {
            self.children.insert((group.to_owned(), child));
        }
    }

    /// The answer to a sign-in: the user is found by key, else by name.
    pub(super) fn take_user(&mut self, person: &Person) {
        let user = self.keyed(&person.key).or_else(|| self.named(&person.name));
        match user {
            Some(user) => {
                self.users.insert(user, person.clone());
            }
            None => {
                self.add_user(person.clone());
            }
        }
        // Whoever had the name before is in the way.
        let others: Vec<_> = (self.users.iter())
            .filter(|(_, p)| key_of(&p.name) == key_of(&person.name) && p.key != person.key)
            .map(|(user, _)| *user)
            .collect();
        for user in others {
            self.delete_user(user);
        }
    }

    /// The groups of a user after a sign-in. An empty list removes nobody.
    pub(super) fn take_groups_of(&mut self, user: &str, groups: &[&str]) {
        let Some(user) = self.named(user) else { return };
        let groups: BTreeSet<_> = groups.iter().map(|name| key_of(name)).collect();
        if !groups.is_empty() {
            self.members
                .retain(|(group, member)| *member != user || groups.contains(group));
        }
        for group in groups {
            if self.groups.contains_key(&group) {
                self.members.insert((group, user));
            }
        }
    }

    /// Whether a group is known by that name.
    pub(super) fn has_group(&self, name: &str) -> bool {
        self.groups.contains_key(&key_of(name))
    }

    /// A group that a sign-in made known.
    pub(super) fn take_group(&mut self, group: Group) {
        self.groups.insert(key_of(&group.name), group);
    }

    /// One event. What is spelt differently is ignored, as applications do.
    pub(super) fn apply(&mut self, event: &Element) {
        let operation = event.child("operation");
        let operation = operation.map(|element| element.text.as_str());
        let (Some(operation @ ("CREATED" | "UPDATED" | "DELETED")), name) =
            (operation, event.name.as_str())
        else {
            return;
        };
        match (name, operation) {
            ("userEvent", "DELETED") => {
                if let Some(user) = self.named(named(event, "user")) {
                    self.delete_user(user);
                }
            }
            ("userEvent", _) => self.user_event(event),
            ("groupEvent", "DELETED") => self.delete_group(&key_of(named(event, "group"))),
            ("groupEvent", _) => {
                let group = Group::read(event.child("group").expect("a group"));
                self.groups.insert(key_of(&group.name), group);
            }
            ("userMembershipEvent", operation) => self.membership_event(event, operation),
            ("groupMembershipEvent", operation) => self.nesting_event(event, operation),
            _ => {}
        }
    }

    /// By name alone: a user whose name is not known is a new one.
    fn user_event(&mut self, event: &Element) {
        let person = Person::read(event.child("user").expect("a user"));
        match self.named(&person.name) {
            Some(user) => {
                self.users.insert(user, person);
            }
            None => {
                self.add_user(person);
            }
        }
    }

    fn membership_event(&mut self, event: &Element, operation: &str) {
        let parents = parents(event);
        let Some(user) = self.named(named(event, "childUser")) else {
            return;
        };
        if operation == "UPDATED" {
            self.members.retain(|(_, member)| *member != user);
        }
        for group in parents {
            if operation == "DELETED" {
                self.members.remove(&(group, user));
            } else if self.groups.contains_key(&group) {
                self.members.insert((group, user));
            }
        }
    }

    fn nesting_event(&mut self, event: &Element, operation: &str) {
        let parents = parents(event);
        let child = named(event, "group");
        assert!(event.child("childGroups").is_some(), "{event:?}");
        assert_ne!(operation, "UPDATED", "would replace all children");
        for group in parents {
            if operation == "DELETED" {
                self.children.remove(&(group, key_of(child)));
            } else {
                self.nest(&group, child);
            }
        }
    }
}

fn named<'a>(event: &'a Element, child: &str) -> &'a str {
    let entity = event.child(child).expect("an entity");
    entity.attribute("name").expect("a name")
}

/// Always there, because applications fail without.
fn parents(event: &Element) -> Vec<String> {
    let parents = event.child("parentGroups").expect("parentGroups");
    parents.names().into_iter().map(key_of).collect()
}
