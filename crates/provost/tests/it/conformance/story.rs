//! Plays stories.
//!
//! A story begins with `## ids: what it shows` and has a tenant of its own; `## same ids: …` goes on
//! in the tenant of the story before. `[key=value]` before the ids is a setting of the tenant, and
//! `[scim=1.1]` the version that the story speaks. Its lines are exchanges in order:
//!
//! ```text
//! POST /Users {"userName":"ada"} -> 201 Location:{base}/Users/{a}
//! PATCH /Users/{a} [{"op":"remove","path":"title"}] -> 200 {"title":null}
//! ? userName eq "ADA" -> ada
//! ?g displayName pr -> 400 invalidFilter
//! ```
//!
//! `SCHEMA User {…}` adds a custom schema to the users of the tenant, and `SCHEMA - urn` removes one.
//! The first resource created is `{a}`, the next `{b}`; `{etag}` is the `ETag` of the answer before,
//! `{cursor}` the last `nextCursor`, `{base}` the URL of the tenant. `?` filters users and `?g` groups, and expects names or an error. A
//! body may be JSON, of which at least that must be there (`null`: absent), a `scimType`, `empty`, or
//! `same` (as the resource that was last shown). `~` in a header is a space. Lines that begin with `#` are
//! comments, and a line that begins with a space goes on with the one before.

use std::collections::BTreeMap;

use provost_scim::member::MemberKind;
use serde_json::Value;

use super::{
    exchange::{Exchange, Expect, ExpectBody, Version},
    holds::holds,
};
use crate::support::{
    TestServer, block_on,
    http::{self, Answer},
};

/// Plays every story of a file and reports all that fail.
pub(crate) fn check(text: &str) {
    let server = TestServer::start_with(&[("max_body_bytes", "1048576")]);
    let mut wrong = Vec::new();
    let mut played = 0;
    let mut tenant = None;
    let mut title = "";
    let text = text.replace("\n ", " ");
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(head) = line.strip_prefix("## ") {
            title = head;
            if !head.starts_with("same ") {
                tenant = Some(Tenant::new(&server, played, head));
            }
        } else if !line.starts_with('#') {
            played += 1;
            let tenant = tenant.as_mut().expect("a story begins with ##");
            if let Err(reason) = tenant.step(line) {
                wrong.push(format!("{title}\n    {line}\n    {reason}"));
            }
        }
    }
    assert!(played > 0, "the file has no exchange");
    assert!(
        wrong.is_empty(),
        "{} of {played} exchanges failed:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// A tenant and what its story has named.
struct Tenant<'a> {
    server: &'a TestServer,
    slug: String,
    token: String,
    version: Version,
    names: BTreeMap<String, String>,
    created: u8,
    last: Value,
}

impl<'a> Tenant<'a> {
    fn new(server: &'a TestServer, number: usize, head: &str) -> Self {
        let slug = format!("t{number}");
        let token = server.tenant(&slug);
        let mut version = Version::V2;
        for setting in head
            .split('[')
            .skip(1)
            .filter_map(|rest| rest.split(']').next())
        {
            if setting == "scim=1.1" {
                version = Version::V1;
            } else if let Some((key, value)) = setting.split_once('=') {
                let pair = [(key.to_owned(), value.to_owned())];
                block_on(server.directory().set_tenant(&slug, &pair)).expect("a setting");
            }
        }
        let base = format!(
            "http://{}/scim/{slug}/{}",
            server.scim_addr(),
            version.segment()
        );
        let names = BTreeMap::from([("base".to_owned(), base), ("slug".to_owned(), slug.clone())]);
        Self {
            server,
            slug,
            token,
            version,
            names,
            created: 0,
            last: Value::Null,
        }
    }

    fn step(&mut self, line: &str) -> Result<(), String> {
        if let Some(rest) = line.strip_prefix("SCHEMA ") {
            return self.change_schemas(rest);
        }
        let exchange = Exchange::parse(&self.fill(line), self.version);
        let answer = self.send(&exchange);
        let outcome = self.compare(&exchange.expect, &answer);
        self.learn(&exchange, &answer);
        outcome
    }

    fn change_schemas(&self, line: &str) -> Result<(), String> {
        let (what, rest) = line.split_once(' ').expect("what a schema extends");
        let directory = self.server.directory();
        let outcome = match what {
            "User" => block_on(directory.add_schema(&self.slug, MemberKind::User, rest.as_bytes()))
                .map(drop),
            "Group" => {
                block_on(directory.add_schema(&self.slug, MemberKind::Group, rest.as_bytes()))
                    .map(drop)
            }
            _ => block_on(directory.remove_schema(&self.slug, rest)).map(drop),
        };
        outcome.map_err(|error| error.to_string())
    }

    fn fill(&self, line: &str) -> String {
        let mut filled = line.to_owned();
        for (name, value) in &self.names {
            filled = filled.replace(&format!("{{{name}}}"), value);
        }
        filled
    }

    fn send(&self, exchange: &Exchange) -> Answer {
        let authorization = format!("Bearer {}", self.token);
        let mut headers: Vec<_> = exchange
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(_, value)| *value != "-")
            .collect();
        let given = |name: &str| exchange.headers.iter().any(|(key, _)| key == name);
        if !given("Authorization") {
            headers.push(("Authorization", &authorization));
        }
        if !given("Content-Type") && !exchange.body.is_empty() {
            headers.push(("Content-Type", self.version.media_type()));
        }
        let path = match exchange.path.strip_prefix("//") {
            Some(absolute) => format!("/{absolute}"),
            None => format!(
                "/scim/{}/{}{}",
                self.slug,
                self.version.segment(),
                exchange.path
            ),
        };
        let body = exchange.body.as_bytes();
        http::send(
            self.server.scim_addr(),
            &exchange.method,
            &path,
            &headers,
            body,
        )
    }

    fn learn(&mut self, exchange: &Exchange, answer: &Answer) {
        if let Some(etag) = answer.header("etag") {
            self.names.insert("etag".to_owned(), etag.to_owned());
        }
        if !(200..300).contains(&answer.status) || answer.body.is_empty() {
            return;
        }
        let body = answer.json();
        if let Some(next) = body["nextCursor"].as_str() {
            self.names.insert("cursor".to_owned(), next.to_owned());
        }
        let Some(id) = body["id"].as_str().map(str::to_owned) else {
            return;
        };
        self.last = body;
        if (answer.status, exchange.method.as_str()) == (201, "POST") {
            let letter = char::from(b'a' + self.created).to_string();
            self.created += 1;
            self.names.insert(letter, id);
        }
    }

    fn compare(&self, expect: &Expect, answer: &Answer) -> Result<(), String> {
        if answer.status != expect.status {
            let text = String::from_utf8_lossy(&answer.body);
            return Err(format!("status {}: {text}", answer.status));
        }
        for (name, want) in &expect.headers {
            let got = answer.header(name);
            let fits = match want.as_str() {
                "*" => got.is_some(),
                "-" => got.is_none(),
                want => got.is_some_and(|got| got.replace(", ", ",") == want),
            };
            if !fits {
                return Err(format!("header {name} is {got:?}"));
            }
        }
        self.compare_body(expect, answer)
    }

    fn compare_body(&self, expect: &Expect, answer: &Answer) -> Result<(), String> {
        if answer.status >= 400 {
            is_error(answer)?;
        }
        let fits = match &expect.body {
            ExpectBody::Free => true,
            ExpectBody::Empty => answer.body.is_empty(),
            ExpectBody::Same => answer.json() == self.last,
            ExpectBody::ScimType(word) => answer.json()["scimType"] == word.as_str(),
            ExpectBody::Names(names) => same_names(&answer.json(), names),
            ExpectBody::Holds(want) => holds(Some(&answer.json()), want),
        };
        let text = || String::from_utf8_lossy(&answer.body).into_owned();
        if fits { Ok(()) } else { Err(text()) }
    }
}

/// Every error has the form of RFC 7644 section 3.12, or that of SCIM 1.1.
fn is_error(answer: &Answer) -> Result<(), String> {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let status = answer.status.to_string();
    let in_form = match answer.header("content-type") {
        Some("application/json") => {
            body["Errors"][0]["code"].as_str() == Some(&status)
                && body["Errors"][0]["description"] == body["detail"]
        }
        Some("application/scim+json") => {
            body["schemas"] == serde_json::json!(["urn:ietf:params:scim:api:messages:2.0:Error"])
                && body["status"].as_str() == Some(&status)
        }
        _ => false,
    };
    let fits = in_form && body["detail"].is_string();
    let text = || format!("no SCIM error: {}", String::from_utf8_lossy(&answer.body));
    if fits { Ok(()) } else { Err(text()) }
}

/// Whether a list has exactly the resources of these names, and counts them.
fn same_names(list: &Value, want: &[String]) -> bool {
    let resources = list["Resources"].as_array();
    let name = |one: &Value| {
        let name = one.get("userName").or_else(|| one.get("displayName"));
        name.and_then(Value::as_str).map(str::to_owned)
    };
    let mut got: Vec<_> = resources.into_iter().flatten().filter_map(name).collect();
    let mut want = want.to_vec();
    got.sort_unstable();
    want.sort_unstable();
    got == want && list["totalResults"] == want.len()
}
