//! When commits may be gone, the log begins a new epoch and applications start afresh.

use super::{Node, arrives, two};
use crate::{
    testing::{block_on, drain},
    view::Since,
};

/// The database as it was before the last change of the log.
const FORGET_LAST: &str = "DELETE FROM changes WHERE number = (SELECT number FROM log_head);
    UPDATE log_head SET number = number - 1,
        hash = (SELECT c.hash FROM changes c WHERE c.number = log_head.number - 1)";

fn epoch(node: &Node) -> u64 {
    block_on(node.directory.head()).unwrap().epoch
}

#[test]
fn another_server_begins_a_new_epoch() {
    let (url, [one, other]) = two();
    one.user("anna");
    let view = {
        let tenants = ["t".to_owned()];
        let made = block_on(one.directory.create_application("jira", &tenants)).unwrap();
        one.directory.view(&made.0)
    };
    drain(block_on(view.begin_synchronisation()));
    let token = block_on(view.token()).unwrap();
    let before = epoch(&one);
    one.run("UPDATE log_head SET server = 'another'");
    let third = Node::on(&url, 3);
    let now = epoch(&third);
    assert!(now > before, "{now} after {before}");
    assert_eq!([epoch(&one), epoch(&other)], [now, now]);
    let since = block_on(view.since(token)).unwrap();
    assert!(matches!(since, Since::Expired), "{since:?}");
    third.user("berta");
    drop(third);
    assert_eq!(epoch(&Node::on(&url, 4)), now, "the server is known now");
    one.check();
}

#[test]
fn an_older_state_of_the_database_begins_a_new_epoch() {
    let (_url, [one, other]) = two();
    for name in ["anna", "berta", "carl"] {
        one.user(name);
    }
    let before = block_on(one.directory.head()).unwrap();
    let seen = |node: &Node| *node.directory.store().watch().borrow();
    arrives("the head", || {
        [seen(&one), seen(&other)] == [Some(before); 2]
    });
    other.run(FORGET_LAST);
    arrives("the new epoch", || epoch(&one) > before.epoch);
    let now = epoch(&one);
    one.user("dora");
    arrives("news of it", || {
        [&one, &other].map(|node| seen(node).map_or(0, |at| at.epoch)) == [now, now]
    });
    assert_eq!(block_on(other.directory.head()).unwrap().number, 3);
    other.check();
}

#[test]
fn a_state_of_an_older_epoch_begins_a_greater_one() {
    let (_url, [one, other]) = two();
    one.user("anna");
    one.run("UPDATE log_head SET epoch = epoch + 5000000000");
    let before = epoch(&one);
    let seen = |node: &Node| {
        node.directory
            .store()
            .watch()
            .borrow()
            .map_or(0, |at| at.epoch)
    };
    one.user("berta");
    arrives("the epoch", || {
        [seen(&one), seen(&other)] == [before, before]
    });
    one.run("UPDATE log_head SET epoch = epoch - 5000000000");
    arrives("a greater epoch", || epoch(&other) > before);
}
