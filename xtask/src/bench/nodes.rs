//! Creates per second on one node and on three that share one PostgreSQL, beside `pgbench` with the
//! same inserts in the same tables, on the same machine in the same run.
//!
//! The server is the packaged PostgreSQL with its defaults, waiting for the disk at every commit.
//! `pgbench` commits rows; the nodes also read JSON, check tokens, number and chain the log.

use std::{path::PathBuf, sync::Arc, time::Instant};

use anyhow::{Context, Error, Result, bail};
use provost_testkit::{
    postgres::{Options as PostgresOptions, Postgres},
    run as run_program,
};
use serde_json::Value;

use super::{
    beside_this_program,
    load::{self, Make, Request},
    process::{Scratch, Server},
    target::user_body,
};
use crate::line;

/// Keep-alive connections, over all nodes; also the clients of `pgbench`.
const CONNECTIONS: usize = 32;

/// The nodes that are compared.
const NODES: [usize; 2] = [1, 3];

/// How often everything is measured; the median is shown.
const ROUNDS: usize = 5;

/// What `pgbench` does per transaction.
const SCRIPT: &str = include_str!("nodes.sql");

struct Options {
    requests: usize,
    binary: PathBuf,
}

impl Options {
    fn parse(flags: &[&str]) -> Result<Self> {
        let mut options = Self {
            requests: 10_000,
            binary: beside_this_program()?,
        };
        for pair in flags.chunks(2) {
            match pair {
                ["--requests", number] => options.requests = number.parse()?,
                ["--binary", path] => options.binary = PathBuf::from(path),
                other => bail!("{other:?} is no flag of nodes with its value"),
            }
        }
        Ok(options)
    }
}

/// Measures and prints the table.
pub(crate) fn run(flags: &[&str]) -> Result<()> {
    let options = Options::parse(flags)?;
    let postgres = Postgres::start(&PostgresOptions::durable())?;
    let scratch = Scratch::new()?;
    let authorization = tenant(&options, &postgres, &scratch)?;
    let mut limits = Vec::new();
    let mut reached = NODES.map(|_| Vec::new());
    let mut first = 0;
    for _ in 0..ROUNDS {
        for (count, rates) in NODES.iter().zip(&mut reached) {
            let nodes = start(*count, &options, &postgres, &scratch)?;
            rates.push(creates(&nodes, first, options.requests, &authorization)?);
            first += options.requests;
        }
        limits.push(pgbench(&postgres, options.requests)?);
    }
    let limit = median(limits)?;
    line("creates with 32 connections   per second   of pgbench");
    line(format_args!(
        "{:<28} {limit:>12.0}",
        "pgbench, the same inserts"
    ));
    for (count, rates) in NODES.iter().zip(reached) {
        let rate = median(rates)?;
        let name = format!("provost, nodes: {count}");
        line(format_args!(
            "{name:<28} {rate:>12.0} {:>12.2}",
            rate / limit
        ));
    }
    Ok(())
}

fn median(mut all: Vec<f64>) -> Result<f64> {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2)
        .copied()
        .context("nothing was measured")
}

/// Makes the tables and the tenant; the header that proves who is calling.
fn tenant(options: &Options, postgres: &Postgres, scratch: &Scratch) -> Result<String> {
    let url = postgres.url();
    let args = ["tenant", "create", "bench", "--database", &url];
    let created = super::process::command(&options.binary, scratch.path(), &args)?;
    let token = created.get("token").and_then(Value::as_str);
    let token = token.context("no token")?;
    Ok(format!("Authorization: Bearer {token}\r\n"))
}

fn start(
    count: usize,
    options: &Options,
    postgres: &Postgres,
    scratch: &Scratch,
) -> Result<Vec<Server>> {
    let url = postgres.url();
    let variables = [("PROVOST_DATABASE", url.as_str())];
    (0..count)
        .map(|_| Server::provost_in(&options.binary, scratch.path(), &variables))
        .collect()
}

/// Creates so many users over all nodes; how many per second.
fn creates(nodes: &[Server], first: usize, count: usize, authorization: &str) -> Result<f64> {
    let authorization = authorization.to_owned();
    let make: Arc<Make> = Arc::new(move |number| {
        let body = user_body(number);
        Request::with_body("POST", "/scim/bench/v2/Users", &authorization, &body)
    });
    let (each, connections) = (count / nodes.len(), CONNECTIONS / nodes.len());
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let drive = |(number, node): (usize, &Server)| {
            let (address, make) = (node.address, Arc::clone(&make));
            let first = first + number * each;
            scope.spawn(move || load::run(address, connections, first, each, &make))
        };
        let running: Vec<_> = nodes.iter().enumerate().map(drive).collect();
        for one in running {
            one.join().map_err(|_| Error::msg("a load panicked"))??;
        }
        Ok::<_, Error>(())
    })?;
    Ok(rate(each * nodes.len(), begun))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a benchmark are far below 2^52"
)]
fn rate(count: usize, begun: Instant) -> f64 {
    count as f64 / begun.elapsed().as_secs_f64()
}

/// Runs the same inserts by `pgbench`; transactions per second.
fn pgbench(postgres: &Postgres, count: usize) -> Result<f64> {
    // Where the account that runs it may read.
    let script = std::env::temp_dir().join(format!("provost-pgbench-{}.sql", std::process::id()));
    std::fs::write(&script, SCRIPT)?;
    let each = (count / CONNECTIONS).max(1).to_string();
    let mut pgbench = postgres.client("pgbench");
    pgbench
        .args([
            "-n",
            "-M",
            "prepared",
            "-c",
            &CONNECTIONS.to_string(),
            "-j",
            "2",
        ])
        .args(["-t", &each])
        .arg("-D")
        .arg(format!("body={}", user_body(0)))
        .arg("-f")
        .arg(&script)
        .arg("provost");
    let said = run_program(&mut pgbench);
    let _ = std::fs::remove_file(&script);
    // What nobody will number must not be in the way of the next round.
    postgres.psql("TRUNCATE pending")?;
    let said = said?;
    let tps = said.lines().find_map(|line| line.strip_prefix("tps = "));
    let tps = tps.and_then(|rest| rest.split(' ').next());
    Ok(tps.with_context(|| said.clone())?.parse()?)
}
