//! What one node changes, the others know.

use std::net::IpAddr;

use provost_scim::member::MemberKind;

use super::{Node, arrives, two};
use crate::{
    credential::{Form, Presented},
    session::Factors,
    testing::{block_on, drain},
    token::{Access, NewToken},
};

#[test]
fn users_and_the_log_are_the_same_on_every_node_at_once() {
    let (_url, [one, other]) = two();
    for number in 0..20 {
        let (here, there) = if number % 2 == 0 {
            (&one, &other)
        } else {
            (&other, &one)
        };
        let user = here.user(&format!("u{number}"));
        assert_eq!(there.read_user(user.id).unwrap().version, user.version);
        let heads = [here, there].map(|node| block_on(node.directory.head()).unwrap());
        assert_eq!(heads[0], heads[1]);
        assert_eq!(heads[0].number, number + 1);
    }
    one.check();
}

#[test]
fn a_node_that_waits_for_a_change_hears_of_that_of_another_one() {
    let (_url, [one, other]) = two();
    let head = block_on(other.directory.head()).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| block_on(other.directory.wait_past(head)));
        one.user("anna");
        waiting.join().unwrap().unwrap();
    });
}

fn is_valid(node: &Node, secret: &str) -> bool {
    let presented = Presented::Bearer(secret);
    let caller = block_on(node.directory.authenticate("t", presented)).unwrap();
    caller.is_some()
}

#[test]
fn a_token_is_valid_and_revoked_everywhere() {
    let (_url, [one, other]) = two();
    let new = NewToken {
        label: String::new(),
        expires_days: None,
        access: Access::ReadWrite,
        form: Form::Bearer,
    };
    let (token, secret) = block_on(one.directory.create_token("t", new)).unwrap();
    arrives("the token", || is_valid(&other, secret.reveal()));
    block_on(one.directory.revoke_token(&token.id.to_string())).unwrap();
    arrives("its end", || !is_valid(&other, secret.reveal()));
}

#[test]
fn settings_and_schemas_reach_every_node() {
    let (_url, [one, other]) = two();
    let stranger: IpAddr = "192.0.2.1".parse().unwrap();
    let admits = || block_on(other.directory.admits("t", Some(stranger))).unwrap();
    assert!(admits());
    let allowed = ("allowed_addresses".to_owned(), "10.0.0.0/8".to_owned());
    block_on(one.directory.set_tenant("t", &[allowed])).unwrap();
    arrives("the allowlist", || !admits());

    let document = br#"{"id": "urn:example:t:1.0", "attributes": [{"name": "badge"}]}"#;
    let added = (one.directory).add_schema("t", MemberKind::User, document);
    block_on(added).unwrap();
    let knows = || {
        let tenant = block_on(other.directory.tenant("t")).unwrap();
        tenant.schemas.list().len() == 1
    };
    arrives("the schema", knows);
}

#[test]
fn applications_and_their_views_reach_every_node() {
    let (_url, [one, other]) = two();
    let tenants = ["t".to_owned()];
    let (_, password) = block_on(one.directory.create_application("jira", &tenants)).unwrap();
    let application = |node: &Node| {
        let found = node
            .directory
            .authenticate_application("jira", password.reveal());
        block_on(found).unwrap()
    };
    arrives("the application", || application(&other).is_some());
    let view = other.directory.view(&application(&other).unwrap());
    let before = block_on(view.token()).unwrap();
    one.user("Anna");
    let names = || {
        let persons = drain(block_on(view.users()));
        persons.into_iter().map(|p| p.name).collect::<Vec<_>>()
    };
    assert_eq!(names(), ["Anna"]);
    let lower = ("lower_case".to_owned(), "true".to_owned());
    block_on(one.directory.set_application("jira", &[lower])).unwrap();
    arrives("the setting of the view", || names() == ["anna"]);
    let since = block_on(view.since(before)).unwrap();
    assert!(matches!(since, crate::view::Since::Expired), "{since:?}");
    block_on(one.directory.rotate_application("jira", 0)).unwrap();
    arrives("the end of the password", || application(&other).is_none());
}

#[test]
fn a_session_of_one_node_is_known_to_the_other() {
    let (_url, [one, other]) = two();
    let anna = one.user("anna");
    let factors = Factors::new(vec![("remote_address".to_owned(), "192.0.2.1".to_owned())]);
    let opened = one.directory.open_session(anna.id, &factors, None);
    let (token, session) = block_on(opened).unwrap();
    let token = token.reveal();
    let used = block_on(other.directory.use_session(token, &factors)).unwrap();
    assert_eq!(used, Some(session));
    let wrong = block_on(other.directory.use_session(token, &Factors::default()));
    assert_eq!(wrong.unwrap(), None);
    block_on(other.directory.close_session(token)).unwrap();
    assert_eq!(block_on(one.directory.session(token)).unwrap(), None);
}

#[test]
fn nodes_see_each_other_and_one_that_leaves_is_gone() {
    let (_url, [one, other]) = two();
    let nodes = || block_on(one.directory.nodes()).unwrap();
    arrives("both nodes", || nodes().len() == 2);
    for node in nodes() {
        assert_eq!(node.version, env!("CARGO_PKG_VERSION"));
        assert!(!node.is_silent(), "{node:?}");
        assert!(node.skew_micros.abs() < 60_000_000, "{node:?}");
    }
    one.run("UPDATE nodes SET seen = seen - 11000000 WHERE node LIKE '02%'");
    let silent = |node: &crate::node::NodeSeen| node.id.starts_with("02") && node.is_silent();
    // The node that was made to look silent speaks again within two seconds.
    arrives("the end of the silence", || !nodes().iter().any(silent));
    block_on(other.directory.close());
    assert_eq!(nodes().len(), 1);
}
