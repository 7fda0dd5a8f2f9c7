//! What applications ask for: the listings of a full synchronisation and polls with nothing new,
//! through the views that cost differently.
//!
//! Each user is in ten groups, whose members lie far apart in the store; a few groups hold groups.

use std::{sync::Arc, time::Instant};

use anyhow::{Context, Result, ensure};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{
    Options, count,
    load::{self, Connection, Make, Request},
    process::{self, Scratch, Server},
    target::{Target, create_tenant, user_body},
};
use crate::line;

/// Users of one group.
const GROUP_SIZE: usize = 1_000;
/// Groups of one user.
const GROUPS_OF_USER: usize = 10;
/// How far these lie apart.
const STRIDE: usize = 101;
/// Groups in one parent group.
const CHILDREN: usize = 10;

/// Views, by name of the application, and what is set about them.
const VIEWS: [(&str, &[&str]); 5] = [
    ("plain", &[]),
    ("filtered", &["groups=jira-*"]),
    ("flattened", &["nested_groups=flatten"]),
    ("local-part", &["usernames=local-part"]),
    ("expression", &["usernames=s/@example[.]com$//"]),
];

const API: &str = "/crowd/rest/usermanagement/1";
const EVERYBODY: &str =
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><null-search-restriction/>"#;

const HEAD: &str = "view         coding   users s  groups s  memberships s  whole s   CPU-s      MB  \
                    peak RSS MB  polls/s  CPU-s/1,000";

/// Fills a server, then plays an application with each view.
pub(crate) fn run(flags: &[&str]) -> Result<()> {
    let options = Options::parse(flags)?;
    let scratch = Scratch::new()?;
    fill(&options, &scratch)?;
    let mut applications = Vec::new();
    for (name, settings) in VIEWS {
        applications.push((
            name,
            create_application(&options, &scratch, name, settings)?,
        ));
    }
    line(HEAD);
    for (name, authorization) in &applications {
        for coding in ["", "gzip"] {
            // A process of its own for each line, so that no memory is left from the one before.
            let server = Server::provost(&options.binary, scratch.path())?;
            measure(&options, &server, name, authorization, coding)?;
        }
    }
    Ok(())
}

fn create_application(
    options: &Options,
    scratch: &Scratch,
    name: &str,
    settings: &[&str],
) -> Result<String> {
    let create = ["application", "create", name, "--tenant", "bench"];
    let created = process::command(&options.binary, scratch.path(), &create)?;
    let password = created.get("password").and_then(Value::as_str);
    for setting in settings {
        let set = ["application", "set", name, setting];
        process::command(&options.binary, scratch.path(), &set)?;
    }
    let credentials = format!("{name}:{}", password.context("no password")?);
    Ok(format!(
        "Authorization: Basic {}\r\nAccept: application/xml\r\n",
        BASE64_STANDARD.encode(credentials)
    ))
}

/// Users, groups and memberships, as an identity provider sends them.
fn fill(options: &Options, scratch: &Scratch) -> Result<()> {
    let target = Arc::new(create_tenant(options, scratch)?);
    let server = Server::provost(&options.binary, scratch.path())?;
    let begun = Instant::now();
    let creator = Arc::clone(&target);
    let create: Arc<Make> =
        Arc::new(move |number| creator.with_body("POST", "/Users", &user_body(number)));
    load::run(server.address, 32, 0, options.users, &create)?;
    let ids = Arc::new(ids(options, &server, &target)?);
    let groups = (options.users * GROUPS_OF_USER / GROUP_SIZE).max(CHILDREN);
    let creator = Arc::clone(&target);
    let create: Arc<Make> = Arc::new(move |group| {
        let first = |at: usize| (group + groups * STRIDE - at * STRIDE) % groups;
        let members = (0..GROUPS_OF_USER).flat_map(|at| ids.iter().skip(first(at)).step_by(groups));
        creator.with_body("POST", "/Groups", &group_body(group, members))
    });
    load::run(server.address, 4, 0, groups, &create)?;
    nest(&server, &target)?;
    line(format_args!(
        "{} users, {groups} groups, {} memberships created in {:.0} s",
        options.users,
        options.users * GROUPS_OF_USER,
        begun.elapsed().as_secs_f64()
    ));
    Ok(())
}

fn group_body<'a>(number: usize, members: impl Iterator<Item = &'a String>) -> String {
    let prefix = if number.is_multiple_of(2) {
        "jira"
    } else {
        "other"
    };
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": format!("{prefix}-{number}"),
        "members": members.map(|id| json!({ "value": id })).collect::<Vec<_>>(),
    })
    .to_string()
}

/// Groups that hold the first groups.
fn nest(server: &Server, target: &Target) -> Result<()> {
    let request = target.get("/Groups?count=100&attributes=id");
    let children = identified(&load::one(server.address, &request)?)?;
    for (number, children) in children.chunks(CHILDREN).enumerate() {
        let mut body: Value = serde_json::from_str(&group_body(number, children.iter()))?;
        if let Some(name) = body.get_mut("displayName") {
            *name = json!(format!("parent-{number}"));
        }
        let request = target.with_body("POST", "/Groups", &body.to_string());
        load::one(server.address, &request)?;
    }
    Ok(())
}

/// Ids of a page.
fn identified(page: &[u8]) -> Result<Vec<String>> {
    let page: Value = serde_json::from_slice(page)?;
    let items = page.get("Resources").and_then(Value::as_array);
    let items = items.context("no Resources")?.iter();
    Ok(items
        .filter_map(|item| Some(item.get("id")?.as_str()?.to_owned()))
        .collect())
}

/// Ids of all users.
fn ids(options: &Options, server: &Server, target: &Target) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    let mut connection = Connection::open(server.address)?;
    while ids.len() < options.users {
        let path = format!(
            "/Users?startIndex={}&count=100&attributes=id",
            ids.len() + 1
        );
        let page = identified(&connection.exchange(&target.get(&path))?)?;
        ensure!(!page.is_empty(), "{} users only", ids.len());
        ids.extend(page);
    }
    Ok(ids)
}

/// One application: a full synchronisation in the order in which Jira asks, then polls.
fn measure(
    options: &Options,
    server: &Server,
    name: &str,
    authorization: &str,
    coding: &str,
) -> Result<()> {
    let address = server.applications.context("no address for applications")?;
    let headers = if coding.is_empty() {
        authorization.to_owned()
    } else {
        format!("{authorization}Accept-Encoding: {coding}\r\n")
    };
    let mut connection = Connection::open(address)?;
    connection.exchange(&Request::get(&format!("{API}/event"), authorization))?;
    server.forget_peak()?;
    let cpu = server.cpu_seconds()?;
    let (mut seconds, mut bytes) = (Vec::new(), 0);
    for request in listings(&headers) {
        let begun = Instant::now();
        bytes += connection.exchange(&request)?.len();
        seconds.push(begun.elapsed().as_secs_f64());
    }
    let cpu = server.cpu_seconds()? - cpu;
    let peak = server.peak_megabytes()?;
    let [polls, poll_cpu] = poll(options, server, &mut connection, authorization)?;
    let whole: f64 = seconds.iter().sum();
    let each: Vec<_> = seconds.iter().map(|s| format!("{s:>10.2}")).collect();
    line(format_args!(
        "{name:<12} {:<6} {}     {} {whole:>8.2} {cpu:>7.2} {:>7.1} {peak:>12.1} {polls:>8.0} {poll_cpu:>12.4}",
        if coding.is_empty() { "-" } else { coding },
        each.get(..2).unwrap_or_default().concat(),
        each.last().map_or("", String::as_str),
        count(bytes) / 1_000_000.0,
    ));
    Ok(())
}

fn listings(headers: &str) -> [Request; 3] {
    let typed = format!("{headers}Content-Type: application/xml; charset=UTF-8\r\n");
    let search = |kind: &str| {
        let query = format!("entity-type={kind}&start-index=0&max-results=-1&expand={kind}");
        Request::whole("POST", &format!("{API}/search?{query}"), &typed, EVERYBODY)
    };
    [
        search("user"),
        search("group"),
        Request::get(&format!("{API}/group/membership"), headers),
    ]
}

/// Polls with nothing new: how many a second, and processor seconds per thousand.
fn poll(
    options: &Options,
    server: &Server,
    connection: &mut Connection,
    authorization: &str,
) -> Result<[f64; 2]> {
    // Where the log is now, and not before the listing: nothing is new then.
    let token = connection.exchange(&Request::get(&format!("{API}/event"), authorization))?;
    let path = format!("{API}/event/{}", token_in(&token)?);
    let answer = connection.exchange(&Request::get(&path, authorization))?;
    let path = format!("{API}/event/{}", token_in(&answer)?);
    let headers = authorization.to_owned();
    let make: Arc<Make> = Arc::new(move |_| Request::get(&path, &headers));
    let (cpu, begun) = (server.cpu_seconds()?, Instant::now());
    let address = server.applications.context("no address for applications")?;
    load::run(address, 8, 0, options.requests, &make)?;
    Ok([
        count(options.requests) / begun.elapsed().as_secs_f64(),
        (server.cpu_seconds()? - cpu) * 1_000.0 / count(options.requests),
    ])
}

fn token_in(answer: &[u8]) -> Result<String> {
    let text = String::from_utf8_lossy(answer);
    let (_, rest) = text
        .split_once("newEventToken=\"")
        .with_context(|| text.clone().into_owned())?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}
