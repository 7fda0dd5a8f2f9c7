//! Rules that hold for every answer, and cases the recorded traffic does not have.

use std::collections::BTreeSet;

use super::{fixture::World, xml::Element};
use crate::support::http::{self, Answer};

const BASE: &str = "/crowd/rest/usermanagement/1";
const EVERYONE: &str = "<null-search-restriction/>";
const USERS: &str = "/search?entity-type=user&max-results=-1";

fn send(world: &World, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let answer = http::send(
        world.server.app_addr(),
        method,
        target,
        headers,
        body.as_bytes(),
    );
    let expected = Some(concat!("Provost/", env!("CARGO_PKG_VERSION")));
    assert_eq!(
        answer.header("x-embedded-crowd-version"),
        expected,
        "{method} {target}"
    );
    assert_eq!(
        answer.header("cache-control"),
        Some("no-cache, no-store"),
        "{method} {target}"
    );
    for unwanted in ["set-cookie", "location"] {
        assert_eq!(answer.header(unwanted), None, "{method} {target}");
    }
    answer
}

/// Every kind of request there is: what exists, what is refused, what does not exist.
const REQUESTS: &[(&str, &str)] = &[
    (
        "POST",
        "/crowd/rest/usermanagement/1/search?entity-type=user",
    ),
    ("GET", "/crowd/rest/usermanagement/1/search"),
    ("GET", "/crowd/rest/usermanagement/1/user?username=asmith"),
    ("HEAD", "/crowd/rest/usermanagement/1/user?username=asmith"),
    ("PATCH", "/crowd/rest/usermanagement/1/user?username=asmith"),
    (
        "DELETE",
        "/crowd/rest/usermanagement/1/user?username=asmith",
    ),
    ("GET", "/crowd/rest/usermanagement/1/event"),
    ("GET", "/crowd/rest/usermanagement/1/event/1.0"),
    ("GET", "/crowd/rest/usermanagement/1/group/membership"),
    (
        "POST",
        "/crowd/rest/usermanagement/1/authentication?username=asmith",
    ),
    ("GET", "/crowd/rest/usermanagement/1/session/abc"),
    ("GET", "/crowd/rest/usermanagement/1"),
    ("GET", "/crowd/rest/usermanagement/2/user"),
    ("GET", "/crowd/rest/usermanagement/1/user/../group"),
    ("GET", "/crowd"),
    ("GET", "/crowd/"),
    ("GET", "/crowd/console"),
    ("GET", "/rest/api/2/user"),
];

#[test]
fn nothing_is_answered_without_the_password() {
    let world = World::empty();
    for (method, target) in REQUESTS {
        let answer = send(&world, method, target, &[], "");
        assert_eq!(answer.status, 401, "{method} {target}");
        let challenge = Some("BASIC realm=\"Crowd REST Service\"");
        assert_eq!(
            answer.header("www-authenticate"),
            challenge,
            "{method} {target}"
        );
        assert_eq!(
            answer.header("content-type"),
            Some("text/plain;charset=UTF-8")
        );
        if *method != "HEAD" {
            assert_eq!(answer.text(), "Application failed to authenticate");
        }
    }
}

#[test]
fn who_does_not_know_the_password_learns_nothing() {
    let world = World::empty();
    let target = "/crowd/rest/usermanagement/1/config/cookie";
    let attempt = |authorization: &str| {
        let headers = [("Authorization", authorization)];
        let mut answer = send(&world, "GET", target, &headers, "");
        let changing = ["x-request-id", "date"];
        answer
            .headers
            .retain(|(name, _)| !changing.contains(&name.to_ascii_lowercase().as_str()));
        answer
    };
    let unknown = attempt("Basic bm9ib2R5Ong=");
    let wrong_password = attempt("Basic amlyYTpub3Bl");
    world.set_allowed_addresses("192.0.2.10");
    let wrong_both = attempt("Basic amlyYTpub3Bl");
    for other in [&wrong_password, &wrong_both] {
        assert_eq!(
            (other.status, &other.headers),
            (unknown.status, &unknown.headers)
        );
        assert_eq!(other.body, unknown.body);
    }
    let refused = attempt(&world.authorization);
    assert_eq!(refused.status, 403);
    assert_eq!(
        refused.text(),
        "Client with address \"127.0.0.1\" is forbidden from making requests to the application, \
         jira."
    );
    world.set_allowed_addresses("192.0.2.10,127.0.0.0/8");
    assert_eq!(attempt(&world.authorization).status, 200);
}

#[test]
fn every_base_url_serves_the_same() {
    let world = World::fixture();
    let mut answers = BTreeSet::new();
    for context in ["/crowd", ""] {
        for version in ["1", "latest"] {
            let target = format!("{context}/rest/usermanagement/{version}/user?username=asmith");
            let headers = [("Authorization", world.authorization.as_str())];
            let answer = send(&world, "GET", &target, &headers, "");
            assert_eq!(answer.status, 200, "{target}");
            answers.insert(answer.body);
        }
    }
    assert_eq!(answers.len(), 1);
}

/// Method, path, body, status and reason.
type Refusal<'a> = (&'a str, &'a str, &'a str, u16, &'a str);

const TAKES_NO_FILES: &str = "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>\
    <property-search-restriction><property><name>&e;</name></property>\
    <match-mode>NULL</match-mode></property-search-restriction>";

#[rustfmt::skip]
static REFUSALS: &[Refusal<'static>] = &[
    ("GET", "/no/such/resource", "", 404, "UNSUPPORTED_OPERATION"),
    ("GET", "/webhook", "", 404, "UNSUPPORTED_OPERATION"),
    ("PUT", "/search", "", 405, "UNSUPPORTED_OPERATION"),
    ("GET", "/search", "", 400, "ILLEGAL_ARGUMENT"),
    ("PATCH", "/user", "{}", 405, "UNSUPPORTED_OPERATION"),
    ("DELETE", "/group/membership", "", 405, "UNSUPPORTED_OPERATION"),
    ("POST", USERS, TAKES_NO_FILES, 400, "ILLEGAL_ARGUMENT"),
    ("POST", USERS, "", 400, "ILLEGAL_ARGUMENT"),
    ("POST", USERS, "{}", 400, "ILLEGAL_ARGUMENT"),
    ("POST", "/search", EVERYONE, 400, "ILLEGAL_ARGUMENT"),
    ("POST", "/search?entity-type=cat", EVERYONE, 400, "ILLEGAL_ARGUMENT"),
    ("POST", "/search?entity-type=user&max-results=x", EVERYONE, 400, "ILLEGAL_ARGUMENT"),
    ("GET", "/user", "", 400, "ILLEGAL_ARGUMENT"),
    ("GET", "/user?username=*", "", 404, "USER_NOT_FOUND"),
    ("GET", "/user?username=%00", "", 404, "USER_NOT_FOUND"),
    ("GET", "/user?username=..%2Fgroup", "", 404, "USER_NOT_FOUND"),
    ("GET", "/user?key=asmith", "", 404, "USER_NOT_FOUND"),
    ("GET", "/group", "", 400, "ILLEGAL_ARGUMENT"),
    ("GET", "/group?groupname=nope", "", 404, "GROUP_NOT_FOUND"),
    ("GET", "/user/group/direct?username=nobody", "", 404, "USER_NOT_FOUND"),
    ("GET", "/group/user/direct?groupname=nope", "", 404, "GROUP_NOT_FOUND"),
    ("GET", "/group/user/direct?groupname=nope&username=asmith", "", 404, "GROUP_NOT_FOUND"),
    ("GET", "/group/user/direct?groupname=dev+team&username=old.user", "", 404, "MEMBERSHIP_NOT_FOUND"),
    ("GET", "/group/user/direct?groupname=dev+team&username=nobody", "", 404, "MEMBERSHIP_NOT_FOUND"),
    ("GET", "/user/group/direct?username=asmith&groupname=empty-group", "", 404, "MEMBERSHIP_NOT_FOUND"),
    ("GET", "/group/child-group/direct?groupname=dev+team&child-groupname=jira-users", "", 404, "MEMBERSHIP_NOT_FOUND"),
    ("POST", "/authentication", "<password/>", 400, "ILLEGAL_ARGUMENT"),
    ("POST", "/authentication?username=nobody", "<password/>", 400, "USER_NOT_FOUND"),
    ("POST", "/authentication?username=asmith", "<password><value></value></password>", 400, "INVALID_USER_AUTHENTICATION"),
    ("POST", "/authentication/notify?username=nobody", "<password/>", 400, "USER_NOT_FOUND"),
    ("POST", "/authentication/notify?username=old.user", "<password/>", 400, "INACTIVE_ACCOUNT"),
    ("GET", "/event/999.1", "", 410, "EVENT_TOKEN_EXPIRED"),
    ("GET", "/event/1.999999999", "", 410, "EVENT_TOKEN_EXPIRED"),
    ("GET", "/event/-1.0", "", 410, "EVENT_TOKEN_EXPIRED"),
    ("GET", "/event/1.1%2F..", "", 410, "EVENT_TOKEN_EXPIRED"),
    ("GET", "/event/%FF", "", 410, "EVENT_TOKEN_EXPIRED"),
];

#[test]
fn refusals_carry_a_reason_in_the_form_of_the_client() {
    let world = World::fixture();
    for refusal in REFUSALS {
        check_refusal(&world, *refusal);
    }
    let too_large = "x".repeat(64 * 1024 + 1);
    check_refusal(&world, ("POST", USERS, &too_large, 413, "ILLEGAL_ARGUMENT"));
    let zeros = format!("/event/1.{}", "0".repeat(500));
    check_refusal(&world, ("GET", &zeros, "", 410, "EVENT_TOKEN_EXPIRED"));
}

fn check_refusal(world: &World, (method, path, body, status, reason): Refusal<'_>) {
    let target = format!("{BASE}{path}");
    let mut headers = vec![("Authorization", world.authorization.as_str())];
    let xml = send(world, method, &target, &headers, body);
    assert_eq!(xml.status, status, "{method} {path}: {}", xml.text());
    let error = Element::parse(xml.text()).expect("an XML error");
    assert_eq!(error.name, "error", "{method} {path}");
    let found = error.child("reason").map(|child| child.text.as_str());
    assert_eq!(found, Some(reason), "{method} {path}");
    headers.push(("Accept", "application/json"));
    let json = send(world, method, &target, &headers, body);
    assert_eq!(json.status, status, "{method} {path}");
    assert_eq!(json.json()["reason"], reason, "{method} {path}");
}

#[test]
fn writes_are_refused_with_a_sentence_and_change_nothing() {
    let world = World::fixture();
    let before = world.crowd("POST", USERS, EVERYONE).body;
    for (method, path) in [
        ("POST", "/user"),
        ("PUT", "/user?username=asmith"),
        ("DELETE", "/user?username=asmith"),
        ("POST", "/user/attribute?username=asmith"),
        ("PUT", "/user/password?username=asmith"),
        ("POST", "/user/rename?username=asmith"),
        ("POST", "/user/mail/password?username=asmith"),
        ("POST", "/user/group/direct?username=asmith"),
        ("POST", "/group"),
        ("PUT", "/group?groupname=dev+team"),
        ("DELETE", "/group?groupname=dev+team"),
        ("POST", "/group/user/direct?groupname=dev+team"),
        (
            "DELETE",
            "/group/user/direct?groupname=dev+team&username=asmith",
        ),
        ("POST", "/group/child-group/direct?groupname=dev+team"),
        (
            "DELETE",
            "/group/child-group/direct?groupname=jira-users&child-groupname=dev+team",
        ),
    ] {
        let target = format!("{BASE}{path}");
        let mut headers = vec![("Authorization", world.authorization.as_str())];
        let xml = send(&world, method, &target, &headers, "<user/>");
        assert_eq!(xml.status, 403, "{method} {path}");
        let reason = "<reason>APPLICATION_PERMISSION_DENIED</reason>";
        assert!(xml.text().contains(reason), "{}", xml.text());
        assert!(xml.text().contains("identity provider"), "{}", xml.text());
        headers.push(("Accept", "application/json"));
        let json = send(&world, method, &target, &headers, "{}");
        assert_eq!(json.status, 403, "{method} {path}");
        assert_eq!(json.json()["reason"], "APPLICATION_PERMISSION_DENIED");
    }
    assert_eq!(world.crowd("POST", USERS, EVERYONE).body, before);
}

fn property(name: &str, kind: &str, mode: &str, value: &str) -> String {
    format!(
        "<property-search-restriction><property><name>{name}</name><type>{kind}</type></property>\
         <match-mode>{mode}</match-mode><value>{value}</value></property-search-restriction>"
    )
}

#[test]
fn a_directory_that_was_never_filled_is_503_and_not_an_empty_listing() {
    let mut world = World::empty();
    let answer = world.crowd("POST", USERS, EVERYONE);
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert!(answer.header("x-embedded-crowd-version").is_some());
    assert!(answer.text().contains("No user has been provisioned yet"));
    world.create_user(1, "first", ["F", "Irst", "first@example.com"]);
    assert_eq!(world.crowd("POST", USERS, EVERYONE).status, 200);
}

#[test]
fn searches_find_by_every_kind_of_property() {
    let world = World::fixture();
    let all = ["asmith", "bjorn.ødegård", "old.user"];
    let early = "2001-01-01T00:00:00.000+0000";
    for (name, kind, mode, value, expect) in [
        (
            "name",
            "STRING",
            "EXACTLY_MATCHES",
            "BJORN.ØDEGÅRD",
            &all[1..2],
        ),
        ("firstName", "STRING", "STARTS_WITH", "a", &all[..1]),
        ("lastName", "STRING", "ENDS_WITH", "NE", &all[2..]),
        ("displayName", "STRING", "CONTAINS", "ø", &all[1..2]),
        ("active", "BOOLEAN", "EXACTLY_MATCHES", "false", &all[2..]),
        ("active", "BOOLEAN", "EXACTLY_MATCHES", "true", &all[..2]),
        ("createdDate", "DATE", "GREATER_THAN", early, &all[..]),
        ("updatedDate", "DATE", "LESS_THAN", early, &[]),
        (
            "synch.department",
            "STRING",
            "EXACTLY_MATCHES",
            "r&amp;d",
            &all[..1],
        ),
        ("shoeSize", "STRING", "EXACTLY_MATCHES", "42", &[]),
        ("name", "STRING", "CONTAINS", "%", &[]),
        ("name", "STRING", "CONTAINS", "*)(uid=*", &[]),
        ("name", "STRING", "NULL", "", &[]),
        ("email", "STRING", "CONTAINS", "example.com", &all[..]),
    ] {
        let mut found = world.search_users(&property(name, kind, mode, value));
        found.sort();
        assert_eq!(found, expect, "{name} {mode} {value}");
    }
}

#[test]
fn pages_partition_a_listing() {
    let mut world = World::empty();
    for number in 0..7 {
        let mail = format!("u{number}@example.com");
        world.create_user(number, &format!("u{number}"), ["U", "Ser", &mail]);
    }
    let page = |start: usize, max: i32| {
        let path = format!("/search?entity-type=user&start-index={start}&max-results={max}");
        let answer = world.crowd("POST", &path, EVERYONE);
        let document = Element::parse(answer.text()).expect("XML");
        document
            .names()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let all = page(0, -1);
    assert_eq!(all.len(), 7);
    let pages: Vec<_> = [0, 3, 6, 9]
        .into_iter()
        .flat_map(|start| page(start, 3))
        .collect();
    assert_eq!(pages, all);
}

fn percent_encoded(name: &str) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).expect("a digit");
    let encode = |byte: u8| ['%', digit(byte >> 4), digit(byte & 15)];
    name.bytes().flat_map(encode).collect()
}

#[test]
fn names_of_every_kind_round_trip() {
    let mut world = World::empty();
    let names = [
        "a&b",
        "<c>",
        "quote\"s'",
        "per%cent",
        "plus+sign",
        "sp ace",
        "emoji🦀",
        "back\\slash",
        "a:b*c?d|e,f",
        "#hash;semi=x",
        "[x]{y}~z^",
        "å/ø",
    ];
    for (number, name) in (0..).zip(names) {
        let mail = format!("n{number}@example.com");
        world.create_user(number, name, ["N", "Ame", &mail]);
        world.create_group(name, name, &[name], &[]);
    }
    let everyone: BTreeSet<_> = world.search_users(EVERYONE).into_iter().collect();
    assert_eq!(everyone, names.into_iter().map(str::to_owned).collect());
    let memberships = world.get("/group/membership");
    for name in names {
        let encoded = percent_encoded(name);
        let user = world.get(&format!("/user?username={encoded}"));
        assert_eq!(user.attribute("name"), Some(name));
        let group = world.get(&format!("/group?groupname={encoded}"));
        assert_eq!(
            group.child("description").map(|child| child.text.as_str()),
            Some(name)
        );
        let listed = memberships
            .children
            .iter()
            .find(|m| m.attribute("group") == Some(name));
        let users = listed.and_then(|membership| membership.child("users"));
        assert_eq!(users.map(Element::names), Some(vec![name]));
    }
}

#[test]
fn the_first_token_after_a_rename_is_good_for_the_next_poll() {
    let mut world = World::fixture();
    let old = world.get("/event");
    let old = old.attribute("newEventToken").expect("a token").to_owned();
    world.rename_user("asmith", "anna.smith");
    assert_eq!(world.crowd("GET", &format!("/event/{old}"), "").status, 410);
    world.search_users(EVERYONE);
    let token = world.get("/event");
    let token = token
        .attribute("newEventToken")
        .expect("a token")
        .to_owned();
    let (_, next) = world.events(&token);
    let (nothing, again) = world.events(&next);
    assert_eq!(nothing.children, []);
    assert_eq!(again, next);
}

#[test]
fn a_change_made_after_the_listing_is_in_the_next_poll() {
    let mut world = World::fixture();
    world.search_users(EVERYONE);
    world.create_user(4, "late", ["La", "Te", "late@example.com"]);
    world.delete_user("old.user");
    world.get("/group/membership");
    let token = world.get("/event");
    let token = token
        .attribute("newEventToken")
        .expect("a token")
        .to_owned();
    let (document, _) = world.events(&token);
    let events: Vec<_> = document
        .children
        .iter()
        .filter_map(|event| Some((&event.child("operation")?.text, event.child("user")?)))
        .filter_map(|(operation, user)| Some((operation.as_str(), user.attribute("name")?)))
        .collect();
    assert!(events.contains(&("CREATED", "late")), "{events:?}");
    assert!(events.contains(&("DELETED", "old.user")), "{events:?}");
}
