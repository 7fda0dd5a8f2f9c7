//! SCIM over HTTP: what the protocol asks of status, headers and bodies.

use serde_json::{Value, json};

use crate::support::{
    TestServer,
    http::{self, Answer},
};

struct Tenant {
    server: TestServer,
    token: String,
}

impl Tenant {
    fn new() -> Self {
        let server = TestServer::start_with(&[("max_body_bytes", "65536")]);
        let token = server.tenant("entra");
        Self { server, token }
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.server.scim("entra", &self.token, method, path, body)
    }

    fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let authorization = format!("Bearer {}", self.token);
        let mut all = vec![("Authorization", authorization.as_str())];
        all.extend_from_slice(headers);
        http::send(
            self.server.scim_addr(),
            method,
            &format!("/scim/entra/v2{path}"),
            &all,
            body,
        )
    }

    fn user(&self, name: &str) -> Answer {
        let answer = self.ask("POST", "/Users", Some(&user(name)));
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer
    }
}

fn user(name: &str) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name})
}

fn replace(path: &str, value: &Value) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": path, "value": value}],
    })
}

fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().expect("an id").to_owned()
}

#[test]
fn a_user_lives_as_the_standard_says() {
    let tenant = Tenant::new();
    let created = tenant.user("ada@example.com");
    let path = format!("/Users/{}", id(&created));
    let body = created.json();
    assert_eq!(
        created.header("location"),
        body["meta"]["location"].as_str()
    );
    assert_eq!(created.header("etag"), body["meta"]["version"].as_str());
    assert_eq!(
        created.header("content-type"),
        Some("application/scim+json")
    );
    let read = tenant.ask("GET", &path, None);
    assert_eq!((read.status, read.json()), (200, body));
    let head = tenant.raw("HEAD", &path, &[], b"");
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, read.header("content-length"))
    );
    let patched = tenant.ask("PATCH", &path, Some(&replace("active", &json!(false))));
    assert_eq!(
        (patched.status, &patched.json()["active"]),
        (200, &json!(false))
    );
    assert_ne!(patched.header("etag"), read.header("etag"));
    let put = tenant.ask("PUT", &path, Some(&user("ada2@example.com")));
    assert_eq!(
        (put.status, &put.json()["userName"]),
        (200, &json!("ada2@example.com"))
    );
    let deleted = tenant.ask("DELETE", &path, None);
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    assert_eq!(deleted.header("content-type"), None);
    for method in ["GET", "DELETE"] {
        assert_eq!(tenant.ask(method, &path, None).status, 404, "{method}");
    }
}

#[test]
fn a_group_patch_answers_204_unless_attributes_are_asked_for() {
    let tenant = Tenant::new();
    let member = id(&tenant.user("ada"));
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "jira-users",
        "members": [{"value": member}],
    });
    let created = tenant.ask("POST", "/Groups", Some(&group));
    assert_eq!(created.json()["members"][0]["value"], member.as_str());
    let path = format!("/Groups/{}", id(&created));
    let change = replace("displayName", &json!("jira-people"));
    let answer = tenant.ask("PATCH", &path, Some(&change));
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert!(answer.header("etag").is_some());
    for (query, members) in [
        ("?attributes=displayName", false),
        ("?excludedAttributes=members", false),
        ("?attributes=members", true),
    ] {
        let answer = tenant.ask("PATCH", &format!("{path}{query}"), Some(&change));
        assert_eq!(answer.status, 200, "{query}");
        assert_eq!(answer.json().get("members").is_some(), members, "{query}");
    }
    let listed = tenant
        .ask("GET", "/Groups?excludedAttributes=members", None)
        .json();
    assert!(listed["Resources"][0].get("members").is_none());
}

#[test]
fn if_match_compares_weakly_and_never_guesses() {
    let tenant = Tenant::new();
    let created = tenant.user("ada");
    let path = format!("/Users/{}", id(&created));
    let etag = created.header("etag").unwrap().to_owned();
    let strong = etag.trim_start_matches("W/").to_owned();
    let json_type = ("Content-Type", "application/scim+json");
    let same = replace("userName", &json!("ada")).to_string();
    for (value, expect) in [
        (etag.clone(), 200),
        (strong.clone(), 200),
        (format!("W/\"77\", {etag}"), 200),
        ("*".to_owned(), 200),
        ("W/\"77\"".to_owned(), 412),
        ("W/\"77\", \"78\"".to_owned(), 412),
        ("garbage".to_owned(), 412),
        ("W/\"does-not-match\"".to_owned(), 412),
        (String::new(), 412),
    ] {
        let headers = [json_type, ("If-Match", value.as_str())];
        let answer = tenant.raw("PATCH", &path, &headers, same.as_bytes());
        assert_eq!(answer.status, expect, "PATCH If-Match: {value}");
        if expect == 412 {
            assert_eq!(answer.json()["status"], "412");
            let put = tenant.raw("PUT", &path, &headers, user("eve").to_string().as_bytes());
            assert_eq!(put.status, 412, "PUT If-Match: {value}");
            assert_eq!(
                tenant.raw("DELETE", &path, &headers[1..], b"").status,
                412,
                "DELETE If-Match: {value}"
            );
        }
    }
    for (value, expect) in [
        (etag.as_str(), 304),
        (strong.as_str(), 304),
        ("*", 304),
        ("W/\"77\"", 200),
        ("garbage", 200),
    ] {
        let answer = tenant.raw("GET", &path, &[("If-None-Match", value)], b"");
        assert_eq!(answer.status, expect, "If-None-Match: {value}");
        assert_eq!(answer.body.is_empty(), expect == 304);
        assert_eq!(answer.header("etag"), Some(etag.as_str()));
    }
}

#[test]
fn bodies_are_json_of_the_right_type_and_size() {
    let tenant = Tenant::new();
    let padded = format!("{}{}", user("padded"), " ".repeat(65_536));
    let fits = format!("{}{}", user("fits"), " ".repeat(60_000));
    let big = padded.as_bytes();
    let plain = user("plain").to_string();
    let text = |n: u32| user(&format!("u{n}")).to_string();
    for (headers, body, expect) in [
        (
            vec![("Content-Type", "application/scim+json")],
            text(1),
            201,
        ),
        (
            vec![("Content-Type", "application/json; charset=utf-8")],
            text(2),
            201,
        ),
        (
            vec![("Content-Type", "APPLICATION/SCIM+JSON;x=y")],
            text(3),
            201,
        ),
        (vec![], text(4), 201),
        (vec![("Content-Encoding", "identity")], text(5), 201),
        (vec![("Accept", "text/html")], text(6), 201),
        (vec![], fits, 201),
        (vec![("Content-Type", "text/xml")], plain.clone(), 415),
        (
            vec![("Content-Type", "application/x-www-form-urlencoded")],
            plain.clone(),
            415,
        ),
        (vec![("Content-Encoding", "gzip")], plain.clone(), 415),
        (
            vec![("Content-Encoding", "identity"), ("Content-Encoding", "br")],
            plain.clone(),
            415,
        ),
        (vec![], String::new(), 400),
        (vec![], "[]".to_owned(), 400),
        (vec![], "{\"schemas\":[".to_owned(), 400),
        (vec![], padded.clone(), 413),
        (
            vec![("Content-Length", "1000000000000000")],
            String::new(),
            413,
        ),
    ] {
        let answer = tenant.raw("POST", "/Users", &headers, body.as_bytes());
        assert_eq!(
            answer.status,
            expect,
            "{headers:?} {} {}",
            body.len(),
            answer.text()
        );
        if expect >= 400 {
            assert_eq!(answer.json()["status"], expect.to_string());
        }
    }
    let mut chunked = format!("{:x}\r\n", big.len()).into_bytes();
    chunked.extend_from_slice(big);
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    let answer = tenant.raw(
        "POST",
        "/Users",
        &[("Transfer-Encoding", "chunked")],
        &chunked,
    );
    assert_eq!(answer.status, 413);
    assert_eq!(
        tenant
            .ask("GET", "/Users?filter=userName+eq+%22padded%22", None)
            .json()["totalResults"],
        0
    );
}

#[test]
fn conflicts_name_the_attribute_and_change_nothing() {
    let tenant = Tenant::new();
    let first = id(&tenant.user("ada"));
    let mut clash = user("ADA");
    clash["displayName"] = json!("another");
    let answer = tenant.ask("POST", "/Users", Some(&clash));
    let body = answer.json();
    assert_eq!(
        (answer.status, &body["scimType"]),
        (409, &json!("uniqueness"))
    );
    let detail = body["detail"].as_str().unwrap();
    assert!(
        detail.contains("userName") && detail.contains(&first),
        "{detail}"
    );
    assert_eq!(tenant.ask("GET", "/Users", None).json()["totalResults"], 1);
}

#[test]
fn lists_page_within_the_announced_limit() {
    let tenant = Tenant::new();
    for number in 0..105 {
        tenant.user(&format!("user{number:03}"));
    }
    for (query, items, start) in [
        ("", 100, 1),
        ("?count=0", 0, 1),
        ("?count=-1", 0, 1),
        ("?count=3", 3, 1),
        ("?count=1000000000", 105, 1),
        ("?startIndex=101&count=100", 5, 101),
        ("?startIndex=0&count=1", 1, 1),
        ("?startIndex=-5&count=1", 1, 1),
        ("?startIndex=1000&count=1", 0, 1000),
        ("?foo=bar&count=2", 2, 1),
        ("?COUNT=2", 2, 1),
    ] {
        let answer = tenant.ask("GET", &format!("/Users{query}"), None);
        assert_eq!(answer.status, 200, "{query}");
        let body = answer.json();
        assert_eq!(body["totalResults"], 105, "{query}");
        assert_eq!(body["itemsPerPage"], items, "{query}");
        assert_eq!(
            body["Resources"].as_array().map(Vec::len),
            Some(items),
            "{query}"
        );
        assert_eq!(body["startIndex"], start, "{query}");
    }
    for query in [
        "?filter=userName+xx+%221%22",
        "?filter=",
        "?filter=a&filter=b",
        "?count=abc",
        "?filter=%zz",
    ] {
        let answer = tenant.ask("GET", &format!("/Users{query}"), None);
        assert_eq!(
            (answer.status, answer.json()["status"].clone()),
            (400, json!("400")),
            "{query}"
        );
    }
    let long = format!("/Users?filter={}", "a".repeat(40_000));
    assert_eq!(tenant.ask("GET", &long, None).status, 414);
}

#[test]
fn discovery_says_what_is_served() {
    let tenant = Tenant::new();
    let config = tenant.ask("GET", "/ServiceProviderConfig", None).json();
    assert_eq!(config["filter"]["maxResults"], 1000);
    assert_eq!(config["patch"]["supported"], true);
    assert_eq!(config["bulk"]["supported"], true);
    for (path, key) in [("/ResourceTypes", "name"), ("/Schemas", "id")] {
        let list = tenant
            .ask("GET", &format!("{path}?count=1&sortBy=x"), None)
            .json();
        let documents = list["Resources"].as_array().unwrap();
        assert_eq!(list["totalResults"], documents.len());
        assert!(documents.len() > 1);
        for document in documents {
            let name = document[key].as_str().unwrap();
            for shown in [name.to_owned(), name.replace(':', "%3A")] {
                let one = tenant.ask("GET", &format!("{path}/{shown}"), None);
                assert_eq!((one.status, &one.json()), (200, document), "{shown}");
            }
        }
    }
    for (path, expect) in [
        ("/Schemas?filter=id+pr", 403),
        ("/ResourceTypes?filter=", 403),
        ("/ServiceProviderConfig?FILTER=x", 403),
        (
            "/Schemas/urn:ietf:params:scim:api:messages:2.0:PatchOp",
            404,
        ),
        ("/ResourceTypes/Device", 404),
        ("/Me", 501),
    ] {
        assert_eq!(tenant.ask("GET", path, None).status, expect, "{path}");
    }
}

#[test]
fn a_body_is_not_asked_for_before_the_token_is_known() {
    let tenant = Tenant::new();
    let mut connection = http::Connection::open(tenant.server.scim_addr());
    let expect = [
        ("Authorization", "Bearer wrong"),
        ("Expect", "100-continue"),
        ("Content-Length", "5"),
    ];
    connection.send(&http::encode("POST", "/scim/entra/v2/Users", &expect, b""));
    let sent = String::from_utf8(connection.rest()).unwrap();
    assert!(sent.starts_with("HTTP/1.1 401 "), "{sent}");
}
