//! Bulk messages: what is read, planned, replaced and answered.

mod order;

use serde_json::{Value, json};

use super::{
    Answer, BulkRequest, Job, KnownIds, MAX_OPERATIONS, Step, resolve, resolve_id, response,
};
use crate::{ScimError, schema::RESOURCE_TYPES, urn};

const ENTERPRISE: &str = urn::ENTERPRISE_USER;

fn message(operations: &Value) -> Value {
    json!({"schemas": [urn::BULK_REQUEST], "Operations": operations})
}

fn read(operations: &Value) -> Result<BulkRequest, ScimError> {
    BulkRequest::parse(message(operations), RESOURCE_TYPES)
}

fn job(operations: &Value) -> Job {
    read(operations).unwrap().plan()
}

fn user(id: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": id, "data": {"userName": id}})
}

fn managed(id: &str, manager: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": id, "data": {
        "userName": id,
        ENTERPRISE: {"department": "d", "manager": {"value": format!("bulkId:{manager}")}},
    }})
}

fn group(id: &str, members: &[&str]) -> Value {
    let members: Vec<_> = members
        .iter()
        .map(|id| json!({"value": format!("bulkId:{id}")}))
        .collect();
    json!({"method": "POST", "path": "/Groups", "bulkId": id,
        "data": {"displayName": id, "members": members}})
}

/// `2` for a run, `2!` for what is set afterwards; operations refused as circular in brackets.
fn order(operations: &Value) -> String {
    let job = job(operations);
    let refused = |index: usize| {
        let error = job.entries[index].operation.as_ref().err();
        error.is_some_and(|error| error.status() == 409)
    };
    let words: Vec<_> = job
        .steps
        .iter()
        .map(|step| match step {
            Step::Run(index) if refused(*index) => format!("({index})"),
            Step::Run(index) => index.to_string(),
            Step::Complete(index, _) => format!("{index}!"),
        })
        .collect();
    words.join(" ")
}

#[test]
fn what_is_no_bulk_message_is_refused_whole() {
    let many: Vec<_> = (0..=MAX_OPERATIONS).map(|n| user(&n.to_string())).collect();
    let one = json!([user("a")]);
    for (body, status, hint) in [
        (json!([]), 400, "object"),
        (json!({"Operations": one}), 400, "BulkRequest"),
        (
            json!({"schemas": [urn::PATCH_OP], "Operations": one}),
            400,
            "BulkRequest",
        ),
        (
            json!({"schemas": urn::BULK_REQUEST, "Operations": one}),
            400,
            "BulkRequest",
        ),
        (json!({"schemas": [urn::BULK_REQUEST]}), 400, "Operations"),
        (message(&json!({})), 400, "Operations"),
        (message(&json!([])), 400, "at least one"),
        (message(&many.into()), 413, "maxOperations is 1000"),
        (message(&json!([user("a"), user("a")])), 400, "occurs twice"),
        (
            json!({"schemas": [urn::BULK_REQUEST], "failOnErrors": 0, "Operations": one}),
            400,
            "failOnErrors",
        ),
        (
            json!({"schemas": [urn::BULK_REQUEST], "failOnErrors": "1", "Operations": one}),
            400,
            "failOnErrors",
        ),
        (
            json!({"schemas": [urn::BULK_REQUEST], "failOnErrors": 1.5, "Operations": one}),
            400,
            "failOnErrors",
        ),
    ] {
        let error = BulkRequest::parse(body, RESOURCE_TYPES).unwrap_err();
        assert_eq!(error.status(), status, "{error}");
        assert!(error.detail().contains(hint), "{hint}: {error}");
    }
}

#[test]
fn names_have_no_case_and_null_is_absent() {
    let body = json!({"SCHEMAS": [urn::BULK_REQUEST.to_uppercase()], "failonerrors": null, "operations": [
        {"METHOD": "post", "Path": "/Users", "BULKID": "a", "Data": {}, "version": null},
        {"method": "delete", "path": "/Users/1", "bulkId": null},
    ]});
    let request = BulkRequest::parse(body, RESOURCE_TYPES).unwrap();
    assert_eq!(request.fail_on_errors, None);
    let methods: Vec<_> = request
        .entries
        .iter()
        .map(|entry| entry.method.as_deref())
        .collect();
    assert_eq!(methods, [Some("POST"), Some("DELETE")]);
    assert!(request.entries.iter().all(|entry| entry.operation.is_ok()));
}

/// Checks that `operation` fails with `hint`, and the one after it does not.
fn check_refused(operation: &Value, hint: &str) {
    let request = read(&json!([operation, user("a")])).unwrap();
    let error = request.entries[0].operation.as_ref().unwrap_err();
    assert_eq!(error.status(), 400, "{operation}");
    assert!(error.detail().contains(hint), "{operation}: {error}");
    assert!(request.entries[1].operation.is_ok(), "{operation}");
}

#[test]
fn what_is_wrong_with_one_operation_fails_that_operation() {
    let delete =
        |key: &str, value: Value| json!({"method": "DELETE", "path": "/Users/1", key: value});
    let post = |key: &str, value: Value| json!({"method": "POST", "path": "/Users", "data": {}, key: value});
    for (operation, hint) in [
        (json!("POST"), "object"),
        (delete("method", json!("GET")), "method must be"),
        (delete("method", json!(null)), "method must be"),
        (post("bulkId", json!(null)), "needs a bulkId"),
        (post("bulkId", json!("")), "bulkId must be"),
        (delete("bulkId", json!(7)), "bulkId must be"),
        (delete("bulkId", json!("x".repeat(257))), "bulkId must be"),
        (delete("version", json!(1)), "version must be"),
        (delete("path", json!(1)), "path must be"),
    ] {
        check_refused(&operation, hint);
    }
    for (method, data) in [
        ("POST", json!(null)),
        ("PUT", json!("x")),
        ("PATCH", json!(1)),
        ("POST", json!([])),
    ] {
        let path = if method == "POST" {
            "/Users"
        } else {
            "/Users/1"
        };
        check_refused(
            &json!({"method": method, "path": path, "bulkId": "b", "data": data}),
            "data must be",
        );
    }
}

#[test]
fn paths_are_below_the_base_url_and_name_users_and_groups() {
    let long = format!("/Users/{}", "x".repeat(1_100));
    let cases = [
        ("DELETE", "/Users"),
        ("DELETE", "/Users/"),
        ("POST", "/Users/1"),
        ("POST", "/Users/"),
        ("POST", "/Bulk"),
        ("POST", "/Schemas"),
        ("POST", "/UsersX"),
        ("POST", "/Users?x"),
        ("DELETE", "/Users/1?x=y"),
        ("DELETE", "/Users/1#x"),
        ("DELETE", "/Users/a/b"),
        ("DELETE", "/Users/.."),
        ("DELETE", "/Users/%2e%2e"),
        ("DELETE", "/Users/..\\x"),
        ("DELETE", "/../other/v2/Users/1"),
        ("DELETE", "/scim/other/v2/Users/1"),
        ("DELETE", "//example.com/Users/1"),
        ("DELETE", "https://example.com/scim/t/v2/Users/1"),
        ("DELETE", &long),
    ];
    for (method, path) in cases {
        check_refused(
            &json!({"method": method, "path": path, "bulkId": "b", "data": {}}),
            "path must be",
        );
    }
}

#[test]
fn a_patch_is_a_whole_message_whatever_form_it_came_in() {
    let operations = json!([{"op": "remove", "path": "title"}]);
    let whole = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
    for data in [whole.clone(), operations] {
        let request =
            read(&json!([{"method": "PATCH", "path": "/Users/1", "data": data}])).unwrap();
        assert_eq!(request.entries[0].operation.as_ref().unwrap().data, whole);
    }
}

#[test]
fn operations_run_in_order_unless_they_refer_ahead() {
    let patch = |path: &str, member: &str| {
        json!({"method": "PATCH", "path": path, "data": [
            {"op": "add", "path": "members", "value": [{"value": format!("bulkId:{member}")}]}]})
    };
    let delete = |path: &str| json!({"method": "DELETE", "path": path});
    for (operations, expect) in [
        (
            json!([user("a"), user("b"), group("g", &["a", "b"])]),
            "0 1 2",
        ),
        (
            json!([group("g", &["a"]), user("b"), user("a"), user("c")]),
            "1 2 0 3",
        ),
        (
            json!([group("g", &["h"]), group("h", &["i"]), group("i", &[])]),
            "2 1 0",
        ),
        (json!([managed("a", "b"), user("c"), user("b")]), "1 2 0"),
        (json!([patch("/Groups/1", "b"), user("b")]), "1 0"),
        (json!([delete("/Groups/bulkId:g"), group("g", &[])]), "1 0"),
        // All that follows on the same resource stays behind.
        (
            json!([
                patch("/Groups/1", "b"),
                delete("/Groups/1"),
                delete("/Groups/2"),
                user("b")
            ]),
            "2 3 0 1",
        ),
        // What nothing in the job makes is no reason to wait.
        (json!([group("g", &["nobody"]), user("a")]), "0 1"),
        // Circles that can be opened.
        (json!([managed("a", "a"), user("b")]), "0 0! 1"),
        (json!([managed("a", "b"), managed("b", "a")]), "0 1 0!"),
        (
            json!([managed("a", "b"), managed("b", "c"), managed("c", "a")]),
            "0 2 1 0!",
        ),
        // Circles that cannot.
        (json!([group("g", &["g"])]), "(0)"),
        (
            json!([group("g", &["h"]), group("h", &["g"]), user("a")]),
            "(0) (1) 2",
        ),
        // Before or behind a circle is not in it.
        (
            json!([
                group("f", &["g"]),
                group("g", &["h"]),
                group("h", &["g", "u"]),
                user("u")
            ]),
            "(1) 0 (2) 3",
        ),
    ] {
        assert_eq!(order(&operations), expect, "{operations}");
    }
}

#[test]
fn what_is_put_off_is_taken_out_and_set_afterwards() {
    let job = job(&json!([managed("a", "b"), managed("b", "a")]));
    let data = &job.entries[0].operation.as_ref().unwrap().data;
    assert_eq!(
        *data,
        json!({"userName": "a", ENTERPRISE: {"department": "d"}})
    );
    let patch = json!({"schemas": [urn::PATCH_OP], "Operations": [{
        "op": "add", "path": format!("{ENTERPRISE}:manager"), "value": {"value": "bulkId:b"}}]});
    assert_eq!(job.steps.last(), Some(&Step::Complete(0, patch)));
}

#[test]
fn a_ring_of_1000_ends() {
    let name = |n: usize| format!("r{}", n % MAX_OPERATIONS);
    let groups: Vec<_> = (0..MAX_OPERATIONS)
        .map(|n| group(&name(n), &[&name(n + 1)]))
        .collect();
    let job_of_groups = job(&groups.into());
    let refused = job_of_groups
        .entries
        .iter()
        .filter(|entry| entry.operation.is_err());
    assert_eq!((refused.count(), job_of_groups.steps.len()), (1_000, 1_000));
    let users: Vec<_> = (0..MAX_OPERATIONS)
        .map(|n| managed(&name(n), &name(n + 1)))
        .collect();
    let job_of_users = job(&users.into());
    assert!(
        job_of_users
            .entries
            .iter()
            .all(|entry| entry.operation.is_ok())
    );
    // One is opened, and set at the end.
    assert_eq!(job_of_users.steps.len(), 1_001);
}

#[test]
fn references_are_replaced_wherever_a_value_may_be() {
    let known = KnownIds::from([
        ("u".to_owned(), "id-u".to_owned()),
        ("g".to_owned(), "id-g".to_owned()),
    ]);
    for (data, expect) in [
        (
            json!({"members": [{"value": "bulkId:u"}, {"value": "x"}]}),
            json!({"members": [{"value": "id-u"}, {"value": "x"}]}),
        ),
        (
            json!({"members": ["bulkId:g"]}),
            json!({"members": ["id-g"]}),
        ),
        (
            json!({"members": [{"$ref": "../Users/bulkId:u"}]}),
            json!({"members": [{"$ref": "../Users/id-u"}]}),
        ),
        (
            json!({ENTERPRISE: {"manager": {"value": "bulkId:u"}}}),
            json!({ENTERPRISE: {"manager": {"value": "id-u"}}}),
        ),
        (
            json!({"urn:x:y": {"owner": "bulkId:u"}}),
            json!({"urn:x:y": {"owner": "id-u"}}),
        ),
        (
            json!({"Operations": [{"op": "remove", "path": "members[value eq \"bulkId:u\" or value eq \"bulkId:g\"]"}]}),
            json!({"Operations": [{"op": "remove", "path": "members[value eq \"id-u\" or value eq \"id-g\"]"}]}),
        ),
        (
            json!({"Operations": [{"op": "add", "value": {"members": [{"value": "bulkId:g"}]}}]}),
            json!({"Operations": [{"op": "add", "value": {"members": [{"value": "id-g"}]}}]}),
        ),
        (
            json!({"title": "my bulkId:u", "$ref": "x/y"}),
            json!({"title": "my bulkId:u", "$ref": "x/y"}),
        ),
    ] {
        let mut resolved = data.clone();
        resolve(&mut resolved, &known).unwrap();
        assert_eq!(resolved, expect, "{data}");
    }
    assert_eq!(resolve_id("bulkId:g", &known).unwrap(), "id-g");
    assert_eq!(resolve_id("g", &known).unwrap(), "g");
}

#[test]
fn an_unknown_bulk_id_is_a_conflict() {
    let known = KnownIds::new();
    for mut data in [
        json!({"members": [{"value": "bulkId:u"}]}),
        json!({"members": [{"$ref": "bulkId:u"}]}),
        json!({"userName": "bulkId:"}),
        json!({"path": "members[value eq \"bulkId:u\"]"}),
    ] {
        assert_eq!(
            resolve(&mut data, &known).unwrap_err().status(),
            409,
            "{data}"
        );
    }
    assert_eq!(resolve_id("bulkId:u", &known).unwrap_err().status(), 409);
}

#[test]
fn an_answer_names_status_and_what_there_is() {
    let request = read(&json!([
        user("a"),
        {"method": "DELETE", "path": "/Users/1"},
        {"method": "PATCH", "path": "/Users/2", "bulkId": "p", "data": []},
        {"method": "BREW"},
    ]))
    .unwrap();
    let error = ScimError::with_status(404, "gone");
    let answers = [
        Answer {
            location: Some("L1".to_owned()),
            outcome: Ok((201, Some("W/\"1\"".to_owned()))),
        },
        Answer {
            location: Some("L2".to_owned()),
            outcome: Ok((204, None)),
        },
        Answer {
            location: Some("L3".to_owned()),
            outcome: Err(error.clone()),
        },
        Answer {
            location: None,
            outcome: Err(error.clone()),
        },
    ];
    assert_eq!(
        response(request.entries.iter().zip(&answers)),
        json!({"schemas": [urn::BULK_RESPONSE], "Operations": [
            {"location": "L1", "method": "POST", "bulkId": "a", "version": "W/\"1\"", "status": "201"},
            {"location": "L2", "method": "DELETE", "status": "204"},
            {"location": "L3", "method": "PATCH", "bulkId": "p", "status": "404", "response": error.to_json()},
            {"method": "BREW", "status": "404", "response": error.to_json()},
        ]})
    );
}
