//! What a node does beside requests: numbers what waits, says that it lives, looks whether the log
//! is still the one it knows, and ends old tombstones and sessions when no other node does.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use super::{
    super::{
        db::{Conn, Optional as _, params},
        policy, sessions, tombstones,
    },
    Shared, epoch,
    lane::Berth,
    node::{self, Node},
    numbering,
};
use crate::{DirectoryError, log::Head, store::sql::txn::read_head};

/// Pause between rounds, unless a writer rings.
const PAUSE: Duration = Duration::from_millis(500);
/// Pause in which entries gather before they are numbered together.
const GATHERING: Duration = Duration::from_millis(100);
/// Pause between signs of life.
const LIFE: Duration = Duration::from_secs(2);
/// Pause between looks at old tombstones.
const TOMBSTONES: Duration = Duration::from_secs(3_600);
/// Tombstones removed in one transaction.
const FORGET_AT_ONCE: u64 = 500;
/// A read of one state that writes nothing.
const LOOK: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Entries wait to be numbered.
pub(super) struct Ring;

/// When what is not done in every round is done next.
struct Due {
    look: Instant,
    life: Instant,
    tombstones: Instant,
}

impl Due {
    fn now() -> Self {
        let now = Instant::now();
        Self {
            look: now,
            life: now,
            tombstones: now,
        }
    }
}

/// The thread's belongings.
pub(super) struct Keeper {
    pub(super) shared: Arc<Shared>,
    pub(super) berth: Berth,
    pub(super) node: Node,
    /// Whether this process is a server; commands only number.
    pub(super) serve: bool,
    /// The last head that was seen.
    pub(super) seen: Head,
}

impl Keeper {
    /// Starts the thread; it ends when the sender of `rings` is gone.
    pub(super) fn start(self, rings: Receiver<Ring>) -> std::io::Result<JoinHandle<()>> {
        std::thread::Builder::new()
            .name("provost-keeper".to_owned())
            .spawn(move || self.run(&rings))
    }

    fn run(mut self, rings: &Receiver<Ring>) {
        let mut due = Due::now();
        let mut was_well = true;
        loop {
            let result = self.round(&mut due);
            // Said once, not twice a second for as long as it lasts.
            if let (true, Err(error)) = (was_well, &result) {
                tracing::warn!(%error, "the database could not be looked after; it will be tried again");
            }
            was_well = result.is_ok();
            match rings.recv_timeout(PAUSE) {
                // More come while writers are at it; who reads the log does not wait for this.
                Ok(Ring) => std::thread::park_timeout(GATHERING),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.farewell(),
            }
        }
    }

    fn round(&mut self, due: &mut Due) -> Result<(), DirectoryError> {
        self.number()?;
        if Instant::now() >= due.look {
            due.look = Instant::now() + PAUSE;
            self.look()?;
        }
        if !self.serve {
            return Ok(());
        }
        if Instant::now() >= due.life {
            due.life = Instant::now() + LIFE;
            let now = self.shared.connector.clock().now();
            let node = &self.node;
            let skew = done(
                self.berth
                    .transact("BEGIN", |conn| node::live(conn, node, now)),
            )?;
            node::warn_of_skew(skew);
        }
        if Instant::now() >= due.tombstones {
            due.tombstones = Instant::now() + TOMBSTONES;
            if self.forget()? {
                due.tombstones = Instant::now();
            }
        }
        Ok(())
    }

    /// Numbers what waits.
    fn number(&mut self) -> Result<(), DirectoryError> {
        number(&mut self.berth, &self.shared)
    }

    /// Announces the head, and begins a new epoch if what was seen is gone.
    fn look(&mut self) -> Result<(), DirectoryError> {
        let seen = self.seen;
        let reached = *self.shared.news.borrow();
        let reached = reached.unwrap_or_else(|| seen.position());
        let known = epoch::Known { seen, reached };
        let (head, is_there) = done(self.berth.transact(LOOK, |conn| {
            Ok((read_head(conn)?, epoch::holds(conn, &known)?))
        }))?;
        if !is_there {
            let now = self.shared.connector.clock().now();
            done(self.berth.transact(epoch::BEGIN, |conn| {
                epoch::begin_after_loss(conn, &known, now)
            }))?;
            return Ok(());
        }
        self.seen = head;
        self.shared.announce(&head.position());
        Ok(())
    }

    /// Ends old tombstones and forgets ended sessions, if no other node is at it; whether more may
    /// be left.
    fn forget(&mut self) -> Result<bool, DirectoryError> {
        let now = self.shared.connector.clock().now();
        let due = done(self.berth.transact("BEGIN", |conn| {
            if !takes_turn(conn)? {
                return Ok(Vec::new());
            }
            sessions::forget(conn, now)?;
            policy::due(conn, now)
        }))?;
        let mut is_more = false;
        for (scope, until) in due {
            let gone = self.shared.write_aside(&mut self.berth, |txn| {
                tombstones::forget(txn, &scope, until, FORGET_AT_ONCE)
            })?;
            is_more |= gone == FORGET_AT_ONCE;
        }
        Ok(is_more)
    }

    fn farewell(mut self) {
        if let Err(error) = self.number() {
            tracing::warn!(%error, "the last entries of the log are left to other nodes to number");
        }
        if self.serve {
            let node = &self.node;
            drop(self.berth.transact("BEGIN", |conn| node::leave(conn, node)));
        }
    }
}

/// Whether this node is the one that cleans up; the others are until the transaction ends.
fn takes_turn(conn: &Conn) -> Result<bool, DirectoryError> {
    Ok(conn
        .prepare_cached("SELECT pg_try_advisory_xact_lock(1347571542, 3)")?
        .query_row(params![], |row| row.get(0))
        .optional()?
        .unwrap_or(false))
}

/// Numbers what waits, if anything does.
pub(super) fn number(berth: &mut Berth, shared: &Shared) -> Result<(), DirectoryError> {
    let is_due = done(berth.transact(LOOK, numbering::is_due))?;
    let mut is_more = is_due;
    while is_more {
        let numbered = done(berth.transact(numbering::BEGIN, numbering::run))?;
        is_more = numbered.is_some_and(|(_, is_more)| is_more);
        if let Some((head, _)) = numbered {
            shared.announce(&head.position());
        }
    }
    Ok(())
}

/// Without the verdict, which only retries need.
pub(super) fn done<T, V>(result: Result<T, (DirectoryError, V)>) -> Result<T, DirectoryError> {
    result.map_err(|(error, _)| error)
}
