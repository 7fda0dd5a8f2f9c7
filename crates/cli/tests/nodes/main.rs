//! Provost in its real surroundings: nodes that are killed, hung, restarted and handed over while
//! identity providers write through `HAProxy` and nginx and applications read; a database that goes
//! away and comes back.
//!
//! Nodes, balancers and databases are processes of their own on loopback. A run is short, unless
//! the environment says otherwise:
//!
//! - `PROVOST_NODES_SECONDS`: how long nodes are killed, one every two seconds (default 20);
//! - `PROVOST_NODES_REQUESTS`: requests that a rolling restart must have under way (default 2000);
//! - `PROVOST_NODES_MEMBERS`: members that each of two nodes adds to one group (default 1000);
//! - `PROVOST_NODES_CHANGES`: entries of the log that a follower must not miss (default 5000).
//!
//! What counts as success of a request that a balancer may have repeated: what counts without
//! repetition, and 404 for a DELETE, because the first attempt has deleted.

#[cfg(test)]
#[expect(dead_code, reason = "other tests do more with a server")]
#[path = "../support/mod.rs"]
mod binary;
#[cfg(test)]
#[path = "../ledger/mod.rs"]
mod ledger;

#[cfg(test)]
mod balancer;
#[cfg(test)]
mod certificate;
#[cfg(test)]
mod cluster;
#[cfg(test)]
mod crowd;
#[cfg(test)]
mod database;
#[cfg(test)]
mod handover;
#[cfg(test)]
mod life;
#[cfg(test)]
mod load;
#[cfg(test)]
mod logbook;
#[cfg(test)]
mod loss;
#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod node;
#[cfg(test)]
mod shown;
#[cfg(test)]
mod together;
#[cfg(test)]
mod watch;
#[cfg(test)]
mod writers;

/// A number from the environment.
#[cfg(test)]
fn number(variable: &str, default: u64) -> u64 {
    let value = std::env::var(variable).ok();
    value.map_or(default, |text| text.parse().expect("a number"))
}
