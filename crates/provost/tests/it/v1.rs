//! SCIM 1.1 beside SCIM 2.0: the same limits, the same rights, and imports as agents do them.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use provost_directory::{credential::Form, token::Access};
use serde_json::{Value, json};

use crate::support::{
    TestServer,
    http::{self, Answer},
};

struct Tenant<'a> {
    server: &'a TestServer,
    authorization: String,
}

impl<'a> Tenant<'a> {
    fn new(server: &'a TestServer) -> Self {
        let authorization = format!("Bearer {}", server.tenant("okta"));
        Self {
            server,
            authorization,
        }
    }

    fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut all = vec![
            ("Authorization", self.authorization.as_str()),
            ("Content-Type", "application/json"),
        ];
        all.extend(headers);
        http::send(
            self.server.scim_addr(),
            method,
            target,
            &all,
            body.as_bytes(),
        )
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        self.send(method, &format!("/scim/okta/v1{path}"), &[], &body)
    }

    fn create(&self, name: &str) -> Value {
        let answer = self.ask("POST", "/Users", &json!({ "userName": name }));
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    fn names(&self, path: &str) -> (u64, Vec<String>) {
        let page = self.ask("GET", path, &Value::Null).json();
        let names = page["Resources"].as_array().expect("a list").iter();
        let names = names.map(|user| user["userName"].as_str().expect("a name").to_owned());
        (
            page["totalResults"].as_u64().expect("a number"),
            names.collect(),
        )
    }
}

#[test]
fn an_import_in_pages_sees_everyone_once() {
    let server = TestServer::start();
    let tenant = Tenant::new(&server);
    let first = tenant.create("u000");
    for number in 1..250 {
        tenant.create(&format!("u{number:03}"));
    }
    let mut seen = Vec::new();
    for start in [1, 101, 201] {
        let (total, names) = tenant.names(&format!("/Users?startIndex={start}&count=100"));
        assert_eq!(total, 250);
        seen.extend(names);
        // A change in the middle of the import moves nobody to another page.
        let path = format!("/Users/{}", first["id"].as_str().expect("an id"));
        let change = json!({"userName": "u000", "title": format!("T{start}")});
        assert_eq!(tenant.ask("PUT", &path, &change).status, 200);
    }
    let distinct: BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (250, 250));
}

#[test]
fn an_incremental_import_sees_only_what_has_changed() {
    let server = TestServer::start();
    let tenant = Tenant::new(&server);
    let ids = ["ada", "bob", "eve"].map(|name| tenant.create(name)["id"].take());
    let changed = |user: &Value| user["meta"]["lastModified"].as_str().map(str::to_owned);
    let patch = |id: &Value, title: &str| {
        let path = format!("/Users/{}", id.as_str().expect("an id"));
        tenant
            .ask("PATCH", &path, &json!({ "title": title }))
            .json()
    };
    let newest = format!("/Users/{}", ids[2].as_str().expect("an id"));
    let last_import = changed(&tenant.ask("GET", &newest, &Value::Null).json()).expect("a time");
    // Every write is later than the one before; only the clock's resolution hides it.
    let mut title = 0;
    while changed(&patch(&ids[0], &title.to_string())).as_deref() <= Some(&last_import) {
        title += 1;
    }
    let seen = |since: &str| {
        let filter = format!("meta.lastModified%20gt%20%22{since}%22");
        tenant
            .names(&format!("/Users?filter={filter}&startIndex=1&count=100"))
            .1
    };
    assert!(!seen(&last_import).contains(&"bob".to_owned()));
    assert!(seen(&last_import).contains(&"ada".to_owned()));
    assert_eq!(seen("2001-01-01T00:00:00Z").len(), 3);
    assert!(seen("2999-01-01T00:00:00Z").is_empty());
}

/// Asks both versions, which must give the same status.
fn check_limits(cases: &[(&str, &str, String, u16)]) {
    let server = TestServer::start_with(&[("max_body_bytes", "1048576")]);
    let tenant = Tenant::new(&server);
    for (method, path, body, expect) in cases {
        for version in ["v1", "v2"] {
            let target = format!("/scim/okta/{version}{path}");
            let answer = tenant.send(method, &target, &[], body);
            let about = format!("{version} {method} {path:.60} {body:.60}");
            assert_eq!(answer.status, *expect, "{about}: {}", answer.text());
        }
    }
}

#[test]
fn limits_of_bodies_are_those_of_2_0() {
    let nested = format!("{}{}", "[".repeat(17), "]".repeat(17));
    let keys: Vec<_> = (0..1_001).map(|n| format!("\"k{n}\":1")).collect();
    let mails: Vec<_> = (0..1_001)
        .map(|n| json!({"value": format!("{n}@x")}))
        .collect();
    let job = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": vec![json!({"method": "DELETE", "path": "/Users/x"}); 1_001],
    });
    let post = |body: String, status| ("POST", "/Users", body, status);
    check_limits(&[
        post("x".repeat((1 << 20) + 1), 413),
        post(format!("{{\"userName\":\"u\",\"x\":{nested}}}"), 400),
        post(format!("{{\"userName\":\"u\",{}}}", keys.join(",")), 400),
        post(json!({"userName": "u", "emails": mails}).to_string(), 400),
        post("{\"userName\":\"u\",\"USERNAME\":\"v\"}".to_owned(), 400),
        post(json!({"userName": "u".repeat(1_025)}).to_string(), 400),
        post("{\"userName\":\"\\u0000\"}".to_owned(), 400),
        ("PATCH", "/Users/x", nested, 404),
        ("POST", "/Bulk", job.to_string(), 413),
    ]);
}

#[test]
fn limits_of_queries_are_those_of_2_0() {
    let terms = vec!["title%20pr"; 201].join("%20or%20");
    let long = "x".repeat(9_000);
    for query in [
        format!("filter={terms}"),
        format!("filter={}", "(".repeat(40)),
        format!("filter=title%20eq%20%22{long}%22"),
        format!("filter=urn:scim:schemas:core:1.0:title%20eq%20%22{long}%22"),
        format!("attributes={}", "a,".repeat(201)),
    ] {
        check_limits(&[("GET", &format!("/Users?{query}"), String::new(), 400)]);
    }
    let endless = format!("/Users?x={}", "y".repeat(33_000));
    check_limits(&[("GET", &endless, String::new(), 414)]);
}

/// Rights are those of the method that is meant.
#[test]
fn a_token_that_only_reads_writes_under_no_name() {
    let server = TestServer::start();
    let mut tenant = Tenant::new(&server);
    let id = tenant.create("ada")["id"].take();
    let target = format!("/scim/okta/v1/Users/{}", id.as_str().expect("an id"));
    let token = server.token("okta", Access::ReadOnly);
    tenant.authorization = format!("Bearer {token}");
    for method in ["PUT", "PATCH", "DELETE"] {
        for (sent, headers) in [
            (method, &[][..]),
            ("POST", &[("X-HTTP-Method-Override", method)][..]),
        ] {
            let answer = tenant.send(sent, &target, headers, "{\"userName\":\"eve\"}");
            assert_eq!(answer.status, 403, "{sent} as {method}");
            assert_eq!(
                answer.json()["Errors"][0]["code"],
                "403",
                "{sent} as {method}"
            );
        }
    }
    let answer = tenant.send("GET", &target, &[("X-HTTP-Method-Override", "DELETE")], "");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["userName"], "ada");
}

/// An agent inside the network comes without a gateway: plain HTTP, its own name for the server,
/// HTTP Basic, and nothing that a gateway would add.
#[test]
fn an_agent_needs_no_gateway() {
    let server = TestServer::start_with(&[
        ("allow_direct_http", "true"),
        ("public_url", "https://scim.example.com"),
    ]);
    server.tenant("okta");
    let (username, password) = server.credential("okta", Access::ReadWrite, Form::Basic);
    let basic = format!(
        "Basic {}",
        STANDARD.encode(format!("{username}:{password}"))
    );
    let body = r#"{"schemas":["urn:scim:schemas:core:1.0"],"userName":"ada"}"#;
    let request = format!(
        "POST /scim/okta/v1/Users HTTP/1.1\r\nHost: provost.intranet:5501\r\nAuthorization: \
         {basic}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut connection = http::Connection::open(server.scim_addr());
    connection.send(request.as_bytes());
    let answer = connection.answer(false);
    assert_eq!(answer.status, 201, "{}", answer.text());
    let location = answer.header("location").expect("a location");
    assert!(
        location.starts_with("https://scim.example.com/scim/okta/v1/Users/"),
        "{location}"
    );
}

/// A repetition after a lost answer is known in whichever version it comes.
#[test]
fn a_repeated_post_is_answered_with_what_it_made() {
    let server = TestServer::start();
    let tenant = Tenant::new(&server);
    let body = json!({"schemas": ["urn:scim:schemas:core:1.0"], "userName": "ada"});
    let first = tenant.ask("POST", "/Users", &body);
    let again = tenant.ask("POST", "/Users", &body);
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.json(), again.json());
    assert_eq!(tenant.names("/Users").0, 1);
}
