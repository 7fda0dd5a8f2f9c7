//! Nodes say in the database that they live.

use provost_scim::Timestamp;
use uuid::Uuid;

use super::{
    super::{
        db::{Conn, params},
        error::int,
    },
    epoch,
};
use crate::{DirectoryError, node::NodeSeen};

/// Nodes that were not seen for so long are forgotten, in microseconds.
const FORGOTTEN: i64 = 86_400 * 1_000_000;
/// From here on a difference between clocks is warned of.
const SKEW: i64 = 2_000_000;

/// This process.
pub(super) struct Node {
    name: String,
    host: String,
    started: Timestamp,
}

impl Node {
    pub(super) fn new(id: Uuid, started: Timestamp) -> Self {
        Self {
            name: id.to_string(),
            host: host(),
            started,
        }
    }
}

/// The machine's name, as the system tells it to everybody.
fn host() -> String {
    let named = std::fs::read_to_string("/proc/sys/kernel/hostname");
    named.map_or_else(|_| "unknown".to_owned(), |name| name.trim().to_owned())
}

/// Says that the node lives; how far its clock is ahead of the database's, in microseconds.
pub(super) fn live(conn: &Conn, node: &Node, now: Timestamp) -> Result<i64, DirectoryError> {
    let skew = epoch::skew(conn, now)?;
    let there = now.as_micros() - skew;
    conn.prepare_cached(
        "INSERT INTO nodes (node, host, version, started, seen, skew)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (node) DO UPDATE SET seen = excluded.seen, skew = excluded.skew",
    )?
    .execute(params![
        node.name,
        node.host,
        env!("CARGO_PKG_VERSION"),
        node.started.as_micros(),
        there,
        skew,
    ])?;
    conn.prepare_cached("DELETE FROM nodes WHERE seen < ?1")?
        .execute(params![there - FORGOTTEN])?;
    Ok(skew)
}

/// Says that the node has gone in order.
pub(super) fn leave(conn: &Conn, node: &Node) -> Result<(), DirectoryError> {
    conn.prepare_cached("DELETE FROM nodes WHERE node = ?1")?
        .execute(params![node.name])?;
    Ok(())
}

/// Warns when the clocks differ.
pub(super) fn warn_of_skew(skew: i64) {
    if skew.abs() >= SKEW {
        tracing::warn!(
            milliseconds = skew / 1_000,
            "the clock of this node is ahead of the database's by so much (behind, if negative); let both follow the same time servers"
        );
    }
}

/// Every node, the oldest first.
pub(super) fn all(conn: &Conn) -> Result<Vec<NodeSeen>, DirectoryError> {
    let mut statement = conn.prepare_cached(
        "SELECT node, host, version, started, skew,
                CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT) - seen
         FROM nodes ORDER BY started, node",
    )?;
    let rows = statement.query_map(params![], |row| {
        Ok(NodeSeen {
            id: row.get(0)?,
            host: row.get(1)?,
            version: row.get(2)?,
            started: Timestamp::from_micros(row.get(3)?),
            skew_micros: row.get(4)?,
            silent_micros: row.get::<i64>(5)?.max(int(0)),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
