//! `provost config`: check and print.

use clap::Subcommand;

use crate::{failure::Failure, global::Global, output};

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Check file, environment and flags; tells every mistake at once
    Check,
    /// Print the configuration in force, every setting with its meaning, as a file to start from
    Print,
}

impl Config {
    pub(super) fn run(&self, global: &Global) -> Result<(), Failure> {
        let config = global.config([])?;
        let format = global.format();
        match self {
            Self::Check => format.print(
                &serde_json::json!({ "valid": true }),
                "The configuration is valid.",
            ),
            Self::Print if format == output::Format::Human => {
                output::line(config.to_toml().trim_end());
            }
            Self::Print => format.print(&serde_json::json!({ "toml": config.to_toml() }), ""),
        }
        Ok(())
    }
}
