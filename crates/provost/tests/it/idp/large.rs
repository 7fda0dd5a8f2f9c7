//! Large groups, and changes of one group at the same time.

use std::{collections::BTreeSet, sync::Barrier, thread};

use serde_json::{Value, json};

use crate::support::{TestServer, http::Answer};

/// As many as the largest group that another server was reported to fail with (B32).
const MANY: usize = 3_500;

struct Tenant {
    server: TestServer,
    token: String,
}

impl Tenant {
    fn new() -> Self {
        let server = TestServer::start();
        let token = server.tenant("okta");
        Self { server, token }
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.server.scim("okta", &self.token, method, path, body)
    }

    fn made(&self, path: &str, body: &Value) -> String {
        let answer = self.ask("POST", path, Some(body));
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["id"].as_str().expect("an id").to_owned()
    }

    /// Creates users in bulk; their ids.
    fn users(&self, count: usize) -> Vec<String> {
        let numbers: Vec<_> = (0..count).collect();
        let batches = numbers.chunks(500).map(|batch| self.batch(batch));
        batches.flatten().collect()
    }

    fn batch(&self, numbers: &[usize]) -> Vec<String> {
        let operation = |number: &usize| {
            json!({"method": "POST", "path": "/Users", "bulkId": number.to_string(),
                   "data": {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                            "userName": format!("user{number}")}})
        };
        let operations: Vec<_> = numbers.iter().map(operation).collect();
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                          "Operations": operations});
        let answer = self.ask("POST", "/Bulk", Some(&body)).json();
        let made = answer["Operations"].as_array().expect("operations");
        let id = |one: &Value| {
            let location = one["location"].as_str().expect("a location");
            location.rsplit('/').next().expect("an id").to_owned()
        };
        made.iter().map(id).collect()
    }

    fn members(&self, group: &str) -> BTreeSet<String> {
        let members = self.ask("GET", group, None).json()["members"].take();
        let members = members.as_array().cloned().unwrap_or_default();
        let id = |member: &Value| member["value"].as_str().expect("a value").to_owned();
        members.iter().map(id).collect()
    }

    fn patch(&self, group: &str, operations: &[Value]) {
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                          "Operations": operations});
        let answer = self.ask("PATCH", group, Some(&body));
        assert_eq!(answer.status, 204, "{}", answer.text());
    }
}

fn one(op: &str, id: &str) -> Value {
    json!({"op": op, "path": "members", "value": [{"value": id}]})
}

fn listed(ids: &[String]) -> Vec<Value> {
    ids.iter().map(|id| json!({"value": id})).collect()
}

#[test]
fn large_groups_are_made_changed_and_read_whole() {
    let tenant = Tenant::new();
    let ids = tenant.users(MANY);
    let all: BTreeSet<_> = ids.iter().cloned().collect();
    assert_eq!(all.len(), MANY);
    let group = json!({"displayName": "all", "members": listed(&ids[1..])});
    let group = format!("/Groups/{}", tenant.made("/Groups", &group));
    tenant.patch(&group, &[one("add", &ids[0])]);
    assert_eq!(
        tenant.members(&group),
        all,
        "B33: nobody beyond a page is lost"
    );
    let lean = format!("{group}?excludedAttributes=members");
    assert!(tenant.ask("GET", &lean, None).json()["members"].is_null());
    let listed_all = tenant.ask("GET", "/Users?count=1", None).json();
    assert_eq!(listed_all["totalResults"], MANY, "B35: the real total");

    let each = json!({"displayName": "one by one"});
    let each = format!("/Groups/{}", tenant.made("/Groups", &each));
    let joining: Vec<_> = ids.iter().map(|id| one("add", id)).collect();
    tenant.patch(&each, &joining);
    assert_eq!(tenant.members(&each), all, "one operation for each member");
    let leaving: Vec<_> = ids.iter().map(|id| one("Remove", id)).collect();
    tenant.patch(&each, &leaving);
    assert_eq!(tenant.members(&each), BTreeSet::new());
}

#[test]
fn changes_of_one_group_at_the_same_time_lose_nobody() {
    let tenant = Tenant::new();
    let ids = tenant.users(24);
    let (leaving, joining) = ids.split_at(12);
    let body = json!({"displayName": "g", "members": listed(leaving)});
    let group = format!("/Groups/{}", tenant.made("/Groups", &body));
    let start = Barrier::new(ids.len());
    thread::scope(|scope| {
        let changes = leaving.iter().map(|id| one("Remove", id));
        let changes = changes.chain(joining.iter().map(|id| one("Add", id)));
        for change in changes {
            let (tenant, group, start) = (&tenant, &group, &start);
            scope.spawn(move || {
                start.wait();
                tenant.patch(group, &[change]);
            });
        }
    });
    assert_eq!(tenant.members(&group), joining.iter().cloned().collect());
}
