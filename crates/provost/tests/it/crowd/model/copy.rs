//! What an application holds and what it should hold, by names.

use std::collections::{BTreeMap, BTreeSet};

use super::super::xml::Element;

/// Names are the same when they differ in case only.
pub(super) fn key_of(name: &str) -> String {
    name.to_lowercase()
}

/// A user in an application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) key: String,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) display: String,
    pub(super) email: String,
    pub(super) active: bool,
}

impl Person {
    /// As applications read it: what is absent is empty, and `active` then is false.
    pub(super) fn read(user: &Element) -> Self {
        let text = |name| user.child(name).map(|child| child.text.clone());
        let field = |name| text(name).unwrap_or_default();
        Self {
            name: user.attribute("name").unwrap_or_default().to_owned(),
            key: field("key"),
            first: field("first-name"),
            last: field("last-name"),
            display: field("display-name"),
            email: field("email"),
            active: field("active") == "true",
        }
    }
}

/// A group in an application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) description: String,
}

impl Group {
    /// # Panics
    /// Where applications fail: without the type, and with a blank name.
    pub(super) fn read(group: &Element) -> Self {
        let text = |name| group.child(name).map(|child| child.text.as_str());
        assert_eq!(text("type"), Some("GROUP"), "{group:?}");
        let name = group.attribute("name").unwrap_or_default();
        assert!(!name.trim().is_empty(), "{group:?}");
        Self {
            name: name.to_owned(),
            description: text("description").unwrap_or_default().to_owned(),
        }
    }
}

/// A pair of folded names: a group, and who is in it.
pub(super) type Pair = (String, String);

/// Users and groups by folded name, and who is in which group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Copy {
    pub(super) users: BTreeMap<String, Person>,
    pub(super) groups: BTreeMap<String, Group>,
    pub(super) members: BTreeSet<Pair>,
    pub(super) children: BTreeSet<Pair>,
}

impl Copy {
    /// Only who is in which group, and the names of the groups.
    pub(super) fn memberships(&self) -> Self {
        let mut copy = Self {
            users: BTreeMap::new(),
            ..self.clone()
        };
        for group in copy.groups.values_mut() {
            group.description.clear();
        }
        copy
    }

    /// The first difference, for a message.
    pub(super) fn difference(&self, should: &Self) -> String {
        fn of<T: PartialEq + std::fmt::Debug>(
            what: &str,
            is: impl Iterator<Item = T>,
            should: impl Iterator<Item = T>,
        ) -> Option<String> {
            let (is, should): (Vec<T>, Vec<T>) = (is.collect(), should.collect());
            let extra = is.iter().find(|item| !should.contains(item));
            let missing = should.iter().find(|item| !is.contains(item));
            let differs = extra.is_some() || missing.is_some();
            differs.then(|| format!("{what}: has {extra:?}, should have {missing:?}"))
        }
        let parts = [
            of("users", self.users.iter(), should.users.iter()),
            of("groups", self.groups.iter(), should.groups.iter()),
            of("members", self.members.iter(), should.members.iter()),
            of("children", self.children.iter(), should.children.iter()),
        ];
        let differences: Vec<_> = parts.into_iter().flatten().collect();
        differences.join("; ")
    }
}
