//! How long the release binary takes to refuse input without end, on threads with a stack of
//! 256 KiB. That it refuses all of it is a test of the command; here only the time is printed.

use std::{path::PathBuf, time::Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::{
    beside_this_program,
    load::{Connection, Request},
    process::{self, Server},
};
use crate::line;

/// The stack and the largest body, as the server's environment says them.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("RUST_MIN_STACK", "262144"),
    ("PROVOST_MAX_BODY_BYTES", "67108864"),
];

/// What is repeated, and how often.
const ENDLESS: &[(&str, usize)] = &[
    ("(", 1_000_000),
    ("not (", 1_000_000),
    ("a[", 1_000_000),
    ("title pr or ", 100_000),
];

/// Each is sent so often; the slowest and the middle one are printed.
const TIMES: usize = 21;

/// Sends everything and prints milliseconds, from the first byte sent to the last byte read.
pub(crate) fn run(flags: &[&str]) -> Result<()> {
    let binary = match flags {
        [] => beside_this_program()?,
        ["--binary", path] => PathBuf::from(path),
        other => bail!("{other:?} is no flag of nesting with its value"),
    };
    let scratch = process::Scratch::new()?;
    let created = process::command(&binary, scratch.path(), &["tenant", "create", "bench"])?;
    let token = created.get("token").and_then(Value::as_str);
    let authorization = format!("Authorization: Bearer {}\r\n", token.context("no token")?);
    let server = Server::provost_in(&binary, scratch.path(), ENVIRONMENT)?;
    line("input                        place    bytes   median ms    worst ms");
    for (text, times) in ENDLESS {
        let endless = text.repeat(*times);
        for (place, method, path, body) in requests(&endless) {
            let request = Request::with_body(method, path, &authorization, &body.to_string());
            let shown = format!("{times} x {text:?}");
            let (median, worst) = times_of(&server, &request)?;
            let size = body.to_string().len();
            line(format_args!(
                "{shown:<24} {place:>9} {size:>8} {median:>11.2} {worst:>11.2}"
            ));
        }
    }
    Ok(())
}

fn requests(endless: &str) -> [(&'static str, &'static str, &'static str, Value); 3] {
    const UNKNOWN: &str = "/scim/bench/v2/Users/00000000-0000-7000-8000-000000000000";
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": endless,
    });
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "remove", "path": endless }],
    });
    let value_path = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "remove", "path": format!("emails[{endless}") }],
    });
    [
        ("filter", "POST", "/scim/bench/v2/Users/.search", search),
        ("path", "PATCH", UNKNOWN, patch),
        ("in a path", "PATCH", UNKNOWN, value_path),
    ]
}

/// Median and worst, in milliseconds.
fn times_of(server: &Server, request: &Request) -> Result<(f64, f64)> {
    let mut connection = Connection::open(server.address)?;
    let mut all = Vec::new();
    for _ in 0..TIMES {
        let begun = Instant::now();
        let (status, body) = connection.answer(request)?;
        all.push(begun.elapsed().as_secs_f64() * 1_000.0);
        ensure!(
            status == 400,
            "{status}: {}",
            String::from_utf8_lossy(&body)
        );
    }
    all.sort_by(f64::total_cmp);
    let at = |place: usize| all.get(place).copied().unwrap_or_default();
    Ok((at(TIMES / 2), at(TIMES - 1)))
}
