//! What a view lists is what a small model of it says, which knows sets and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{
    prelude::{Strategy, any},
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use uuid::Uuid;

use super::{following::World, views::Client};
use crate::{
    id::UserId,
    testing::{Bench, block_on},
};

/// Users and groups of a tenant, as SCIM shows them.
struct Truth {
    users: BTreeMap<Uuid, (String, bool)>,
    groups: BTreeMap<Uuid, String>,
    /// Group and member.
    members: BTreeSet<(Uuid, Uuid)>,
}

impl Truth {
    fn read(world: &World<'_>) -> Self {
        let bench = world.bench;
        let users = world.users.iter().map(|(_, id)| {
            let user = bench.read_user(*id).unwrap();
            let facts = (
                user.resource.user_name().to_owned(),
                user.resource.is_active(),
            );
            (*id.as_uuid(), facts)
        });
        let (mut groups, mut members) = (BTreeMap::new(), BTreeSet::new());
        for (_, id) in &world.groups {
            let group = bench.read_group(*id).unwrap();
            let name = group.resource.display_name().unwrap().to_owned();
            groups.insert(*id.as_uuid(), name);
            let ids = group
                .members
                .iter()
                .map(|member| member.id.parse().unwrap());
            members.extend(ids.map(|member| (*id.as_uuid(), member)));
        }
        Self {
            users: users.collect(),
            groups,
            members,
        }
    }

    /// Everything below each group, at any depth.
    fn below(&self) -> BTreeSet<(Uuid, Uuid)> {
        let mut all = self.members.clone();
        loop {
            let further: Vec<_> = all
                .iter()
                .flat_map(|(group, member)| {
                    let next = self
                        .members
                        .iter()
                        .filter(move |(above, _)| above == member);
                    next.map(|(_, below)| (*group, *below))
                })
                .filter(|pair| !all.contains(pair))
                .collect();
            if further.is_empty() {
                return all;
            }
            all.extend(further);
        }
    }
}

/// The settings of a view, as the model knows them.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, with two values"
)]
struct Rules {
    is_filtered: bool,
    flatten: bool,
    exclude_inactive: bool,
    local_part: bool,
    lower_case: bool,
}

impl Rules {
    fn pairs(self) -> Vec<(String, String)> {
        let pick = |is: bool, yes: &str, no: &str| if is { yes } else { no }.to_owned();
        [
            ("groups", pick(self.is_filtered, "g0,g3*", "*")),
            ("nested_groups", pick(self.flatten, "flatten", "pass")),
            (
                "inactive_users",
                pick(self.exclude_inactive, "exclude", "include"),
            ),
            ("usernames", pick(self.local_part, "local-part", "as-is")),
            ("lower_case", pick(self.lower_case, "true", "false")),
            ("group_names", "follow".to_owned()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .to_vec()
    }

    fn user_name(self, name: &str) -> String {
        let name = match name.split_once('@') {
            Some((local, _)) if self.local_part => local,
            _ => name,
        };
        if self.lower_case {
            name.to_lowercase()
        } else {
            name.to_owned()
        }
    }

    /// What an application holds after a full synchronisation.
    fn seen(self, truth: &Truth) -> Client {
        let below = truth.below();
        let named = |id: &Uuid| !self.is_filtered || matches!(&*truth.groups[id], "g0" | "g3");
        let in_scope = |id: &Uuid| {
            let above = below.iter().filter(|(_, member)| member == id);
            above.map(|(group, _)| group).any(named)
        };
        let shown = |id: &Uuid| named(id) || (!self.flatten && in_scope(id));
        let groups: BTreeMap<_, _> = truth.groups.iter().filter(|(id, _)| shown(id)).collect();

        let mut first: BTreeMap<String, Uuid> = BTreeMap::new();
        for (id, (name, _)) in &truth.users {
            first
                .entry(self.user_name(name).to_lowercase())
                .or_insert(*id);
        }
        let users: BTreeMap<_, _> = truth
            .users
            .iter()
            .filter(|(id, (name, is_active))| {
                first[&self.user_name(name).to_lowercase()] == **id
                    && (*is_active || !self.exclude_inactive)
                    && (!self.is_filtered || in_scope(id))
            })
            .collect();
        let edges = if self.flatten { &below } else { &truth.members };
        let pairs = |is_user: bool| {
            edges
                .iter()
                .filter(move |(_, member)| truth.users.contains_key(member) == is_user)
        };
        let user = |id: &Uuid| users.get(id).map(|(name, _)| self.user_name(name));
        let group = |id: &Uuid| groups.get(id).map(|name| (*name).clone());
        Client {
            users: users
                .iter()
                .map(|(id, (name, active))| {
                    (self.user_name(name), (UserId::from_uuid(**id), *active))
                })
                .collect(),
            groups: groups.values().map(|name| (*name).clone()).collect(),
            members: pairs(true)
                .filter_map(|(above, member)| Some((group(above)?, user(member)?)))
                .collect(),
            children: pairs(false)
                .filter(|_| !self.flatten)
                .filter_map(|(above, member)| Some((group(above)?, group(member)?)))
                .collect(),
        }
    }
}

/// Whatever happens and whatever the settings are, the listings are those of the model.
pub(super) fn listings_are_those_of_the_model(bench: &mut Bench) {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    );
    bench.set("deleted_users", "remove");
    let view = bench.view("jira", &["one"]);
    let steps = proptest::collection::vec(any::<(u8, u8, u8)>(), 1..20);
    let rounds = bench.steps(120);
    let mut world = World::new(bench);
    let mut most = 0;
    for round in 0..rounds {
        for (what, left, right) in steps.new_tree(&mut runner).unwrap().current() {
            world.step((what, left, right, false));
        }
        let bits = any::<[bool; 5]>().new_tree(&mut runner).unwrap().current();
        let rules = Rules {
            is_filtered: bits[0],
            flatten: bits[1],
            exclude_inactive: bits[2],
            local_part: bits[3],
            lower_case: bits[4],
        };
        let pairs = rules.pairs();
        block_on(bench.directory.set_application("jira", &pairs)).unwrap();
        let expect = rules.seen(&Truth::read(&world));
        most = most.max(expect.members.len());
        assert_eq!(Client::full(&view), expect, "round {round}: {rules:?}");
    }
    assert!(most > 10, "there was something to see: {most}");
}
