//! Two nodes at the same object at the same time.

use std::{collections::BTreeSet, sync::Barrier};

use super::{Node, two};
use crate::{Created, change::Position, testing::block_on};

/// Runs one piece of work on each node, begun at the same moment.
fn at_once<T: Send>(nodes: &[Node; 2], work: impl Fn(usize, &Node) -> T + Sync) -> [T; 2] {
    let barrier = Barrier::new(2);
    std::thread::scope(|scope| {
        let threads = [0, 1].map(|index| {
            let (barrier, work, node) = (&barrier, &work, &nodes[index]);
            scope.spawn(move || {
                barrier.wait();
                work(index, node)
            })
        });
        threads.map(|thread| thread.join().unwrap())
    })
}

#[test]
fn two_nodes_patch_one_group_and_the_union_is_there() {
    const EACH: usize = 200;
    let (_url, nodes) = two();
    let ids = at_once(&nodes, |index, node| {
        let user = |number| node.user(&format!("u{index}-{number}")).id.to_string();
        (0..EACH).map(user).collect::<Vec<_>>()
    });
    let group = nodes[0].group("g").id;
    at_once(&nodes, |index, node| {
        for id in &ids[index] {
            node.add_member(group, id).unwrap();
        }
    });
    let members = nodes[1].read_group(group).members;
    let found: BTreeSet<_> = members.into_iter().map(|member| member.id).collect();
    assert_eq!(found, ids.concat().into_iter().collect());
    nodes[0].check();
}

#[test]
fn of_two_nodes_that_close_a_circle_one_is_refused() {
    let (_url, nodes) = two();
    for round in 0..20 {
        let groups = ["a", "b"].map(|name| nodes[0].group(&format!("{name}{round}")).id);
        let done = at_once(&nodes, |index, node| {
            node.add_member(groups[index], &groups[1 - index].to_string())
        });
        let refused = done.iter().filter(|result| result.is_err()).count();
        assert_eq!(refused, 1, "{done:?}");
    }
    nodes[0].check();
}

#[test]
fn a_user_deleted_here_and_added_there_leaves_no_membership() {
    let (_url, nodes) = two();
    let group = nodes[0].group("g").id;
    for round in 0..40 {
        let user = nodes[0].user(&format!("u{round}")).id;
        at_once(&nodes, |index, node| {
            let done = if index == 0 {
                node.delete_user(user)
            } else {
                node.add_member(group, &user.to_string())
            };
            done.unwrap();
        });
    }
    assert_eq!(nodes[0].ask("SELECT count(*) FROM members"), 0);
    nodes[0].check();
}

#[test]
fn equal_posts_to_two_nodes_make_one_user() {
    let (_url, nodes) = two();
    for round in 0..40_u8 {
        let name = format!("u{round}");
        let made = at_once(&nodes, |_, node| node.post(&name, [round; 32]).unwrap());
        let new = made.iter().filter(|one| matches!(one, Created::New(_)));
        assert_eq!(new.count(), 1);
        let [one, other] = made.map(|one| one.into_inner().id);
        assert_eq!(one, other);
    }
    nodes[1].check();
}

#[test]
fn who_follows_the_log_sees_every_number_once() {
    const WRITERS: usize = 16;
    const EACH: usize = 25;
    let (_url, nodes) = two();
    let mut last = Position {
        epoch: 0,
        number: 0,
    };
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let node = &nodes[writer % 2];
            scope.spawn(move || {
                for number in 0..EACH {
                    node.user(&format!("u{writer}-{number}"));
                }
            });
        }
        let total = (WRITERS * EACH) as u64;
        while last.number < total {
            let reader = &nodes[usize::try_from(last.number % 2).unwrap()].directory;
            block_on(reader.wait_past(last)).unwrap();
            for change in block_on(reader.changes_after(last, 50)).unwrap() {
                assert_eq!(change.position.number, last.number + 1);
                last = change.position;
            }
        }
    });
    let ends = nodes.each_ref().map(|node| {
        node.check();
        block_on(node.directory.verify_log()).unwrap()
    });
    assert_eq!(ends, [last, last]);
}
