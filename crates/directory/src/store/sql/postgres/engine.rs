//! The engine's side of the seam: every piece of work is a job in a lane.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::{mpsc, oneshot, watch};

use super::{
    super::{
        db::Conn,
        engine::{Beside, Engine, Length, Log, Sink},
        txn::Txn,
    },
    Postgres, Shared,
    keeper::{Ring, done, number},
    lane::{Berth, Lane},
    session::Verdict,
};
use crate::{
    DirectoryError, change::Position, figures::Work, node::NodeSeen, store::Answer, view::Listing,
};

/// A write beside other writes; what all of them go by is held.
const WRITE: &str = "BEGIN; SELECT pg_advisory_xact_lock_shared(1347571542, 1)";
/// A write that changes what other writes go by.
const WRITE_ALONE: &str = "BEGIN; SELECT pg_advisory_xact_lock(1347571542, 1)";
/// One state, in which nothing is written.
const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// For so long a write that others are in the way of is tried again.
const PATIENCE: Duration = Duration::from_secs(8);
/// First pause before another try; it doubles up to thirty-two times.
const FIRST_PAUSE: Duration = Duration::from_millis(4);
/// Work that could not begin for so long is given up.
const MOST_WAIT: Duration = Duration::from_secs(8);
/// Batches of a listing that wait for a slow receiver.
const BATCHES: usize = 4;

fn too_late() -> DirectoryError {
    DirectoryError::Unavailable("the database did not get round to it in time".to_owned())
}

fn ended() -> DirectoryError {
    DirectoryError::Unavailable("the work was not carried out; the log says why".to_owned())
}

/// Waits for what a lane answers.
fn answer<T: Send + 'static>(
    queued: Result<(), DirectoryError>,
    wait: oneshot::Receiver<Result<T, DirectoryError>>,
) -> Answer<'static, T> {
    Box::pin(async move {
        queued?;
        wait.await.unwrap_or_else(|_| Err(ended()))
    })
}

/// That somebody waits for an answer.
#[derive(Default)]
struct Interest(Arc<AtomicBool>);

impl Interest {
    /// Turns true when it is lost.
    fn lost(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

impl Drop for Interest {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Shared {
    /// Runs a write of the node's own, which nobody waits for.
    pub(super) fn write_aside<T>(
        &self,
        berth: &mut Berth,
        work: impl Fn(&mut Txn<'_>) -> Result<T, DirectoryError>,
    ) -> Result<T, DirectoryError> {
        self.carry_out(berth, WRITE, work)
    }

    fn write<T: Send + 'static>(
        self: &Arc<Self>,
        begin: &'static str,
        work: impl Fn(&mut Txn<'_>) -> Result<T, DirectoryError> + Send + 'static,
    ) -> Answer<'static, T> {
        let (tell, wait) = oneshot::channel();
        let shared = Arc::clone(self);
        let asked = Instant::now();
        let queued = self.writers.submit(move |berth| {
            // What its client was told is not done must not be done after what came later.
            if tell.is_closed() || asked.elapsed() > MOST_WAIT {
                shared.tally.unavailable(1);
                drop(tell.send(Err(too_late())));
                return;
            }
            let result = shared.carry_out(berth, begin, &work);
            drop(tell.send(result));
        });
        self.tally.note(&queued);
        answer(queued, wait)
    }

    /// Runs a write until it is committed, refused, or out of time.
    fn carry_out<T>(
        &self,
        berth: &mut Berth,
        begin: &str,
        work: impl Fn(&mut Txn<'_>) -> Result<T, DirectoryError>,
    ) -> Result<T, DirectoryError> {
        let first_try = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let result = berth.transact_ahead(begin, |conn| {
                let mut txn = Txn::beside_others(conn);
                let value = work(&mut txn)?;
                txn.seal()?;
                Ok((value, txn.has_pending()))
            });
            match result {
                Ok((value, has_pending)) => {
                    self.failing.store(false, Ordering::Release);
                    self.tally.committed(1);
                    if has_pending {
                        self.ring(Ring);
                    }
                    return Ok(value);
                }
                Err((_, Some(Verdict::Again))) if first_try.elapsed() < PATIENCE => {
                    wait_a_little(pause);
                    pause = (pause * 2).min(FIRST_PAUSE * 32);
                }
                Err((error, _)) => return Err(self.failed(error)),
            }
        }
    }

    fn failed(&self, error: DirectoryError) -> DirectoryError {
        if matches!(error, DirectoryError::Unavailable(_)) {
            self.failing.store(true, Ordering::Release);
            self.tally.lost();
            self.tally.unavailable(1);
            tracing::error!(%error, "a write transaction failed and was undone");
        }
        error
    }
}

/// Between half of a pause and the whole, so that two that met do not meet again.
fn wait_a_little(pause: Duration) {
    let mut random = [0_u8; 2];
    if getrandom::fill(&mut random).is_err() {
        tracing::debug!("there is no randomness; every try waits for the same time");
    }
    let share = u32::from(u16::from_le_bytes(random));
    std::thread::park_timeout(pause / 2 + pause / 2 * share / u32::from(u16::MAX));
}

/// Makes the log current if the read needs it, then reads one state.
fn read_one_state<T>(
    berth: &mut Berth,
    shared: &Shared,
    log: Log,
    work: impl FnOnce(&Conn) -> Result<T, DirectoryError>,
) -> Result<T, DirectoryError> {
    if log == Log::Current {
        number(berth, shared)?;
    }
    done(berth.transact(READ, work))
}

impl Postgres {
    fn lane(&self, length: Length) -> &Arc<Lane> {
        match length {
            Length::Short => &self.readers,
            Length::Long => &self.long,
        }
    }
}

impl Engine for Postgres {
    fn write<T: Send + 'static>(
        &self,
        beside: Beside,
        work: impl Fn(&mut Txn<'_>) -> Result<T, DirectoryError> + Send + 'static,
    ) -> Answer<'static, T> {
        let begin = match beside {
            Beside::Writers => WRITE,
            Beside::Nobody => WRITE_ALONE,
        };
        self.shared.write(begin, work)
    }

    fn read<T: Send + 'static>(
        &self,
        log: Log,
        length: Length,
        work: impl FnOnce(&Conn) -> Result<T, DirectoryError> + Send + 'static,
    ) -> Answer<'_, T> {
        let (tell, wait) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        let interest = Interest::default();
        let lost = interest.lost();
        let asked = Instant::now();
        let queued = self.lane(length).submit(move |berth| {
            if tell.is_closed() || asked.elapsed() > MOST_WAIT {
                drop(tell.send(Err(too_late())));
                return;
            }
            berth.heed(Some(lost));
            let result = read_one_state(berth, &shared, log, work);
            berth.heed(None);
            shared.tally.note(&result);
            drop(tell.send(result));
        });
        self.shared.tally.note(&queued);
        let answer = answer(queued, wait);
        Box::pin(async move {
            let _interest = interest;
            answer.await
        })
    }

    fn stream<F: Clone + Send + 'static, T: Send + 'static>(
        &self,
        first: impl FnOnce(&Conn) -> Result<F, DirectoryError> + Send + 'static,
        work: impl FnOnce(&Conn, &F, &mut Sink<T>) -> Result<(), DirectoryError> + Send + 'static,
    ) -> Answer<'_, (Listing<T>, F)> {
        let (sender, batches) = mpsc::channel(BATCHES);
        let (ready, wait) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        let queued = self.long.submit(move |berth| {
            let mut ready = Some(ready);
            let read = || {
                read_one_state(berth, &shared, Log::Current, |conn| {
                    let found = first(conn)?;
                    if let Some(ready) = ready.take() {
                        drop(ready.send(Ok(found.clone())));
                    }
                    let mut sink = Sink::new(sender.clone());
                    work(conn, &found, &mut sink)?;
                    sink.flush();
                    Ok(())
                })
            };
            let outcome = catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
                berth.leave();
                Err(ended())
            });
            shared.tally.note(&outcome);
            // A listing that breaks off must not look like one that is complete.
            match (outcome, ready.take()) {
                (Ok(()), _) => {}
                (Err(error), Some(ready)) => drop(ready.send(Err(error))),
                (Err(error), None) => drop(sender.blocking_send(Err(error))),
            }
        });
        self.shared.tally.note(&queued);
        let found = answer(queued, wait);
        Box::pin(async move { Ok((Listing { batches }, found.await?)) })
    }

    fn work(&self) -> Work {
        self.shared.tally.read()
    }

    fn watch(&self) -> watch::Receiver<Option<Position>> {
        self.shared.news.subscribe()
    }

    fn nodes(&self) -> Answer<'_, Vec<NodeSeen>> {
        self.read(Log::Aside, Length::Short, super::node::all)
    }

    fn is_ready(&self) -> Answer<'_, bool> {
        Box::pin(async move {
            let look = self.read(Log::Aside, Length::Short, |conn| {
                Ok(super::super::txn::read_head(conn)?)
            });
            let reads = look.await.is_ok();
            if !reads || !self.shared.failing.load(Ordering::Acquire) {
                return Ok(reads);
            }
            // After a failed write only a write can tell that the store is well again.
            let probe = self.write(Beside::Writers, |txn| {
                txn.conn
                    .batch("UPDATE registry SET high_water = high_water")?;
                Ok(())
            });
            Ok(probe.await.is_ok())
        })
    }

    fn close(&self) {
        self.shut();
    }
}
