//! Member operations of a group change, folded into what is to be added and what removed.
//!
//! The cost follows the operations; only `Clear` and `RemoveMatching` look at the members there
//! are.

use std::collections::{HashMap, HashSet};

use provost_scim::{
    Resource, Timestamp,
    filter::{BoundFilter, Subject},
    member::{Member, MemberOp},
    schema,
};

/// What [`fold`] must know about the members there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Needs {
    /// Nothing.
    Nothing,
    /// Their ids.
    Ids,
    /// Everything, also about the ids that are added.
    Members,
}

/// What must be known to fold these operations.
pub(crate) fn needs(operations: &[MemberOp]) -> Needs {
    let need = |operation: &MemberOp| match operation {
        MemberOp::Add(_) | MemberOp::Remove(_) => Needs::Nothing,
        MemberOp::Clear => Needs::Ids,
        MemberOp::RemoveMatching(_) => Needs::Members,
    };
    operations.iter().map(need).max().unwrap_or(Needs::Nothing)
}

/// What is known, as far as [`needs`] said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// Ids of the members there are.
    pub(crate) ids: Vec<String>,
    /// The members there are, and those that operations add.
    pub(crate) members: HashMap<String, Member>,
}

/// The net change. An id is in one of the lists at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Ids that shall be members, in the order given.
    pub(crate) add: Vec<String>,
    /// Ids that shall not.
    pub(crate) remove: Vec<String>,
}

#[derive(Default)]
struct Wishes {
    cleared: bool,
    order: Vec<String>,
    wanted: HashMap<String, bool>,
}

impl Wishes {
    fn set(&mut self, id: &str, wanted: bool) {
        if let Some(known) = self.wanted.get_mut(id) {
            *known = wanted;
        } else {
            self.order.push(id.to_owned());
            self.wanted.insert(id.to_owned(), wanted);
        }
    }

    fn clear(&mut self) {
        *self = Self {
            cleared: true,
            ..Self::default()
        };
    }

    /// The members at this point that satisfy the filter.
    fn matching(&self, filter: &BoundFilter, known: &Known) -> Vec<String> {
        let untouched = |id: &&String| !self.cleared && !self.wanted.contains_key(*id);
        let added = self
            .order
            .iter()
            .filter(|id| self.wanted.get(*id) == Some(&true));
        let present = known.ids.iter().filter(untouched).chain(added);
        present
            .filter(|id| known.members.get(*id).is_some_and(|m| matches(filter, m)))
            .cloned()
            .collect()
    }

    fn into_plan(self, known: &Known) -> Plan {
        let Self {
            cleared,
            order,
            wanted,
        } = self;
        let (mut add, mut remove): (Vec<_>, Vec<_>) = order
            .into_iter()
            .partition(|id| wanted.get(id) == Some(&true));
        if cleared {
            let present: HashSet<&str> = known.ids.iter().map(String::as_str).collect();
            add.retain(|id| !present.contains(id.as_str()));
            remove = known
                .ids
                .iter()
                .filter(|id| wanted.get(*id) != Some(&true))
                .cloned()
                .collect();
        }
        Plan { add, remove }
    }
}

/// Folds operations in their order.
pub(crate) fn fold(operations: &[MemberOp], known: &Known) -> Plan {
    let mut wishes = Wishes::default();
    for operation in operations {
        match operation {
            MemberOp::Add(ids) => ids.iter().for_each(|id| wishes.set(id, true)),
            MemberOp::Remove(ids) => ids.iter().for_each(|id| wishes.set(id, false)),
            MemberOp::Clear => wishes.clear(),
            MemberOp::RemoveMatching(filter) => {
                for id in wishes.matching(filter, known) {
                    wishes.set(&id, false);
                }
            }
        }
    }
    wishes.into_plan(known)
}

/// Whether one member satisfies a filter on `members`.
fn matches(filter: &BoundFilter, member: &Member) -> bool {
    filter.matches(&Subject {
        kind: &schema::GROUP,
        id: "",
        resource: &Resource::default(),
        created: Timestamp::from_micros(0),
        last_modified: Timestamp::from_micros(0),
        version: 0,
        groups: &[],
        members: std::slice::from_ref(member),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn operations_fold_into_their_net_effect() {
        use MemberOp::{Add, Clear, Remove};
        for (present, operations, add, remove) in [
            ("", vec![Add(ids("a b a"))], "a b", ""),
            ("a", vec![Remove(ids("a")), Add(ids("a"))], "a", ""),
            ("a", vec![Add(ids("b")), Remove(ids("b a"))], "", "b a"),
            ("a b c", vec![Clear], "", "a b c"),
            ("a b c", vec![Clear, Add(ids("b d"))], "d", "a c"),
            ("a b", vec![Add(ids("x")), Clear, Add(ids("a b"))], "", ""),
            (
                "a b",
                vec![Clear, Add(ids("a")), Remove(ids("a"))],
                "",
                "a b",
            ),
        ] {
            let known = Known {
                ids: ids(present),
                members: HashMap::new(),
            };
            let expect = Plan {
                add: ids(add),
                remove: ids(remove),
            };
            assert_eq!(fold(&operations, &known), expect, "{operations:?}");
        }
    }

    #[test]
    fn only_clearing_and_matching_look_at_the_members() {
        assert_eq!(needs(&[]), Needs::Nothing);
        assert_eq!(
            needs(&[MemberOp::Add(vec![]), MemberOp::Remove(vec![])]),
            Needs::Nothing
        );
        assert_eq!(needs(&[MemberOp::Clear, MemberOp::Add(vec![])]), Needs::Ids);
    }
}
