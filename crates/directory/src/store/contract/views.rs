//! Rules about what applications see and how they follow.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::json;

use crate::{
    Directory, DirectoryError,
    change::Position,
    id::UserId,
    testing::{Bench, actor, block_on, drain},
    view::{MembershipItem, PersonKey, Since, View, ViewEvent},
};

/// What a Crowd client holds: people and groups by name, memberships by names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Client {
    /// Name → key and whether active.
    pub(super) users: BTreeMap<String, (UserId, bool)>,
    pub(super) groups: BTreeSet<String>,
    pub(super) members: BTreeSet<(String, String)>,
    pub(super) children: BTreeSet<(String, String)>,
}

impl Client {
    pub(super) fn full(view: &View) -> Self {
        let mut client = Self::default();
        let persons = block_on(async {
            match view.begin_synchronisation().await {
                Err(DirectoryError::NothingProvisioned) => view.users().await,
                begun => begun,
            }
        });
        for person in drain(persons) {
            let known = client
                .users
                .insert(person.name.clone(), (person.key, person.active));
            assert!(known.is_none(), "{} twice", person.name);
        }
        for group in drain(block_on(view.groups())) {
            assert!(client.groups.insert(group.name));
        }
        let mut current = String::new();
        for item in drain(block_on(view.memberships())) {
            match item {
                MembershipItem::Group(name) => current = name,
                MembershipItem::User(user) => {
                    client.members.insert((current.clone(), user));
                }
                MembershipItem::Child(child) => {
                    client.children.insert((current.clone(), child));
                }
            }
        }
        client
    }

    pub(super) fn apply(&mut self, event: ViewEvent) {
        match event {
            ViewEvent::Left { user, groups } => {
                self.members
                    .retain(|(g, u)| *u != user || !groups.contains(g));
            }
            ViewEvent::ChildLeft { group, parents } => {
                self.children
                    .retain(|(p, c)| *c != group || !parents.contains(p));
            }
            ViewEvent::UserRemoved(name) => {
                self.users.remove(&name);
                self.members.retain(|(_, user)| *user != name);
            }
            ViewEvent::GroupRemoved(name) => {
                self.groups.remove(&name);
                self.members.retain(|(group, _)| *group != name);
                self.children
                    .retain(|(group, child)| *group != name && *child != name);
            }
            ViewEvent::GroupChanged { group, .. } => {
                self.groups.insert(group.name);
            }
            ViewEvent::UserChanged { person, .. } => {
                self.users.insert(person.name, (person.key, person.active));
            }
            ViewEvent::GroupsOfUser { user, groups } => {
                self.members.retain(|(_, member)| *member != user);
                self.apply(ViewEvent::Joined { user, groups });
            }
            ViewEvent::Joined { user, groups } => {
                // A client drops a membership of something that it does not know.
                for group in groups.into_iter().filter(|g| self.groups.contains(g)) {
                    if self.users.contains_key(&user) {
                        self.members.insert((group, user.clone()));
                    }
                }
            }
            ViewEvent::ChildJoined { group, parents } => {
                for parent in parents.into_iter().filter(|p| self.groups.contains(p)) {
                    if self.groups.contains(&group) {
                        self.children.insert((parent, group.clone()));
                    }
                }
            }
        }
    }
}

pub(super) fn head(view: &View) -> Position {
    let token = block_on(view.token()).unwrap();
    match block_on(view.since(token)).unwrap() {
        Since::Events { position, .. } => position,
        Since::Expired => panic!("a fresh token is expired"),
    }
}

pub(super) fn events(view: &View, position: Position) -> Vec<ViewEvent> {
    match block_on(view.since(position)).unwrap() {
        Since::Events { events, .. } => events,
        Since::Expired => panic!("expired"),
    }
}

pub(super) fn listings_show_everything(bench: &Bench) {
    let view = bench.view("jira", &["one"]);
    assert_eq!(Client::full(&view), Client::default());
    let ids: Vec<_> = (0..600)
        .map(|n| bench.user(&format!("u{n}")).id.to_string())
        .collect();
    let group = bench.group("all", &ids);
    bench.group("empty", &[]);
    bench.group("Parent", &[group.id.to_string()]);
    bench
        .delete_user(&bench.one, UserId::parse(&ids[0]).unwrap())
        .unwrap();
    let client = Client::full(&view);
    assert_eq!((client.users.len(), client.members.len()), (600, 599));
    assert!(!client.users["u0"].1, "a tombstone is inactive");
    assert_eq!(client.groups.len(), 3);
    assert!(client.children.contains(&("Parent".into(), "all".into())));

    let named = |groups: Result<Vec<crate::view::ViewGroup>, DirectoryError>| -> Vec<String> {
        groups.unwrap().into_iter().map(|g| g.name).collect()
    };
    assert_eq!(named(block_on(view.groups_of_user("U1"))), ["all"]);
    assert_eq!(named(block_on(view.groups_of_user("u0"))), [""; 0]);
    assert_eq!(named(block_on(view.children_of_group("PARENT"))), ["all"]);
    assert_eq!(named(block_on(view.parents_of_group("all"))), ["Parent"]);
    assert_eq!(drain(block_on(view.users_of_group("ALL"))).len(), 599);
    assert!(block_on(view.group("nothing")).unwrap().is_none());
    for missing in [
        block_on(view.groups_of_user("nobody")).err(),
        block_on(view.users_of_group("nothing")).err(),
    ] {
        assert!(matches!(missing, Some(DirectoryError::NotFound)));
    }
    let person = block_on(view.person(PersonKey::Name("U1")))
        .unwrap()
        .unwrap();
    assert_eq!(
        block_on(view.person(PersonKey::Key(person.key))).unwrap(),
        Some(person)
    );
}

pub(super) fn a_view_that_never_had_a_user_is_not_listed_as_empty(bench: &Bench) {
    let view = bench.view("jira", &["one"]);
    let begin = || block_on(view.begin_synchronisation());
    assert!(matches!(begin(), Err(DirectoryError::NothingProvisioned)));
    bench.group("g", &[]);
    bench
        .create(&bench.two, json!({"userName": "other"}))
        .unwrap();
    assert!(matches!(begin(), Err(DirectoryError::NothingProvisioned)));
    let user = bench.user("a");
    assert_eq!(drain(begin()).len(), 1);
    let set = [("deleted_users".to_owned(), "remove".to_owned())];
    block_on(bench.directory.set_tenant("one", &set)).unwrap();
    let caller = block_on(bench.directory.administrator("one")).unwrap();
    bench.delete_user(&caller, user.id).unwrap();
    assert_eq!(drain(begin()).len(), 0, "everybody left, which is news");
}

pub(super) fn nothing_has_a_name_with_u_0000(bench: &Bench) {
    let anna = bench.user("anna");
    bench.group("g", &[anna.id.to_string()]);
    let view = bench.view("jira", &["one"]);
    for name in ["\0", "anna\0", "g\0", "\0g"] {
        let person = block_on(view.person(PersonKey::Name(name)));
        assert!(person.unwrap().is_none(), "{name:?}");
        assert_eq!(block_on(view.group(name)).unwrap(), None, "{name:?}");
        for missing in [
            block_on(view.groups_of_user(name)).map(drop),
            block_on(view.users_of_group(name)).map(drop),
            block_on(view.children_of_group(name)).map(drop),
            block_on(view.parents_of_group(name)).map(drop),
        ] {
            let is_missing = matches!(missing, Err(DirectoryError::NotFound));
            assert!(is_missing, "{name:?} {missing:?}");
        }
    }
}

pub(super) fn the_first_tenant_counts(bench: &Bench) {
    let view = bench.view("jira", &["two", "one"]);
    let hidden = bench.user("Bob");
    let shown = bench
        .create(&bench.two, json!({"userName": "bob"}))
        .unwrap();
    bench.group("g", &[hidden.id.to_string()]);
    bench.group("h", &[hidden.id.to_string()]);
    bench
        .group_of(&bench.two, "G", &[shown.id.to_string()])
        .unwrap();
    let client = Client::full(&view);
    assert_eq!(
        client.users,
        BTreeMap::from([("bob".into(), (shown.id, true))])
    );
    assert_eq!(client.groups, BTreeSet::from(["G".into(), "h".into()]));
    assert_eq!(client.members, BTreeSet::from([("G".into(), "bob".into())]));
    assert_eq!(
        block_on(view.person(PersonKey::Key(hidden.id))).unwrap(),
        None
    );

    // Whoever lives comes before whoever is gone.
    let before = head(&view);
    bench.delete_user(&bench.two, shown.id).unwrap();
    assert_eq!(block_on(view.since(before)).unwrap(), Since::Expired);
    assert_eq!(Client::full(&view).users["Bob"], (hidden.id, true));
}

pub(super) fn events_lead_to_the_present(bench: &Bench) {
    let view = bench.view("jira", &["one"]);
    let user = bench.user("a");
    let group = bench.group("g", &[user.id.to_string()]);
    let start = head(&view);
    assert_eq!(events(&view, start), []);
    bench
        .create(&bench.two, json!({"userName": "other"}))
        .unwrap();
    assert_eq!(
        events(&view, start),
        [],
        "another tenant's changes are not told"
    );

    bench.delete_user(&bench.one, user.id).unwrap();
    let told = events(&view, start);
    assert!(
        matches!(&told[0], ViewEvent::Left { user, groups } if user == "a" && groups == &["g"])
    );
    assert!(matches!(&told[1], ViewEvent::UserChanged { person, .. } if !person.active));
    assert_eq!(told.len(), 2);

    let again = bench.user("A");
    let told = events(&view, start);
    assert!(matches!(&told[1], ViewEvent::UserChanged { person, .. } if person.key == again.id));

    let before = head(&view);
    block_on(
        bench
            .directory
            .delete_group(&bench.one, actor(), group.id, None),
    )
    .unwrap();
    assert_eq!(events(&view, before), [ViewEvent::GroupRemoved("g".into())]);
    bench.group("g", &[again.id.to_string()]);
    let told = events(&view, before);
    assert_eq!(told[0], ViewEvent::GroupRemoved("g".into()));
    assert!(matches!(
        &told[1],
        ViewEvent::GroupChanged { created: true, .. }
    ));
    assert!(matches!(&told[2], ViewEvent::Joined { user, .. } if user == "A"));
}

pub(super) fn what_cannot_be_told_expires(bench: &Bench) {
    let view = bench.view("jira", &["one"]);
    let user = bench.user("a");
    let start = head(&view);
    let rename = |name: &str| json!([{"op": "replace", "path": "userName", "value": name}]);
    for wrong in [
        Position {
            epoch: start.epoch + 1,
            ..start
        },
        Position { epoch: 0, ..start },
        Position {
            number: start.number + 1,
            ..start
        },
        Position {
            number: u64::MAX,
            ..start
        },
    ] {
        assert_eq!(
            block_on(view.since(wrong)).unwrap(),
            Since::Expired,
            "{wrong}"
        );
    }
    bench.patch_user(user.id, rename("b")).unwrap();
    assert_eq!(block_on(view.since(start)).unwrap(), Since::Expired);
    drain(block_on(view.begin_synchronisation()));
    let start = head(&view);
    bench.clock.advance_seconds(400_000);
    assert_eq!(
        events(&view, start),
        [],
        "nothing happened, so nothing is too old"
    );
    bench.user("c");
    assert_eq!(events(&view, start).len(), 1);
    bench.clock.advance_seconds(302_401);
    assert_eq!(block_on(view.since(start)).unwrap(), Since::Expired);
}

pub(super) fn a_token_reaches_back_before_the_listing(bench: &Bench) {
    let view = bench.view("jira", &["one"]);
    bench.user("a");
    let number = |view: &View| block_on(view.token()).unwrap().number;
    assert_eq!(
        number(&view),
        0,
        "a change of this moment may be missing in a listing"
    );
    bench.clock.advance_seconds(900);
    assert_eq!(number(&view), 1);
    let b = bench.user("b");
    drain(block_on(view.begin_synchronisation()));
    bench.user("c");
    assert_eq!(number(&view), 1);
    bench.clock.advance_seconds(900);
    assert_eq!(
        number(&view),
        2,
        "never later than the start of the listing"
    );
    let renamed = json!([{"op": "replace", "path": "userName", "value": "bb"}]);
    bench.patch_user(b.id, renamed).unwrap();
    drain(block_on(view.begin_synchronisation()));
    assert_eq!(number(&view), 4, "the listing has the rename");
    bench.user("d");
    drain(block_on(view.users()));
    assert_eq!(number(&view), 4, "a search is no synchronisation");
    drain(block_on(view.begin_synchronisation()));
    assert_eq!(
        number(&view),
        4,
        "two clients may synchronise under one name"
    );
    assert_eq!(events(&view, block_on(view.token()).unwrap()).len(), 1);
}

pub(super) fn a_changed_view_ends_its_positions(bench: &Bench) {
    let view = bench.view("jira", &["one"]);
    let other = bench.view("confluence", &["one"]);
    bench.user("a");
    let (start, kept) = (head(&view), head(&other));
    let set = |key: &str, value: &str| {
        let pairs = [(key.to_owned(), value.to_owned())];
        block_on(bench.directory.set_application("jira", &pairs)).unwrap();
    };
    set("allowed_addresses", "10.0.0.0/8");
    assert_eq!(events(&view, start), []);
    set("tenants", "one,two");
    assert_eq!(block_on(view.since(start)).unwrap(), Since::Expired);
    assert_eq!(events(&view, head(&view)), []);
    assert_eq!(events(&other, kept), []);
    assert_eq!(block_on(other.since(start)).unwrap(), Since::Expired);
}

pub(super) fn a_view_changed_during_a_synchronisation_makes_it_start_over(bench: &Bench) {
    let view = bench.view("jira", &["one"]);
    bench.user("a");
    let set = |value: &str| {
        let pairs = [("usernames".to_owned(), value.to_owned())];
        block_on(bench.directory.set_application("jira", &pairs)).unwrap();
    };
    // As another process sees it, or this one after a restart.
    let elsewhere = Directory::over(Arc::clone(bench.directory.store()), bench.clock.clone());
    let application = block_on(elsewhere.application("jira")).unwrap();
    let afterwards = elsewhere.view(&application);
    for (asked, rule) in [(&view, "s/a/b/"), (&afterwards, "s/a/c/")] {
        drain(block_on(view.begin_synchronisation()));
        set(rule);
        drain(block_on(view.synchronised_groups()));
        drain(block_on(view.memberships()));
        let token = block_on(asked.token()).unwrap();
        assert_eq!(
            block_on(view.since(token)).unwrap(),
            Since::Expired,
            "the users were those of another view"
        );
        drain(block_on(view.begin_synchronisation()));
        let token = block_on(asked.token()).unwrap();
        assert!(matches!(
            block_on(view.since(token)).unwrap(),
            Since::Events { .. }
        ));
    }
}

pub(super) fn a_view_is_never_read_with_the_settings_of_yesterday(bench: &Bench) {
    let view = bench.view("jira", &["one"]);
    bench.user("a");
    // Another process changes what this one knows since a moment ago.
    let elsewhere = Directory::over(Arc::clone(bench.directory.store()), bench.clock.clone());
    for rule in ["s/a/b/", "s/a/c/"] {
        assert_eq!(drain(block_on(view.users())).len(), 1);
        let pairs = [("usernames".to_owned(), rule.to_owned())];
        block_on(elsewhere.set_application("jira", &pairs)).unwrap();
        let users = drain(block_on(view.users()));
        let names: Vec<_> = users.iter().map(|user| user.name.as_str()).collect();
        assert_eq!(names, [&rule[4..5]]);
        let name = PersonKey::Name(&rule[4..5]);
        assert!(block_on(view.person(name)).unwrap().is_some());
    }
}
