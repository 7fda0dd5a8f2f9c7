//! Tests of the directory as a whole on its own files: durability, access, other processes.

mod access;
mod files;
mod policies;
mod property;

use std::{path::Path, sync::Arc};

use provost_scim::Timestamp;

use crate::{Directory, OpenError, OpenOptions, clock::ManualClock, testing::block_on};

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(Timestamp::from_micros(
        1_767_225_600 * 1_000_000,
    )))
}

fn open_at(path: &Path, serve: bool, clock: &Arc<ManualClock>) -> Result<Directory, OpenError> {
    block_on(Directory::open(OpenOptions {
        data_dir: path.to_owned(),
        database: crate::Database::Sqlite,
        serve,
        clock: clock.clone(),
    }))
}

fn open(path: &Path, serve: bool) -> Result<Directory, OpenError> {
    open_at(path, serve, &clock())
}
