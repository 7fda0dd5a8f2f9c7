//! `provost allowlist`: named sets of IP addresses, who uses them, and whom they admit.

mod change;
mod explain;
mod list;
mod source;
mod usage;

use std::net::IpAddr;

use clap::{ArgAction, Args, Subcommand};

use self::source::{Doubts, From, Network, What};
use crate::{failure::Failure, global::Global};

/// Named sets of IP addresses. Allowlists name them as `set:NAME`.
#[derive(Debug, Subcommand)]
pub(crate) enum Allowlist {
    /// Read a document of ranges from a file into a set
    Import {
        /// The set; made if there is none of this name
        set: String,
        /// The document; - reads standard input
        file: String,
        #[command(flatten)]
        what: What,
        #[command(flatten)]
        doubts: Doubts,
        /// Show what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Fetch a document of ranges into a set, and from then on every day
    Fetch {
        /// The set; made if there is none of this name
        set: String,
        #[command(flatten)]
        what: What,
        #[command(flatten)]
        network: Network,
        /// Fetch it this once only; the server does not refresh the set
        #[arg(long)]
        no_refresh: bool,
        #[command(flatten)]
        doubts: Doubts,
        /// Show what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Show what a document would change in a set: of a file, or the one at its URL
    Diff {
        /// The set
        set: String,
        /// The document; - reads standard input; fetched if absent
        file: Option<String>,
        #[command(flatten)]
        what: What,
        #[command(flatten)]
        network: Network,
        #[command(flatten)]
        doubts: Doubts,
    },
    /// List the sets
    List,
    /// Show a set: where it comes from, how old it is, who uses it, its networks
    Show {
        /// The set
        set: String,
        /// Its networks only, one a line: the same set gives the same bytes
        #[arg(long)]
        networks: bool,
    },
    /// List the formats of documents, who publishes them, and which parts they have
    Feeds,
    /// Let the addresses of a set call a tenant or as an application, beside those listed already
    Use {
        /// The set
        set: String,
        #[command(flatten)]
        target: Target,
    },
    /// Refresh a set every day, or leave it as it is
    Refresh {
        /// The set
        set: String,
        /// Whether the server fetches it
        #[arg(value_name = "on|off", value_parser = switch, action = ArgAction::Set)]
        refresh: bool,
    },
    /// Remove a set that nobody uses
    Remove {
        /// The set
        set: String,
    },
    /// Say why an address passes an allowlist, or why not
    Explain {
        /// The address of a client
        address: IpAddr,
        #[command(flatten)]
        target: Target,
    },
}

/// Whose allowlist.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Target {
    /// The tenant
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
    /// The application
    #[arg(long, value_name = "NAME")]
    application: Option<String>,
}

fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("say on or off".to_owned()),
    }
}

impl Allowlist {
    pub(super) fn run(&self, global: &Global) -> Result<(), Failure> {
        let format = global.format();
        let config = global.config([])?;
        global.with_directory(async |directory, _| match self {
            Self::Import {
                set,
                file,
                what,
                doubts,
                dry_run,
            } => {
                let from = From::File(file);
                change::change(directory, (set, what, *doubts), from, *dry_run, format).await
            }
            Self::Fetch {
                set,
                what,
                network,
                no_refresh,
                doubts,
                dry_run,
            } => {
                let from = From::Network(network.fetcher(&config)?, !no_refresh);
                change::change(directory, (set, what, *doubts), from, *dry_run, format).await
            }
            Self::Diff {
                set,
                file,
                what,
                network,
                doubts,
            } => {
                let from = match file {
                    Some(file) => From::File(file),
                    None => From::Network(network.fetcher(&config)?, true),
                };
                change::change(directory, (set, what, *doubts), from, true, format).await
            }
            Self::List => list::list(directory, format).await,
            Self::Show { set, networks } => list::show(directory, set, *networks, format).await,
            Self::Feeds => {
                list::feeds(format);
                Ok(())
            }
            Self::Use { set, target } => usage::add(directory, set, target, format).await,
            Self::Refresh { set, refresh } => {
                usage::refresh(directory, set, *refresh, format).await
            }
            Self::Remove { set } => usage::remove(directory, set, format).await,
            Self::Explain { address, target } => {
                explain::explain(directory, &config, *address, target, format).await
            }
        })
    }
}
