//! Rules that a story cannot tell: what happens at the same time, and what is equal to the letter.

use std::{sync::Barrier, thread};

use serde_json::{Value, json};

use crate::support::{TestServer, http::Answer};

struct Tenant {
    server: TestServer,
    token: String,
}

impl Tenant {
    fn new() -> Self {
        let server = TestServer::start();
        let token = server.tenant("entra");
        Self { server, token }
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.server.scim("entra", &self.token, method, path, body)
    }

    fn create(&self, endpoint: &str, body: &Value) -> Value {
        let answer = self.ask("POST", endpoint, Some(body));
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    fn users(&self, count: usize) -> Vec<String> {
        let create = |number| {
            let user = self.create("/Users", &user(&format!("user{number}")));
            user["id"].as_str().expect("an id").to_owned()
        };
        (0..count).map(create).collect()
    }

    fn group(&self) -> String {
        let group = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": "G",
        });
        let group = self.create("/Groups", &group);
        format!("/Groups/{}", group["id"].as_str().expect("an id"))
    }

    fn member_count(&self, group: &str) -> usize {
        let members = self.ask("GET", group, None).json()["members"].take();
        members.as_array().map_or(0, Vec::len)
    }
}

fn user(name: &str) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name})
}

fn patch(operations: impl IntoIterator<Item = Value>) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations.into_iter().collect::<Vec<_>>(),
    })
}

fn add(ids: &[String]) -> Value {
    let members: Vec<_> = ids.iter().map(|id| json!({"value": id})).collect();
    json!({"op": "add", "path": "members", "value": members})
}

#[test]
fn a_new_resource_was_last_modified_when_it_was_created() {
    let tenant = Tenant::new();
    let created = tenant.create("/Users", &user("ada"));
    let meta = &created["meta"];
    assert_eq!(meta["created"], meta["lastModified"]);
    let path = format!("/Users/{}", created["id"].as_str().expect("an id"));
    let changed = tenant.ask("PUT", &path, Some(&user("eve"))).json();
    assert_eq!(changed["meta"]["created"], meta["created"]);
    assert!(changed["meta"]["lastModified"].as_str() >= meta["lastModified"].as_str());
    assert_ne!(changed["meta"]["version"], meta["version"]);
}

#[test]
fn large_and_parallel_changes_of_a_group_lose_nothing() {
    let tenant = Tenant::new();
    let ids = tenant.users(50);
    let group = tenant.group();
    let start = Barrier::new(ids.len());
    thread::scope(|scope| {
        for id in &ids {
            scope.spawn(|| {
                start.wait();
                let body = patch([add(std::slice::from_ref(id))]);
                let answer = tenant.ask("PATCH", &group, Some(&body));
                assert_eq!(answer.status, 204, "{}", answer.text());
            });
        }
    });
    assert_eq!(tenant.member_count(&group), 50);
    let remove =
        |id: &String| json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")});
    let answer = tenant.ask("PATCH", &group, Some(&patch(ids.iter().map(remove))));
    assert_eq!((answer.status, tenant.member_count(&group)), (204, 0));
    let mut many: Vec<_> = (0..5_000)
        .map(|number| format!("0195b1a0-0000-7000-8000-{number:012}"))
        .collect();
    many.extend(ids.iter().cloned());
    let answer = tenant.ask("PATCH", &group, Some(&patch([add(&many)])));
    assert_eq!(answer.status, 204, "{}", answer.text());
    assert_eq!(tenant.member_count(&group), 50);
}

#[test]
fn of_writes_with_one_tag_one_wins() {
    let tenant = Tenant::new();
    let path = format!("/Users/{}", tenant.users(1)[0]);
    let start = Barrier::new(8);
    let write = &|number: usize| {
        start.wait();
        let token = format!("Bearer {}", tenant.token);
        let headers = [
            ("Authorization", token.as_str()),
            ("Content-Type", "application/scim+json"),
            ("If-Match", "W/\"1\""),
        ];
        let target = format!("/scim/entra/v2{path}");
        let body = user(&format!("new{number}")).to_string();
        let address = tenant.server.scim_addr();
        crate::support::http::send(address, "PUT", &target, &headers, body.as_bytes()).status
    };
    let mut answers = thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|number| scope.spawn(move || write(number)))
            .collect();
        let ended = writers
            .into_iter()
            .map(|writer| writer.join().expect("an answer"));
        ended.collect::<Vec<_>>()
    });
    answers.sort_unstable();
    assert_eq!(answers, [vec![200], vec![412; 7]].concat());
}
