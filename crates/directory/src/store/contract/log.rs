//! Rules about the change log.

use serde_json::json;

use crate::{
    change::{ChangeKind, Position},
    testing::{Bench, actor, block_on},
};

const START: Position = Position {
    epoch: 0,
    number: 0,
};

pub(super) fn numbers_have_no_gap_and_the_chain_holds(bench: &Bench) {
    bench.user("taken");
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || {
                for number in 0..20 {
                    let user = bench.user(&format!("u{thread}-{number}"));
                    let clash = json!({"userName": "taken", "title": "no"});
                    drop(bench.create(&bench.one, clash));
                    if number % 2 == 0 {
                        bench.delete_user(&bench.one, user.id).unwrap();
                    }
                }
            });
        }
    });
    let verified = block_on(bench.directory.verify_log()).unwrap();
    let changes = block_on(bench.directory.changes_after(START, 10_000)).unwrap();
    let numbers: Vec<_> = changes.iter().map(|c| c.position.number).collect();
    assert_eq!(numbers, (1..=verified.number).collect::<Vec<_>>());
    assert!(verified.number >= 240);
}

pub(super) fn waiting_ends_with_the_next_change(bench: &Bench) {
    bench.user("a");
    let head = block_on(bench.directory.head()).unwrap();
    let before = Position {
        number: head.number - 1,
        ..head
    };
    block_on(bench.directory.wait_past(before)).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| block_on(bench.directory.wait_past(head)));
        bench.user("b");
        waiting.join().unwrap().unwrap();
    });
}

pub(super) fn what_happened_is_told_in_order(bench: &Bench) {
    use ChangeKind as K;
    let user = bench.user("a");
    let group = bench.group("g", &[user.id.to_string()]);
    bench
        .patch_user(
            user.id,
            json!([{"op": "add", "path": "title", "value": "x"}]),
        )
        .unwrap();
    bench
        .patch_user(
            user.id,
            json!([{"op": "replace", "path": "userName", "value": "b"}]),
        )
        .unwrap();
    bench
        .patch_group(
            group.id,
            json!([{"op": "replace", "path": "displayName", "value": "h"}]),
        )
        .unwrap();
    bench.delete_user(&bench.one, user.id).unwrap();
    block_on(
        bench
            .directory
            .delete_group(&bench.one, actor(), group.id, None),
    )
    .unwrap();
    let changes = block_on(bench.directory.changes_after(START, 100)).unwrap();
    let told: Vec<_> = changes.iter().map(|c| (c.kind, c.name.as_str())).collect();
    let expect = [
        (K::UserCreated, "a"),
        (K::GroupCreated, "g"),
        (K::MemberAdded, "g"),
        (K::UserUpdated, "a"),
        (K::UserRenamed, "b"),
        (K::GroupRenamed, "h"),
        (K::MemberRemoved, "h"),
        (K::UserDeleted, "b"),
        (K::GroupDeleted, "h"),
    ];
    assert_eq!(told, expect);
    assert_eq!(changes[2].member, Some(user.id.to_string()));
    assert_eq!(changes[0].tenant, "one");
    let rest = block_on(bench.directory.changes_after(changes[6].position, 1)).unwrap();
    assert_eq!((rest.len(), rest[0].kind), (1, K::UserDeleted));
}
