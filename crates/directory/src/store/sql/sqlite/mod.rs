//! The engine on SQLite: one writer thread, readers apart, checkpoints off the path of requests.

mod connect;
mod engine;
pub(crate) mod files;
mod housekeeping;
mod migrate;
mod open;
mod readers;
pub(crate) mod staging;
#[cfg(test)]
mod tests;
mod wal;
mod writer;

use std::{
    fs::File,
    path::Path,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool, mpsc::Sender},
    thread::JoinHandle,
};

use tokio::sync::watch;

use self::{housekeeping::Housekeeper, open::Opened, readers::Readers, writer::Writer};
use super::{SqlStore, tally::Tally};
use crate::{OpenError, change::Position, clock::Clock, log::Head, store::head_file::HeadFile};

/// What the threads share.
struct Shared {
    clock: Arc<dyn Clock>,
    head_file: Mutex<HeadFile>,
    /// The end of the log; `None` once the store is closed.
    news: watch::Sender<Option<Position>>,
    /// The last write transaction failed.
    failing: AtomicBool,
    more_to_forget: AtomicBool,
    tally: Arc<Tally>,
    /// Whether this process is the server.
    serve: bool,
}

impl Shared {
    /// After a commit.
    fn grown(&self, head: &Head) {
        let mut file = self
            .head_file
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.write(head) {
            tracing::warn!(%error, "the head of the log could not be noted in its second place");
        }
        drop(file);
        self.announce(&head.position());
    }

    fn announce(&self, position: &Position) {
        self.news.send_if_modified(|known| {
            let is_new = known.is_some_and(|known| *position > known);
            if is_new {
                *known = Some(*position);
            }
            is_new
        });
    }

    fn sync_head(&self) {
        let mut file = self
            .head_file
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.sync() {
            tracing::warn!(%error, "the second place of the log's head could not be synced");
        }
    }
}

/// What ends with the store.
struct Running {
    writer: Writer,
    stop: Sender<()>,
    threads: Vec<JoinHandle<()>>,
    _lock: Option<File>,
}

/// One database file.
pub(crate) struct Sqlite {
    shared: Arc<Shared>,
    readers: Arc<Readers>,
    running: Mutex<Option<Running>>,
}

impl Sqlite {
    fn open(directory: &Path, serve: bool, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let Opened {
            database,
            writer,
            head,
            head_file,
            lock,
        } = open::open(directory, serve, clock.now())?;
        let shared = Arc::new(Shared {
            clock,
            head_file: Mutex::new(head_file),
            news: watch::Sender::new(Some(head.position())),
            failing: AtomicBool::new(false),
            more_to_forget: AtomicBool::new(false),
            tally: Arc::default(),
            serve,
        });
        let no_thread = |error: std::io::Error| {
            OpenError(format!(
                "the system gives no thread: {error}; raise its limits"
            ))
        };
        let wal = wal::Wal::new(&database);
        let (writer, writing) =
            Writer::start(writer, Arc::clone(&shared), wal).map_err(no_thread)?;
        let (stop, stopped) = std::sync::mpsc::channel();
        let keeping = Housekeeper {
            shared: Arc::clone(&shared),
            writer: writer.clone(),
            database: database.clone(),
            serve,
        }
        .start(stopped)
        .map_err(no_thread)?;
        Ok(Self {
            readers: Arc::new(Readers::new(database, Arc::clone(&shared.tally))),
            shared,
            running: Mutex::new(Some(Running {
                writer,
                stop,
                threads: vec![keeping, writing],
                _lock: lock,
            })),
        })
    }

    fn shut(&self) {
        let running = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(running) = running {
            self.readers.close();
            drop(running.stop);
            drop(running.writer);
            for thread in running.threads {
                if thread.join().is_err() {
                    tracing::error!("a thread of the store had panicked");
                }
            }
            self.shared.sync_head();
            self.shared.news.send_replace(None);
        }
    }
}

/// The store on SQLite.
pub(crate) type SqliteStore = SqlStore<Sqlite>;

impl SqliteStore {
    /// Opens a data directory and starts the threads.
    pub(crate) fn open(
        directory: &Path,
        serve: bool,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        Sqlite::open(directory, serve, clock).map(|engine| Self { engine })
    }
}
