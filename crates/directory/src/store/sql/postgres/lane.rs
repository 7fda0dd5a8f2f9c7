//! Lanes: threads with one connection each, which take work from one queue.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, PoisonError, atomic::AtomicBool},
    thread::JoinHandle,
    time::Duration,
};

use super::{
    connect::Connector,
    session::{Trouble, Verdict},
};
use crate::{
    DirectoryError,
    store::sql::db::{self, Conn},
};

/// Work that may wait in one lane; more is refused as unavailable.
const QUEUE: usize = 4_096;

type Job = Box<dyn FnOnce(&mut Berth) + Send>;

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    is_closed: bool,
}

/// The way to the threads of a lane.
pub(super) struct Lane {
    queue: Mutex<Queue>,
    wake: Condvar,
}

impl Lane {
    /// Starts the threads. They end when the lane is closed and the queue is empty.
    pub(super) fn start(
        name: &str,
        threads: usize,
        deadline: Duration,
        connector: &Arc<Connector>,
    ) -> std::io::Result<(Arc<Self>, Vec<JoinHandle<()>>)> {
        let lane = Arc::new(Self {
            queue: Mutex::default(),
            wake: Condvar::new(),
        });
        let start = |_| {
            let (lane, mut berth) = (Arc::clone(&lane), Berth::new(connector, deadline));
            std::thread::Builder::new()
                .name(format!("provost-{name}"))
                .spawn(move || lane.work_off(&mut berth))
        };
        let threads = (0..threads).map(start).collect::<Result<_, _>>()?;
        Ok((lane, threads))
    }

    /// Queues a job.
    pub(super) fn submit(
        &self,
        job: impl FnOnce(&mut Berth) + Send + 'static,
    ) -> Result<(), DirectoryError> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = |why: &str| Err(DirectoryError::Unavailable(why.to_owned()));
        if queue.is_closed {
            return refused("the directory is closed");
        }
        if queue.jobs.len() >= QUEUE {
            return refused("too many requests wait for the database");
        }
        queue.jobs.push_back(Box::new(job));
        drop(queue);
        self.wake.notify_one();
        Ok(())
    }

    /// Takes no more jobs.
    pub(super) fn close(&self) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.is_closed = true;
        drop(queue);
        self.wake.notify_all();
    }

    fn next(&self) -> Option<Job> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                return Some(job);
            }
            if queue.is_closed {
                return None;
            }
            queue = self
                .wake
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn work_off(&self, berth: &mut Berth) {
        while let Some(job) = self.next() {
            if catch_unwind(AssertUnwindSafe(|| job(berth))).is_err() {
                tracing::error!("work on the database panicked and was undone");
                // Whatever was begun on the connection ends with it.
                berth.leave();
                berth.heed(None);
            }
        }
    }
}

/// The place of one connection.
pub(super) struct Berth {
    connector: Arc<Connector>,
    deadline: Duration,
    conn: Option<Conn>,
    /// Turns true when nobody waits for the present work any more.
    abandoned: Option<Arc<AtomicBool>>,
}

impl Berth {
    pub(super) fn new(connector: &Arc<Connector>, deadline: Duration) -> Self {
        Self {
            connector: Arc::clone(connector),
            deadline,
            conn: None,
            abandoned: None,
        }
    }

    /// The work that follows is given up once this is true; none is if there is nothing to heed.
    pub(super) fn heed(&mut self, abandoned: Option<Arc<AtomicBool>>) {
        if let Some(Conn::Postgres(session)) = &self.conn {
            session.heed(abandoned.clone());
        }
        self.abandoned = abandoned;
    }

    /// Runs work in a transaction that `begin` begins, and commits it. `Err` has undone it; with
    /// the verdict on the last failed statement.
    pub(super) fn transact<T>(
        &mut self,
        begin: &str,
        work: impl FnOnce(&Conn) -> Result<T, DirectoryError>,
    ) -> Result<T, Undone> {
        let result = self.begun(begin).and_then(|conn| committed(conn, work));
        self.leave_clean(&result);
        result
    }

    /// As [`Berth::transact`], without waiting for the begin: it travels with the first statement.
    /// If the connection turns out to have been gone, the work is done again on a new one.
    pub(super) fn transact_ahead<T>(
        &mut self,
        begin: &str,
        work: impl Fn(&Conn) -> Result<T, DirectoryError>,
    ) -> Result<T, Undone> {
        if self.conn.is_some() {
            let result = self.aboard().and_then(|conn| {
                if let Conn::Postgres(session) = conn {
                    session.begin(begin);
                }
                committed(conn, &work)
            });
            self.leave_clean(&result);
            if !matches!(result, Err((_, Some(Verdict::Gone)))) {
                return result;
            }
        }
        self.transact(begin, work)
    }

    /// A connection that was fine the last time may be gone by now; then a new one is tried, for
    /// nothing was done yet.
    fn begun(&mut self, begin: &str) -> Result<&Conn, Undone> {
        if let Some(conn) = &self.conn
            && conn.batch(begin).is_err()
        {
            self.leave();
        } else if self.conn.is_some() {
            return self.aboard();
        }
        let session = self
            .connector
            .session(self.deadline)
            .map_err(|trouble| (unavailable(trouble), Some(Verdict::Broken)))?;
        session.heed(self.abandoned.clone());
        let conn = self.conn.insert(Conn::Postgres(Box::new(session)));
        match conn.batch(begin) {
            Ok(()) => Ok(conn),
            Err(error) => Err((error.into(), Some(Verdict::Broken))),
        }
    }

    fn aboard(&self) -> Result<&Conn, Undone> {
        self.conn.as_ref().ok_or_else(nowhere)
    }

    fn leave_clean<T>(&mut self, result: &Result<T, Undone>) {
        match result {
            Ok(_) => {}
            Err((_, Some(Verdict::Broken | Verdict::Gone))) => self.leave(),
            Err(_) => self.roll_back(),
        }
    }

    fn roll_back(&mut self) {
        if let Some(conn) = &self.conn
            && (conn.batch("ROLLBACK").is_err() || verdict(conn).is_some())
        {
            self.leave();
        }
    }

    /// Closes the connection.
    pub(super) fn leave(&mut self) {
        self.conn = None;
    }
}

/// Why a transaction was undone, with the verdict on the last failed statement.
pub(super) type Undone = (DirectoryError, Option<Verdict>);

/// Does the work and commits it.
fn committed<T>(
    conn: &Conn,
    work: impl FnOnce(&Conn) -> Result<T, DirectoryError>,
) -> Result<T, Undone> {
    let value = work(conn).map_err(|error| (error, verdict(conn)))?;
    // A failed statement whose error nobody looked at would turn the commit into a rollback.
    if let Some(verdict) = verdict(conn) {
        let lost = DirectoryError::Unavailable("a statement failed".to_owned());
        return Err((lost, Some(verdict)));
    }
    match conn.batch("COMMIT") {
        Ok(()) => Ok(value),
        // Nobody knows whether it was carried out, even if it was the first thing to be waited for.
        Err(error) => Err(match verdict(conn) {
            Some(Verdict::Gone) => (error.into(), Some(Verdict::Broken)),
            verdict => (error.into(), verdict),
        }),
    }
}

fn verdict(conn: &Conn) -> Option<Verdict> {
    match conn {
        Conn::Postgres(session) => session.take_verdict(),
        Conn::Sqlite(_) => None,
    }
}

fn unavailable(trouble: Trouble) -> DirectoryError {
    db::Error::from(trouble).into()
}

fn nowhere() -> Undone {
    let text = "there is no connection to the database".to_owned();
    (DirectoryError::Unavailable(text), Some(Verdict::Broken))
}
