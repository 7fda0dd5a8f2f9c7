//! What an allowlist reads, prints and admits.

use super::*;

fn parsed(text: &str) -> Allowlist {
    Allowlist::parse(text).unwrap()
}

#[test]
fn entries_are_networks_and_names_of_sets() {
    for (text, expect) in [
        ("", ""),
        (
            " 10.0.0.0/8 , set:entra,,10.0.0.0/8 ",
            "10.0.0.0/8,set:entra",
        ),
        ("192.0.2.10/32,2001:DB8::1", "192.0.2.10,2001:db8::1"),
        ("::ffff:192.0.2.10", "192.0.2.10"),
        ("set:okta-us-1", "set:okta-us-1"),
    ] {
        let list = parsed(text);
        assert_eq!(list.to_string(), expect, "{text}");
        assert_eq!(parsed(&list.to_string()), list, "{text}");
    }
}

#[test]
fn anything_else_is_refused_with_what_would_do() {
    for (text, hint) in [
        ("entra", "set:NAME"),
        ("jira.example.com", "set:NAME"),
        ("10.0.0.0/33", "set:NAME"),
        ("010.0.0.1", "set:NAME"),
        ("10.1.2.3/8", "the network is 10.0.0.0/8"),
        ("set:", "1 to 63"),
        ("set:Entra", "1 to 63"),
        ("set:a,set:b c", "1 to 63"),
        ("set:-a", "1 to 63"),
    ] {
        let error = Allowlist::parse(text).unwrap_err().to_string();
        assert!(error.contains(hint), "{text}: {error}");
    }
}

#[test]
fn what_earlier_versions_stored_is_read() {
    let list = Allowlist::from_stored("10.1.2.3/8,192.0.2.10").unwrap();
    assert_eq!(list.to_string(), "10.0.0.0/8,192.0.2.10");
    let damaged = Allowlist::from_stored("10.0.0.0/8,nonsense");
    assert!(matches!(damaged, Err(DirectoryError::Unavailable(_))));
}

#[test]
fn a_list_admits_its_networks_only() {
    for (list, address, expect) in [
        ("", "203.0.113.7", true),
        ("192.0.2.10", "192.0.2.10", true),
        ("192.0.2.10", "192.0.2.11", false),
        ("192.0.2.10", "::ffff:192.0.2.10", true),
        ("10.0.0.0/8,2001:db8::/32", "2001:db8:1::1", true),
        ("10.0.0.0/8,2001:db8::/32", "2001:db9::1", false),
        ("0.0.0.0/0", "2001:db8::1", false),
        // A name that stands for nothing admits nobody, and no more than nobody.
        ("set:gone", "203.0.113.7", false),
        ("set:gone,203.0.113.0/24", "203.0.113.7", true),
    ] {
        let list = parsed(list);
        let client = address.parse().ok();
        assert_eq!(list.admits(client), expect, "{address} in {list}");
        assert_eq!(
            list.explain(client, &[]).admits(),
            expect,
            "{address} in {list}"
        );
        assert_eq!(list.admits(None), list.is_empty(), "{list}");
    }
}
