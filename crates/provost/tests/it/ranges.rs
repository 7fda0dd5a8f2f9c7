//! Named sets are refreshed by a running server: soon after its start when they are due, never by a
//! document in doubt, and loudly after five days. The server of documents is on loopback.

use std::{sync::Arc, time::Duration};

use provost::{RunningServer, Server};
use provost_allowlist::{feed, update::Overrides};
use provost_directory::{
    Directory, OpenOptions,
    clock::ManualClock,
    ip_set::{IpSetName, NamedSet, Proposal, Source},
};
use provost_scim::Timestamp;
use provost_testkit::{Https, until};

use crate::support::{TempDir, TestServer, block_on, http};

/// Ends a test that hangs.
const PATIENCE: Duration = Duration::from_secs(30);
const HOUR: i64 = 3_600;

struct World {
    documents: Https,
    clock: Arc<ManualClock>,
    directory: Directory,
    dir: TempDir,
}

impl World {
    /// With the set `idp` in force, edition 1, to be refreshed.
    fn new() -> Self {
        let dir = TempDir::new();
        let clock = Arc::new(ManualClock::new(Timestamp::from_micros(
            1_767_225_600_000_000,
        )));
        let options = OpenOptions {
            database: provost_directory::Database::default(),
            data_dir: dir.path().join("data"),
            serve: true,
            clock: clock.clone(),
        };
        let world = Self {
            documents: Https::start().expect("openssl serves"),
            directory: block_on(Directory::open(options)).expect("an empty directory opens"),
            clock,
            dir,
        };
        let source = Source {
            feed: feed::find("json").expect("a feed"),
            parts: Vec::new(),
            url: Some(world.documents.url("list")),
            refresh: true,
        };
        let text = document(1, &["198.51.100.0/24", "203.0.113.0/24"]);
        let read = source.feed.read(text.as_bytes(), &[]).expect("a document");
        let name = IpSetName::parse("idp").expect("a name");
        let proposal = Proposal::new(name, source, read, None, Overrides::default());
        let proposal = proposal.expect("nothing speaks against it");
        block_on(world.directory.adopt_ip_set(proposal)).expect("it is kept");
        world
    }

    fn offer(&self, edition: u64, networks: &[&str]) {
        let text = document(edition, networks);
        self.documents.put("list", &text).expect("a page");
    }

    /// A server that starts after some time, and looks at once whether a set is due.
    fn serve_after(&self, hours: i64) -> RunningServer {
        self.clock.advance_seconds(hours * HOUR);
        let ca = self.documents.ca_file().display().to_string();
        let settings = [
            ("allowlist_ca_file", ca.as_str()),
            ("allowlist_allow_private", "true"),
        ];
        let config = TestServer::config(self.dir.path(), &settings);
        let server = Server::builder().config(config);
        let server = server.directory(self.directory.clone()).start();
        server.expect("the server starts")
    }

    fn set(&self) -> Arc<NamedSet> {
        block_on(self.directory.ip_set("idp")).expect("the set is there")
    }

    fn until(&self, what: &str, is_so: impl Fn(&NamedSet) -> bool) -> Arc<NamedSet> {
        let look = || Ok(Some(self.set()).filter(|set| is_so(set)));
        until(what, PATIENCE, look).expect(what)
    }
}

fn document(edition: u64, networks: &[&str]) -> String {
    serde_json::json!({"version": edition, "prefixes": networks}).to_string()
}

fn metric(server: &RunningServer, name: &str) -> String {
    let line = format!("{name}{{set=\"idp\"}} ");
    let found = until(name, PATIENCE, || {
        let page = http::send(server.app_addr(), "GET", "/metrics", &[], b"");
        let text = page.text().to_owned();
        let value = text.lines().find_map(|text| text.strip_prefix(&line));
        Ok(value.map(str::to_owned))
    });
    found.expect("the metric is there")
}

fn stop(server: RunningServer) {
    server.shutdown();
    server.wait();
}

#[test]
fn a_set_that_is_due_is_refreshed_soon_after_the_start() {
    let world = World::new();
    world.offer(2, &["198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/24"]);
    let server = world.serve_after(24);
    let set = world.until("the refresh", |set| set.networks() == 3);
    assert_eq!((set.failures, set.fetched), (0, set.tried));
    assert_eq!(metric(&server, "provost_ip_set_networks"), "3");
    assert_eq!(metric(&server, "provost_ip_set_overdue"), "0");
    stop(server);
}

#[test]
fn a_doubtful_document_is_an_alarm_and_not_a_change() {
    let world = World::new();
    let before = world.set();
    world.offer(2, &["192.0.2.0/24"]);
    let server = world.serve_after(24);
    let set = world.until("the failure", |set| set.failures == 1);
    assert_eq!(set.accepted, before.accepted);
    assert_eq!(set.fetched, before.fetched);
    let failure = set.failure.as_deref().unwrap_or_default();
    assert!(failure.contains("would go at once"), "{failure}");
    assert_eq!(metric(&server, "provost_ip_set_failures"), "1");
    assert_eq!(metric(&server, "provost_ip_set_overdue"), "0");
    stop(server);
    let server = world.serve_after(5 * 24);
    world.until("the next failure", |set| set.failures == 2);
    assert_eq!(metric(&server, "provost_ip_set_overdue"), "1");
    stop(server);
    world.offer(3, &["198.51.100.0/24", "203.0.113.0/24"]);
    let server = world.serve_after(1);
    let set = world.until("the end of the alarm", |set| set.failures == 0);
    assert_eq!(set.failure, None);
    assert_eq!(metric(&server, "provost_ip_set_overdue"), "0");
    stop(server);
}
