//! The engine on PostgreSQL, which several nodes share.
//!
//! Each node has a few connections, each with a thread of its own: for writes, for short reads, for
//! long ones. Writers lock the rows that they change and leave their entries of the log to be
//! numbered (see [`numbering`]); whoever reads the log numbers what waits first, so what was
//! acknowledged by one node can be read from every other one at once.

mod address;
mod connect;
mod engine;
mod epoch;
mod keeper;
mod lane;
mod migrate;
mod news;
mod node;
pub(in crate::store::sql) mod numbering;
pub(in crate::store::sql) mod session;
#[cfg(test)]
mod tests;
mod tls;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::AtomicBool,
        mpsc::{SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use tokio::sync::{oneshot, watch};
use uuid::Uuid;

pub use self::address::PostgresUrl;

use self::{
    connect::Connector,
    keeper::{Keeper, Ring},
    lane::{Berth, Lane},
    node::Node,
};
use super::{SqlStore, tally::Tally, txn::read_head};
use crate::{OpenError, change::Position, clock::Clock, log::Head};

/// Longest statement on connections that write. There are two of these for each core, so that one
/// waits for the disk while another works; more would only be in each other's way.
const WRITING: Duration = Duration::from_secs(10);
/// Fewest and most of them.
const WRITERS: (usize, usize) = (4, 16);
/// Connections for short reads, and longest statement on them.
const READERS: (usize, Duration) = (6, Duration::from_secs(8));
/// Connections for listings and scans, and longest statement on them.
const LONG_READERS: (usize, Duration) = (4, Duration::from_secs(60));
/// Longest statement of what is done beside requests.
const KEEPER: Duration = Duration::from_secs(10);
/// Longest statement while the tables are made.
const OPENING: Duration = Duration::from_secs(300);
/// Rings that may wait; more say nothing new.
const RINGS: usize = 4;
/// From here on a node whose clock differs is not started, in microseconds.
const WRONG_CLOCK: i64 = 60_000_000;

/// How the database is opened.
pub(crate) struct Opening {
    pub(crate) url: PostgresUrl,
    /// Whether this process is a server.
    pub(crate) serve: bool,
    /// The name of the cluster that may use the database.
    pub(crate) cluster: String,
    /// The name of this process among the nodes.
    pub(crate) node: Uuid,
    pub(crate) clock: Arc<dyn Clock>,
    /// Whether the clock must agree with the database's.
    pub(crate) check_clock: bool,
}

/// What the threads share.
struct Shared {
    connector: Arc<Connector>,
    writers: Arc<Lane>,
    /// The end of the log; `None` once the store is closed.
    news: watch::Sender<Option<Position>>,
    /// The last write transaction failed.
    failing: AtomicBool,
    tally: Arc<Tally>,
    rings: Mutex<Option<SyncSender<Ring>>>,
}

impl Shared {
    fn announce(&self, position: &Position) {
        self.news.send_if_modified(|known| {
            let is_new = known.is_some_and(|known| *position > known);
            if is_new {
                *known = Some(*position);
            }
            is_new
        });
    }

    /// Wakes the keeper. One that is at work looks again by itself.
    fn ring(&self, ring: Ring) {
        let rings = self.rings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rings) = &*rings {
            drop(rings.try_send(ring));
        }
    }
}

/// What ends with the store.
struct Running {
    stop_news: oneshot::Sender<()>,
    threads: Vec<JoinHandle<()>>,
    keepers: Vec<JoinHandle<()>>,
}

/// One database.
pub(crate) struct Postgres {
    shared: Arc<Shared>,
    readers: Arc<Lane>,
    long: Arc<Lane>,
    running: Mutex<Option<Running>>,
}

/// The store on PostgreSQL.
pub(crate) type PostgresStore = SqlStore<Postgres>;

impl PostgresStore {
    /// Connects, brings the tables to the newest version, and starts the threads. Blocks.
    pub(crate) fn open(opening: &Opening) -> Result<Self, OpenError> {
        std::thread::scope(|scope| {
            // A thread of its own, because the caller may be inside a runtime, where nobody may
            // wait for another one.
            let opened = scope.spawn(|| Postgres::open(opening)).join();
            opened.unwrap_or_else(|_| Err(OpenError("the database could not be opened".to_owned())))
        })
        .map(|engine| Self { engine })
    }
}

impl Postgres {
    fn open(opening: &Opening) -> Result<Self, OpenError> {
        let connector = Connector::new(opening.url.clone(), Arc::clone(&opening.clock));
        let connector = Arc::new(connector.map_err(OpenError)?);
        let head = prepare(&connector, opening)?;
        let no_thread = |error: std::io::Error| {
            OpenError(format!(
                "the system gives no thread: {error}; raise its limits"
            ))
        };
        let lane = |name, (threads, deadline): (usize, Duration)| {
            Lane::start(name, threads, deadline, &connector).map_err(no_thread)
        };
        let (writers, mut threads) = lane("write", (writers(), WRITING))?;
        let (readers, reading) = lane("read", READERS)?;
        let (long, listing) = lane("list", LONG_READERS)?;
        threads.extend(reading.into_iter().chain(listing));
        let (rings, bell) = sync_channel(RINGS);
        let shared = Arc::new(Shared {
            connector: Arc::clone(&connector),
            writers,
            news: watch::Sender::new(Some(head.position())),
            failing: AtomicBool::new(false),
            tally: Arc::default(),
            rings: Mutex::new(Some(rings)),
        });
        let keeper = Keeper {
            shared: Arc::clone(&shared),
            berth: Berth::new(&connector, KEEPER),
            node: Node::new(opening.node, opening.clock.now()),
            serve: opening.serve,
            seen: head,
        };
        let (stop_news, stopped) = oneshot::channel();
        let mut keepers = vec![keeper.start(bell).map_err(no_thread)?];
        if opening.serve {
            let listening = news::start(connector, Arc::clone(&shared), stopped);
            keepers.push(listening.map_err(no_thread)?);
        }
        Ok(Self {
            shared,
            readers,
            long,
            running: Mutex::new(Some(Running {
                stop_news,
                threads,
                keepers,
            })),
        })
    }

    fn shut(&self) {
        let running = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(running) = running else { return };
        for lane in [&self.shared.writers, &self.readers, &self.long] {
            lane.close();
        }
        join(running.threads);
        // The keeper numbers what the last writes left before it goes.
        drop(
            self.shared
                .rings
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        drop(running.stop_news);
        join(running.keepers);
        self.shared.news.send_replace(None);
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.shut();
    }
}

fn writers() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (2 * cores).clamp(WRITERS.0, WRITERS.1)
}

fn join(threads: Vec<JoinHandle<()>>) {
    for thread in threads {
        if thread.join().is_err() {
            tracing::error!("a thread of the store had panicked");
        }
    }
}

/// Makes the tables and looks whether the database is for us; the end of the log.
fn prepare(connector: &Arc<Connector>, opening: &Opening) -> Result<Head, OpenError> {
    let mut berth = Berth::new(connector, OPENING);
    let unreachable = |error: &dyn std::fmt::Display| {
        OpenError(format!(
            "the database {} cannot be used: {error}; check the URL, the network and the server",
            connector.url()
        ))
    };
    berth
        .transact("BEGIN", |_| Ok(()))
        .map_err(|(error, _)| unreachable(&error))?;
    migrate::run(&mut berth)?;
    connector.follow_log();
    // The connection was made before there was a log to compare it with.
    berth.leave();
    let now = opening.clock.now();
    let (cluster, skew, head) = berth
        .transact("BEGIN", |conn| {
            let cluster = epoch::cluster(conn, &opening.cluster)?;
            Ok((cluster, epoch::skew(conn, now)?, read_head(conn)?))
        })
        .map_err(|(error, _)| unreachable(&error))?;
    if cluster != opening.cluster {
        return Err(OpenError(format!(
            "the database {} belongs to the cluster `{cluster}`, and this node is of the cluster `{}`; give each cluster a database of its own, or correct cluster_name",
            connector.url(),
            opening.cluster
        )));
    }
    if opening.check_clock && skew.abs() > WRONG_CLOCK {
        return Err(OpenError(format!(
            "the clock of this machine is {} s {} that of the database; let both follow the same time servers and start again",
            skew.abs() / 1_000_000,
            if skew > 0 { "ahead of" } else { "behind" }
        )));
    }
    Ok(head)
}
