//! Counts what the engine does: a few additions per commit, none per row.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{DirectoryError, figures::Work};

/// The counters that reading and writing share.
#[derive(Debug, Default)]
pub(super) struct Tally {
    commits: AtomicU64,
    writes: AtomicU64,
    failed_commits: AtomicU64,
    unavailable: AtomicU64,
}

impl Tally {
    /// A transaction with so many writes was committed.
    pub(super) fn committed(&self, writes: usize) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.writes.fetch_add(writes as u64, Ordering::Relaxed);
    }

    /// A transaction was lost.
    pub(super) fn lost(&self) {
        self.failed_commits.fetch_add(1, Ordering::Relaxed);
    }

    /// So many writes were not carried out, because the engine could not.
    pub(super) fn unavailable(&self, writes: usize) {
        self.unavailable.fetch_add(writes as u64, Ordering::Relaxed);
    }

    /// Looks at how something ended.
    pub(super) fn note<T>(&self, outcome: &Result<T, DirectoryError>) {
        if matches!(outcome, Err(DirectoryError::Unavailable(_))) {
            self.unavailable(1);
        }
    }

    /// The counters now.
    pub(super) fn read(&self) -> Work {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Work {
            commits: read(&self.commits),
            writes: read(&self.writes),
            failed_commits: read(&self.failed_commits),
            unavailable: read(&self.unavailable),
        }
    }
}
