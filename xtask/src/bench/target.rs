//! The loads on the release binary: what is sent, in which order, on how many users.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{
    CONNECTIONS, Options, count,
    load::{self, Make, Request},
    measure,
    process::{self, Server},
    table::Table,
};
use crate::line;

/// A user as an identity provider sends it.
pub(super) fn user_body(number: usize) -> String {
    json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ],
        "externalId": format!("external-{number}"),
        "userName": format!("user{number}@example.com"),
        "active": true,
        "displayName": format!("Given{number} Family{number}"),
        "emails": [{ "primary": true, "type": "work", "value": format!("user{number}@example.com") }],
        "name": { "givenName": format!("Given{number}"), "familyName": format!("Family{number}") },
        "title": "Engineer",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "Research" },
    })
    .to_string()
}

/// The SCIM API of the tenant that is measured.
pub(super) struct Target {
    base: String,
    authorization: String,
}

impl Target {
    pub(super) fn get(&self, path: &str) -> Request {
        Request::get(&format!("{}{path}", self.base), &self.authorization)
    }

    pub(super) fn with_body(&self, method: &'static str, path: &str, body: &str) -> Request {
        Request::with_body(
            method,
            &format!("{}{path}", self.base),
            &self.authorization,
            body,
        )
    }
}

/// A tenant in a new data directory.
pub(super) fn create_tenant(options: &Options, scratch: &process::Scratch) -> Result<Target> {
    let create = ["tenant", "create", "bench"];
    let created = process::command(&options.binary, scratch.path(), &create)?;
    let token = created.get("token").and_then(Value::as_str);
    let token = token.context("no token")?;
    Ok(Target {
        base: "/scim/bench/v2".to_owned(),
        authorization: format!("Authorization: Bearer {token}\r\n"),
    })
}

/// Creates, fills, reads, patches, and starts again.
pub(super) fn measure_provost(options: &Options, table: &mut Table) -> Result<()> {
    let scratch = process::Scratch::new()?;
    let target = Arc::new(create_tenant(options, &scratch)?);
    let server = Server::provost(&options.binary, scratch.path())?;
    let create = Arc::clone(&target);
    let create: Arc<Make> =
        Arc::new(move |number| create.with_body("POST", "/Users", &user_body(number)));
    measure(table, "create user", &server, options.requests, &create)?;
    fill(options, &server, &target)?;
    let ids = Arc::new(sample(&server, &target)?);
    measure_reads(options, table, &server, &target, &ids)?;
    let patch = Arc::clone(&target);
    let patch: Arc<Make> = Arc::new(move |number| {
        let id = ids
            .get(number % ids.len().max(1))
            .map_or("", String::as_str);
        let op = json!({"op": "replace", "path": "title", "value": format!("Engineer {number}")});
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [op]});
        patch.with_body("PATCH", &format!("/Users/{id}"), &body.to_string())
    });
    measure(table, "PATCH user", &server, options.requests, &patch)?;
    line(format_args!(
        "resident memory with {} users after this load: {:.1} MB",
        options.users,
        server.resident_megabytes()?
    ));
    drop(server);
    measure_start(options, scratch.path(), &target)
}

/// Creates what is missing to the number of users asked for.
fn fill(options: &Options, server: &Server, target: &Arc<Target>) -> Result<()> {
    let created = options.requests * CONNECTIONS.len();
    let missing = options.users.saturating_sub(created);
    if missing == 0 {
        return Ok(());
    }
    let target = Arc::clone(target);
    let create: Arc<Make> =
        Arc::new(move |number| target.with_body("POST", "/Users", &user_body(created + number)));
    let begun = Instant::now();
    load::run(server.address, 32, 0, missing, &create)?;
    line(format_args!(
        "filled to {} users, {:.0} creates/s",
        options.users,
        count(missing) / begun.elapsed().as_secs_f64()
    ));
    Ok(())
}

/// A thousand ids to read.
fn sample(server: &Server, target: &Target) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for page in 0..10 {
        let path = format!(
            "/Users?startIndex={}&count=100&attributes=id",
            page * 100 + 1
        );
        let answer = load::one(server.address, &target.get(&path))?;
        let answer: Value = serde_json::from_slice(&answer)?;
        let items = answer.get("Resources").and_then(Value::as_array);
        let items = items.context("no Resources")?.iter();
        ids.extend(items.filter_map(|item| Some(item.get("id")?.as_str()?.to_owned())));
    }
    Ok(ids)
}

/// The path of the request of that number.
type Path = Box<dyn Fn(usize) -> String + Send + Sync>;

fn measure_reads(
    options: &Options,
    table: &mut Table,
    server: &Server,
    target: &Arc<Target>,
    ids: &Arc<Vec<String>>,
) -> Result<()> {
    let users = options.users.max(1);
    let deep = users.saturating_sub(99).max(1);
    let (by_id, spread) = (Arc::clone(ids), 7_919);
    let cases: [(&'static str, usize, Path); 5] = [
        (
            "GET by id",
            1,
            Box::new(move |number| {
                let id = by_id.get(number % by_id.len().max(1));
                format!("/Users/{}", id.map_or("", String::as_str))
            }),
        ),
        (
            "filter hit",
            1,
            Box::new(move |number| {
                let user = number * spread % users;
                format!("/Users?filter=userName+eq+%22user{user}%40example.com%22")
            }),
        ),
        (
            "filter miss",
            1,
            Box::new(|number| format!("/Users?filter=userName+eq+%22nobody{number}%22")),
        ),
        (
            "page of 100, first",
            20,
            Box::new(|_| "/Users?startIndex=1&count=100".to_owned()),
        ),
        (
            "page of 100, last",
            20,
            Box::new(move |_| format!("/Users?startIndex={deep}&count=100")),
        ),
    ];
    for (name, share, path) in cases {
        let target = Arc::clone(target);
        let make: Arc<Make> = Arc::new(move |number| target.get(&path(number)));
        measure(table, name, server, options.requests / share, &make)?;
    }
    Ok(())
}

/// From the start of the process to the first answer 200, and memory then.
fn measure_start(options: &Options, data_dir: &std::path::Path, target: &Target) -> Result<()> {
    let mut best = f64::INFINITY;
    let mut memory = 0.0;
    for _ in 0..3 {
        let begun = Instant::now();
        let server = Server::provost(&options.binary, data_dir)?;
        load::one(server.address, &target.get("/Users?count=1"))?;
        best = best.min(begun.elapsed().as_secs_f64() * 1_000.0);
        memory = server.resident_megabytes()?;
    }
    line(format_args!(
        "start to first 200 with {} users: {best:.0} ms (best of 3); resident memory then: {memory:.1} MB",
        options.users
    ));
    Ok(())
}
