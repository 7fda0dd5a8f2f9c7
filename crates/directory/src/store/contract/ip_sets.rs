//! Named sets of addresses: kept as accepted, in force where they are named, and never gone while
//! somebody needs them.

use std::sync::Arc;

use provost_allowlist::{
    feed,
    update::{Overrides, Refusal},
};

use crate::{
    DirectoryError,
    ip_set::{IpSetName, NamedSet, Proposal, Source, User},
    testing::{Bench, block_on},
};

const STRICT: Overrides = Overrides {
    allow_wide: false,
    allow_shrink: false,
    allow_older: false,
};

fn name(text: &str) -> IpSetName {
    IpSetName::parse(text).unwrap()
}

fn source() -> Source {
    Source {
        feed: feed::find("json").unwrap(),
        parts: Vec::new(),
        url: Some("https://ranges.example/list.json".to_owned()),
        refresh: true,
    }
}

impl Bench {
    fn ip_set(&self, set: &str) -> Arc<NamedSet> {
        block_on(self.directory.ip_set(set)).unwrap()
    }

    /// What a document with this edition and these networks would make of a set.
    fn proposed(&self, set: &str, edition: u64, networks: &[&str]) -> Result<Proposal, Refusal> {
        let text = serde_json::json!({"version": edition, "prefixes": networks}).to_string();
        let document = source().feed.read(text.as_bytes(), &[]).unwrap();
        let present = block_on(self.directory.ip_set(set)).ok();
        Proposal::new(name(set), source(), document, present.as_deref(), STRICT)
    }

    fn keep(&self, set: &str, edition: u64, networks: &[&str]) -> Arc<NamedSet> {
        let proposal = self.proposed(set, edition, networks).unwrap();
        block_on(self.directory.adopt_ip_set(proposal)).unwrap()
    }

    fn allow(&self, value: &str) -> Result<(), DirectoryError> {
        let pairs = [("allowed_addresses".to_owned(), value.to_owned())];
        block_on(self.directory.set_tenant("one", &pairs)).map(drop)
    }

    fn admits(&self, address: &str) -> bool {
        block_on(self.directory.admits("one", address.parse().ok())).unwrap()
    }
}

fn invalid<T: std::fmt::Debug>(outcome: Result<T, DirectoryError>) -> String {
    match outcome {
        Err(DirectoryError::Invalid(sentence)) => sentence,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn a_set_keeps_what_was_accepted(bench: &mut Bench) {
    let first = bench.keep(
        "calls",
        7,
        &["198.51.100.0/25", "198.51.100.128/25", "2001:db8::/32"],
    );
    let read = bench.ip_set("calls");
    assert_eq!(read.accepted, first.accepted);
    assert_eq!(
        read.accepted.set.to_string(),
        "198.51.100.0/24\n2001:db8::/32\n"
    );
    assert_eq!(
        read.accepted
            .version
            .as_ref()
            .map(ToString::to_string)
            .as_deref(),
        Some("7")
    );
    assert_eq!(read.accepted.digest.len(), 64);
    assert_eq!((read.source.feed.name, read.source.refresh), ("json", true));
    assert_eq!(read.source.url, source().url);
    assert_eq!(
        (read.changed, read.fetched, read.failures),
        (first.fetched, first.tried, 0)
    );
    // The same addresses again: the document was read, and nothing has changed since before.
    bench.clock.advance_seconds(60);
    let again = bench.keep("calls", 8, &["198.51.100.0/24", "2001:db8::/32"]);
    assert_eq!(again.changed, first.changed);
    assert!(again.fetched > first.fetched);
    // Every doubt is one of the safety rules; here an old edition and too many at once.
    let older = bench.proposed("calls", 6, &["198.51.100.0/24"]);
    assert!(matches!(older, Err(Refusal::Older { .. })), "{older:?}");
    let fewer = bench.proposed("calls", 9, &["203.0.113.0/24"]);
    assert!(matches!(fewer, Err(Refusal::Shrinks { .. })), "{fewer:?}");
    bench.keep("other", 1, &["203.0.113.0/24"]);
    let sets = block_on(bench.directory.ip_sets()).unwrap();
    let names: Vec<_> = sets.iter().map(|set| set.name.as_str()).collect();
    assert_eq!(names, ["calls", "other"]);
}

pub(crate) fn a_set_takes_effect_where_it_is_named(bench: &mut Bench) {
    bench.keep("calls", 1, &["198.51.100.0/24"]);
    bench.allow("10.0.0.0/8,set:calls").unwrap();
    for (address, expect) in [
        ("198.51.100.7", true),
        ("10.1.1.1", true),
        ("203.0.113.7", false),
    ] {
        assert_eq!(bench.admits(address), expect, "{address}");
    }
    bench.keep("calls", 2, &["198.51.100.0/24", "203.0.113.0/24"]);
    assert!(bench.admits("203.0.113.7"));
    bench.view("jira", &["one"]);
    let pairs = [("allowed_addresses".to_owned(), "set:calls".to_owned())];
    let jira = block_on(bench.directory.set_application("jira", &pairs)).unwrap();
    assert!(jira.admits("203.0.113.7".parse().ok()));
    assert!(!jira.admits("10.1.1.1".parse().ok()));
    bench.keep(
        "calls",
        3,
        &["198.51.100.0/24", "203.0.113.0/24", "10.0.0.0/8"],
    );
    let jira = block_on(bench.directory.application("jira")).unwrap();
    assert!(jira.admits("10.1.1.1".parse().ok()));
    assert_eq!(jira.allowed_addresses.to_string(), "set:calls");
    let users = block_on(bench.directory.ip_set_users(&name("calls"))).unwrap();
    let expect = [
        User::Tenant("one".to_owned()),
        User::Application("jira".to_owned()),
    ];
    assert_eq!(users, expect);
}

pub(crate) fn a_set_in_use_stays(bench: &mut Bench) {
    bench.keep("calls", 1, &["198.51.100.0/24"]);
    bench.allow("set:calls").unwrap();
    let refused = invalid(block_on(bench.directory.remove_ip_set("calls")));
    assert!(refused.contains("the tenant one"), "{refused}");
    assert!(bench.admits("198.51.100.7"));
    bench.view("jira", &["one"]);
    let pairs = [("allowed_addresses".to_owned(), "set:calls".to_owned())];
    block_on(bench.directory.set_application("jira", &pairs)).unwrap();
    bench.allow("").unwrap();
    let refused = invalid(block_on(bench.directory.remove_ip_set("calls")));
    assert!(refused.contains("the application jira"), "{refused}");
    assert!(!refused.contains("tenant"), "{refused}");
    block_on(bench.directory.delete_application("jira")).unwrap();
    block_on(bench.directory.remove_ip_set("calls")).unwrap();
    let gone = block_on(bench.directory.remove_ip_set("calls"));
    assert!(matches!(gone, Err(DirectoryError::NotFound)), "{gone:?}");
}

pub(crate) fn unknown_names_are_refused_with_those_that_exist(bench: &mut Bench) {
    let none = invalid(bench.allow("set:calls"));
    assert!(none.contains("provost allowlist fetch"), "{none}");
    bench.keep("other", 1, &["198.51.100.0/24"]);
    let other = invalid(bench.allow("10.0.0.0/8,set:calls"));
    assert!(
        other.contains("calls") && other.contains("other"),
        "{other}"
    );
    assert!(
        bench.admits("203.0.113.7"),
        "a refused list is not in force"
    );
    bench.view("jira", &["one"]);
    let pairs = [("allowed_addresses".to_owned(), "set:calls".to_owned())];
    let other = invalid(block_on(bench.directory.set_application("jira", &pairs)));
    assert!(other.contains("other"), "{other}");
}

pub(crate) fn of_two_updates_at_the_same_time_one_wins(bench: &mut Bench) {
    for networks in [["198.51.100.0/24"], ["203.0.113.0/24"]] {
        let set = format!("s{}", networks.concat().len());
        let first = bench.proposed(&set, 1, &networks).unwrap();
        let second = bench.proposed(&set, 1, &["192.0.2.0/24"]).unwrap();
        block_on(bench.directory.adopt_ip_set(first)).unwrap();
        let late = block_on(bench.directory.adopt_ip_set(second));
        assert!(
            matches!(late, Err(DirectoryError::VersionMismatch)),
            "{late:?}"
        );
        assert_eq!(
            bench.ip_set(&set).accepted.set.to_string(),
            format!("{}\n", networks[0])
        );
    }
    let held = bench.proposed("s15", 2, &["198.51.100.0/24"]).unwrap();
    block_on(bench.directory.remove_ip_set("s15")).unwrap();
    let late = block_on(bench.directory.adopt_ip_set(held));
    assert!(
        matches!(late, Err(DirectoryError::VersionMismatch)),
        "{late:?}"
    );
}

pub(crate) fn a_failure_is_noted_and_changes_nothing_else(bench: &mut Bench) {
    let before = bench.keep("calls", 1, &["198.51.100.0/24"]);
    bench.allow("set:calls").unwrap();
    for failures in 1..=2 {
        bench.clock.advance_seconds(3_600);
        let set = name("calls");
        let noted = bench.directory.note_ip_set_failure(&set, "no\nway");
        let noted = block_on(noted).unwrap();
        assert_eq!(
            (noted.failures, noted.failure.as_deref()),
            (failures, Some("no way"))
        );
        assert!(noted.tried > before.tried);
        assert_eq!(noted.fetched, before.fetched);
        assert_eq!(noted.accepted, before.accepted);
        assert!(bench.admits("198.51.100.7"));
    }
    let now = bench.ip_set("calls");
    assert!(!now.is_overdue(now.tried));
    bench.clock.advance_seconds(5 * 86_400);
    block_on(bench.directory.note_ip_set_failure(&name("calls"), "again")).unwrap();
    let now = bench.ip_set("calls");
    assert!(now.is_overdue(now.tried));
    let after = bench.keep("calls", 2, &["198.51.100.0/24"]);
    assert_eq!((after.failures, after.failure.as_deref()), (0, None));
    let unknown = block_on(bench.directory.note_ip_set_failure(&name("x"), "no"));
    assert!(
        matches!(unknown, Err(DirectoryError::NotFound)),
        "{unknown:?}"
    );
}

pub(crate) fn sets_without_a_url_are_not_refreshed(bench: &mut Bench) {
    let set = bench.keep("calls", 1, &["198.51.100.0/24"]);
    let off = block_on(bench.directory.refresh_ip_set("calls", false)).unwrap();
    assert!(!off.source.refresh && off.accepted == set.accepted);
    bench.clock.advance_seconds(10 * 86_400);
    assert!(
        !off.is_overdue(
            block_on(bench.directory.refresh_ip_set("calls", false))
                .unwrap()
                .tried
        )
    );
    let mut proposal = bench.proposed("mine", 1, &["198.51.100.0/24"]).unwrap();
    for (url, refresh, hint) in [
        (None, true, "--url"),
        (Some("http://ranges.example/"), true, "https://"),
        (Some("https:///x"), false, "https://"),
        (Some("https://ranges.example/a b"), false, "no spaces"),
        (Some("file:///etc/passwd"), false, "https://"),
    ] {
        proposal.source.url = url.map(str::to_owned);
        proposal.source.refresh = refresh;
        let refused = invalid(block_on(bench.directory.adopt_ip_set(proposal.clone())));
        assert!(refused.contains(hint), "{url:?}: {refused}");
    }
    proposal.source.url = None;
    proposal.source.refresh = false;
    block_on(bench.directory.adopt_ip_set(proposal)).unwrap();
    assert!(invalid(block_on(bench.directory.refresh_ip_set("mine", true))).contains("--url"));
}

pub(crate) fn one_node_refreshes_a_set(bench: &mut Bench) {
    bench.keep("calls", 1, &["198.51.100.0/24"]);
    let due = |bench: &Bench| block_on(bench.directory.due_ip_sets()).unwrap();
    assert_eq!(due(bench).len(), 0);
    bench.clock.advance_seconds(86_400);
    // What two nodes see at the same time.
    let [one, other] = [due(bench).remove(0), due(bench).remove(0)];
    assert!(block_on(bench.directory.claim_ip_set(&one)).unwrap());
    assert!(!block_on(bench.directory.claim_ip_set(&other)).unwrap());
    assert_eq!(due(bench).len(), 0, "nobody else needs to try");
    let now = bench.ip_set("calls");
    assert_eq!(
        (now.failures, now.accepted == one.accepted),
        (0, true),
        "to begin is no failure"
    );
    // The node has died.
    bench.clock.advance_seconds(3_600);
    let again = due(bench).remove(0);
    assert!(block_on(bench.directory.claim_ip_set(&again)).unwrap());
    bench.keep("calls", 2, &["198.51.100.0/24"]);
    assert_eq!(due(bench).len(), 0);
    block_on(bench.directory.refresh_ip_set("calls", false)).unwrap();
    let off = bench.ip_set("calls");
    assert!(!block_on(bench.directory.claim_ip_set(&off)).unwrap());
}
