//! What runs beside the requests: checkpoints, the head file's way to the disk, news from other
//! processes, and the end of old tombstones and sessions.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::Ordering,
        mpsc::{Receiver, RecvTimeoutError},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use super::{
    super::{
        db::{self, Conn},
        policy, sessions, tombstones,
        txn::{Txn, read_head},
    },
    Shared, connect, wal,
    writer::Writer,
};
use crate::DirectoryError;

/// Pause between rounds; changes by other processes are seen within it.
const PAUSE: Duration = Duration::from_millis(500);
/// Pause between looks at old tombstones.
const TOMBSTONES: Duration = Duration::from_secs(3_600);
/// Tombstones removed in one transaction.
const FORGET_AT_ONCE: u64 = 2_000;

/// The thread's belongings.
pub(super) struct Housekeeper {
    pub(super) shared: Arc<Shared>,
    pub(super) writer: Writer,
    pub(super) database: PathBuf,
    /// Whether this process is the server, which alone applies policies.
    pub(super) serve: bool,
}

impl Housekeeper {
    /// Starts the thread; it ends when the sender of `stop` is gone.
    pub(super) fn start(self, stop: Receiver<()>) -> std::io::Result<JoinHandle<()>> {
        std::thread::Builder::new()
            .name("provost-housekeeping".to_owned())
            .spawn(move || self.run(&stop))
    }

    fn run(&self, stop: &Receiver<()>) {
        let mut due = Instant::now();
        let mut conn = None;
        let mut was_well = true;
        loop {
            let result = self.open_and_round(&mut conn, &mut due);
            // Said once, not twice a second for as long as it lasts.
            if let (true, Err(error)) = (was_well, &result) {
                tracing::warn!(%error, "housekeeping failed and will be tried again");
            }
            was_well = result.is_ok();
            if !was_well {
                conn = None;
            }
            if stop.recv_timeout(PAUSE) == Err(RecvTimeoutError::Disconnected) {
                return;
            }
        }
    }

    fn open_and_round(
        &self,
        conn: &mut Option<Conn>,
        due: &mut Instant,
    ) -> Result<(), DirectoryError> {
        let open = match conn {
            Some(open) => open,
            None => conn.insert(Conn::Sqlite(
                connect::writer(&self.database).map_err(db::Error::from)?,
            )),
        };
        self.round(open, due)
    }

    fn round(&self, conn: &Conn, due: &mut Instant) -> Result<(), DirectoryError> {
        self.shared.announce(&read_head(conn)?.position());
        self.shared.sync_head();
        self.checkpoint(conn)?;
        let more = self.shared.more_to_forget.swap(false, Ordering::AcqRel);
        if self.serve && (more || Instant::now() >= *due) {
            *due = Instant::now() + TOMBSTONES;
            self.forget(conn)?;
        }
        Ok(())
    }

    fn checkpoint(&self, conn: &Conn) -> Result<(), DirectoryError> {
        if wal::length(&wal::path(&self.database)) > wal::SHORT {
            wal::write_back(conn)?;
        }
        Ok(())
    }

    /// Queues the removal of tombstones and sessions whose time is over.
    fn forget(&self, conn: &Conn) -> Result<(), DirectoryError> {
        let now = self.shared.clock.now();
        if sessions::has_ended(conn, now)? {
            let forget = move |txn: &mut Txn<'_>| sessions::forget(txn.conn, now);
            drop(self.writer.submit(forget));
        }
        for (scope, until) in policy::due(conn, now)? {
            let shared = Arc::clone(&self.shared);
            // Nobody waits for the answer: the next round sees what is left.
            drop(self.writer.submit(move |txn| {
                let gone = tombstones::forget(txn, &scope, until, FORGET_AT_ONCE)?;
                if gone == FORGET_AT_ONCE {
                    shared.more_to_forget.store(true, Ordering::Release);
                }
                Ok(())
            }));
        }
        Ok(())
    }
}
