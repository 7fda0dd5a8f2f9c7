//! Nodes that are killed and restarted behind both balancers while identity providers write: no
//! request fails, nothing acknowledged is lost, nothing happens twice.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use provost_testkit::{pause, until};

use crate::{
    balancer::{Balancer, Kind},
    cluster::Cluster,
    ledger::Random,
    load::{Load, Target},
    number,
};

const NODES: usize = 3;

/// Players; every other one goes through the same balancer.
const PLAYERS: usize = 6;

/// Time between two kills.
const BETWEEN: Duration = Duration::from_secs(2);

/// For progress that must come; only a broken server lets it pass.
const PATIENCE: Duration = Duration::from_secs(300);

/// Plays lives through both balancers while `disturb` is done with the nodes; what is said at the
/// end begins with its answer.
fn survives(
    variables: &[(&str, &str)],
    disturb: impl FnOnce(&mut Cluster, &Load) -> Result<String>,
) -> Result<()> {
    let mut cluster = Cluster::start(NODES, PLAYERS, variables)?;
    let nodes: Vec<_> = cluster.nodes.iter().collect();
    let balancers = [
        Balancer::start(Kind::HaProxy, &nodes)?,
        Balancer::start(Kind::Nginx, &nodes)?,
    ];
    let targets = balancers.each_ref().map(Target::through);
    let load = Load::start(&cluster.tenants, &targets);
    let said = disturb(&mut cluster, &load);
    let record = load.finish().with_context(|| {
        let logs = balancers.each_ref().map(Balancer::last_lines).join("\n");
        format!("{}\n--- balancers ---\n{logs}", cluster.complaints())
    })?;
    let said = said?;
    let log = cluster.log()?;
    let urls = cluster.urls()?;
    record.check(urls.last().context("a node")?, &log)?;
    println!(
        "{said}, {} requests, 0 failed, 0 lost, 0 doubled, log valid to {}",
        record.requests, log.end
    );
    Ok(())
}

#[test]
fn nodes_killed_every_two_seconds_fail_lose_and_double_nothing() -> Result<()> {
    let lasts = Duration::from_secs(number("PROVOST_NODES_SECONDS", 20));
    let seed = number("PROVOST_TEST_SEED", 20_261_122);
    let mut random = Random::new(seed);
    survives(&[], |cluster, load| {
        let begun = Instant::now();
        let mut kills = 0;
        while load.is_well() && begun.elapsed() < lasts {
            pause(BETWEEN);
            let victim = usize::try_from(random.below(NODES as u64))?;
            let node = &mut cluster.nodes[victim];
            node.kill()?;
            node.start()?;
            kills += 1;
        }
        Ok(format!("{kills} times kill -9"))
    })
}

#[test]
fn a_rolling_restart_under_load_fails_loses_and_doubles_nothing() -> Result<()> {
    let least = number("PROVOST_NODES_REQUESTS", 2_000);
    // As the documentation of the balancers recommends.
    survives(&[("PROVOST_DRAIN_DELAY_SECONDS", "5")], |cluster, load| {
        let mut rounds = 0;
        while rounds == 0 || (load.is_well() && load.requests() < least) {
            for node in &mut cluster.nodes {
                node.terminate()?;
                node.start()?;
            }
            rounds += 1;
        }
        until("requests", PATIENCE, || {
            Ok((load.requests() >= least || !load.is_well()).then_some(()))
        })?;
        ensure!(rounds > 0);
        Ok(format!("{rounds} times all {NODES} nodes restarted"))
    })
}
