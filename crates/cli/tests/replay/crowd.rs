//! Replays the recorded traffic of the applications and of other Crowd clients.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use self::{fixture::World, xml::Element};
use crate::support::http::{self, Answer};

#[path = "../../../provost/tests/it/crowd/compare.rs"]
mod compare;
#[expect(
    dead_code,
    reason = "the fixture of another test crate, which does more with it"
)]
#[path = "../../../provost/tests/it/crowd/fixture.rs"]
mod fixture;
#[path = "../../../provost/tests/it/crowd/xml.rs"]
mod xml;

static TRAFFIC: &str = include_str!("../traffic/crowd.jsonl");

#[test]
fn recorded_traffic_is_answered_as_recorded() {
    let mut replay = Replay {
        world: World::fixture(),
        captured: BTreeMap::new(),
    };
    let mut failures = Vec::new();
    let mut count = 0;
    for line in TRAFFIC.lines().filter(|line| !line.trim().is_empty()) {
        let exchange: Value = serde_json::from_str(line).expect("a line of JSON");
        let id = exchange["id"].as_str().expect("an id");
        count += 1;
        if let Err(error) = replay.run(id, &exchange) {
            failures.push(format!("{id}: {error}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert_eq!(count, 59, "exchanges in the traffic file");
}

struct Replay {
    world: World,
    /// Tokens by their name in the traffic file.
    captured: BTreeMap<String, String>,
}

impl Replay {
    fn run(&mut self, id: &str, exchange: &Value) -> Result<(), String> {
        self.bridge(id);
        self.changes(&exchange["before"]);
        let answer = self.send(exchange);
        self.changes(&exchange["after"]);
        let outcome = self.check(&exchange["expect"], &answer);
        self.capture(&exchange["capture"], &answer);
        outcome.map_err(|error| {
            let body = String::from_utf8_lossy(&answer.body);
            format!("{error}\n{} {body}", answer.status)
        })
    }

    /// The traffic file lacks two exchanges whose effects later ones rely on.
    fn bridge(&mut self, id: &str) {
        match id {
            "inc-05-member-removed" => {
                let world = &mut self.world;
                world.create_user(4, "cfox", ["Carla", "Fox", "carla.fox@example.com"]);
                self.poll("T4", "T5", &["userEvent CREATED cfox"]);
            }
            "inc-07-group-and-user-deleted" => {
                self.world.create_group("ops", "", &["asmith"], &[]);
                self.world.add_child("jira-users", "ops");
                let expect = [
                    "groupEvent CREATED ops",
                    "userMembershipEvent CREATED asmith",
                    "groupMembershipEvent CREATED ops",
                ];
                self.poll("T6", "T7", &expect);
            }
            _ => {}
        }
    }

    fn poll(&mut self, from: &str, to: &str, expect: &[&str]) {
        let (document, next) = self.world.events(&self.captured[from]);
        let mut got: Vec<_> = document.children.iter().map(describe).collect();
        let mut expect = expect.to_vec();
        got.sort();
        expect.sort_unstable();
        assert_eq!(got, expect, "events between {from} and {to}");
        self.captured.insert(to.to_owned(), next);
    }

    fn changes(&mut self, changes: &Value) {
        for change in changes.as_array().into_iter().flatten() {
            let text = |name: &str| change[name].as_str().unwrap_or_default();
            match text("op") {
                "set_allowed_addresses" => {
                    let addresses = change["addresses"].as_array().expect("a list");
                    let addresses: Vec<_> = addresses.iter().filter_map(Value::as_str).collect();
                    self.world.set_allowed_addresses(&addresses.join(","));
                }
                "patch_user" => {
                    let fields = change["set"].as_object().expect("fields");
                    let path = |(name, value): (&String, &Value)| (scim_path(name), value.clone());
                    let fields: Vec<_> = fields.iter().map(path).collect();
                    self.world.patch_user(text("user"), &fields);
                }
                "rename_user" => self.world.rename_user(text("user"), text("to")),
                "remove_member" => self.world.remove_member(text("group"), text("user")),
                "delete_user" => self.world.delete_user(text("user")),
                "delete_group" => self.world.delete_group(text("group")),
                "reset_fixture" => self.world = World::fixture(),
                other => panic!("unknown change {other}"),
            }
        }
    }

    fn send(&self, exchange: &Value) -> Answer {
        let mut path = self
            .world
            .translate(exchange["path"].as_str().expect("a path"));
        for (name, token) in &self.captured {
            path = path.replace(&format!("${{{name}}}"), token);
        }
        assert!(!path.contains("${"), "nothing was captured for {path}");
        let headers = exchange["headers"].as_object().expect("headers");
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name, self.world.translate(value.as_str().expect("text"))))
            .collect();
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let method = exchange["method"].as_str().expect("a method");
        let body = exchange["body"].as_str().unwrap_or_default();
        let address = self.world.server.app_addr();
        let answer = http::send(address, method, &path, &headers, body.as_bytes());
        fixture::unzipped(answer)
    }

    fn check(&self, expect: &Value, answer: &Answer) -> Result<(), String> {
        if expect["status"] != json!(answer.status) {
            return Err(format!("expected {}", expect["status"]));
        }
        for (name, wanted) in expect["headers"].as_object().into_iter().flatten() {
            let got = answer.header(name).ok_or_else(|| format!("no {name}"))?;
            if wanted != "*" && wanted != got {
                return Err(format!("{name}: {got}"));
            }
        }
        let expected = self.translated(&expect["body"]);
        let mode = expect["compare"].as_str().unwrap_or("status-only");
        compare::body(mode, &expected, answer)
    }

    fn translated(&self, expected: &Value) -> Value {
        match expected {
            Value::String(text) => Value::from(self.world.translate(text)),
            other => {
                let text = self.world.translate(&other.to_string());
                serde_json::from_str(&text).expect("still JSON")
            }
        }
    }

    fn capture(&mut self, capture: &Value, answer: &Answer) {
        for (name, path) in capture.as_object().into_iter().flatten() {
            let (_, attribute) = path
                .as_str()
                .and_then(|p| p.split_once('@'))
                .expect("@name");
            let root = Element::parse(answer.text()).unwrap_or_default();
            let value = root.attribute(attribute).unwrap_or_default();
            self.captured.insert(name.clone(), value.to_owned());
        }
    }
}

fn scim_path(field: &str) -> &'static str {
    match field {
        "first-name" => "name.givenName",
        "last-name" => "name.familyName",
        "display-name" => "displayName",
        "active" => "active",
        other => panic!("unknown field {other}"),
    }
}

/// Kind, operation and subject of an event.
fn describe(event: &Element) -> String {
    let operation = event.child("operation").map(|o| o.text.as_str());
    let subject = ["user", "childUser", "group"]
        .iter()
        .find_map(|n| event.child(n));
    let name = subject.and_then(|subject| subject.attribute("name"));
    let part = Option::unwrap_or_default;
    format!("{} {} {}", event.name, part(operation), part(name))
}
