//! One node on SQLite whose sockets are held by the service manager: it is replaced, and killed,
//! and no request fails.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Error, Result, ensure};
use provost_directory::Database;
use provost_testkit::until;

use crate::{
    balancer::{Balancer, Kind},
    ledger::Http,
    life::Tenant,
    load::{Load, Target},
    logbook::Logbook,
    node::{BEHIND, Node},
    number,
};

/// How often the node is replaced.
const HANDOVERS: u64 = 20;

/// For progress that must come; only a broken server lets it pass.
const PATIENCE: Duration = Duration::from_secs(120);

/// A started node with held sockets, and tenants `t0`, `t1`, ….
fn node(tenants: usize) -> Result<(Node, Vec<Tenant>)> {
    let mut node = Node::with_held_sockets(BEHIND)?;
    let tenants = (0..tenants)
        .map(|number| Tenant::create(node.command(), &format!("t{number}")))
        .collect::<Result<_>>()?;
    node.start()?;
    Ok((node, tenants))
}

/// Clients that make a connection for every request, as the strictest ones do.
struct Strangers {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
    threads: Vec<std::thread::JoinHandle<Result<()>>>,
}

impl Strangers {
    fn start(count: usize, url: &str, tenant: &Tenant) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let answered = Arc::new(AtomicU64::new(0));
        let stranger = |_| {
            let (stop, answered) = (stop.clone(), answered.clone());
            let url = format!("{url}/scim/{}/v2/Users?count=1", tenant.slug);
            let authorization = format!("Bearer {}", tenant.token);
            std::thread::spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    let answer = Http::new().send("GET", &url, &authorization, None);
                    let status = answer.map(|(status, _)| status);
                    ensure!(status == Some(200), "{status:?}");
                    answered.fetch_add(1, Ordering::SeqCst);
                }
                Ok(())
            })
        };
        Self {
            threads: (0..count).map(stranger).collect(),
            stop,
            answered,
        }
    }

    /// Waits until so many more requests were answered, or one was not.
    fn await_more(&self, more: u64) -> Result<()> {
        let goal = self.answered.load(Ordering::SeqCst) + more;
        until("answers", PATIENCE, || {
            let failed = self
                .threads
                .iter()
                .any(std::thread::JoinHandle::is_finished);
            let enough = self.answered.load(Ordering::SeqCst) >= goal;
            Ok((failed || enough).then_some(()))
        })
    }

    fn finish(self) -> Result<u64> {
        self.stop.store(true, Ordering::SeqCst);
        for thread in self.threads {
            thread
                .join()
                .map_err(|_| Error::msg("a client panicked"))??;
        }
        Ok(self.answered.load(Ordering::SeqCst))
    }
}

#[test]
fn a_node_whose_sockets_are_handed_over_is_replaced_without_a_failed_request() -> Result<()> {
    let (mut node, tenants) = node(1)?;
    let url = format!("http://{}", node.scim()?);
    let clients = Strangers::start(8, &url, &tenants[0]);
    for _ in 0..HANDOVERS {
        clients.await_more(50)?;
        node.terminate()?;
        node.start()?;
    }
    clients.await_more(50)?;
    let answered = clients.finish()?;
    println!("{HANDOVERS} times handed over, {answered} requests, 0 failed");
    Ok(())
}

/// Plays lives through a balancer while `disturb` is done again and again.
fn survives(
    kind: Kind,
    times: u64,
    mut disturb: impl FnMut(&mut Node) -> Result<()>,
) -> Result<()> {
    let (mut node, tenants) = node(4)?;
    let balancer = Balancer::start(kind, &[&node])?;
    let load = Load::start(&tenants, &[Target::through(&balancer)]);
    let mut done = 0;
    while load.is_well() && done < times {
        let goal = load.requests() + 100;
        until("requests", PATIENCE, || {
            Ok((load.requests() > goal || !load.is_well()).then_some(()))
        })?;
        disturb(&mut node)?;
        done += 1;
    }
    let record = load.finish().with_context(|| balancer.last_lines())?;
    record.check(
        &format!("http://{}", node.scim()?),
        &Logbook::read(node.data_dir(), Database::Sqlite)?,
    )?;
    println!(
        "{kind:?}: {done} times disturbed, {} requests, 0 failed, 0 lost, 0 doubled",
        record.requests
    );
    Ok(())
}

#[test]
fn one_node_behind_haproxy_is_replaced_without_a_failed_request() -> Result<()> {
    survives(Kind::HaProxy, 5, |node| {
        node.terminate()?;
        node.start()
    })
}

#[test]
fn one_node_behind_haproxy_is_killed_without_a_failed_request() -> Result<()> {
    survives(Kind::HaProxy, number("PROVOST_NODES_KILLS", 5), |node| {
        node.kill()?;
        node.start()
    })
}

#[test]
fn one_node_behind_nginx_is_replaced_without_a_failed_request() -> Result<()> {
    survives(Kind::Nginx, 5, |node| {
        node.terminate()?;
        node.start()
    })
}
