//! Clients that follow events hold what their views show, whatever the settings of the view.

use proptest::{
    prelude::{Strategy, any},
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::json;

use super::views::{Client, head};
use crate::{
    change::Position,
    id::{GroupId, UserId},
    testing::{Bench, actor, block_on, patch},
    token::Caller,
    view::{Since, View},
};

/// One random step; numbers choose among what there is.
pub(super) type Step = (u8, u8, u8, bool);

/// What there is, and who may change it; `true` stands for the second tenant.
pub(super) struct World<'a> {
    pub(super) bench: &'a Bench,
    pub(super) users: Vec<(bool, UserId)>,
    pub(super) groups: Vec<(bool, GroupId)>,
}

impl<'a> World<'a> {
    pub(super) fn new(bench: &'a Bench) -> Self {
        Self {
            bench,
            users: Vec::new(),
            groups: Vec::new(),
        }
    }

    fn caller(&self, second: bool) -> &Caller {
        if second {
            &self.bench.two
        } else {
            &self.bench.one
        }
    }

    pub(super) fn step(&mut self, (what, left, right, second): Step) {
        // Two names in three become one where only the part before the `@` counts.
        let name = match right % 3 {
            0 => format!("n{}@x", left % 6),
            1 => format!("n{}@y", left % 6),
            _ => format!("n{}", left % 6),
        };
        match what % 10 {
            0 | 1 => {
                let made = self
                    .bench
                    .create(self.caller(second), json!({"userName": name}));
                self.users.extend(made.ok().map(|user| (second, user.id)));
            }
            2 => {
                let name = format!("g{}", left % 6);
                let made = self.bench.group_of(self.caller(second), &name, &[]);
                self.groups.extend(made.ok().map(|g| (second, g.object.id)));
            }
            3 => self.delete(left, right),
            4 => self.retitle(left, right),
            5 if right % 3 == 0 => self.rename_group(left, right),
            kind => self.member(kind, left, right),
        }
    }

    fn delete(&mut self, left: u8, right: u8) {
        let caller = |second| self.caller(second);
        if right.is_multiple_of(2) && !self.users.is_empty() {
            let (second, id) = self.users[left as usize % self.users.len()];
            self.bench.delete_user(caller(second), id).unwrap();
            self.users.retain(|(_, other)| *other != id);
        } else if !self.groups.is_empty() {
            let (second, id) = self.groups[left as usize % self.groups.len()];
            let delete = self
                .bench
                .directory
                .delete_group(caller(second), actor(), id, None);
            block_on(delete).unwrap();
            self.groups.retain(|(_, other)| *other != id);
        }
    }

    fn retitle(&self, left: u8, right: u8) {
        if self.users.is_empty() {
            return;
        }
        let (second, id) = self.users[left as usize % self.users.len()];
        let operations = if right.is_multiple_of(11) {
            json!([{"op": "replace", "path": "userName", "value": format!("n{}", right % 6)}])
        } else {
            json!([{"op": "replace", "path": "active", "value": right.is_multiple_of(2)}])
        };
        let patch = patch(operations);
        let change = self
            .bench
            .directory
            .patch_user(self.caller(second), actor(), id, None, patch);
        // A taken name is refused, and the world stays as it is.
        drop(block_on(change));
    }

    fn rename_group(&self, left: u8, right: u8) {
        if self.groups.is_empty() {
            return;
        }
        let (second, id) = self.groups[left as usize % self.groups.len()];
        let name = format!("g{}", right % 8);
        let patch = patch(json!([{"op": "replace", "path": "displayName", "value": name}]));
        let caller = self.caller(second);
        let change = self
            .bench
            .directory
            .patch_group(caller, actor(), id, None, patch, false);
        drop(block_on(change));
    }

    fn member(&self, kind: u8, left: u8, right: u8) {
        let users = self.users.iter().map(|(_, id)| id.to_string());
        let groups = self.groups.iter().map(|(_, id)| id.to_string());
        let all: Vec<_> = users.chain(groups).collect();
        if self.groups.is_empty() || all.is_empty() {
            return;
        }
        let (second, group) = self.groups[left as usize % self.groups.len()];
        let member = &all[right as usize % all.len()];
        let operations = if kind.is_multiple_of(3) {
            json!([{"op": "remove", "path": format!("members[value eq \"{member}\"]")}])
        } else {
            json!([{"op": "add", "path": "members", "value": [{"value": member}]}])
        };
        let patch = patch(operations);
        let change = self.bench.directory.patch_group(
            self.caller(second),
            actor(),
            group,
            None,
            patch,
            false,
        );
        // A cycle is refused, and the world stays as it is.
        drop(block_on(change));
    }
}

/// Tenants and settings.
type Kind = (
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
);

/// Views of all kinds.
const VIEWS: [Kind; 10] = [
    (&["one"], &[]),
    (&["two", "one"], &[]),
    (&["one"], &[("group_names", "follow")]),
    (&["one"], &[("groups", "g0*,g3")]),
    (
        &["one"],
        &[("groups", "g1,g4"), ("nested_groups", "flatten")],
    ),
    (
        &["one"],
        &[("nested_groups", "flatten"), ("lower_case", "true")],
    ),
    (&["one"], &[("inactive_users", "exclude")]),
    (&["one"], &[("usernames", "local-part")]),
    (
        &["one", "two"],
        &[
            ("usernames", "s/@.*//"),
            ("groups", "g1,g2"),
            ("inactive_users", "exclude"),
        ],
    ),
    (
        &["two", "one"],
        &[
            ("nested_groups", "flatten"),
            ("groups", "g?"),
            ("usernames", "local-part"),
            ("lower_case", "true"),
        ],
    ),
];

struct Follower {
    view: View,
    client: Client,
    position: Position,
    followed: u32,
}

impl Follower {
    fn new(bench: &Bench, number: usize) -> Self {
        let (tenants, settings) = VIEWS[number];
        let name = format!("app{number}");
        let view = bench.view(&name, tenants);
        let pairs: Vec<_> = settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        block_on(bench.directory.set_application(&name, &pairs)).unwrap();
        Self {
            client: Client::default(),
            position: head(&view),
            view,
            followed: 0,
        }
    }

    fn follow(&mut self, what: &str) {
        match block_on(self.view.since(self.position)).unwrap() {
            Since::Events { events, position } => {
                for event in events {
                    self.client.apply(event);
                }
                self.position = position;
                self.followed += 1;
            }
            Since::Expired => {
                self.client = Client::full(&self.view);
                self.position = head(&self.view);
            }
        }
        assert_eq!(self.client, Client::full(&self.view), "{what}");
    }
}

/// A client that follows events holds what the view shows, after every stretch of changes.
pub(super) fn coalesced_events_equal_the_view(bench: &mut Bench) {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    );
    let steps = proptest::collection::vec(any::<Step>(), 1..12);
    let mut followers: Vec<_> = (0..VIEWS.len()).map(|n| Follower::new(bench, n)).collect();
    let (mut users, mut groups) = (Vec::new(), Vec::new());
    for round in 0..bench.steps(150) {
        if round % 30 == 29 {
            let policy = if round % 60 == 29 {
                "remove"
            } else {
                "inactive"
            };
            bench.set("deleted_users", policy);
        }
        let mut world = World {
            bench,
            users,
            groups,
        };
        for step in steps.new_tree(&mut runner).unwrap().current() {
            world.step(step);
        }
        (users, groups) = (world.users, world.groups);
        for (number, follower) in followers.iter_mut().enumerate() {
            follower.follow(&format!("round {round}, view {:?}", VIEWS[number]));
        }
    }
    for (follower, (tenants, settings)) in followers.iter().zip(VIEWS) {
        let least = if tenants.len() > 1 { 10 } else { 30 };
        assert!(
            follower.followed > least,
            "events were tested only {} times: {tenants:?} {settings:?}",
            follower.followed
        );
    }
    block_on(bench.directory.verify_log()).unwrap();
}
