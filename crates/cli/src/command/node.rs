//! `provost node`: the servers that share the database.

use clap::Subcommand;
use provost::config::Database;
use provost_directory::node::NodeSeen;
use serde::Serialize;

use crate::{
    failure::{Failure, Subject},
    global::Global,
    output::{Format, Table, yes_no},
};

/// What the command is about.
const NODES: Subject<'_> = Subject {
    kind: "node",
    name: "",
    list: "provost node list",
};

#[derive(Debug, Subcommand)]
pub(crate) enum Node {
    /// List the nodes that share the database
    List,
}

impl Node {
    pub(super) fn run(&self, global: &Global) -> Result<(), Failure> {
        match self {
            Self::List => list(global),
        }
    }
}

fn list(global: &Global) -> Result<(), Failure> {
    let format = global.format();
    if matches!(global.config([])?.database, Database::Sqlite) {
        format.print(
            &Vec::<Seen>::new(),
            "The data is in SQLite, which one server uses alone; several nodes share a PostgreSQL database.",
        );
        return Ok(());
    }
    global.with_directory(async |directory, _| {
        let nodes = directory.nodes().await;
        print(&nodes.map_err(|error| NODES.explain(error))?, format);
        Ok(())
    })
}

#[derive(Serialize)]
struct Seen {
    id: String,
    host: String,
    version: String,
    started: String,
    last_seen_milliseconds_ago: i64,
    clock_ahead_milliseconds: i64,
    silent: bool,
}

impl From<&NodeSeen> for Seen {
    fn from(node: &NodeSeen) -> Self {
        Self {
            id: node.id.clone(),
            host: node.host.clone(),
            version: node.version.clone(),
            started: node.started.to_string(),
            last_seen_milliseconds_ago: node.silent_micros / 1_000,
            clock_ahead_milliseconds: node.skew_micros / 1_000,
            silent: node.is_silent(),
        }
    }
}

fn print(nodes: &[NodeSeen], format: Format) {
    let json: Vec<Seen> = nodes.iter().map(Seen::from).collect();
    let mut table = Table::new(
        &[
            "id",
            "host",
            "version",
            "started",
            "last seen",
            "clock",
            "silent",
        ],
        "No node runs on this database; start one with `provost serve`.",
    );
    for node in &json {
        table.row([
            node.id.clone(),
            node.host.clone(),
            node.version.clone(),
            node.started.clone(),
            format!("{} s ago", node.last_seen_milliseconds_ago / 1_000),
            format!("{:+} ms", node.clock_ahead_milliseconds),
            yes_no(node.silent).to_owned(),
        ]);
    }
    let advice = if json.iter().any(|node| node.silent) {
        "\n\nA silent node has ended without a word, or cannot reach the database; look after its machine. It is forgotten after a day."
    } else {
        ""
    };
    format.print(&json, format_args!("{table}{advice}"));
}
