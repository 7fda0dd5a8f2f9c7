//! The one thread that writes. It takes all waiting jobs into one transaction and one commit;
//! each job stands in a savepoint of its own, so that one refused job undoes only itself.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering},
    thread::JoinHandle,
};

use tokio::sync::{mpsc, oneshot};

use super::{
    super::{
        db::{self, Conn, params},
        tally::Tally,
        txn::Txn,
    },
    Shared,
    wal::Wal,
};
use crate::{DirectoryError, log::Head, store::Answer};

/// Jobs that may wait; more are refused as unavailable.
const QUEUE: usize = 4_096;
/// Jobs in one transaction.
const BATCH: usize = 256;

/// What a job leaves to do: keep or undo, and whom to tell.
struct Done {
    keep: bool,
    /// The database could not do it.
    is_outage: bool,
    tell: Box<dyn FnOnce(Result<(), DirectoryError>) + Send>,
}

type Job = Box<dyn FnOnce(&mut Txn<'_>) -> Done + Send>;

/// The way to the writer.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
    tally: Arc<Tally>,
}

impl Writer {
    /// Starts the thread. It ends when the last `Writer` is gone and the queue is empty.
    pub(super) fn start(
        conn: Conn,
        shared: Arc<Shared>,
        wal: Wal,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let tally = Arc::clone(&shared.tally);
        let thread = std::thread::Builder::new()
            .name("provost-writer".to_owned())
            .spawn(move || run(&conn, queue, &shared, wal))?;
        Ok((Self { jobs, tally }, thread))
    }

    /// Queues work and answers after the commit that holds it.
    pub(super) fn submit<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Txn<'_>) -> Result<T, DirectoryError> + Send + 'static,
    ) -> Answer<'static, T> {
        let (answer, wait) = oneshot::channel();
        let job: Job = Box::new(move |txn| {
            let result = work(txn);
            Done {
                keep: result.is_ok(),
                is_outage: matches!(result, Err(DirectoryError::Unavailable(_))),
                tell: Box::new(move |committed| {
                    // The caller may have gone; the work stands all the same.
                    drop(answer.send(committed.and(result)));
                }),
            }
        });
        let queued = self.jobs.try_send(job).map_err(|error| {
            self.tally.unavailable(1);
            DirectoryError::Unavailable(match error {
                mpsc::error::TrySendError::Full(_) => "too many writes are waiting".to_owned(),
                mpsc::error::TrySendError::Closed(_) => "the directory is closed".to_owned(),
            })
        });
        Box::pin(async move {
            queued?;
            wait.await.unwrap_or_else(|_| {
                Err(DirectoryError::Unavailable(
                    "the write was not carried out; the log says why".to_owned(),
                ))
            })
        })
    }
}

fn run(conn: &Conn, mut queue: mpsc::Receiver<Job>, shared: &Shared, mut wal: Wal) {
    while let Some(first) = queue.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH {
            match queue.try_recv() {
                Ok(job) => batch.push(job),
                Err(_) => break,
            }
        }
        work_off(conn, batch, shared);
        wal.shorten(conn);
    }
    // Beside a running server this would only make its readers wait.
    if shared.serve
        && let Err(error) = truncate(conn)
    {
        tracing::warn!(%error, "the write-ahead log stays until the next start");
    }
}

/// Runs a batch in one transaction, then tells everybody the outcome of the commit.
fn work_off(conn: &Conn, batch: Vec<Job>, shared: &Shared) {
    let writes = batch.len();
    let mut done = Vec::with_capacity(writes);
    let committed = transact(conn, batch, &mut done);
    let outages = done.iter().filter(|done| done.is_outage).count();
    let is_failing = committed.is_err() || outages > 0;
    shared.failing.store(is_failing, Ordering::Release);
    if committed.is_ok() {
        shared.tally.committed(writes);
        shared.tally.unavailable(outages);
    } else {
        shared.tally.lost();
        shared.tally.unavailable(writes);
    }
    match &committed {
        Ok(Some(head)) => shared.grown(head),
        Ok(None) => {}
        Err(error) => {
            tracing::error!(%error, "a write transaction failed and was undone");
            if !conn.is_autocommit() {
                drop(conn.batch("ROLLBACK"));
            }
        }
    }
    for Done { tell, .. } in done {
        tell(match &committed {
            Ok(_) => Ok(()),
            Err(error) => Err(DirectoryError::Unavailable(error.clone())),
        });
    }
}

/// The new head, if the log has grown.
fn transact(conn: &Conn, batch: Vec<Job>, done: &mut Vec<Done>) -> Result<Option<Head>, String> {
    let failed = |error: db::Error| error.to_string();
    execute(conn, "BEGIN IMMEDIATE").map_err(failed)?;
    let mut txn = Txn::begin(conn).map_err(failed)?;
    let before = txn.head();
    for job in batch {
        attempt(&mut txn, job, done)?;
    }
    let has_grown = txn.head() != before;
    if has_grown {
        txn.seal().map_err(failed)?;
    }
    execute(conn, "COMMIT").map_err(failed)?;
    Ok(txn.head().filter(|_| has_grown))
}

/// Runs one job in its savepoint. An error means that the whole transaction is lost.
fn attempt(txn: &mut Txn<'_>, job: Job, done: &mut Vec<Done>) -> Result<(), String> {
    let failed = |error: db::Error| error.to_string();
    let before = txn.head();
    execute(txn.conn, "SAVEPOINT job").map_err(failed)?;
    let mut keep = false;
    if let Ok(finished) = catch_unwind(AssertUnwindSafe(|| job(txn))) {
        keep = finished.keep;
        done.push(finished);
    } else {
        tracing::error!("a write panicked and was undone");
    }
    // Some errors, such as a full disk, make SQLite undo the whole transaction at once.
    if txn.conn.is_autocommit() {
        return Err("the transaction was undone by the database".to_owned());
    }
    if !keep {
        txn.rewind(before);
        execute(txn.conn, "ROLLBACK TO job").map_err(failed)?;
    }
    execute(txn.conn, "RELEASE job").map_err(failed)
}

fn execute(conn: &Conn, sql: &str) -> db::Result<()> {
    conn.prepare_cached(sql)?.execute(params![]).map(drop)
}

fn truncate(conn: &Conn) -> db::Result<()> {
    conn.prepare_cached("PRAGMA wal_checkpoint(TRUNCATE)")?
        .query_row(params![], |_| Ok(()))
}
