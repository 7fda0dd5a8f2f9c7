//! Measures the release binary on loopback beside a bare server that does the least possible.
//!
//! Counts are bounded, so a run ends by itself. The load comes from this process, the servers are
//! processes of their own, so that their processor time can be told apart.

mod bare;
mod crowd;
mod load;
mod nesting;
mod nodes;
mod process;
mod ranges;
mod table;
mod target;

use std::{path::PathBuf, sync::Arc, time::Instant};

use anyhow::{Result, bail};

use crate::line;

pub(crate) use self::{
    bare::run as bare, crowd::run as crowd, nesting::run as nesting, nodes::run as nodes,
    ranges::run as ranges,
};
use self::{
    load::{Make, Request},
    process::Server,
    table::{Measured, Table},
};

/// Keep-alive connections of the two rounds.
const CONNECTIONS: [usize; 2] = [8, 32];

struct Options {
    users: usize,
    requests: usize,
    binary: PathBuf,
}

impl Options {
    fn parse(flags: &[&str]) -> Result<Self> {
        let mut options = Self {
            users: 100_000,
            requests: 20_000,
            binary: beside_this_program()?,
        };
        for pair in flags.chunks(2) {
            match pair {
                ["--users", number] => options.users = number.parse()?,
                ["--requests", number] => options.requests = number.parse()?,
                ["--binary", path] => options.binary = PathBuf::from(path),
                other => bail!("{other:?} is no flag of bench with its value"),
            }
        }
        Ok(options)
    }
}

/// The binary that the same build made.
fn beside_this_program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.with_file_name("provost"))
}

/// Runs everything and prints the table.
pub(crate) fn run(flags: &[&str]) -> Result<()> {
    let options = Options::parse(flags)?;
    let mut table = Table::default();
    measure_bare(&options, &mut table)?;
    target::measure_provost(&options, &mut table)
}

/// Runs one load per number of connections and keeps the figures. Numbers of requests go on from
/// round to round.
fn measure(
    table: &mut Table,
    name: &'static str,
    server: &Server,
    requests: usize,
    make: &Arc<Make>,
) -> Result<()> {
    for (round, connections) in CONNECTIONS.into_iter().enumerate() {
        let before = server.cpu_seconds()?;
        let begun = Instant::now();
        load::run(
            server.address,
            connections,
            round * requests,
            requests,
            make,
        )?;
        let measured = Measured {
            name,
            connections,
            per_second: count(requests) / begun.elapsed().as_secs_f64(),
            cpu_per_thousand: (server.cpu_seconds()? - before) * 1_000.0 / count(requests),
        };
        line(table.add(measured));
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn count(number: usize) -> f64 {
    number as f64
}

fn measure_bare(options: &Options, table: &mut Table) -> Result<()> {
    line(table::HEAD);
    let body = target::user_body(0);
    let fixed: Arc<Make> = Arc::new(|_| Request::get("/", ""));
    let commit: Arc<Make> = Arc::new(move |_| Request::with_body("POST", "/", "", &body));
    let scratch = process::Scratch::new()?;
    let server = Server::bare(&["fixed"])?;
    measure(table, table::FIXED, &server, options.requests, &fixed)?;
    drop(server);
    let file = scratch.path().join("bare.sqlite").display().to_string();
    let server = Server::bare(&["commit", &file])?;
    measure(table, table::COMMIT, &server, options.requests, &commit)
}
