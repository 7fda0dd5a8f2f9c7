//! Keeps the write-ahead log short.
//!
//! The housekeeper writes the log back beside the requests, but while changes keep coming it never
//! reaches the end, and only a log that is written back to its end starts over. So the writer
//! does the last piece itself, between two batches, when the log has grown long.

use std::path::{Path, PathBuf};

use super::super::db::{self, Conn, params};

/// Length to which the file is cut when the log starts over, and from which the housekeeper works.
pub(super) const SHORT: u64 = 4 << 20;
/// Length from which the writer works.
const LONG: u64 = 16 << 20;

/// The log's file.
pub(super) fn path(database: &Path) -> PathBuf {
    let mut name = database.to_path_buf().into_os_string();
    name.push("-wal");
    name.into()
}

/// The length of the log in bytes; 0 when there is none.
pub(super) fn length(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

/// Writes back what no reader still needs, without waiting for anybody.
pub(super) fn write_back(conn: &Conn) -> db::Result<()> {
    conn.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?
        .query_row(params![], |_| Ok(()))
}

/// What the writer knows of the log.
pub(super) struct Wal {
    path: PathBuf,
    due: u64,
}

impl Wal {
    pub(super) fn new(database: &Path) -> Self {
        Self {
            path: path(database),
            due: LONG,
        }
    }

    /// Called between batches. A reader that stays long keeps the log from starting over; then
    /// the next try is when it has grown further.
    pub(super) fn shorten(&mut self, conn: &Conn) {
        let length = length(&self.path);
        if length < LONG {
            self.due = LONG;
        }
        if length < self.due {
            return;
        }
        if let Err(error) = write_back(conn) {
            tracing::warn!(%error, "the write-ahead log could not be written back");
        }
        self.due = length + SHORT;
    }
}
