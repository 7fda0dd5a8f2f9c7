//! Every route of the SCIM API: closed without a token, complete in its methods, and nothing
//! beside them.

use std::collections::BTreeSet;

use provost::SCIM_ENDPOINTS;

use crate::support::{
    TestServer,
    http::{self, Answer},
};

const METHODS: &[&str] = &[
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO",
];

fn target(pattern: &str) -> String {
    pattern
        .replace("{tenant}", "entra")
        .replace("{id}", "0195b1a0-0000-7000-8000-000000000000")
}

fn ask(server: &TestServer, method: &str, target: &str, token: Option<&str>) -> Answer {
    let authorization = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("Content-Type", "application/scim+json")];
    headers.extend(
        authorization
            .as_deref()
            .map(|value| ("Authorization", value)),
    );
    http::send(server.scim_addr(), method, target, &headers, b"")
}

/// Every error has the same status twice and the media type of its version of SCIM.
fn assert_scim_error(answer: &Answer, status: u16, about: &str) {
    let is_v1 = about.contains("/v1");
    let media_type = if is_v1 {
        "application/json"
    } else {
        "application/scim+json"
    };
    assert_eq!(answer.status, status, "{about}");
    assert_eq!(answer.header("content-type"), Some(media_type), "{about}");
    assert!(answer.header("x-request-id").is_some(), "{about}");
    if answer.body.is_empty() {
        return;
    }
    let body = answer.json();
    if is_v1 {
        assert_eq!(body["Errors"][0]["code"], status.to_string(), "{about}");
    } else {
        assert_eq!(body["status"], status.to_string(), "{about}");
        assert_eq!(
            body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error",
            "{about}"
        );
    }
    assert!(
        body["detail"].as_str().is_some_and(|text| !text.is_empty()),
        "{about}"
    );
}

#[test]
fn nothing_but_health_answers_without_a_token() {
    let server = TestServer::start();
    server.tenant("entra");
    let other = [
        "/scim",
        "/scim/",
        "/scim/entra",
        "/scim/entra/v2",
        "/scim/entra/v9/Users",
        "/scim/entra/v2/Foo",
        "/scim/nobody/v2/Users",
    ];
    let known = SCIM_ENDPOINTS.iter().map(|endpoint| target(endpoint.path));
    let mut bodies = BTreeSet::new();
    for path in known.chain(other.map(str::to_owned)) {
        for method in METHODS {
            let answer = ask(&server, method, &path, None);
            assert_scim_error(&answer, 401, &format!("{method} {path}"));
            assert_eq!(
                answer.header("www-authenticate"),
                Some("Bearer realm=\"SCIM\"")
            );
            bodies.extend((*method != "HEAD").then(|| answer.text().to_owned()));
        }
    }
    assert_eq!(bodies.len(), 2, "one body for every cause in each version");
    for path in ["/health/live", "/health/ready"] {
        for address in [server.scim_addr(), server.app_addr()] {
            assert_eq!(
                http::send(address, "GET", path, &[], b"").status,
                200,
                "{path}"
            );
        }
    }
}

#[test]
fn each_endpoint_has_exactly_the_methods_it_lists() {
    let server = TestServer::start();
    let token = server.tenant("entra");
    for endpoint in SCIM_ENDPOINTS {
        for method in METHODS {
            let about = format!("{method} {}", endpoint.path);
            let answer = ask(&server, method, &target(endpoint.path), Some(&token));
            if endpoint.methods.contains(method) {
                assert_ne!(answer.status, 405, "{about}");
                continue;
            }
            assert_scim_error(&answer, 405, &about);
            let mut allowed: Vec<_> = answer
                .header("allow")
                .unwrap_or_default()
                .split(',')
                .map(str::trim)
                .collect();
            allowed.sort_unstable();
            let mut expected = endpoint.methods.to_vec();
            expected.sort_unstable();
            assert_eq!(allowed, expected, "{about}");
        }
    }
}

#[test]
fn strange_paths_never_reach_a_route() {
    let server = TestServer::start();
    let token = server.tenant("entra");
    for (path, expect) in [
        ("/scim/entra/v2/Users", 200),
        ("/scim/entra/v2/Users/", 200),
        ("/scim/entra/v2//Users", 200),
        ("//scim//entra//v2//Users//", 200),
        ("/scim/entra/v1/Users", 200),
        ("/scim/entra/v1//Users/", 200),
        ("/scim/entra/v1/Users.json", 200),
        ("/scim/entra/v1/Users.xml", 406),
        ("/scim/entra/v1/Users.jsonx", 404),
        ("/scim/entra/v1", 404),
        ("/scim/entra/v1/users", 404),
        ("/scim/entra/v1/Users/../Users", 404),
        ("/scim/entra/v1/Users/a%2Fb", 404),
        ("/scim/entra/v1/Users/null", 404),
        ("/scim/entra;x/v1/Users", 401),
        ("/scim/entra/v2/Users.json", 404),
        ("/scim/entra/v2/Users?", 200),
        ("/scim/entra/v2/Users?count=0&", 200),
        ("http://provost.test/scim/entra/v2/Users", 200),
        ("http://other.test/scim/entra/v2/Users", 400),
        ("/scim/entra/v2", 200),
        ("/scim/entra/v2/", 200),
        ("/scim/entra/v9/Users", 404),
        ("/scim/entra/v2/users", 404),
        ("/scim/entra/v2/Foo", 404),
        ("/scim/entra/v2/Users.scim", 404),
        ("/scim/entra/v2/Users;jsessionid=1", 404),
        ("/scim/entra/v2/Users/../Users", 404),
        ("/scim/entra/v2/./Users", 404),
        ("/scim/entra/v2/%2e%2e/v2/Users", 404),
        ("/scim/entra/v2/Groups/..%2fUsers", 404),
        ("/scim/entra/v2/Users/a%2Fb", 404),
        ("/scim/entra/v2/Users/a%5cb", 404),
        ("/scim/entra/v2/Users/%00", 404),
        ("/scim/entra/v2/Users/%zz", 404),
        ("/scim/entra/v2/Users/%ff%fe", 404),
        ("/scim/entra/v2/Users/null", 404),
        ("/scim/entra/v2/Users/0", 404),
        ("/scim/entra/v2/Users/-1", 404),
        (
            "/scim/entra/v2/Users/0195B1A0-0000-7000-8000-000000000000",
            404,
        ),
        ("/scim/entra/v2/Users/a/b", 404),
        ("/SCIM/V2/Users", 404),
        ("/scim/../health/live", 401),
        ("/scim/./entra/v2/Users", 401),
        ("/scim/entra;x/v2/Users", 401),
        ("/scim/entra./v2/Users", 401),
        ("/scim/Entra/v2/Users", 401),
        ("/scim%2fentra/v2/Users", 404),
        ("/", 404),
        ("/crowd/rest/usermanagement/1/event", 404),
        ("/metrics", 404),
        ("/health", 404),
        ("/health/../scim/entra/v2/Users", 404),
    ] {
        let answer = ask(&server, "GET", path, Some(&token));
        assert_eq!(answer.status, expect, "{path}: {}", answer.text());
        if expect != 200 {
            assert_scim_error(&answer, expect, path);
        }
    }
    let long = format!("/scim/entra/v2/Users/{}", "a".repeat(10 * 1024));
    assert_scim_error(&ask(&server, "GET", &long, Some(&token)), 404, "10 KiB id");
}

#[test]
fn scim_is_not_on_the_application_listener_unless_asked() {
    for (single, scim_status) in [("false", 404), ("true", 200)] {
        let server = TestServer::start_with(&[("single_port", single)]);
        let token = server.tenant("entra");
        let authorization = format!("Bearer {token}");
        let headers = [("Authorization", authorization.as_str())];
        let ask = |path: &str| http::send(server.app_addr(), "GET", path, &headers, b"").status;
        assert_eq!(ask("/scim/entra/v2/Users"), scim_status);
        assert_eq!(ask("/crowd/rest/usermanagement/1/event"), 401);
        assert_eq!(ask("/health/ready"), 200);
        assert_eq!(ask("/nowhere"), 404);
        assert_eq!(server.scim_addr() == server.app_addr(), single == "true");
    }
}
