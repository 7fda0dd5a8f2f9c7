//! Custom schemas from the command line, with the file that the guide shows.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::support::{Scratch, Server, provost};

/// How long a running server may take at most before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);
const URN: &str = "urn:ietf:params:scim:schemas:extension:Acme:2.0:User";

fn run(data_dir: &Path, args: &[&str]) -> Result<Output> {
    let mut all = vec!["tenant", "schema"];
    all.extend(args);
    Ok(provost(data_dir).args(all).output()?)
}

fn run_json(data_dir: &Path, args: &[&str]) -> Result<Value> {
    let output = run(data_dir, &[args, &["--json"]].concat())?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{args:?}: {stderr}");
    serde_json::from_slice(&output.stdout).with_context(|| format!("{args:?}"))
}

fn text(output: &Output) -> String {
    let both = [&*output.stdout, &*output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

/// A data directory with the tenant `acme`.
fn acme() -> Result<Scratch> {
    let dir = Scratch::new()?;
    let created = provost(dir.path())
        .args(["tenant", "create", "acme"])
        .output()?;
    ensure!(created.status.success(), "{}", text(&created));
    Ok(dir)
}

/// The file of the guide.
fn example(dir: &Scratch) -> Result<PathBuf> {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/custom-schemas.md");
    let guide = std::fs::read_to_string(guide)?;
    let (_, rest) = guide.split_once("```json").context("an example")?;
    let (example, _) = rest.split_once("```").context("its end")?;
    let path = dir.path().join("badge.json");
    std::fs::write(&path, example)?;
    Ok(path)
}

#[test]
fn a_schema_lives_from_add_to_remove() -> Result<()> {
    let dir = acme()?;
    let file = example(&dir)?;
    let file = file.to_str().context("a path of text")?;
    let added = run_json(dir.path(), &["add", "acme", file])?;
    assert_eq!(
        added,
        json!({"tenant": "acme", "schema": URN, "resource": "User", "replaced": false, "warnings": []})
    );
    let listed = run_json(dir.path(), &["list", "acme"])?;
    assert_eq!(listed.pointer("/0/schema"), Some(&json!(URN)));
    assert_eq!(listed.pointer("/0/attributes"), Some(&json!(5)));
    let human = text(&run(dir.path(), &["show", "acme", URN])?);
    for words in [
        "desk.floor",
        "unique",
        "immutable",
        "list of string",
        "Number on the badge",
    ] {
        assert!(human.contains(words), "no {words} in {human}");
    }
    let again = run_json(dir.path(), &["add", "acme", file, "--resource", "user"])?;
    assert_eq!(again.pointer("/replaced"), Some(&json!(true)));
    let removed = text(&run(dir.path(), &["remove", "acme", URN])?);
    assert!(removed.contains("stay in the store"), "{removed}");
    assert_eq!(run_json(dir.path(), &["list", "acme"])?, json!([]));
    Ok(())
}

#[test]
fn what_show_prints_is_what_add_reads() -> Result<()> {
    let dir = acme()?;
    let file = example(&dir)?;
    run_json(dir.path(), &["add", "acme", file.to_str().context("text")?])?;
    let shown = run_json(dir.path(), &["show", "acme", URN])?;
    run_json(dir.path(), &["remove", "acme", URN])?;
    let mut add = provost(dir.path())
        .args(["tenant", "schema", "add", "acme", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    let mut input = add.stdin.take().context("standard input")?;
    input.write_all(shown.to_string().as_bytes())?;
    drop(input);
    assert!(add.wait()?.success());
    assert_eq!(run_json(dir.path(), &["show", "acme", URN])?, shown);
    Ok(())
}

#[test]
fn a_refusal_says_what_to_do() -> Result<()> {
    let dir = acme()?;
    let bad = dir.path().join("bad.json");
    std::fs::write(
        &bad,
        r#"{"id":"urn:x:y","attributes":[{"name":"a","type":"map"}]}"#,
    )?;
    let bad = bad.to_str().context("text")?;
    for (args, code, words) in [
        (
            &["add", "acme", bad][..],
            2,
            "the attribute `a` has the type \"map\"; use one of",
        ),
        (&["add", "acme", "/nonexistent.json"], 1, "name a JSON file"),
        (&["add", "nobody", bad], 2, "\"map\""),
        (&["list", "nobody"], 1, "provost tenant list"),
        (
            &["add", "acme", bad, "--resource", "Device"],
            2,
            "User, Group",
        ),
        (
            &["remove", "acme", "urn:x:y"],
            2,
            "provost tenant schema list acme",
        ),
        (
            &["show", "acme", "urn:x:y"],
            1,
            "provost tenant schema list acme",
        ),
    ] {
        let output = run(dir.path(), args)?;
        assert_eq!(output.status.code(), Some(code), "{args:?}");
        assert!(text(&output).contains(words), "{args:?}: {}", text(&output));
    }
    Ok(())
}

#[test]
fn a_running_server_takes_a_schema_up_and_secrets_stay_unseen() -> Result<()> {
    let dir = Scratch::new()?;
    let server = Server::start(dir.path(), &[])?;
    let created = provost(dir.path())
        .args(["tenant", "create", "acme", "--json"])
        .output()?;
    let created: Value = serde_json::from_slice(&created.stdout)?;
    let token = created["token"].as_str().context("a token")?;
    let bearer = format!("Bearer {token}");
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let url = format!("{}/scim/acme/v2", server.scim);
    let get = |path: &str| {
        let request = agent.get(format!("{url}{path}"));
        request.header("Authorization", &bearer).call()
    };
    assert_eq!(get("/Schemas/urn:x:y")?.status(), 404);
    let file = dir.path().join("pin.json");
    std::fs::write(
        &file,
        r#"{"id":"urn:x:y","attributes":[{"name":"pin","mutability":"writeOnly"},{"name":"room"}]}"#,
    )?;
    run_json(dir.path(), &["add", "acme", file.to_str().context("text")?])?;
    let begun = Instant::now();
    while get("/Schemas/urn:x:y")?.status() != 200 {
        ensure!(begun.elapsed() < PATIENCE, "the schema is not served");
    }
    let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ana", "urn:x:y": {"pin": "1234", "room": "7"}});
    let made = agent
        .post(format!("{url}/Users"))
        .header("Authorization", &bearer)
        .header("Content-Type", "application/scim+json")
        .send(user.to_string())?;
    assert_eq!(made.status(), 201);
    let shown = provost(dir.path())
        .args(["user", "show", "ana", "--json"])
        .output()?;
    let shown: Value = serde_json::from_slice(&shown.stdout)?;
    assert_eq!(
        shown.pointer("/attributes/urn:x:y"),
        Some(&json!({"room": "7"}))
    );
    Ok(())
}
