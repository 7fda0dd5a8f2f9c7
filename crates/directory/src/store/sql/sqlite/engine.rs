//! The engine's side of the seam: writes go to the writer, short reads run on the caller's thread.

use std::sync::{Arc, PoisonError, atomic::Ordering};

use tokio::sync::watch;

use super::{
    super::{
        db::{Conn, params},
        engine::{Beside, Engine, Length, Log, Sink},
        txn::{Txn, read_head},
    },
    Sqlite,
};
use crate::{
    DirectoryError, change::Position, figures::Work, node::NodeSeen, store::Answer, view::Listing,
};

fn closed() -> DirectoryError {
    DirectoryError::Unavailable("the directory is closed".to_owned())
}

impl Sqlite {
    fn open_readers(&self) -> Result<&Arc<super::readers::Readers>, DirectoryError> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let open = running.as_ref().map(|_| &self.readers).ok_or_else(closed);
        self.shared.tally.note(&open);
        open
    }
}

/// One writer and entries that are numbered as they are written: every write is alone, and every
/// read sees the log as it is.
impl Engine for Sqlite {
    fn write<T: Send + 'static>(
        &self,
        _: Beside,
        work: impl Fn(&mut Txn<'_>) -> Result<T, DirectoryError> + Send + 'static,
    ) -> Answer<'static, T> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = &*running {
            return running.writer.submit(work);
        }
        self.shared.tally.unavailable(1);
        Box::pin(async { Err(closed()) })
    }

    fn read<T: Send + 'static>(
        &self,
        _: Log,
        length: Length,
        work: impl FnOnce(&Conn) -> Result<T, DirectoryError> + Send + 'static,
    ) -> Answer<'_, T> {
        Box::pin(async move {
            let readers = self.open_readers()?;
            match length {
                Length::Short => readers.read(work),
                Length::Long => Arc::clone(readers).read_apart(work).await,
            }
        })
    }

    fn stream<F: Clone + Send + 'static, T: Send + 'static>(
        &self,
        first: impl FnOnce(&Conn) -> Result<F, DirectoryError> + Send + 'static,
        work: impl FnOnce(&Conn, &F, &mut Sink<T>) -> Result<(), DirectoryError> + Send + 'static,
    ) -> Answer<'_, (Listing<T>, F)> {
        Box::pin(async move { Arc::clone(self.open_readers()?).stream(first, work).await })
    }

    fn work(&self) -> Work {
        self.shared.tally.read()
    }

    fn watch(&self) -> watch::Receiver<Option<Position>> {
        self.shared.news.subscribe()
    }

    fn nodes(&self) -> Answer<'_, Vec<NodeSeen>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn is_ready(&self) -> Answer<'_, bool> {
        Box::pin(async move {
            let head = self.read(Log::Aside, Length::Short, |conn| Ok(read_head(conn)?));
            let reads = head.await.is_ok();
            if !reads || !self.shared.failing.load(Ordering::Acquire) {
                return Ok(reads);
            }
            // After a failed write only a write can tell that the store is well again.
            let probe = self.write(Beside::Writers, |txn| {
                let sql = "UPDATE registry SET high_water = high_water";
                txn.conn.prepare_cached(sql)?.execute(params![])?;
                Ok(())
            });
            Ok(probe.await.is_ok())
        })
    }

    fn close(&self) {
        self.shut();
    }
}
