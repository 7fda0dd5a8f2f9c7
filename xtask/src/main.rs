//! Developer commands of this repository: benchmarks and generated documents.
//!
//! `cargo run -p xtask -- docs [--check]` writes the generated documents, or fails if they differ.
//! `cargo run --release -p xtask -- bench` measures the release binary beside a bare server;
//! `crowd` instead of `bench` measures what applications ask for, `nesting` how fast it refuses
//! input without end, `ranges` how documents of IP ranges are read and looked up,
//! `nodes` creates per second on one node and on three beside `pgbench`.

mod bench;
mod conformance;
mod docs;
mod metrics;
mod quirks;

use std::{fmt, io::Write, process::ExitCode};

const USAGE: &str = "usage: xtask docs [--check]
       xtask bench [--users N] [--requests N] [--binary PATH]
       xtask crowd [--users N] [--requests N] [--binary PATH]
       xtask nesting [--binary PATH]
       xtask nodes [--requests N] [--binary PATH]
       xtask ranges";

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let outcome = match args.as_slice() {
        ["docs"] => docs::write(),
        ["docs", "--check"] => docs::check(),
        ["bench", flags @ ..] => bench::run(flags),
        ["crowd", flags @ ..] => bench::crowd(flags),
        ["nesting", flags @ ..] => bench::nesting(flags),
        ["nodes", flags @ ..] => bench::nodes(flags),
        ["ranges", flags @ ..] => bench::ranges(flags),
        ["bare-server", flags @ ..] => bench::bare(flags),
        _ => Err(anyhow::anyhow!(USAGE)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a line at once; a closed pipe is no error.
fn line(text: impl fmt::Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}
