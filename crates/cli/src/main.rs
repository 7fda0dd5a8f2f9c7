//! The command `provost`: runs the server and administers it (design section 5).
//!
//! This file parses, dispatches and turns the outcome into an exit code: 0 done, 1 failed,
//! 2 wrong usage. What a command does is in `command`, one file each.

mod command;
mod demo;
mod failure;
mod file;
mod global;
mod http;
mod log;
mod lookup;
mod output;
mod signal;
mod simulate;

use std::{io::Write, process::ExitCode};

use clap::Parser;

use crate::{command::Command, failure::Failure, global::Global};

/// Provisions users and groups from identity providers into self-hosted Atlassian applications.
#[derive(Debug, Parser)]
#[command(name = "provost", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.command.run(&cli.global) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure),
    }
}

fn report(failure: &Failure) -> ExitCode {
    // Nobody reads a closed standard error; the exit code still tells.
    let _ = writeln!(std::io::stderr().lock(), "provost: {failure}");
    ExitCode::from(failure.exit_code())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
