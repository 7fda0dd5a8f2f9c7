//! What administrators get wrong about the database: one sentence each that says what and what next.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use provost_testkit::{
    find_program, free_port,
    postgres::{Options, Postgres},
};

use crate::node::Node;

/// Starts a server and a command with that database; both must fail with one sentence that has all
/// the words.
fn is_refused(variables: &[(&str, &str)], words: &[&str]) -> Result<()> {
    let node = Node::new(variables)?;
    for args in [
        &[
            "serve",
            "--scim-listen",
            "127.0.0.1:0",
            "--app-listen",
            "127.0.0.1:0",
        ][..],
        &["tenant", "list"],
    ] {
        let output = node.command().args(args).output()?;
        let said = String::from_utf8(output.stderr)?;
        let mut lines = said.lines();
        let sentence = lines.find(|line| line.starts_with("provost: "));
        let sentence = sentence.with_context(|| said.clone())?;
        ensure!(!output.status.success(), "{args:?} did not fail: {said}");
        ensure!(output.stdout.is_empty(), "{args:?} printed something");
        for word in words {
            ensure!(sentence.contains(word), "{args:?}: no `{word}` in: {said}");
        }
        ensure!(!said.contains("secret"), "the password is shown: {said}");
        ensure!(!said.contains("panicked"), "{said}");
    }
    Ok(())
}

#[test]
fn every_mistake_about_the_database_is_told_in_one_sentence() -> Result<()> {
    let server = Postgres::start(&Options::default())?;
    let url = server.url();
    let port = server.port().to_string();
    let nobody = free_port()?.to_string();
    for (wrong, words) in [
        (
            "mysql://root@127.0.0.1/provost".to_owned(),
            &["database", "postgres://"][..],
        ),
        (
            "postgres://127.0.0.1/provost".to_owned(),
            &["names no user", "postgres://"],
        ),
        (
            "postgres://provost:secret@127.0.0.1".to_owned(),
            &["names no database", "postgres://"],
        ),
        (
            url.replace(&port, &nobody),
            &["cannot be used", "refused", &nobody, "check the URL"],
        ),
        (
            url.replace("127.0.0.1", "no-such-host.invalid"),
            &["cannot be used", "no-such-host.invalid", "check the URL"],
        ),
        (
            url.replace("secret", "secrets"),
            &["cannot be used", "password", "check the URL"],
        ),
        (
            url.replace("/provost", "/nowhere"),
            &["cannot be used", "nowhere", "check the URL"],
        ),
        (
            format!("{url}?sslmode=prefer"),
            &["sslmode=prefer", "verify-full"],
        ),
        (format!("{url}?sslmode=require"), &["cannot be used", "TLS"]),
    ] {
        is_refused(&[("PROVOST_DATABASE", &wrong)], words).with_context(|| wrong.clone())?;
    }
    Ok(())
}

#[test]
fn a_database_of_another_cluster_or_a_newer_program_is_refused() -> Result<()> {
    let server = Postgres::start(&Options::default())?;
    let url = server.url();
    let first = Node::new(&[("PROVOST_DATABASE", &url)])?;
    first.run(&["tenant", "create", "entra"])?;
    is_refused(
        &[
            ("PROVOST_DATABASE", &url),
            ("PROVOST_CLUSTER_NAME", "other"),
        ],
        &[
            "belongs to the cluster `provost`",
            "`other`",
            "cluster_name",
        ],
    )?;
    server.psql("UPDATE schema_version SET version = 1000, readable_by = 1000")?;
    is_refused(
        &[("PROVOST_DATABASE", &url)],
        &["version 1000", "start the newer Provost"],
    )
}

#[test]
fn a_node_whose_clock_is_wrong_is_refused() -> Result<()> {
    let server = Postgres::start(&Options::default())?;
    let url = server.url();
    let node = Node::new(&[("PROVOST_DATABASE", &url)])?;
    node.run(&["tenant", "create", "entra"])?;
    for (shift, word) in [("+10m", "ahead of"), ("-10m", "behind")] {
        let mut serve = node.command();
        serve.args([
            "serve",
            "--scim-listen",
            "127.0.0.1:0",
            "--app-listen",
            "127.0.0.1:0",
        ]);
        let output = elsewhen(shift, &serve)?.output()?;
        let said = String::from_utf8(output.stderr)?;
        ensure!(!output.status.success(), "{shift} did not fail: {said}");
        for word in [word, "clock", "time servers"] {
            ensure!(said.contains(word), "{shift}: no `{word}` in: {said}");
        }
    }
    Ok(())
}

/// The same command at another time.
fn elsewhen(shift: &str, command: &Command) -> Result<Command> {
    let mut other = Command::new(find_program("faketime", "faketime")?);
    other
        .args(["-f", shift])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => other.env(name, value),
            None => other.env_remove(name),
        };
    }
    // What measures durations goes on as it is.
    other.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    other.env("DONT_FAKE_MONOTONIC", "1");
    Ok(other)
}
