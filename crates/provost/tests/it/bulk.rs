//! `POST /Bulk` over HTTP: what becomes of each operation, and of the job.

use std::time::Duration;

use provost::Deadlines;
use provost_directory::token::Access;
use serde_json::{Value, json};

use crate::support::{TestServer, http::Answer};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

struct Tenant {
    server: TestServer,
    token: String,
}

impl Tenant {
    fn new() -> Self {
        Self::on(TestServer::start())
    }

    fn on(server: TestServer) -> Self {
        let token = server.tenant("entra");
        Self { server, token }
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.server.scim("entra", &self.token, method, path, body)
    }

    fn bulk(&self, operations: &Value) -> Vec<Value> {
        self.job(&job(operations))
    }

    /// Runs a job and hands out the operations of the answer.
    fn job(&self, job: &Value) -> Vec<Value> {
        let answer = self.ask("POST", "/Bulk", Some(job));
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/scim+json"));
        let mut body = answer.json();
        assert_eq!(
            body["schemas"],
            json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"])
        );
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
        match body["Operations"].take() {
            Value::Array(operations) => operations,
            other => panic!("{other}"),
        }
    }

    /// The resource at the `location` of an operation.
    fn at(&self, operation: &Value) -> Value {
        let location = operation["location"].as_str().expect("a location");
        let path = location.split_once("/v2").expect("a base URL").1;
        self.ask("GET", path, None).json()
    }

    fn count(&self, endpoint: &str) -> u64 {
        let answer = self.ask("GET", &format!("{endpoint}?count=0"), None);
        answer.json()["totalResults"].as_u64().unwrap()
    }
}

fn job(operations: &Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations})
}

fn user(bulk_id: &str, name: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name}})
}

fn managed(bulk_id: &str, manager: &str) -> Value {
    let mut operation = user(bulk_id, bulk_id);
    operation["data"][ENTERPRISE] = json!({"manager": {"value": format!("bulkId:{manager}")}});
    operation
}

fn group(bulk_id: &str, members: &[String]) -> Value {
    let members: Vec<_> = members.iter().map(|id| json!({"value": id})).collect();
    json!({"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": bulk_id, "members": members}})
}

fn patch(path: &str, operations: &Value) -> Value {
    json!({"method": "PATCH", "path": path, "data": {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations}})
}

fn statuses(operations: &[Value]) -> Vec<&str> {
    let status = |operation: &'_ Value| -> bool { operation["status"].is_string() };
    assert!(operations.iter().all(status), "{operations:?}");
    operations
        .iter()
        .filter_map(|operation| operation["status"].as_str())
        .collect()
}

/// Operations, and the status of each; `old` is the path of a user of version 1.
fn cases(old: &str) -> Vec<(Value, &'static str)> {
    let nobody = "/Users/01890000-0000-7000-8000-000000000000";
    let title = json!([{"op": "add", "path": "title", "value": "x"}]);
    let put =
        |path: &str, name: &str| json!({"method": "PUT", "path": path, "data": {"userName": name}});
    let delete = |path: &str| json!({"method": "DELETE", "path": path});
    let at_version = |version: &str| {
        let mut operation = patch(old, &title);
        operation["version"] = json!(version);
        operation
    };
    let mut nameless = user("c", "c");
    nameless["data"] = json!({"title": "x"});
    let mut nested = user("n", "n");
    nested["path"] = json!("/Bulk");
    let mut bare = patch("/Users/bulkId:a", &title);
    bare["data"] = title.clone();
    vec![
        (user("a", "ada"), "201"),
        (user("b", "ADA"), "409"),
        (nameless, "400"),
        (at_version("W/\"99\""), "412"),
        (at_version("W/\"1\""), "200"),
        (put(old, "older"), "200"),
        (put(nobody, "x"), "404"),
        (patch("/Users/bulkId:a", &title), "200"),
        (patch("/Users/bulkId:b", &title), "409"),
        (patch("/Users/bulkId:nobody", &title), "409"),
        (
            patch(
                "/Users/bulkId:a",
                &json!([{"op": "add", "path": "id", "value": "x"}]),
            ),
            "400",
        ),
        (bare, "200"),
        (group("g", &["bulkId:a".to_owned()]), "201"),
        (group("h", &["bulkId:nobody".to_owned()]), "409"),
        (delete(old), "204"),
        (delete(old), "404"),
        (delete("/Groups/x"), "404"),
        (json!({"method": "GET", "path": old}), "400"),
        (nested, "400"),
        (delete("/scim/other/v2/Users/1"), "400"),
        (delete("/Schemas/x"), "400"),
    ]
}

#[test]
fn every_operation_has_the_status_of_the_single_request() {
    let tenant = Tenant::new();
    let old = tenant
        .ask("POST", "/Users", Some(&user("", "old")["data"]))
        .json();
    let cases = cases(&format!("/Users/{}", old["id"].as_str().unwrap()));
    let operations: Vec<_> = cases
        .iter()
        .map(|(operation, _)| operation.clone())
        .collect();
    let answers = tenant.bulk(&operations.into());
    assert_eq!(answers.len(), cases.len());
    for ((operation, status), answer) in cases.iter().zip(&answers) {
        assert_eq!(answer["status"], *status, "{operation} {answer}");
        assert_eq!(answer["method"], operation["method"], "{answer}");
        assert_eq!(answer.get("bulkId"), operation.get("bulkId"), "{answer}");
        let has_failed = !status.starts_with('2');
        assert_eq!(answer.get("response").is_some(), has_failed, "{answer}");
        assert_eq!(
            answer.get("version").is_some(),
            !has_failed && *status != "204",
            "{answer}"
        );
        if has_failed {
            assert_eq!(answer["response"]["status"], *status, "{answer}");
            assert!(
                operation["method"] != "POST" || answer.get("location").is_none(),
                "{answer}"
            );
        }
    }
    let ada = tenant.at(&answers[0]);
    assert_eq!(
        (&ada["userName"], &ada["title"]),
        (&json!("ada"), &json!("x"))
    );
    assert_eq!(tenant.at(&answers[12])["members"][0]["value"], ada["id"]);
    assert_eq!((tenant.count("/Users"), tenant.count("/Groups")), (1, 1));
}

#[test]
fn an_order_that_cannot_run_is_changed_with_the_same_outcome() {
    let tenant = Tenant::new();
    let add = json!([{"op": "add", "path": "members", "value": [{"value": "bulkId:b"}]}]);
    let answers = tenant.bulk(&json!([
        patch("/Groups/bulkId:g", &add),
        group("g", &["bulkId:a".to_owned()]),
        managed("a", "b"),
        user("b", "b"),
        patch(
            "/Groups/bulkId:g",
            &json!([{"op": "remove", "path": "members[value eq \"bulkId:a\"]"}])
        ),
    ]));
    assert_eq!(statuses(&answers), ["200", "201", "201", "201", "200"]);
    let (ada, bob) = (tenant.at(&answers[2]), tenant.at(&answers[3]));
    assert_eq!(ada[ENTERPRISE]["manager"]["value"], bob["id"]);
    let members = &tenant.at(&answers[1])["members"];
    assert_eq!(members.as_array().unwrap().len(), 1, "{members}");
    assert_eq!(members[0]["value"], bob["id"]);
}

#[test]
fn managers_in_a_circle_are_set_and_groups_in_a_circle_refused() {
    let tenant = Tenant::new();
    let answers = tenant.bulk(&json!([
        managed("self", "self"),
        managed("a", "b"),
        managed("b", "a"),
        group("g", &["bulkId:h".to_owned()]),
        group("h", &["bulkId:g".to_owned()]),
    ]));
    assert_eq!(statuses(&answers), ["201", "201", "201", "409", "409"]);
    for (one, manager) in [(0, 0), (1, 2), (2, 1)] {
        let (one, manager) = (&answers[one], tenant.at(&answers[manager]));
        let one_now = tenant.at(one);
        assert_eq!(one_now[ENTERPRISE]["manager"]["value"], manager["id"]);
        assert_eq!(one["version"], one_now["meta"]["version"]);
    }
    assert_eq!(tenant.count("/Groups"), 0);
}

#[test]
fn what_was_put_off_and_cannot_be_set_takes_its_post_back() {
    let tenant = Tenant::new();
    tenant.bulk(&json!([user("x", "b")]));
    let circle = json!([managed("a", "b"), managed("b", "a"), user("c", "c")]);
    let answers = tenant.bulk(&circle);
    // b is taken, so a cannot have its manager.
    assert_eq!(statuses(&answers), ["409", "409", "201"]);
    assert_eq!(tenant.count("/Users"), 2);
    let mut stopping = job(&json!([
        managed("a", "d"),
        user("b", "b"),
        managed("d", "a")
    ]));
    stopping["failOnErrors"] = json!(1);
    let answers = tenant.job(&stopping);
    assert_eq!(statuses(&answers), ["409"], "{answers:?}");
    assert_eq!(tenant.count("/Users"), 2);
}

#[test]
fn a_job_stops_after_as_many_errors_as_it_says() {
    for (limit, expect) in [
        (None, &["409", "201", "409", "201"][..]),
        (Some(1), &["409"]),
        (Some(2), &["409", "201", "409"]),
        (Some(3), &["409", "201", "409", "201"]),
    ] {
        let tenant = Tenant::new();
        tenant.bulk(&json!([user("t", "taken")]));
        let mut job = job(&json!([
            user("a", "taken"),
            user("b", "b"),
            user("c", "taken"),
            user("d", "d")
        ]));
        if let Some(limit) = limit {
            job["failOnErrors"] = json!(limit);
        }
        assert_eq!(statuses(&tenant.job(&job)), expect, "{limit:?}");
        let created = expect.iter().filter(|status| **status == "201").count() as u64;
        assert_eq!(tenant.count("/Users"), 1 + created, "{limit:?}");
    }
}

#[test]
fn a_thousand_operations_are_one_job_and_a_ring_of_them_ends() {
    let tenant = Tenant::new();
    let users: Vec<_> = (0..1_000)
        .map(|n| user(&format!("u{n}"), &format!("user-{n}")))
        .collect();
    let answers = tenant.bulk(&users.clone().into());
    assert!(statuses(&answers).iter().all(|status| *status == "201"));
    assert_eq!(tenant.count("/Users"), 1_000);
    // The same job again, as after a lost answer, makes nothing new.
    assert_eq!(tenant.bulk(&users.into()), answers);
    let ring: Vec<_> = (0..1_000)
        .map(|n| group(&format!("g{n}"), &[format!("bulkId:g{}", (n + 1) % 1_000)]))
        .collect();
    let answers = tenant.bulk(&ring.into());
    assert!(statuses(&answers).iter().all(|status| *status == "409"));
    assert_eq!(tenant.count("/Groups"), 0);
}

#[test]
fn limits_are_announced_and_kept() {
    let tenant = Tenant::on(TestServer::start_with(&[("max_body_bytes", "262144")]));
    let bulk = tenant.ask("GET", "/ServiceProviderConfig", None).json()["bulk"].take();
    assert_eq!(
        bulk,
        json!({"supported": true, "maxOperations": 1_000, "maxPayloadSize": 262_144})
    );
    let many: Vec<_> = (0..1_001).map(|n| user(&n.to_string(), "x")).collect();
    let answer = tenant.ask("POST", "/Bulk", Some(&job(&many.into())));
    assert_eq!(answer.status, 413);
    assert!(
        answer.text().contains("maxOperations is 1000"),
        "{}",
        answer.text()
    );
    let large = job(&json!([user("a", &"x".repeat(262_144))]));
    let answer = tenant.ask("POST", "/Bulk", Some(&large));
    assert_eq!(answer.status, 413);
    let names_the_limit =
        answer.text().contains("262144") && answer.text().contains("maxPayloadSize");
    assert!(names_the_limit, "{}", answer.text());
    assert_eq!(tenant.count("/Users"), 0);
}

#[test]
fn what_is_no_bulk_message_is_refused_and_changes_nothing() {
    let tenant = Tenant::new();
    for body in [
        json!({"Operations": [user("a", "a")]}),
        job(&json!([])),
        job(&json!([user("a", "a"), user("a", "b")])),
    ] {
        let answer = tenant.ask("POST", "/Bulk", Some(&body));
        assert_eq!(answer.status, 400, "{body}");
    }
    let reader = tenant.server.token("entra", Access::ReadOnly);
    let body = job(&json!([user("a", "a")]));
    let answer = tenant
        .server
        .scim("entra", &reader, "POST", "/Bulk", Some(&body));
    assert_eq!(answer.status, 403);
    assert_eq!(tenant.count("/Users"), 0);
}

#[test]
fn what_a_job_has_no_time_for_is_told_per_operation() {
    let mut deadlines = Deadlines::default();
    deadlines.handler = Duration::ZERO;
    let tenant = Tenant::on(TestServer::start_custom(&[], deadlines));
    let answers = tenant.bulk(&json!([user("a", "a"), {"method": "GET"}]));
    assert_eq!(statuses(&answers), ["503", "503"]);
}
