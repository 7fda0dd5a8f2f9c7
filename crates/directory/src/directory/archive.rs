//! Everything at once: out of the directory beside those who use it, and into one that nobody uses.

use std::{
    io::{BufRead, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Database, Directory, OpenOptions, opening};
use crate::{
    archive::{ArchiveError, Out, Source, Summary, Watch},
    change::Position,
    clock::Clock,
    node::NodeSeen,
    store::{
        Intake, Store,
        sql::{
            postgres::{PostgresStore, PostgresUrl},
            sqlite::{SqliteStore, files, staging::Staging},
        },
    },
};

/// A node that was seen within so many microseconds may still write.
const ALIVE: i64 = 10_000_000;

/// An archive that is to be taken in.
pub struct Import {
    /// Its lines.
    pub lines: Box<dyn BufRead + Send>,
    /// Whether what the database holds may be replaced. It is kept in the data directory.
    pub replace: bool,
    /// Is told how far the work is.
    pub watch: Watch,
}

/// What was taken in.
#[derive(Debug)]
pub struct Imported {
    /// What the archive held.
    pub summary: Summary,
    /// The new end of the log, in a new epoch.
    pub position: Position,
    /// Where that is which was replaced.
    pub kept: Option<PathBuf>,
}

impl Directory {
    /// Writes everything, in one state, as an archive. Others read and write meanwhile; memory does
    /// not grow with what there is. The sink is written on another thread and may block.
    ///
    /// # Errors
    /// `Refused` if the log is damaged or the sink fails, `Store` if the store does.
    pub async fn export(
        &self,
        sink: Box<dyn Write + Send>,
        watch: Watch,
    ) -> Result<Summary, ArchiveError> {
        let out = Out::new(sink, self.now(), watch);
        Ok(self.store().export(out).await?)
    }

    /// Takes an archive into a database that no server uses: everything or nothing. The log begins
    /// a new epoch, so that applications synchronise fully. `options.serve` has no meaning.
    ///
    /// # Errors
    /// `Refused`: the archive is not whole, the database holds something and may not be replaced,
    /// or a node uses it; `Closed`: it cannot be opened, or a server uses it; `Store`: it is full.
    pub async fn import(options: OpenOptions, import: Import) -> Result<Imported, ArchiveError> {
        let OpenOptions {
            data_dir,
            database,
            serve: _,
            clock,
        } = options;
        match database {
            Database::Sqlite => into_sqlite(&data_dir, clock, import).await,
            Database::Postgres { url, cluster } => {
                into_postgres(&data_dir, (url, cluster), clock, import).await
            }
        }
    }
}

/// The new database is made beside the old one, which may be damaged.
async fn into_sqlite(
    directory: &Path,
    clock: Arc<dyn Clock>,
    import: Import,
) -> Result<Imported, ArchiveError> {
    let staging = Staging::begin(directory)?;
    if staging.is_occupied() && !import.replace {
        let present = SqliteStore::open(directory, false, Arc::clone(&clock))?;
        let is_empty = present.is_empty().await;
        present.close().await?;
        if !is_empty? {
            return Err(not_empty(&format!(
                "the data directory {}",
                directory.display()
            )));
        }
    }
    let store = SqliteStore::open(staging.stage(), false, Arc::clone(&clock))?;
    let intake = Intake {
        replace: false,
        now: clock.now(),
        above_epoch: staging.last_epoch(),
    };
    let source = Source::new(import.lines, import.watch);
    let taken = store.import(source, intake).await;
    store.close().await?;
    let (summary, position) = taken?;
    let is_kept = import.replace && staging.is_occupied();
    let kept = is_kept.then(|| directory.join(replaced(&*clock)));
    staging.flip(kept.as_deref())?;
    Ok(Imported {
        summary,
        position,
        kept,
    })
}

/// One transaction; what is replaced is written into an archive before.
async fn into_postgres(
    directory: &Path,
    (url, cluster): (PostgresUrl, String),
    clock: Arc<dyn Clock>,
    import: Import,
) -> Result<Imported, ArchiveError> {
    let name = format!("the database {url}");
    let store = PostgresStore::open(&opening(url, cluster, false, Arc::clone(&clock))?)?;
    let taken = replace_all(&store, directory, &name, &*clock, import).await;
    store.close().await?;
    taken
}

async fn replace_all(
    store: &dyn Store,
    directory: &Path,
    name: &str,
    clock: &dyn Clock,
    import: Import,
) -> Result<Imported, ArchiveError> {
    let Import {
        lines,
        replace,
        watch,
    } = import;
    let nodes = store.nodes().await?;
    if let Some(node) = nodes.iter().find(|node| node.silent_micros < ALIVE) {
        return Err(in_use(name, node));
    }
    let is_empty = store.is_empty().await?;
    if !is_empty && !replace {
        return Err(not_empty(name));
    }
    let mut kept = None;
    if !is_empty {
        let path = directory.join(format!("{}.jsonl", replaced(clock)));
        keep(store, directory, &path, clock).await?;
        kept = Some(path);
    }
    let intake = Intake {
        replace,
        now: clock.now(),
        above_epoch: 0,
    };
    let (summary, position) = store.import(Source::new(lines, watch), intake).await?;
    Ok(Imported {
        summary,
        position,
        kept,
    })
}

/// Writes what is about to be replaced into an archive.
async fn keep(
    store: &dyn Store,
    directory: &Path,
    path: &Path,
    clock: &dyn Clock,
) -> Result<(), ArchiveError> {
    files::make_directory(directory)?;
    let unkept = |error: std::io::Error| {
        ArchiveError::Refused(format!(
            "what the database holds cannot be kept in {}: {error}; name a directory that may be written to with --data-dir",
            path.display()
        ))
    };
    let file = files::open_private(path).map_err(unkept)?;
    let sink = Box::new(file.try_clone().map_err(unkept)?);
    let quiet: Watch = Arc::new(|_, _| {});
    store.export(Out::new(sink, clock.now(), quiet)).await?;
    file.sync_all().map_err(unkept)
}

/// The name of what is replaced, without an ending.
fn replaced(clock: &dyn Clock) -> String {
    format!("replaced-{}", clock.now().as_micros() / 1_000_000)
}

fn not_empty(what: &str) -> ArchiveError {
    ArchiveError::Refused(format!(
        "{what} holds data already, and an archive goes into an empty database; choose another one with --data-dir or --database, or replace what is there with `provost restore FILE --replace`"
    ))
}

fn in_use(what: &str, node: &NodeSeen) -> ArchiveError {
    ArchiveError::Refused(format!(
        "{what} is in use by the node {} on {}, which was seen {} s ago; stop every node, wait ten seconds and start again",
        node.id,
        node.host,
        node.silent_micros / 1_000_000
    ))
}
