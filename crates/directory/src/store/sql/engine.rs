//! What an engine brings: connections, transactions, threads, and news of the log.

use tokio::sync::{mpsc, watch};

use super::{db::Conn, txn::Txn};
use crate::{
    DirectoryError, change::Position, figures::Work, node::NodeSeen, store::Answer, view::Listing,
};

/// Whether a read needs the log to hold what was acknowledged before it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Log {
    /// Every entry of what was acknowledged must be in the log.
    Current,
    /// The read does not look at the log.
    Aside,
}

/// Which writes may run beside a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beside {
    /// Others of users and groups.
    Writers,
    /// None: it changes what other writes go by.
    Nobody,
}

/// How much a read may look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    Short,
    /// It may take longer than a request handler may hold its thread.
    Long,
}

/// One database.
pub(crate) trait Engine: Send + Sync + 'static {
    /// Runs work in a transaction and answers after its commit. After a conflict the work may run
    /// again.
    fn write<T: Send + 'static>(
        &self,
        beside: Beside,
        work: impl Fn(&mut Txn<'_>) -> Result<T, DirectoryError> + Send + 'static,
    ) -> Answer<'static, T>;

    /// Runs work in one state of the database.
    fn read<T: Send + 'static>(
        &self,
        log: Log,
        length: Length,
        work: impl FnOnce(&Conn) -> Result<T, DirectoryError> + Send + 'static,
    ) -> Answer<'_, T>;

    /// Streams what `work` sends from one state. `first` sees the same state before the stream
    /// exists, so that a missing group is an error and not an empty listing.
    fn stream<F: Clone + Send + 'static, T: Send + 'static>(
        &self,
        first: impl FnOnce(&Conn) -> Result<F, DirectoryError> + Send + 'static,
        work: impl FnOnce(&Conn, &F, &mut Sink<T>) -> Result<(), DirectoryError> + Send + 'static,
    ) -> Answer<'_, (Listing<T>, F)>;

    /// What was done since the store was opened.
    fn work(&self) -> Work;

    /// Is told of every growth of the log; `None` once the store is closed.
    fn watch(&self) -> watch::Receiver<Option<Position>>;

    /// The nodes that share the database.
    fn nodes(&self) -> Answer<'_, Vec<NodeSeen>>;

    /// Whether reads and writes are served.
    fn is_ready(&self) -> Answer<'_, bool>;

    /// Finishes what is queued and lets go of everything.
    fn close(&self);
}

/// Items in one batch of a listing.
const BATCH: usize = 256;

/// Collects items into batches. A receiver that is gone ends the listing quietly.
pub(crate) struct Sink<T> {
    sender: mpsc::Sender<Result<Vec<T>, DirectoryError>>,
    batch: Vec<T>,
    is_gone: bool,
}

impl<T> Sink<T> {
    pub(super) fn new(sender: mpsc::Sender<Result<Vec<T>, DirectoryError>>) -> Self {
        Self {
            sender,
            batch: Vec::with_capacity(BATCH),
            is_gone: false,
        }
    }

    /// Adds an item; `false` when nobody listens any more.
    pub(super) fn push(&mut self, item: T) -> bool {
        self.batch.push(item);
        if self.batch.len() >= BATCH {
            self.flush();
        }
        !self.is_gone
    }

    pub(super) fn flush(&mut self) {
        if !self.batch.is_empty() {
            let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
            self.is_gone = self.is_gone || self.sender.blocking_send(Ok(batch)).is_err();
        }
    }
}
