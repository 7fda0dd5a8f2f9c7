//! `/metrics` over real sockets: what happens moves its metric, the page can be parsed, and who
//! may read it.
#![expect(
    clippy::float_cmp,
    reason = "counts are whole numbers, which a float holds exactly"
)]

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use provost::{METRICS, Server};
use provost_directory::{Directory, OpenOptions, clock::SystemClock};
use serde_json::json;

use crate::support::{
    TempDir, TestServer, block_on,
    http::{self, Answer, Connection},
};

/// How long a figure may take to follow what happened.
const PATIENCE: Duration = Duration::from_secs(20);

type Page = BTreeMap<String, f64>;

fn read(server: &TestServer) -> String {
    let answer = get(server, &[]);
    let text = String::from_utf8(answer.body.clone()).expect("UTF-8");
    assert_eq!(answer.status, 200, "{text}");
    let media = answer.header("content-type");
    assert_eq!(media, Some("text/plain; version=0.0.4; charset=utf-8"));
    text
}

fn get(server: &TestServer, headers: &[(&str, &str)]) -> Answer {
    http::send(server.app_addr(), "GET", "/metrics", headers, b"")
}

fn page(server: &TestServer) -> Page {
    parse(&read(server)).expect("the page follows the format")
}

/// Reads the text format strictly, as its description says; the error is the line that does not
/// follow it.
fn parse(text: &str) -> Result<Page, String> {
    let mut samples = Page::new();
    let (mut helped, mut family, mut kind) = (String::new(), String::new(), String::new());
    let mut seen = Vec::new();
    if !text.ends_with('\n') {
        return Err("the last line has no end".to_owned());
    }
    for line in text.lines() {
        let wrong = || line.to_owned();
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').ok_or_else(wrong)?;
            if help.contains('\\') || seen.contains(&name.to_owned()) {
                return Err(wrong());
            }
            seen.push(name.to_owned());
            helped = name.to_owned();
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, is) = rest.split_once(' ').ok_or_else(wrong)?;
            if name != helped || !["counter", "gauge", "histogram"].contains(&is) {
                return Err(wrong());
            }
            (family, kind) = (name.to_owned(), is.to_owned());
        } else {
            let (series, value) = line.rsplit_once(' ').ok_or_else(wrong)?;
            let name = series.split('{').next().ok_or_else(wrong)?;
            let suffix = name.strip_prefix(&family).ok_or_else(wrong)?;
            let fits = match kind.as_str() {
                "histogram" => ["_bucket", "_sum", "_count"].contains(&suffix),
                _ => suffix.is_empty(),
            };
            let value = value.parse().map_err(|_| wrong())?;
            let is_new = samples.insert(series.to_owned(), value).is_none();
            if !fits || !labels_are_sound(&series[name.len()..]) || !is_new {
                return Err(wrong());
            }
        }
    }
    Ok(samples)
}

fn labels_are_sound(text: &str) -> bool {
    let Some(mut rest) = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'))
    else {
        return text.is_empty();
    };
    loop {
        let Some((name, after)) = rest.split_once("=\"") else {
            return false;
        };
        let is_name = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let mut is_escaped = false;
        let end = after.find(|c| {
            let ends = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            ends
        });
        let Some(end) = end.filter(|_| is_name && !name.is_empty()) else {
            return false;
        };
        match after[end + 1..].strip_prefix(',') {
            Some(next) => rest = next,
            None => return after.len() == end + 1,
        }
    }
}

/// Waits until a figure has a value; the reader of figures takes rests.
fn wait_for(server: &TestServer, series: &str, expect: f64) {
    let began = Instant::now();
    loop {
        let page = page(server);
        let found = page.get(series).copied();
        if found == Some(expect) {
            return;
        }
        assert!(
            began.elapsed() < PATIENCE,
            "{series} is {found:?}, not {expect}"
        );
    }
}

/// A server with a tenant, an application and somebody who has a password.
struct World {
    server: TestServer,
    token: String,
    password: String,
}

impl World {
    fn new(settings: &[(&'static str, &str)]) -> Self {
        let server = TestServer::start_with(settings);
        let token = server.tenant("acme");
        let password = server.application("jira", &["acme"]);
        let accept = [("accept_passwords".to_owned(), "true".to_owned())];
        block_on(server.directory().set_tenant("acme", &accept)).expect("the setting exists");
        Self {
            server,
            token,
            password,
        }
    }

    fn create(&self, name: &str) -> String {
        let body = json!({"userName": name, "active": true, "password": "Correct-Horse-1"});
        let answer = self
            .server
            .scim("acme", &self.token, "POST", "/Users", Some(&body));
        assert_eq!(answer.status, 201);
        answer.json()["id"].as_str().expect("an id").to_owned()
    }

    fn crowd(&self, method: &str, path: &str, password: &str, body: &str) -> Answer {
        let credentials = STANDARD.encode(format!("jira:{password}"));
        let authorization = format!("Basic {credentials}");
        let headers = [
            ("Authorization", authorization.as_str()),
            ("Content-Type", "application/json"),
            ("Accept", "application/json"),
        ];
        let target = format!("/crowd/rest/usermanagement/1{path}");
        let address = self.server.app_addr();
        http::send(address, method, &target, &headers, body.as_bytes())
    }

    fn sign_in(&self, password: &str) -> u16 {
        let body = json!({ "value": password }).to_string();
        let path = "/authentication?username=ann";
        self.crowd("POST", path, &self.password, &body).status
    }

    fn set(&self, key: &str, value: &str) {
        let pairs = [(key.to_owned(), value.to_owned())];
        block_on(self.server.directory().set_application("jira", &pairs)).expect("it exists");
    }
}

type Cause = fn(&World);

/// What happens, and which series it moves.
const CAUSES: &[(&str, Cause)] = &[
    (
        "provost_requests_total{surface=\"scim\",method=\"post\",status=\"2xx\"}",
        |world| {
            drop(world.create("cause"));
        },
    ),
    (
        "provost_requests_total{surface=\"scim\",method=\"get\",status=\"4xx\"}",
        |world| {
            drop(world.server.scim("acme", "wrong", "GET", "/Users", None));
        },
    ),
    (
        "provost_requests_total{surface=\"crowd\",method=\"get\",status=\"2xx\"}",
        |world| {
            drop(world.crowd("GET", "/config/cookie", &world.password, ""));
        },
    ),
    (
        "provost_requests_total{surface=\"health\",method=\"get\",status=\"2xx\"}",
        |world| {
            drop(http::send(
                world.server.scim_addr(),
                "HEAD",
                "/health/live",
                &[],
                b"",
            ));
        },
    ),
    (
        "provost_requests_total{surface=\"other\",method=\"other\",status=\"4xx\"}",
        |world| {
            drop(http::send(
                world.server.app_addr(),
                "BREW",
                "/coffee",
                &[],
                b"",
            ));
        },
    ),
    (
        "provost_request_duration_seconds_count{surface=\"crowd\"}",
        |world| {
            drop(world.crowd("GET", "/config/cookie", &world.password, ""));
        },
    ),
    (
        "provost_request_duration_seconds_sum{surface=\"scim\"}",
        |world| {
            drop(
                world
                    .server
                    .scim("acme", &world.token, "GET", "/Users", None),
            );
        },
    ),
    (
        "provost_wrong_credentials_total{surface=\"scim\"}",
        |world| {
            drop(world.server.scim("acme", "wrong", "GET", "/Users", None));
        },
    ),
    (
        "provost_wrong_credentials_total{surface=\"crowd\"}",
        |world| {
            drop(world.crowd("GET", "/config/cookie", "wrong", ""));
        },
    ),
    (
        "provost_refused_addresses_total{surface=\"scim\"}",
        |world| {
            let set = |value: &str| {
                let pairs = [("allowed_addresses".to_owned(), value.to_owned())];
                block_on(world.server.directory().set_tenant("acme", &pairs)).expect("valid");
            };
            set("203.0.113.0/24");
            drop(
                world
                    .server
                    .scim("acme", &world.token, "GET", "/Users", None),
            );
            set("127.0.0.0/8");
        },
    ),
    (
        "provost_refused_addresses_total{surface=\"crowd\"}",
        |world| {
            world.set("allowed_addresses", "203.0.113.0/24");
            drop(world.crowd("GET", "/config/cookie", &world.password, ""));
            world.set("allowed_addresses", "127.0.0.0/8");
        },
    ),
    (
        "provost_refused_addresses_total{surface=\"metrics\"}",
        |world| drop(get(&world.server, &[("Forwarded", "for=127.0.0.1")])),
    ),
    ("provost_untrusted_forward_header_total", |world| {
        let headers = [("X-Forwarded-For", "203.0.113.9")];
        drop(http::send(
            world.server.scim_addr(),
            "GET",
            "/health/live",
            &headers,
            b"",
        ));
    }),
    ("provost_sign_ins_total{outcome=\"accepted\"}", |world| {
        assert_eq!(world.sign_in("Correct-Horse-1"), 200);
    }),
    ("provost_sign_ins_total{outcome=\"wrong\"}", |world| {
        assert_eq!(world.sign_in("Battery-Staple-2"), 400);
    }),
    ("provost_sign_ins_total{outcome=\"delayed\"}", |world| {
        for _ in 0..12 {
            world.sign_in("Battery-Staple-2");
        }
    }),
    ("provost_store_commits_total", |world| {
        drop(world.create("one"));
    }),
    ("provost_store_writes_total", |world| {
        drop(world.create("two"));
    }),
];

#[test]
fn what_happens_moves_its_metric() {
    let world = World::new(&[]);
    world.create("ann");
    for (series, cause) in CAUSES {
        let before = *page(&world.server).get(*series).expect(series);
        cause(&world);
        let after = page(&world.server)[*series];
        assert!(after > before, "{series} went from {before} to {after}");
    }
}

#[test]
fn connections_are_counted_while_they_are_open_and_when_they_are_refused() {
    let server = TestServer::start_with(&[("scim_max_connections", "1")]);
    let open = "provost_connections_open{listener=\"scim\"}";
    let refused = "provost_connections_refused_total{listener=\"scim\"}";
    assert_eq!(page(&server)[open], 0.0);
    let mut held = Connection::open(server.scim_addr());
    assert_eq!(held.request("GET", "/health/live", &[], b"").status, 200);
    let busy = http::send(server.scim_addr(), "GET", "/health/live", &[], b"");
    assert_eq!(busy.status, 503);
    let page = page(&server);
    assert_eq!((page[open], page[refused]), (1.0, 1.0));
    drop(held);
    wait_for(&server, open, 0.0);
}

#[test]
fn figures_follow_the_directory_the_application_and_the_brake() {
    let world = World::new(&[]);
    world.set("mass_change_least", "2");
    let server = &world.server;
    let users: Vec<_> = ["ann", "ben", "cem", "dan"]
        .map(|name| world.create(name))
        .to_vec();
    let members: Vec<_> = users.iter().map(|id| json!({ "value": id })).collect();
    let body = json!({"displayName": "dev", "members": members});
    let group = server.scim("acme", &world.token, "POST", "/Groups", Some(&body));
    assert_eq!(group.status, 201);
    for (series, expect) in [
        ("provost_store_up", 1.0),
        ("provost_tenant_users{tenant=\"acme\"}", 4.0),
        ("provost_tenant_groups{tenant=\"acme\"}", 1.0),
        ("provost_tenant_memberships{tenant=\"acme\"}", 4.0),
        ("provost_application_frozen{application=\"jira\"}", 0.0),
    ] {
        wait_for(server, series, expect);
    }
    let last = "provost_application_last_synchronisation_timestamp_seconds{application=\"jira\"}";
    assert_eq!(page(server).get(last), None);
    let listing = "/search?entity-type=user&expand=user&max-results=-1&start-index=0";
    assert_eq!(world.crowd("GET", listing, &world.password, "").status, 200);
    wait_for(
        server,
        "provost_application_lag_changes{application=\"jira\"}",
        0.0,
    );
    let page_now = page(server);
    assert!(page_now[last] >= page_now["provost_process_start_time_seconds"]);

    let rename = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "displayName", "value": "developers"}],
    });
    let path = format!("/Groups/{}", group.json()["id"].as_str().expect("an id"));
    let renamed = server.scim("acme", &world.token, "PATCH", &path, Some(&rename));
    assert_eq!(renamed.status, 204);
    wait_for(
        server,
        "provost_application_kept_group_names{application=\"jira\"}",
        1.0,
    );

    for user in &users[..3] {
        let path = format!("/Users/{user}");
        let deleted = server.scim("acme", &world.token, "DELETE", &path, None);
        assert_eq!(deleted.status, 204);
    }
    wait_for(
        server,
        "provost_application_frozen{application=\"jira\"}",
        1.0,
    );
    let losses = "provost_application_unread_losses{application=\"jira\",of=\"users\"}";
    wait_for(server, losses, 3.0);
    let frozen = page(server);
    assert!(frozen["provost_application_held_changes{application=\"jira\"}"] >= 3.0);
    assert_eq!(world.crowd("GET", listing, &world.password, "").status, 503);
    block_on(server.directory().release_changes("jira")).expect("it is held");
    wait_for(
        server,
        "provost_application_frozen{application=\"jira\"}",
        0.0,
    );
}

#[test]
fn every_row_is_on_the_page_and_no_secret_is() {
    let world = World::new(&[]);
    world.create("ann");
    world.sign_in("Correct-Horse-1");
    let text = read(&world.server);
    for metric in METRICS {
        let head = format!("# TYPE {} {}\n", metric.name, metric.kind.as_str());
        assert!(text.contains(&head), "{head}");
        assert!(metric.name.starts_with("provost_"), "{}", metric.name);
        let is_total = metric.name.ends_with("_total");
        assert_eq!(
            is_total,
            metric.kind.as_str() == "counter",
            "{}",
            metric.name
        );
    }
    for secret in [&*world.token, &*world.password, "Correct-Horse-1", "ann"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn strange_requests_make_no_new_series() {
    let server = TestServer::start();
    let names = |server: &TestServer| page(server).into_keys().collect::<Vec<_>>();
    let before = names(&server);
    for number in 0..200 {
        let target = format!("/crowd/{number}/%22%7D?{number}");
        let method = format!("M{number}");
        let _ = http::send(server.app_addr(), &method, &target, &[], b"");
        let target = format!("/scim/tenant{number}/v2/Users");
        let _ = http::send(server.scim_addr(), "GET", &target, &[], b"");
    }
    assert_eq!(names(&server), before);
}

/// Settings, headers of the request, the status, and a word of the answer.
type Reader<'a> = (
    &'a [(&'static str, &'a str)],
    &'a [(&'a str, &'a str)],
    u16,
    &'a str,
);

#[test]
fn only_allowed_networks_read_it() {
    let gateway: &[_] = &[
        ("trusted_proxies", "127.0.0.1"),
        ("client_address", "x-forwarded-for"),
        ("metrics_allowed", "127.0.0.0/8,203.0.113.0/24"),
    ];
    let cases: &[Reader<'_>] = &[
        (&[], &[], 200, "provost_build_info"),
        (&[], &[("X-Forwarded-For", "127.0.0.1")], 403, "gateway"),
        (&[], &[("Forwarded", "for=127.0.0.1")], 403, "gateway"),
        (
            &[("metrics_allowed", "203.0.113.0/24")],
            &[],
            403,
            "127.0.0.1 is not in",
        ),
        (&[("metrics_allowed", "")], &[], 403, "metrics_allowed"),
        (
            gateway,
            &[("X-Forwarded-For", "203.0.113.9")],
            200,
            "provost_build_info",
        ),
        (
            gateway,
            &[("X-Forwarded-For", "198.51.100.7")],
            403,
            "198.51.100.7",
        ),
        (gateway, &[("Forwarded", "for=203.0.113.9")], 403, "gateway"),
        (gateway, &[], 200, "provost_build_info"),
        (
            gateway,
            &[("X-Forwarded-For", "somebody")],
            403,
            "not known",
        ),
    ];
    for (settings, headers, status, word) in cases {
        let server = TestServer::start_with(settings);
        let answer = get(&server, headers);
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.status, *status, "{settings:?} {headers:?}: {body}");
        assert!(body.contains(word), "{body}");
        if *status == 403 {
            assert!(!body.contains("provost_"), "{body}");
        }
    }
}

#[test]
fn the_scim_listener_has_no_metrics() {
    let server = TestServer::start();
    let answer = http::send(server.scim_addr(), "GET", "/metrics", &[], b"");
    assert_eq!(answer.status, 404);
    let server = TestServer::start_with(&[("single_port", "true")]);
    assert_eq!(get(&server, &[]).status, 200);
}

#[test]
fn a_page_comes_also_when_the_store_is_unavailable() {
    let dir = TempDir::new();
    let options = OpenOptions {
        data_dir: dir.path().to_owned(),
        database: provost_directory::Database::default(),
        serve: true,
        clock: std::sync::Arc::new(SystemClock),
    };
    let directory = block_on(Directory::open(options)).expect("an empty directory");
    let config = TestServer::config(dir.path(), &[]);
    let builder = Server::builder()
        .config(config)
        .directory(directory.clone());
    let running = builder.start().expect("the server starts");
    let ask = || {
        let answer = http::send(running.app_addr(), "GET", "/metrics", &[], b"");
        assert_eq!(answer.status, 200);
        parse(&String::from_utf8_lossy(&answer.body)).expect("the page follows the format")
    };
    let before = ask();
    assert_eq!(before["provost_store_up"], 1.0);
    block_on(directory.close());
    let began = Instant::now();
    let after = loop {
        let page = ask();
        if page["provost_store_up"] == 0.0 {
            break page;
        }
        assert!(began.elapsed() < PATIENCE, "the store is said to be up");
    };
    assert!(after["provost_store_unavailable_total"] > before["provost_store_unavailable_total"]);
    assert_eq!(
        after["provost_change_log_head"],
        before["provost_change_log_head"]
    );
    running.shutdown();
    running.wait();
}

#[test]
fn the_checker_knows_what_does_not_follow_the_format() {
    let head = "# HELP a Something.\n# TYPE a gauge\n";
    for (text, is_sound) in [
        ("a 1\n", true),
        ("a{b=\"c\",d=\"e\\\"f\\\\\"} 1.5\n", true),
        ("a{b=\"c\"} 1\na{b=\"d\"} 1\n", true),
        ("a 1", false),
        ("a 1\na 2\n", false),
        ("a one\n", false),
        ("b 1\n", false),
        ("a_sum 1\n", false),
        ("a{b=\"c} 1\n", false),
        ("a{b=\"c\"d} 1\n", false),
        ("a{=\"c\"} 1\n", false),
        ("# TYPE b gauge\n", false),
        ("# HELP a Again.\n", false),
    ] {
        assert_eq!(parse(&format!("{head}{text}")).is_ok(), is_sound, "{text}");
    }
}
