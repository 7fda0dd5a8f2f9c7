//! Connections for reading: point reads and pages run on the caller's thread, listings and long
//! scans on a thread of their own.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{Semaphore, mpsc, oneshot};

use super::{
    super::{
        db::{self, Conn, params},
        engine::Sink,
        tally::Tally,
    },
    connect,
};
use crate::{DirectoryError, view::Listing};

/// Idle connections that are kept.
const IDLE: usize = 8;
/// Listings and scans that run at the same time; further ones wait.
const LONG_READS: usize = 8;
/// Batches that wait for a slow receiver.
const BATCHES: usize = 4;

/// The pool.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Conn>>,
    long: Arc<Semaphore>,
    tally: Arc<Tally>,
}

impl Readers {
    pub(super) fn new(path: PathBuf, tally: Arc<Tally>) -> Self {
        Self {
            path,
            idle: Mutex::default(),
            long: Arc::new(Semaphore::new(LONG_READS)),
            tally,
        }
    }

    /// Runs `work` in one read transaction, on this thread.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Conn) -> Result<T, DirectoryError>,
    ) -> Result<T, DirectoryError> {
        let result = self.take().and_then(|conn| {
            let result = in_transaction(&conn, work);
            if conn.is_autocommit() {
                self.put_back(conn);
            }
            result
        });
        self.tally.note(&result);
        result
    }

    /// Runs `work` in one read transaction on a thread of its own.
    pub(super) async fn read_apart<T: Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce(&Conn) -> Result<T, DirectoryError> + Send + 'static,
    ) -> Result<T, DirectoryError> {
        let (answer, wait) = oneshot::channel();
        self.spawn(move |readers| drop(answer.send(readers.read(work))))
            .await?;
        wait.await.unwrap_or_else(|_| Err(ended()))
    }

    /// Streams what `work` sends from one read transaction. `first` runs in the same transaction
    /// before the stream exists, so that a missing group is an error and not an empty listing.
    pub(super) async fn stream<F: Clone + Send + 'static, T: Send + 'static>(
        self: Arc<Self>,
        first: impl FnOnce(&Conn) -> Result<F, DirectoryError> + Send + 'static,
        work: impl FnOnce(&Conn, &F, &mut Sink<T>) -> Result<(), DirectoryError> + Send + 'static,
    ) -> Result<(Listing<T>, F), DirectoryError> {
        let (sender, batches) = mpsc::channel(BATCHES);
        let (ready, wait) = oneshot::channel();
        self.spawn(move |readers| {
            let read = || {
                readers.read(|conn| match first(conn) {
                    Ok(found) => {
                        drop(ready.send(Ok(found.clone())));
                        let mut sink = Sink::new(sender.clone());
                        work(conn, &found, &mut sink)?;
                        sink.flush();
                        Ok(())
                    }
                    Err(error) => {
                        drop(ready.send(Err(error)));
                        Ok(())
                    }
                })
            };
            // A listing that breaks off must not look like one that is complete.
            let outcome = catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(ended()));
            if let Err(error) = outcome {
                drop(sender.blocking_send(Err(error)));
            }
        })
        .await?;
        let found = wait.await.unwrap_or_else(|_| Err(ended()))?;
        Ok((Listing { batches }, found))
    }

    async fn spawn(
        self: Arc<Self>,
        work: impl FnOnce(&Self) + Send + 'static,
    ) -> Result<(), DirectoryError> {
        let permit = Arc::clone(&self.long)
            .acquire_owned()
            .await
            .map_err(|_| ended())?;
        std::thread::Builder::new()
            .name("provost-listing".to_owned())
            .spawn(move || {
                work(&self);
                drop(permit);
            })
            .map_err(|error| {
                DirectoryError::Unavailable(format!("no thread to read with: {error}"))
            })?;
        Ok(())
    }

    fn take(&self) -> Result<Conn, DirectoryError> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        match idle {
            Some(conn) => Ok(conn),
            None => Ok(connect::reader(&self.path).map_err(db::Error::from)?),
        }
    }

    fn put_back(&self, conn: Conn) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(conn);
        }
    }

    /// Closes idle connections, so that the database can be left in one file.
    pub(super) fn close(&self) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

fn ended() -> DirectoryError {
    DirectoryError::Unavailable("a reading thread ended early".to_owned())
}

fn in_transaction<T>(
    conn: &Conn,
    work: impl FnOnce(&Conn) -> Result<T, DirectoryError>,
) -> Result<T, DirectoryError> {
    conn.prepare_cached("BEGIN")?.execute(params![])?;
    let result = work(conn);
    conn.prepare_cached("COMMIT")?.execute(params![])?;
    result
}
