//! Rules about memberships.

use std::slice;

use provost_scim::member::MemberKind;
use serde_json::{Value, json};

use crate::{
    DirectoryError,
    group::Group,
    testing::{Bench, actor, block_on, group_input, patch},
};

fn ids(group: &Group) -> Vec<String> {
    group.members.iter().map(|m| m.id.clone()).collect()
}

fn add(ids: &[&str]) -> Value {
    let value: Vec<_> = ids.iter().map(|id| json!({"value": id})).collect();
    json!([{"op": "add", "path": "members", "value": value}])
}

fn invalid(result: Result<impl Sized, DirectoryError>) -> String {
    match result {
        Err(DirectoryError::Refused(error)) => {
            assert_eq!(error.status(), 400);
            error.detail().to_owned()
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("accepted"),
    }
}

pub(super) fn members_come_and_go(bench: &Bench) {
    let (a, b) = (
        bench.user("a").id.to_string(),
        bench.user("b").id.to_string(),
    );
    let group = bench.group("g", &[a.clone(), a.clone()]);
    assert_eq!(ids(&group), slice::from_ref(&a));
    assert_eq!(group.members[0].kind, MemberKind::User);
    assert_eq!(group.members[0].display, "a");

    let group = bench.patch_group(group.id, add(&[&a, &b])).unwrap().object;
    assert_eq!(
        (ids(&group), group.version),
        (vec![a.clone(), b.clone()], 2)
    );
    let path = format!("members[value eq \"{a}\"]");
    let remove = json!([{"op": "remove", "path": path}]);
    let group = bench.patch_group(group.id, remove.clone()).unwrap().object;
    assert_eq!((ids(&group), group.version), (vec![b], 3));
    let group = bench.patch_group(group.id, remove).unwrap().object;
    assert_eq!(group.version, 3);
    let clear = json!([{"op": "replace", "path": "members", "value": []}]);
    let group = bench.patch_group(group.id, clear).unwrap().object;
    assert_eq!((group.members.len(), group.version), (0, 4));
}

pub(super) fn unknown_members_are_skipped_or_refused(bench: &mut Bench) {
    let a = bench.user("a").id.to_string();
    let foreign = bench.create(&bench.two, json!({"userName": "f"})).unwrap();
    let foreign = foreign.id.to_string();
    let unknown = "01890a5d-ac96-774b-bcce-b302099a8057";
    let strange = [unknown, &foreign, "nonsense", &a.to_uppercase()];
    let group = bench.group("g", &[]);
    let all: Vec<_> = strange.iter().copied().chain([a.as_str()]).collect();
    let written = bench.patch_group(group.id, add(&all)).unwrap();
    assert_eq!(written.skipped_members, strange);
    assert_eq!(ids(&written.object), slice::from_ref(&a));

    bench.set("strict_members", "true");
    let b = bench.user("b").id.to_string();
    let head = bench.head();
    let detail = invalid(bench.patch_group(group.id, add(&[&b, unknown])));
    assert!(detail.contains(unknown), "{detail}");
    assert_eq!(ids(&bench.read_group(group.id).unwrap()), [a]);
    assert_eq!(bench.head(), head);
}

pub(super) fn a_group_cannot_contain_itself(bench: &Bench) {
    let c = bench.group("c", &[]);
    let b = bench.group("b", &[c.id.to_string()]);
    let a = bench.group("a", &[b.id.to_string()]);
    for (group, member) in [(&a, &a), (&b, &a), (&c, &a), (&c, &b)] {
        let refused = bench.patch_group(group.id, add(&[&member.id.to_string()]));
        invalid(refused);
    }
    let diamond = bench.patch_group(a.id, add(&[&c.id.to_string()])).unwrap();
    assert_eq!(diamond.object.members.len(), 2);
    assert_eq!(diamond.object.members[0].kind, MemberKind::Group);
}

pub(super) fn put_keeps_or_clears_members(bench: &mut Bench) {
    let (a, b) = (
        bench.user("a").id.to_string(),
        bench.user("b").id.to_string(),
    );
    let group = bench.group("g", slice::from_ref(&a));
    let put = |bench: &Bench, body: Value| {
        let input = group_input(body);
        let put = bench
            .directory
            .replace_group(&bench.one, actor(), group.id, None, input, true);
        block_on(put).unwrap().object
    };
    let kept = put(bench, json!({"displayName": "g"}));
    assert_eq!((ids(&kept), kept.version), (vec![a], 1));
    let replaced = put(
        bench,
        json!({"displayName": "g", "members": [{"value": b}]}),
    );
    assert_eq!((ids(&replaced), replaced.version), (vec![b], 2));
    bench.set("put_without_members", "clear");
    let cleared = put(bench, json!({"displayName": "h"}));
    assert_eq!((cleared.members.len(), cleared.version), (0, 3));
}

pub(super) fn members_that_match_are_removed(bench: &Bench) {
    let a = bench.user("a").id.to_string();
    let child = bench.group("child", &[]).id.to_string();
    let group = bench.group("g", &[a.clone(), child]);
    let remove = json!([{"op": "remove", "path": "members[type eq \"Group\"]"}]);
    let left = bench.patch_group(group.id, remove).unwrap().object;
    assert_eq!(ids(&left), [a]);
}

pub(super) fn groups_of_a_user_are_direct_and_indirect(bench: &Bench) {
    let user = bench.user("a");
    let inner = bench.group("inner", &[user.id.to_string()]);
    let middle = bench.group("middle", &[inner.id.to_string()]);
    bench.group(
        "outer",
        &[
            middle.id.to_string(),
            inner.id.to_string(),
            user.id.to_string(),
        ],
    );
    let groups = bench.read_user(user.id).unwrap().groups;
    let told: Vec<_> = groups
        .iter()
        .map(|g| (g.display.as_str(), g.direct))
        .collect();
    assert_eq!(told, [("inner", true), ("middle", false), ("outer", true)]);
}

pub(super) fn deleting_ends_memberships(bench: &Bench) {
    let user = bench.user("a");
    let child = bench.group("child", &[user.id.to_string()]);
    let parent = bench.group("parent", &[child.id.to_string()]);
    block_on(
        bench
            .directory
            .delete_group(&bench.one, actor(), child.id, None),
    )
    .unwrap();
    let parent = bench.read_group(parent.id).unwrap();
    assert_eq!((parent.members.len(), parent.version), (0, 2));
    assert!(bench.read_user(user.id).unwrap().groups.is_empty());
    assert_eq!(block_on(bench.directory.counts("one")).unwrap(), (1, 1, 0));
}

pub(super) fn changes_at_the_same_time_all_count(bench: &Bench) {
    let users: Vec<_> = (0..64)
        .map(|n| bench.user(&format!("u{n}")).id.to_string())
        .collect();
    let group = bench.group("g", &[]);
    std::thread::scope(|scope| {
        for user in &users {
            scope.spawn(move || {
                let patch = patch(add(&[user]));
                let change =
                    bench
                        .directory
                        .patch_group(&bench.one, actor(), group.id, None, patch, false);
                block_on(change).unwrap();
            });
        }
    });
    let group = bench.read_group(group.id).unwrap();
    assert_eq!((ids(&group), group.version), (users, 65));
}
