//! Rules about users and groups as objects.

use std::sync::Arc;

use provost_scim::{ScimError, ScimType};
use serde_json::json;

use crate::{
    Created, DirectoryError,
    id::UserId,
    store::{Decision, Kind, Load, Scope, Target},
    testing::{Bench, actor, block_on, user_input},
};

fn conflict(result: Result<impl Sized, DirectoryError>) -> (&'static str, String) {
    match result {
        Err(DirectoryError::Conflict {
            attribute,
            existing,
        }) => (attribute, existing.unwrap()),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("no conflict"),
    }
}

pub(super) fn names_are_unique_without_case_within_a_tenant(bench: &Bench) {
    let amelie = bench.user("Amélie");
    for name in ["amélie", "AME\u{301}LIE"] {
        let again = bench.create(&bench.one, json!({"userName": name, "title": "other"}));
        assert_eq!(
            conflict(again),
            ("userName", amelie.id.to_string()),
            "{name}"
        );
    }
    bench
        .create(&bench.two, json!({"userName": "amélie"}))
        .unwrap();
    let bob = bench.user("bob");
    let rename = json!([{"op": "replace", "path": "userName", "value": "AMÉLIE"}]);
    assert_eq!(conflict(bench.patch_user(bob.id, rename)).0, "userName");
    let recase = json!([{"op": "replace", "path": "userName", "value": "BOB"}]);
    let recased = bench.patch_user(bob.id, recase).unwrap();
    assert_eq!(recased.resource.user_name(), "BOB");

    let group = bench.group("Ops", &[]);
    bench.user("ops");
    let again = bench.group_of(&bench.one, "oPS", &[]);
    assert!(matches!(
        again,
        Ok(_) | Err(DirectoryError::Conflict { .. })
    ));
    let other = bench.group("dev", &[]);
    let rename = json!([{"op": "replace", "path": "displayName", "value": "OPS"}]);
    let clash = conflict(bench.patch_group(other.id, rename));
    assert_eq!(clash, ("displayName", group.id.to_string()));
}

pub(super) fn external_ids_are_unique_with_case(bench: &Bench) {
    let with = |name: &str, id: &str| {
        bench.create(&bench.one, json!({"userName": name, "externalId": id}))
    };
    let first = with("a", "X1").unwrap();
    with("b", "x1").unwrap();
    assert_eq!(
        conflict(with("c", "X1")),
        ("externalId", first.id.to_string())
    );
    let foreign = json!({"userName": "a", "externalId": "X1"});
    bench.create(&bench.two, foreign).unwrap();
    assert!(bench.create(&bench.one, json!({"userName": "1"})).is_ok());
}

fn race(bench: &Bench, hash: impl Fn(u8) -> [u8; 32] + Sync) -> (usize, usize, usize) {
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..64)
            .map(|number| {
                let hash = hash(number);
                scope.spawn(move || bench.post(&bench.one, json!({"userName": "race"}), hash))
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let count =
        |test: fn(&Result<Created<_>, _>) -> bool| outcomes.iter().filter(|o| test(o)).count();
    (
        count(|o| matches!(o, Ok(Created::New(_)))),
        count(|o| matches!(o, Ok(Created::Replayed(_)))),
        count(|o| matches!(o, Err(DirectoryError::Conflict { .. }))),
    )
}

pub(super) fn equal_posts_make_one_user(bench: &Bench) {
    assert_eq!(race(bench, |number| [number; 32]), (1, 0, 63));
    assert_eq!(bench.head(), 1);
    let replays = race(bench, |_| [9; 32]);
    assert!(matches!(replays, (0, 64, 0) | (0, 0, 64)), "{replays:?}");
    let fresh = bench.post(&bench.one, json!({"userName": "race2"}), [5; 32]);
    let Ok(Created::New(fresh)) = fresh else {
        panic!("not new");
    };
    for _ in 0..3 {
        match bench.post(&bench.one, json!({"userName": "race2"}), [5; 32]) {
            Ok(Created::Replayed(same)) => assert_eq!(same.id, fresh.id),
            _ => panic!("not replayed"),
        }
    }
}

pub(super) fn a_repeated_post_gets_its_object_for_ten_minutes(bench: &mut Bench) {
    let post = |bench: &Bench| bench.post(&bench.one, json!({"userName": "a"}), [7; 32]);
    let made = post(bench).unwrap().into_inner();
    bench.clock.advance_seconds(600);
    assert!(matches!(post(bench), Ok(Created::Replayed(same)) if same.id == made.id));
    assert_eq!(bench.head(), 1);
    bench.set("strict_replay", "true");
    assert_eq!(conflict(post(bench)).1, made.id.to_string());
    bench.set("strict_replay", "false");
    bench.clock.advance_seconds(1);
    assert_eq!(conflict(post(bench)).0, "userName");

    let changed = bench
        .post(&bench.one, json!({"userName": "b"}), [7; 32])
        .unwrap()
        .into_inner();
    let title = json!([{"op": "add", "path": "title", "value": "x"}]);
    bench.patch_user(changed.id, title).unwrap();
    conflict(bench.post(&bench.one, json!({"userName": "b"}), [7; 32]));
}

pub(super) fn a_write_that_changes_nothing_writes_nothing(bench: &Bench) {
    let user = bench
        .create(&bench.one, json!({"userName": "a", "title": "t"}))
        .unwrap();
    let group = bench.group("g", &[user.id.to_string()]);
    let head = bench.head();
    bench.clock.advance_seconds(5);
    let title = json!([{"op": "replace", "path": "title", "value": "t"}]);
    let same = bench.patch_user(user.id, title).unwrap();
    assert_eq!((same.version, same.last_modified), (1, user.last_modified));
    let put = user_input(json!({"userName": "a", "title": "t"}));
    let put = bench
        .directory
        .replace_user(&bench.one, actor(), user.id, None, put);
    assert_eq!(block_on(put).unwrap().version, 1);
    let member =
        json!([{"op": "add", "path": "members", "value": [{"value": user.id.to_string()}]}]);
    let same = bench.patch_group(group.id, member).unwrap().object;
    assert_eq!((same.version, same.last_modified), (1, group.last_modified));
    assert_eq!(bench.head(), head);
}

pub(super) fn versions_grow_and_are_checked(bench: &Bench) {
    let user = bench.user("a");
    let put = |expected: Option<Vec<u64>>, title: &str| {
        let input = user_input(json!({"userName": "a", "title": title}));
        block_on(
            bench
                .directory
                .replace_user(&bench.one, actor(), user.id, expected, input),
        )
    };
    assert_eq!(put(Some(vec![1]), "x").unwrap().version, 2);
    assert!(matches!(
        put(Some(vec![1, 3]), "y"),
        Err(DirectoryError::VersionMismatch)
    ));
    assert_eq!(put(Some(vec![7, 2]), "y").unwrap().version, 3);
    let delete = |expected| {
        block_on(
            bench
                .directory
                .delete_user(&bench.one, actor(), user.id, expected),
        )
    };
    assert!(matches!(
        delete(Some(vec![])),
        Err(DirectoryError::VersionMismatch)
    ));
    delete(Some(vec![3])).unwrap();
    assert!(matches!(delete(None), Err(DirectoryError::NotFound)));
}

pub(super) fn last_modified_never_goes_back(bench: &Bench) {
    let user = bench.user("a");
    assert_eq!(user.created, user.last_modified);
    bench.clock.advance_seconds(-3_600);
    let changed = bench
        .patch_user(
            user.id,
            json!([{"op": "add", "path": "title", "value": "x"}]),
        )
        .unwrap();
    assert_eq!(
        (changed.version, changed.last_modified),
        (2, user.last_modified)
    );
    bench.clock.advance_seconds(7_200);
    let changed = bench
        .patch_user(
            user.id,
            json!([{"op": "add", "path": "title", "value": "y"}]),
        )
        .unwrap();
    assert!(changed.last_modified > user.last_modified);
}

pub(super) fn other_tenants_find_nothing(bench: &Bench) {
    let user = bench.user("a");
    let read = block_on(bench.directory.user(&bench.two, user.id, false));
    assert!(matches!(read, Err(DirectoryError::NotFound)));
    let gone = bench.delete_user(&bench.two, user.id);
    assert!(matches!(gone, Err(DirectoryError::NotFound)));
    let as_group = bench.read_group(crate::id::GroupId::from_uuid(*user.id.as_uuid()));
    assert!(matches!(as_group, Err(DirectoryError::NotFound)));
    assert!(bench.read_user(user.id).is_ok());
}

pub(super) fn a_deleted_user_is_gone_and_its_name_free(bench: &Bench) {
    let old = bench
        .create(&bench.one, json!({"userName": "A", "externalId": "e"}))
        .unwrap();
    let group = bench.group("g", &[old.id.to_string()]);
    bench.delete_user(&bench.one, old.id).unwrap();
    assert!(matches!(
        bench.read_user(old.id),
        Err(DirectoryError::NotFound)
    ));
    let new = bench
        .create(&bench.one, json!({"userName": "a", "externalId": "e"}))
        .unwrap();
    assert_ne!(new.id, old.id);
    assert!(bench.read_user(new.id).unwrap().groups.is_empty());
    let group = bench.read_group(group.id).unwrap();
    assert_eq!((group.members.len(), group.version), (0, 2));
}

pub(super) fn a_refused_change_leaves_no_trace(bench: &Bench) {
    let user = bench.user("a");
    let head = bench.head();
    let operations = json!([
        {"op": "add", "path": "title", "value": "x"},
        {"op": "replace", "path": "userName", "value": {"no": "text"}},
    ]);
    let refused = bench.patch_user(user.id, operations);
    assert!(
        matches!(refused, Err(DirectoryError::Refused(_))),
        "{refused:?}"
    );
    assert_eq!(bench.read_user(user.id).unwrap().version, 1);
    assert_eq!(bench.head(), head);
}

pub(super) fn a_panic_undoes_only_itself(bench: &Bench) {
    let user = bench.user("a");
    let scope = || Scope {
        tenant: Arc::clone(&bench.one.tenant),
        actor: actor().clone(),
        now: user.created,
    };
    let target = |id: UserId| Target {
        kind: Kind::User,
        id: *id.as_uuid(),
        expected: None,
    };
    let store = bench.directory.store();
    let broken = store.change(
        scope(),
        target(user.id),
        Load::default(),
        Box::new(|_| panic!("broken rule")),
    );
    let refused = store.change(
        scope(),
        target(user.id),
        Load::default(),
        Box::new(|_| Err(ScimError::new(ScimType::InvalidValue, "no").into())),
    );
    let fine = store.change(
        scope(),
        target(user.id),
        Load::default(),
        Box::new(|_| {
            Ok(Decision {
                resource: provost_scim::Resource::from_stored(r#"{"userName":"b"}"#).unwrap(),
                members: Vec::new(),
                password: None,
            })
        }),
    );
    assert!(matches!(
        block_on(broken),
        Err(DirectoryError::Unavailable(_))
    ));
    assert!(matches!(block_on(refused), Err(DirectoryError::Refused(_))));
    assert_eq!(block_on(fine).unwrap().stored.version, 2);
    assert!(block_on(bench.directory.is_ready()));
    block_on(bench.directory.verify_log()).unwrap();
}

/// How many rows there are of everything that a tenant may own alone.
fn owned(bench: &Bench) -> Vec<(String, u64)> {
    let sink = Box::new(std::io::sink());
    let export = bench.directory.export(sink, Arc::new(|_, _| {}));
    let mut rows = block_on(export).unwrap().rows;
    let lasting = [
        "tenants",
        "tokens",
        "applications",
        "views",
        "changes",
        "group_ends",
    ];
    rows.retain(|(table, _)| !lasting.contains(&table.as_str()));
    rows
}

pub(super) fn a_tenant_goes_with_all_it_owns(bench: &mut Bench) {
    bench.set("accept_passwords", "true");
    let kept = bench.create(&bench.two, json!({"userName": "a"})).unwrap();
    let others = owned(bench);
    let user = bench
        .create(
            &bench.one,
            json!({"userName": "a", "emails": [{"value": "a@example.com"}], "password": "pa55w0rd!"}),
        )
        .unwrap();
    let inner = bench.group("inner", &[user.id.to_string()]);
    bench.group("outer", &[user.id.to_string(), inner.id.to_string()]);
    let buried = bench.user("b");
    bench.group("last", &[buried.id.to_string()]);
    bench.delete_user(&bench.one, buried.id).unwrap();
    let grown = owned(bench).into_iter().zip(&others);
    let grown: Vec<_> = grown
        .filter(|(now, before)| now != *before)
        .map(|(now, _)| now.0)
        .collect();
    let expect = [
        "resources",
        "emails",
        "members",
        "tombstones",
        "tombstone_groups",
        "passwords",
    ];
    assert_eq!(grown, expect);
    let view = bench.view("jira", &["one", "two"]);
    let before = block_on(view.token()).unwrap();
    block_on(bench.directory.delete_tenant("one")).unwrap();
    assert_eq!(owned(bench), others);
    assert!(matches!(
        bench.read_user(user.id),
        Err(DirectoryError::NotFound)
    ));
    assert!(matches!(
        block_on(bench.directory.tenant("one")),
        Err(DirectoryError::NotFound)
    ));
    assert!(block_on(bench.directory.user(&bench.two, kept.id, false)).is_ok());
    assert_eq!(
        block_on(view.since(before)).unwrap(),
        crate::view::Since::Expired
    );
    block_on(bench.directory.create_tenant("one", None)).unwrap();
    assert_eq!(block_on(bench.directory.counts("one")).unwrap(), (0, 0, 0));
    block_on(bench.directory.verify_log()).unwrap();
}
