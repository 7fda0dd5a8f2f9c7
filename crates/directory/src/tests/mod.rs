//! Tests of the directory as a whole on its own files: durability, access, other processes.

/// One test of each rule for each engine.
macro_rules! on_both_engines {
    ($($rule:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $rule() { super::$rule(&$crate::tests::Place::sqlite()); })+
        }
        mod postgres {
            $(#[test] fn $rule() { super::$rule(&$crate::tests::Place::postgres()); })+
        }
    };
}

mod access;
mod archives;
mod files;
mod policies;
mod property;

use std::{path::Path, sync::Arc};

use provost_scim::Timestamp;

use crate::{
    Directory, OpenError, OpenOptions,
    clock::ManualClock,
    store::{
        PostgresUrl,
        sql::postgres::{Opening, PostgresStore},
    },
    testing::{TempDir, block_on, fresh_postgres},
};

/// Where a directory is opened, again and again.
struct Place {
    dir: TempDir,
    /// `None` for SQLite in `dir`.
    url: Option<PostgresUrl>,
}

impl Place {
    fn sqlite() -> Self {
        Self {
            dir: TempDir::new(),
            url: None,
        }
    }

    fn postgres() -> Self {
        Self {
            url: Some(fresh_postgres(clock()).url),
            ..Self::sqlite()
        }
    }

    fn open(&self, serve: bool, clock: &Arc<ManualClock>) -> Directory {
        let Some(url) = self.url.clone() else {
            return open_at(self.dir.path(), serve, clock).unwrap();
        };
        let store = PostgresStore::open(&Opening {
            url,
            serve,
            cluster: "provost".to_owned(),
            node: uuid::Uuid::from_bytes([7; 16]),
            clock: clock.clone(),
            check_clock: false,
        });
        Directory::over(Arc::new(store.unwrap()), clock.clone())
    }
}

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
