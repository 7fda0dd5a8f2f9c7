//! Input that nests or goes on without end is refused by its length or depth before anything
//! descends into it: the binary answers 400 to all of it on threads with a stack of 256 KiB.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use ureq::{Agent, http::Request};

use crate::support::{Scratch, Server, provost};

/// What a stack of that size must survive, in bytes.
const STACK: &str = "262144";
/// Bodies of that size reach the parser; the largest limit that can be configured.
const LARGEST_BODY: &str = "67108864";
/// Bytes that a query may have; longer ones are refused unread, with 414.
const LONGEST_QUERY: usize = 32 * 1024;

/// Text to repeat, how often, and what a URL must write for it.
const ENDLESS: &[(&str, usize, &str)] = &[
    ("(", 1_000_000, "("),
    ("not (", 1_000_000, "not+("),
    ("a[", 1_000_000, "a%5B"),
    ("emails[value pr and ", 100_000, "emails%5B"),
    ("title pr or ", 100_000, "title+pr+or+"),
    ("title pr and ", 100_000, "title+pr+and+"),
    ("a.", 1_000_000, "a."),
    ("a:", 1_000_000, "a:"),
    ("\"", 1_000_000, "%22"),
];

struct World {
    server: Server,
    agent: Agent,
    authorization: String,
    _scratch: Scratch,
}

impl World {
    fn start() -> Result<Self> {
        let scratch = Scratch::new()?;
        let mut create = provost(scratch.path());
        create.args(["tenant", "create", "deep", "--json"]);
        let token = printed(&mut create)?["token"].as_str().map(str::to_owned);
        let variables = [
            ("RUST_MIN_STACK", STACK),
            ("PROVOST_MAX_BODY_BYTES", LARGEST_BODY),
        ];
        let server = Server::start_in(scratch.path(), &[], &variables)?;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .build();
        Ok(Self {
            server,
            agent: config.new_agent(),
            authorization: format!("Bearer {}", token.context("no token")?),
            _scratch: scratch,
        })
    }

    /// The status and the body of an answer; it must be JSON.
    fn send(&self, method: &str, path: &str, body: Option<String>) -> Result<(u16, Value)> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}/scim/deep/v2{path}", self.server.scim))
            .header("Authorization", &self.authorization)
            .header("Content-Type", "application/scim+json");
        let answer = match body {
            Some(body) => self.agent.run(request.body(body)?),
            None => self.agent.run(request.body(())?),
        };
        let mut answer = answer?;
        let body = answer.body_mut().read_to_string()?;
        Ok((answer.status().as_u16(), serde_json::from_str(&body)?))
    }

    /// Refused with 400 in SCIM's form, after which the server still serves.
    fn refuses(&self, case: &str, method: &str, path: &str, body: Option<String>) {
        let answer = self.send(method, path, body);
        let (status, error) = answer.unwrap_or_else(|error| panic!("{case}: {error:#}"));
        assert_eq!(status, 400, "{case}: {error}");
        assert_is_refusal(case, &error);
        let (status, _) = self.send("GET", "/Users?count=1", None).expect(case);
        assert_eq!(status, 200, "after {case}");
    }
}

fn printed(command: &mut Command) -> Result<Value> {
    let output = command.output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The SCIM error body for 400, short enough that it cannot repeat what was sent.
fn assert_is_refusal(case: &str, error: &Value) {
    assert_eq!(
        error["schemas"],
        json!(["urn:ietf:params:scim:api:messages:2.0:Error"]),
        "{case}"
    );
    assert_eq!(error["status"], "400", "{case}");
    assert!(error["scimType"].is_string(), "{case}: {error}");
    assert!(error.to_string().len() < 1_000, "{case}: {error}");
}

fn named(text: &str, place: &str) -> String {
    format!("{text:?} without end in {place}")
}

fn patch(operations: &Value) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations,
    })
}

#[test]
fn filters_without_end_are_refused() -> Result<()> {
    let world = World::start()?;
    for (text, times, in_url) in ENDLESS {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "filter": text.repeat(*times),
        });
        for path in ["/Users/.search", "/Groups/.search", "/.search"] {
            let case = named(text, path);
            world.refuses(&case, "POST", path, Some(body.to_string()));
        }
        let fits = (LONGEST_QUERY - "filter=".len()) / in_url.len();
        let path = format!("/Users?filter={}", in_url.repeat(fits));
        world.refuses(&named(text, "a URL"), "GET", &path, None);
    }
    Ok(())
}

#[test]
fn paths_without_end_are_refused() -> Result<()> {
    let world = World::start()?;
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "deep",
    });
    let (_, user) = world.send("POST", "/Users", Some(user.to_string()))?;
    let path = format!("/Users/{}", user["id"].as_str().context("no id")?);
    for (text, times, _) in ENDLESS {
        let endless = text.repeat(*times);
        let operations = [
            json!({ "op": "remove", "path": endless }),
            json!({ "op": "replace", "path": format!("emails[{endless}"), "value": "x" }),
        ];
        for operation in operations {
            let data = patch(&json!([operation]));
            let case = named(text, "a path");
            world.refuses(&case, "PATCH", &path, Some(data.to_string()));
            let step = json!({ "method": "PATCH", "path": path, "data": data });
            let bulk = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                "Operations": [step],
            });
            let (status, answer) = world.send("POST", "/Bulk", Some(bulk.to_string()))?;
            let case = named(text, "a bulk job");
            assert_eq!(status, 200, "{case}: {answer}");
            assert_is_refusal(&case, &answer["Operations"][0]["response"]);
        }
    }
    Ok(())
}

#[test]
fn documents_without_end_are_refused() -> Result<()> {
    let world = World::start()?;
    for text in [
        "[",
        "{\"a\":",
        "{\"Operations\":[",
        "[{\"value\":",
        "\"\\u0061",
    ] {
        let endless = text.repeat(1_000_000);
        for (method, path) in [
            ("POST", "/Users"),
            ("POST", "/Groups"),
            ("POST", "/Users/.search"),
            ("POST", "/Bulk"),
        ] {
            for body in [endless.clone(), format!("{{\"userName\":{endless}")] {
                let case = named(text, path);
                world.refuses(&case, method, path, Some(body));
            }
        }
    }
    Ok(())
}
