//! Abuse cases by their numbers: whatever is sent, the answer is the protocol's own, nothing is
//! learnt, nothing changes, and trouble never looks like an empty directory.

use super::{fixture::World, xml::Element};
use crate::support::{
    TestServer, block_on,
    http::{self, Answer, Connection},
};

const BASE: &str = "/crowd/rest/usermanagement/1";
const EVERYONE: &str = "<null-search-restriction/>";
const USERS: &str = "/search?entity-type=user&max-results=-1";
/// What an application may do with an answer is decided by this.
const VERSION: &str = "x-embedded-crowd-version";

fn reason(answer: &Answer) -> String {
    let document = Element::parse(answer.text()).expect("XML");
    let reason = document.child("reason");
    reason.map(|reason| reason.text.clone()).unwrap_or_default()
}

/// Everything of an answer that does not change by itself.
fn lasting(mut answer: Answer) -> Answer {
    let changing = ["x-request-id", "date"];
    answer
        .headers
        .retain(|(name, _)| !changing.contains(&name.to_ascii_lowercase().as_str()));
    answer
}

fn with(world: &World, authorization: &str) -> Answer {
    let headers = [("Authorization", authorization)];
    let target = format!("{BASE}/user?username=asmith");
    lasting(http::send(
        world.server.app_addr(),
        "GET",
        &target,
        &headers,
        b"",
    ))
}

#[test]
fn i07_who_does_not_prove_the_password_gets_one_answer() {
    let world = World::fixture();
    // nobody:x, jira:nope, JIRA with the right password, no password, no colon
    let wrong = [
        "Basic bm9ib2R5Ong=",
        "Basic amlyYTpub3Bl",
        "Basic amlyYTo=",
        "Basic amlyYQ==",
    ];
    let first = with(&world, "Basic eDp5");
    assert_eq!(
        (first.status, first.text()),
        (401, "Application failed to authenticate")
    );
    assert!(first.header(VERSION).is_some());
    world.set_allowed_addresses("192.0.2.10");
    for authorization in wrong {
        let other = with(&world, authorization);
        assert_eq!(
            (other.status, &other.headers, &other.body),
            (401, &first.headers, &first.body)
        );
    }
    let elsewhere = with(&world, &world.authorization);
    assert_eq!(elsewhere.status, 403);
    assert!(elsewhere.header(VERSION).is_some());
}

#[test]
fn i08_names_are_taken_literally() {
    let world = World::fixture();
    let long = "a".repeat(10 * 1024);
    for (name, status) in [
        ("asmith", 200),
        ("%2F", 404),
        ("..%2F..%2Fgroup", 404),
        ("*", 404),
        ("a*", 404),
        ("%25", 404),
        ("a%25", 404),
        ("_smith", 404),
        ("%00", 404),
        ("asmith%00", 404),
        ("asmith%20", 404),
        ("%E2%80%8Basmith", 404),
        ("'%20OR%20'1'='1", 404),
        ("*)(uid=*", 404),
        ("%FF", 404),
        ("", 404),
        (long.as_str(), 404),
    ] {
        for (path, missing) in [
            ("/user?username=", "USER_NOT_FOUND"),
            ("/user/group/direct?username=", "USER_NOT_FOUND"),
            ("/user/attribute?username=", "USER_NOT_FOUND"),
        ] {
            let answer = world.crowd("GET", &format!("{path}{name}"), "");
            let start: String = name.chars().take(30).collect();
            assert_eq!(answer.status, status, "{path}{start}: {}", answer.text());
            if status == 404 {
                assert_eq!(reason(&answer), missing, "{path}{start}");
                assert!(
                    answer.body.len() < 2_000,
                    "the name is repeated without end"
                );
            }
        }
    }
}

fn nested_xml(depth: usize) -> String {
    let open = "<boolean-search-restriction boolean-logic='OR'><restrictions>";
    let close = "</restrictions></boolean-search-restriction>";
    format!("{}{EVERYONE}{}", open.repeat(depth), close.repeat(depth))
}

fn nested_json(depth: usize) -> String {
    let open = r#"{"boolean-logic":"OR","restrictions":["#;
    let inner = r#"{"restriction-type":"null-search-restriction"}"#;
    format!("{}{inner}{}", open.repeat(depth), "]}".repeat(depth))
}

#[test]
fn i09_restrictions_are_bounded_and_literal() {
    let world = World::fixture();
    for body in [
        nested_xml(17),
        nested_xml(500),
        nested_json(17),
        nested_json(1_000),
        "[".repeat(60_000),
        "<a>".repeat(20_000),
        "(".repeat(60_000),
        "<!DOCTYPE a [<!ENTITY e 'x'>]><null-search-restriction/>".to_owned(),
    ] {
        let answer = world.crowd("POST", USERS, &body);
        assert_eq!(answer.status, 400, "{}", &body[..20]);
        assert_eq!(reason(&answer), "ILLEGAL_ARGUMENT", "{}", &body[..20]);
    }
    for (body, is_json) in [(nested_xml(10_000), false), (nested_json(10_000), true)] {
        let answer = world.crowd("POST", USERS, &body);
        assert_eq!(answer.status, 413, "JSON: {is_json}");
    }
    let query = format!(
        "/search?entity-type=user&restriction={}",
        "(".repeat(10_000)
    );
    assert_eq!(world.crowd("GET", &query, "").status, 400);
    let property = |name: &str, value: &str| {
        format!(
            "<property-search-restriction><property><name>{name}</name><type>STRING</type>\
             </property><match-mode>CONTAINS</match-mode><value>{value}</value>\
             </property-search-restriction>"
        )
    };
    for (name, value) in [
        ("shoeSize", ""),
        ("name", "' or 1=1 --"),
        ("name", "%"),
        ("name); drop table users; --", "a"),
        ("password", ""),
    ] {
        assert_eq!(
            world.search_users(&property(name, value)),
            [""; 0],
            "{name} {value}"
        );
    }
    assert_eq!(world.search_users(EVERYONE).len(), 3);
}

#[test]
fn i10_a_token_that_cannot_be_followed_never_looks_like_no_changes() {
    let world = World::fixture();
    let token = world.get("/event");
    let token = token
        .attribute("newEventToken")
        .expect("a token")
        .to_owned();
    let (epoch, number) = token.split_once('.').expect("epoch and number");
    let (epoch, number): (u64, u64) = (epoch.parse().unwrap(), number.parse().unwrap());
    for wrong in [
        String::new(),
        "x".to_owned(),
        format!("{epoch}"),
        format!("{epoch}.{}", number + 1_000_000),
        format!("{}.{number}", epoch + 1),
        format!("{}.{number}", epoch - 1),
        format!("{epoch}.-1"),
        format!("{epoch}.{number}.0"),
        format!("{epoch}.{}", u64::MAX),
        format!("{epoch}.{}0", u64::MAX),
        format!("0{epoch}.{number}%20"),
        "1.1700000000000.32769".to_owned(),
    ] {
        let answer = world.crowd("GET", &format!("/event/{wrong}"), "");
        let expect = if wrong.is_empty() { 404 } else { 410 };
        assert_eq!(answer.status, expect, "{wrong}: {}", answer.text());
    }
    assert_eq!(
        world.crowd("GET", &format!("/event/{token}"), "").status,
        200
    );
}

#[test]
fn i11_applications_change_no_password_and_sign_in_nobody_without_one() {
    let world = World::fixture();
    world.set_tenant("accept_passwords", "false");
    let password = "<password><value>new</value></password>";
    for (method, path) in [
        ("PUT", "/user/password?username=asmith"),
        ("DELETE", "/user/password?username=asmith"),
        ("POST", "/user/mail/password?username=asmith"),
        ("POST", "/user/expire-all-passwords?confirm=true"),
    ] {
        let answer = world.crowd(method, path, password);
        assert_eq!(answer.status, 403, "{method} {path}");
        assert_eq!(reason(&answer), "APPLICATION_PERMISSION_DENIED");
    }
    for user in ["asmith", "bjorn.%C3%B8deg%C3%A5rd"] {
        let answer = world.crowd(
            "POST",
            &format!("/authentication?username={user}"),
            password,
        );
        assert_eq!(answer.status, 400);
        assert_eq!(reason(&answer), "INVALID_USER_AUTHENTICATION");
    }
}

#[test]
fn a15_a17_credentials_of_one_side_open_nothing_on_the_other() {
    let world = World::fixture();
    let target = "/scim/fixture/v2/Users";
    let headers = [("Authorization", world.authorization.as_str())];
    let scim = http::send(world.server.scim_addr(), "GET", target, &headers, b"");
    assert_eq!(scim.status, 401, "{}", scim.text());
    let token = world
        .server
        .token("fixture", provost_directory::token::Access::ReadWrite);
    for authorization in [format!("Bearer {token}"), format!("Basic {token}")] {
        assert_eq!(with(&world, &authorization).status, 401);
    }
}

#[test]
fn e17_no_entity_is_ever_resolved() {
    let world = World::fixture();
    let doctype = "<!DOCTYPE p [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>";
    for (method, path, body) in [
        ("POST", USERS, "<null-search-restriction/>"),
        (
            "POST",
            "/authentication?username=asmith",
            "<password><value>&e;</value></password>",
        ),
        (
            "POST",
            "/session",
            "<authentication-context><username>&e;</username></authentication-context>",
        ),
        ("POST", "/session/x", "<validation-factors/>"),
    ] {
        let answer = world.crowd(method, path, &format!("{doctype}{body}"));
        assert_eq!(answer.status, 400, "{path}: {}", answer.text());
        assert_eq!(reason(&answer), "ILLEGAL_ARGUMENT", "{path}");
    }
}

/// Everything that reads the directory.
const READS: &[(&str, &str, &str)] = &[
    ("POST", USERS, EVERYONE),
    ("POST", "/search?entity-type=group&max-results=-1", EVERYONE),
    (
        "GET",
        "/search?entity-type=user&restriction=name%3Dasmith",
        "",
    ),
    ("GET", "/group/membership", ""),
    ("GET", "/event", ""),
    ("GET", "/event/1.1", ""),
    ("GET", "/user?username=asmith", ""),
    ("GET", "/user/group/direct?username=asmith", ""),
    ("GET", "/user/group/nested?username=asmith", ""),
    ("GET", "/group?groupname=dev+team", ""),
    ("GET", "/group/user/direct?groupname=dev+team", ""),
    ("GET", "/group/user/nested?groupname=dev+team", ""),
    ("GET", "/group/child-group/direct?groupname=jira-users", ""),
    (
        "POST",
        "/authentication?username=asmith",
        "<password><value>x</value></password>",
    ),
    (
        "POST",
        "/authentication/notify?username=asmith",
        "<password/>",
    ),
    (
        "POST",
        "/session",
        "<authentication-context><username>asmith</username></authentication-context>",
    ),
    ("DELETE", "/session?username=asmith", ""),
];

#[test]
fn a21_an_outage_is_503_and_never_a_wrong_password_or_an_empty_list() {
    let world = World::fixture();
    block_on(world.server.directory().close());
    for (method, path, body) in READS {
        let answer = world.crowd(method, path, body);
        assert_eq!(answer.status, 503, "{method} {path}: {}", answer.text());
        assert_eq!(reason(&answer), "OPERATION_FAILED", "{method} {path}");
        for (header, value) in [
            ("retry-after", "5"),
            ("cache-control", "no-cache, no-store"),
        ] {
            assert_eq!(answer.header(header), Some(value), "{method} {path}");
        }
        assert!(answer.header(VERSION).is_some(), "{method} {path}");
    }
}

#[test]
fn e04_f10_what_is_refused_before_the_handlers_is_a_crowd_answer_too() {
    let world = World::fixture();
    let target = format!("{BASE}/user?username=asmith");
    let authorization = world.authorization.as_str();
    let json = [
        ("Authorization", authorization),
        ("Accept", "application/json"),
        ("Host", "a b"),
    ];
    let broken = http::send(world.server.app_addr(), "GET", &target, &json, b"");
    assert_eq!(
        (broken.status, broken.header("connection")),
        (400, Some("close"))
    );
    assert_eq!(broken.json()["reason"], "ILLEGAL_ARGUMENT");
    assert!(broken.header(VERSION).is_some());
    let large = world.crowd("POST", USERS, &"x".repeat(64 * 1024 + 1));
    assert_eq!(
        (large.status, reason(&large).as_str()),
        (413, "ILLEGAL_ARGUMENT")
    );
    for path in [
        "/user",
        "/authentication?username=asmith",
        "/session",
        "/session/x",
    ] {
        let large = world.crowd("POST", path, &"x".repeat(64 * 1024 + 1));
        assert_eq!(large.status, 413, "{path}");
        assert!(large.header(VERSION).is_some(), "{path}");
    }
}

#[test]
fn f04_over_the_cap_of_connections_a_crowd_client_reads_a_crowd_answer() {
    let server = TestServer::start_with(&[("app_max_connections", "1")]);
    let mut held = Connection::open(server.app_addr());
    assert_eq!(held.request("GET", "/health/live", &[], b"").status, 200);
    let target = format!("{BASE}/event");
    let answer = http::send(server.app_addr(), "GET", &target, &[], b"");
    assert_eq!(
        (answer.status, reason(&answer).as_str()),
        (503, "OPERATION_FAILED")
    );
    for header in [VERSION, "retry-after", "cache-control"] {
        assert!(answer.header(header).is_some(), "{header}");
    }
}
