//! Who may do what, and what a stranger is told.

use base64::{Engine, engine::general_purpose::STANDARD};
use provost_directory::{
    credential::{Form, HeaderName},
    token::Access,
};
use serde_json::json;

use crate::support::{TestServer, block_on, http};

const USERS: &str = "/scim/entra/v2/Users";

fn status(server: &TestServer, headers: &[(&str, &str)]) -> u16 {
    http::send(server.scim_addr(), "GET", USERS, headers, b"").status
}

#[test]
fn only_one_valid_bearer_token_is_a_caller() {
    let server = TestServer::start();
    let token = server.tenant("entra");
    let foreign = server.tenant("okta");
    let flipped: String = token
        .char_indices()
        .map(
            |(at, c)| match (at + 1 == token.len(), c.is_ascii_uppercase()) {
                (false, _) => c,
                (true, true) => c.to_ascii_lowercase(),
                (true, false) if c.is_ascii_lowercase() => c.to_ascii_uppercase(),
                (true, false) if c == '0' => '1',
                (true, false) => '0',
            },
        )
        .collect();
    let long = "a".repeat(60_000);
    for (value, expect) in [
        (format!("Bearer {token}"), 200),
        (format!("bearer {token}"), 200),
        (format!("BEARER  {token}"), 200),
        (String::new(), 401),
        ("Bearer".to_owned(), 401),
        ("Bearer ".to_owned(), 401),
        (token.clone(), 401),
        (format!("Bearer{token}"), 401),
        (format!("Bearer {token}x"), 401),
        (format!("Bearer {token} x"), 401),
        (format!("Bearer {token}\u{feff}"), 401),
        (format!("Bearer\t{token}"), 401),
        (format!("Bearer {}", token.to_uppercase()), 401),
        (format!("Bearer {flipped}"), 401),
        (format!("Bearer {foreign}"), 401),
        (format!("Bearer {long}"), 401),
        (format!("Token {token}"), 401),
        (format!("Basic {token}"), 401),
        ("Basic dXNlcjpwYXNz".to_owned(), 401),
    ] {
        let shown: String = value.chars().take(40).collect();
        assert_eq!(
            status(&server, &[("Authorization", &value)]),
            expect,
            "{shown}"
        );
    }
    let (good, bad) = (format!("Bearer {token}"), "Bearer x".to_owned());
    assert_eq!(
        status(
            &server,
            &[("Authorization", &good), ("Authorization", &bad)]
        ),
        400
    );
    assert_eq!(
        status(
            &server,
            &[("Authorization", &bad), ("Authorization", &good)]
        ),
        400
    );
    let in_query = format!("{USERS}?access_token={token}");
    assert_eq!(
        http::send(server.scim_addr(), "GET", &in_query, &[], b"").status,
        401
    );
}

/// What is compared is everything but the request id and the date.
fn told(server: &TestServer, path: &str, headers: &[(&str, &str)]) -> (u16, String, Vec<String>) {
    let answer = http::send(server.scim_addr(), "GET", path, headers, b"");
    let challenges = answer.headers.iter();
    let challenges = challenges.filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"));
    let challenges = challenges.map(|(_, value)| value.clone()).collect();
    (answer.status, answer.text().to_owned(), challenges)
}

#[test]
fn basic_and_own_headers_admit_and_every_wrong_secret_is_told_the_same() {
    let server = TestServer::start();
    let bearer = server.tenant("entra");
    server.tenant("okta");
    let (user, password) = server.credential("entra", Access::ReadWrite, Form::Basic);
    let named = |name| Form::Header(HeaderName::parse(name).unwrap());
    let (_, key) = server.credential("entra", Access::ReadWrite, named("X-Provost-Key"));
    let (_, raw) = server.credential("entra", Access::ReadWrite, named("Authorization"));
    let basic = |user: &str, password: &str| {
        format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
    };
    let good = basic(&user, &password);
    let in_lower_case = good.replacen("Basic", "basic", 1);
    for headers in [
        [("Authorization", good.as_str())],
        [("authorization", &in_lower_case)],
        [("X-Provost-Key", &key)],
        [("x-provost-key", &key)],
        [("Authorization", &raw)],
    ] {
        assert_eq!(status(&server, &headers), 200, "{headers:?}");
    }
    let stale = ("Authorization", "Bearer stale");
    assert_eq!(status(&server, &[stale, ("X-Provost-Key", &key)]), 200);
    let twice = [("X-Provost-Key", key.as_str()), ("X-Provost-Key", &key)];
    assert_eq!(status(&server, &twice), 400);

    let (swapped, empty) = (basic(&password, &user), basic("", ""));
    let (foreign, bearer_as_basic) = (basic("tok_000000000000", &password), basic(&user, &bearer));
    let (as_bearer, key_as_bearer) = (format!("Bearer {password}"), format!("Bearer {key}"));
    let (no_colon, no_base64) = ("Basic dXNlcg==", "Basic ****");
    let mut answers = Vec::new();
    for headers in [
        &[][..],
        &[("Authorization", swapped.as_str())],
        &[("Authorization", &empty)],
        &[("Authorization", &foreign)],
        &[("Authorization", &bearer_as_basic)],
        &[("Authorization", &as_bearer)],
        &[("Authorization", &key_as_bearer)],
        &[("Authorization", no_colon)],
        &[("Authorization", no_base64)],
        &[("Authorization", &key)],
        &[("X-Provost-Key", &password)],
        &[("X-Provost-Key", &bearer)],
        &[("X-Provost-Key", "")],
        &[("X-Other-Key", &key)],
    ] {
        answers.push((headers.len(), told(&server, USERS, headers)));
    }
    answers.push((
        2,
        told(&server, "/scim/okta/v2/Users", &[("Authorization", &good)]),
    ));
    answers.push((
        3,
        told(&server, "/scim/none/v2/Users", &[("X-Provost-Key", &key)]),
    ));
    for (_, answer) in &answers {
        assert_eq!(answer, &answers[0].1);
        assert_eq!(answer.0, 401);
        assert_eq!(answer.2.len(), 2, "both challenges");
    }
}

#[test]
fn a_revoked_token_ends_at_once() {
    let server = TestServer::start();
    let token = format!("Bearer {}", server.tenant("entra"));
    assert_eq!(status(&server, &[("Authorization", &token)]), 200);
    let tokens = block_on(server.directory().tokens("entra")).unwrap();
    block_on(server.directory().revoke_token(&tokens[0].id.to_string())).unwrap();
    assert_eq!(status(&server, &[("Authorization", &token)]), 401);
}

#[test]
fn a_read_only_token_reads_and_nothing_else() {
    let server = TestServer::start();
    server.tenant("entra");
    let token = server.token("entra", Access::ReadOnly);
    let id = "0195b1a0-0000-7000-8000-000000000000";
    for (method, path, expect) in [
        ("GET", "/Users".to_owned(), 200),
        ("GET", "/Groups".to_owned(), 200),
        ("GET", "/Schemas".to_owned(), 200),
        ("POST", "/Users/.search".to_owned(), 400),
        ("POST", "/.search".to_owned(), 400),
        ("GET", String::new(), 200),
        ("POST", "/Users".to_owned(), 403),
        ("POST", "/Bulk".to_owned(), 403),
        ("PUT", format!("/Users/{id}"), 403),
        ("PATCH", format!("/Groups/{id}"), 403),
        ("DELETE", format!("/Groups/{id}"), 403),
    ] {
        let answer = server.scim("entra", &token, method, &path, Some(&json!({})));
        assert_eq!(answer.status, expect, "{method} {path}: {}", answer.text());
    }
}

#[test]
fn objects_of_another_tenant_do_not_exist() {
    let server = TestServer::start();
    let (entra, okta) = (server.tenant("entra"), server.tenant("okta"));
    let user =
        json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada"});
    let id = server
        .scim("entra", &entra, "POST", "/Users", Some(&user))
        .json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": false}],
    });
    let unknown = "/Users/0195b1a0-0000-7000-8000-000000000000";
    for (method, body) in [
        ("GET", None),
        ("PUT", Some(&user)),
        ("PATCH", Some(&patch)),
        ("DELETE", None),
    ] {
        let foreign = server.scim("okta", &okta, method, &format!("/Users/{id}"), body);
        let missing = server.scim("okta", &okta, method, unknown, body);
        assert_eq!(foreign.status, 404, "{method}");
        assert_eq!(foreign.json(), missing.json(), "{method}");
        let as_group = server.scim("entra", &entra, "GET", &format!("/Groups/{id}"), None);
        assert_eq!(as_group.status, 404);
    }
    assert_eq!(
        server.scim("okta", &okta, "GET", "/Users", None).json()["totalResults"],
        0
    );
    assert_eq!(
        server
            .scim("entra", &entra, "GET", &format!("/Users/{id}"), None)
            .json()["active"],
        true
    );
}

#[test]
fn headers_of_the_request_never_choose_tenant_method_or_location() {
    let server = TestServer::start_with(&[("public_url", "https://scim.example.com/")]);
    let token = format!("Bearer {}", server.tenant("entra"));
    let headers = [
        ("Authorization", token.as_str()),
        ("Host", "evil.example"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-Tenant", "okta"),
        ("Content-Type", "application/scim+json"),
    ];
    let body = br#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada"}"#;
    let answer = http::send(server.scim_addr(), "POST", USERS, &headers, body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let location = format!("https://scim.example.com/scim/entra/v2/Users/{id}");
    assert_eq!(answer.header("location"), Some(location.as_str()));
    assert_eq!(answer.json()["meta"]["location"], location);
    assert!(!answer.text().contains("evil"));
}
