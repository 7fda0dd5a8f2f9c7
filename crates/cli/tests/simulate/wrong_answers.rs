//! A server that answers wrongly in one way: the command names it, says what follows, and exits 1.

use anyhow::Result;
use serde_json::{Value, json};

use crate::{
    proxy::{Answered, Asked, Deed, Proxy, Upstream},
    stage::{Backstage, Stage, Tenant, simulate},
};

const SIZE: &[&str] = &[
    "--users",
    "8",
    "--groups",
    "3",
    "--days",
    "5",
    "--seed",
    "5",
    "--attempts",
    "1",
];

/// How a server goes wrong.
type Wrong = fn(&Asked, &Upstream) -> Answered;

const SCIM: &str = "application/scim+json";

/// An error in the form of the protocol.
fn error(status: u16) -> Answered {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": status.to_string(),
        "detail": "made up",
    });
    Answered::new(status, SCIM, &body.to_string())
}

/// Lets `change` loose on the body of an answer.
fn altered(answered: Answered, change: impl FnOnce(&mut Value)) -> Answered {
    let mut body = answered.json();
    if body.is_null() {
        return answered;
    }
    change(&mut body);
    answered.with(&body)
}

/// Plays `idp` against a server that goes wrong; `code` at `request` must be among the findings of
/// that severity.
fn finds(
    stage: &Stage,
    tenant: &Tenant,
    (idp, wrong): (&str, Wrong),
    expect: (&str, &str, &str),
) -> Result<()> {
    let (severity, code, request) = expect;
    let tamper = move |asked: &Asked, upstream: &Upstream| Deed::Answer(wrong(asked, upstream));
    let proxy = Proxy::start(stage.url(), tamper)?;
    let played = simulate(stage.data_dir(), idp, &proxy.url, tenant, SIZE)?;
    let findings = played.findings(severity);
    let wanted = (code.to_owned(), request.to_owned());
    assert!(
        findings.contains(&wanted),
        "{idp} {code}: {}",
        played.verdict
    );
    let exit = i32::from(severity == "hurts");
    assert_eq!(played.code, exit, "{idp} {code}: {}", played.verdict);
    for finding in played.verdict["findings"].as_array().into_iter().flatten() {
        for key in ["sent", "came", "seen", "consequence", "rule", "what"] {
            let text = finding[key].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{key} of {finding}");
            assert!(
                !text.contains(&tenant.proof[1]),
                "a finding shows the token"
            );
        }
    }
    Ok(())
}

/// Who is played, how the server goes wrong, and the finding: severity, code, request.
type Case = (
    &'static str,
    Wrong,
    &'static str,
    &'static str,
    &'static str,
);

/// Plays every case.
fn check(cases: &[Case]) -> Result<()> {
    let backstage = Backstage::new()?;
    let tenant = |number: usize| backstage.tenant(&format!("t{number}"), "v2");
    let tenants = (0..cases.len()).map(tenant).collect::<Result<Vec<_>>>()?;
    let stage = backstage.open()?;
    for (tenant, (idp, wrong, severity, code, request)) in tenants.iter().zip(cases) {
        finds(&stage, tenant, (idp, *wrong), (severity, code, request))?;
    }
    Ok(())
}

/// Wrong answers to searches and to the connection test.
const SEARCHES: &[Case] = &[
    (
        "entra",
        |asked, upstream| {
            if asked.is_search() {
                error(404)
            } else {
                upstream.ask(asked)
            }
        },
        "hurts",
        "lookup-not-found",
        "test connection",
    ),
    (
        "entra",
        |_, _| Answered::new(404, "text/html", "<html>not here</html>"),
        "hurts",
        "html",
        "test connection",
    ),
    (
        "okta",
        |_, _| error(401),
        "hurts",
        "refused",
        "test connection",
    ),
    (
        "okta",
        |asked, upstream| {
            altered(upstream.ask(asked), |body| {
                let _ = body.as_object_mut().map(|body| body.remove("totalResults"));
            })
        },
        "hurts",
        "list-incomplete",
        "test connection",
    ),
    (
        "rauthy",
        |asked, upstream| {
            altered(upstream.ask(asked), |body| {
                if !body["itemsPerPage"].is_null() {
                    body["itemsPerPage"] = json!("0");
                }
            })
        },
        "hurts",
        "list-incomplete",
        "test connection",
    ),
    (
        "jumpcloud",
        |asked, upstream| {
            let mut asked = asked.clone();
            if let Some((path, _)) = asked.path.clone().split_once("?filter=") {
                path.clone_into(&mut asked.path);
            }
            upstream.ask(&asked)
        },
        "hurts",
        "unfiltered-list",
        "look up user",
    ),
    (
        "okta",
        |asked, upstream| {
            let is_search = asked.is_search();
            altered(upstream.ask(asked), |body| hide_inactive(body, is_search))
        },
        "hurts",
        "inactive-hidden",
        "deactivate user",
    ),
    (
        "authentik",
        |asked, upstream| {
            altered(upstream.ask(asked), |body| {
                if let Some(bulk) = body["bulk"].as_object_mut() {
                    bulk.remove("maxOperations");
                }
            })
        },
        "hurts",
        "config-incomplete",
        "test connection",
    ),
];

#[test]
fn wrong_answers_to_searches_are_named() -> Result<()> {
    check(SEARCHES)
}

fn hide_inactive(body: &mut Value, is_search: bool) {
    let hits = body.get_mut("Resources").and_then(Value::as_array_mut);
    if let (Some(hits), true) = (hits, is_search) {
        hits.retain(|hit| hit["active"] != json!(false));
        body["totalResults"] = json!(body["Resources"].as_array().map(Vec::len));
    }
}

/// Wrong answers to creates.
const CREATES: &[Case] = &[
    (
        "okta",
        |asked, upstream| {
            let answered = upstream.ask(asked);
            if !asked.is("POST", "/Users") {
                return answered;
            }
            altered(answered, |body| {
                let _ = body.as_object_mut().map(|body| body.remove("id"));
            })
        },
        "hurts",
        "no-id",
        "create user",
    ),
    (
        "entra",
        |asked, upstream| {
            let mut answered = upstream.ask(asked);
            if asked.is("POST", "/Users") && answered.status == 201 {
                answered.status = 200;
            }
            answered
        },
        "hurts",
        "odd-status",
        "create user",
    ),
    (
        "entra",
        |asked, upstream| {
            let mut answered = upstream.ask(asked);
            answered.headers = vec![("content-type".to_owned(), "application/json".to_owned())];
            answered
        },
        "hurts",
        "content-type",
        "test connection",
    ),
    (
        "okta",
        |asked, upstream| {
            let mut answered = upstream.ask(asked);
            answered
                .headers
                .retain(|(name, _)| !name.eq_ignore_ascii_case("location"));
            answered
        },
        "notice",
        "no-location",
        "create user",
    ),
    (
        "okta",
        |asked, upstream| {
            let answered = upstream.ask(asked);
            if answered.status == 409 {
                let body = json!({"id": "second", "userName": "x"});
                return Answered::new(201, SCIM, &body.to_string());
            }
            answered
        },
        "hurts",
        "duplicate-created",
        "create a taken name",
    ),
    (
        "authentik",
        |asked, upstream| {
            let answered = upstream.ask(asked);
            if answered.status == 409 {
                error(400)
            } else {
                answered
            }
        },
        "hurts",
        "duplicate-other-status",
        "create a taken name",
    ),
    (
        "okta",
        |asked, upstream| {
            if asked.is("POST", "/Groups") {
                error(409)
            } else {
                upstream.ask(asked)
            }
        },
        "hurts",
        "false-conflict",
        "create group",
    ),
];

#[test]
fn wrong_answers_to_creates_are_named() -> Result<()> {
    check(CREATES)
}

/// Changes that do not arrive.
const CHANGES: &[Case] = &[
    (
        "entra",
        |asked, upstream| {
            if asked.method == "PATCH" {
                error(500)
            } else {
                upstream.ask(asked)
            }
        },
        "hurts",
        "server-error",
        "change members",
    ),
    (
        "entra",
        |asked, upstream| {
            if asked.is("PATCH", "/Users") {
                return Answered::new(204, SCIM, "");
            }
            upstream.ask(asked)
        },
        "hurts",
        "value-changed",
        "update user",
    ),
    (
        "okta-catalogue",
        |asked, upstream| {
            if asked.is("PATCH", "/Groups") && asked.text().contains("members") {
                return Answered::new(204, SCIM, "");
            }
            upstream.ask(asked)
        },
        "hurts",
        "members-missing",
        "change members",
    ),
    (
        "jumpcloud",
        |asked, upstream| {
            if asked.is("PATCH", "/Groups") && asked.text().contains("\"remove\"") {
                return Answered::new(204, SCIM, "");
            }
            upstream.ask(asked)
        },
        "hurts",
        "members-extra",
        "change members",
    ),
    (
        "entra",
        |asked, upstream| {
            if asked.method == "DELETE" {
                return Answered::new(204, SCIM, "");
            }
            upstream.ask(asked)
        },
        "hurts",
        "still-there",
        "read back deleted",
    ),
    (
        "okta",
        |asked, upstream| {
            let is_put = asked.method == "PUT";
            altered(upstream.ask(asked), |body| {
                if is_put {
                    body["id"] = json!("another");
                }
            })
        },
        "hurts",
        "id-changed",
        "update user",
    ),
    (
        "onelogin",
        |asked, upstream| {
            if asked.method == "PATCH" {
                error(405)
            } else {
                upstream.ask(asked)
            }
        },
        "hurts",
        "unsupported",
        "change members",
    ),
    (
        "keycloak",
        |asked, upstream| {
            if asked.method == "PUT" {
                error(404)
            } else {
                upstream.ask(asked)
            }
        },
        "hurts",
        "vanished",
        "update user",
    ),
    (
        "rauthy",
        |asked, upstream| {
            altered(upstream.ask(asked), |body| {
                if let Some(user) = body.as_object_mut() {
                    user.remove("groups");
                }
            })
        },
        "hurts",
        "groups-of-user",
        "read back user",
    ),
    (
        "okta",
        |asked, upstream| {
            let is_list = asked.method == "GET" && asked.path.contains("/Users?startIndex");
            altered(upstream.ask(asked), |body| {
                if is_list && body["totalResults"].as_u64() > Some(2) {
                    let hits = body["Resources"].as_array_mut();
                    let _ = hits.and_then(Vec::pop);
                }
            })
        },
        "hurts",
        "list-torn",
        "list",
    ),
    (
        "entra",
        |asked, upstream| {
            if asked.method == "PATCH" {
                error(429)
            } else {
                upstream.ask(asked)
            }
        },
        "hurts",
        "throttled",
        "change members",
    ),
];

#[test]
fn changes_that_do_not_arrive_are_named() -> Result<()> {
    check(CHANGES)
}

#[test]
fn a_server_that_falls_silent_is_given_up() -> Result<()> {
    let backstage = Backstage::new()?;
    let tenant = backstage.tenant("silent", "v2")?;
    let stage = backstage.open()?;
    let tamper = |asked: &Asked, upstream: &Upstream| {
        if asked.method == "GET" {
            return Deed::Answer(upstream.ask(asked));
        }
        Deed::Cut(error(503), 0)
    };
    let proxy = Proxy::start(stage.url(), tamper)?;
    let played = simulate(stage.data_dir(), "authentik", &proxy.url, &tenant, SIZE)?;
    assert_eq!(played.code, 1);
    let wanted = ("no-answer".to_owned(), "create user".to_owned());
    assert!(
        played.findings("hurts").contains(&wanted),
        "{}",
        played.verdict
    );
    let sentence = played.verdict["verdict"].as_str().unwrap_or_default();
    assert!(sentence.contains("stopped answering"), "{sentence}");
    Ok(())
}
