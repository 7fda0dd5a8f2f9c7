//! Several nodes on one PostgreSQL.

use anyhow::{Context, Result};
use provost_directory::Database;
use provost_testkit::postgres::{Options, Postgres};

use crate::{
    life::Tenant,
    logbook::Logbook,
    node::{BEHIND, Node},
};

/// The nodes and their database.
#[derive(Debug)]
pub(crate) struct Cluster {
    // Nodes end before the database does.
    pub(crate) nodes: Vec<Node>,
    pub(crate) tenants: Vec<Tenant>,
    /// The URL that the nodes were given.
    url: String,
    pub(crate) postgres: Postgres,
}

impl Cluster {
    /// So many nodes on a server of their own that keeps what it acknowledges, and tenants `t0`,
    /// `t1`, ….
    pub(crate) fn start(nodes: usize, tenants: usize, more: &[(&str, &str)]) -> Result<Self> {
        let postgres = Postgres::start(&Options::durable())?;
        let url = postgres.url();
        Self::on(postgres, url, nodes, tenants, more)
    }

    /// The same on a given server, under that URL.
    pub(crate) fn on(
        postgres: Postgres,
        url: String,
        nodes: usize,
        tenants: usize,
        more: &[(&str, &str)],
    ) -> Result<Self> {
        let variables = [BEHIND, &[("PROVOST_DATABASE", url.as_str())], more].concat();
        let mut nodes = (0..nodes)
            .map(|_| Node::new(&variables))
            .collect::<Result<Vec<_>>>()?;
        let first = nodes.first().context("a cluster has nodes")?;
        let tenants = (0..tenants)
            .map(|number| Tenant::create(first.command(), &format!("t{number}")))
            .collect::<Result<Vec<_>>>()?;
        for node in &mut nodes {
            node.start()?;
        }
        Ok(Self {
            nodes,
            tenants,
            url,
            postgres,
        })
    }

    /// Where SCIM is, as `http://address:port`, node by node.
    pub(crate) fn urls(&self) -> Result<Vec<String>> {
        let url = |node: &Node| Ok(format!("http://{}", node.scim()?));
        self.nodes.iter().map(url).collect()
    }

    /// Where it keeps its data.
    pub(crate) fn database(&self) -> Result<Database> {
        Ok(Database::Postgres {
            url: self.url.parse()?,
            cluster: "provost".to_owned(),
        })
    }

    /// The whole log, verified.
    pub(crate) fn log(&self) -> Result<Logbook> {
        let node = self.nodes.first().context("a cluster has nodes")?;
        Logbook::read(node.data_dir(), self.database()?)
    }

    /// What the nodes complained of, for a message.
    pub(crate) fn complaints(&self) -> String {
        let tail = |node: &Node| {
            let log = node.log();
            let lines: Vec<_> = log.lines().rev().take(20).map(str::to_owned).collect();
            lines.into_iter().rev().collect::<Vec<_>>().join("\n")
        };
        let all: Vec<_> = self.nodes.iter().map(tail).collect();
        all.join("\n--- the next node ---\n")
    }
}
