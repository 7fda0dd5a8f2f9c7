//! Opening a data directory: every way it can be unfit is one sentence with the next step.

use std::{fs::File, path::Path};

use provost_scim::Timestamp;
use rusqlite::ErrorCode;

use super::{
    super::{
        db::{self, Conn, params},
        error::int,
        log,
        txn::read_head,
    },
    connect, files, migrate,
};
use crate::{OpenError, log::Head, store::head_file::HeadFile};

/// Name of the database in the data directory.
pub(super) const DATABASE: &str = "provost.db";
/// Name of the file with the head of the log.
pub(super) const HEAD: &str = "provost.head";
/// Entries whose chain is checked at every start.
const CHECKED: u64 = 1_000;

/// An opened and checked data directory.
pub(super) struct Opened {
    pub(super) database: std::path::PathBuf,
    pub(super) writer: Conn,
    pub(super) head: Head,
    pub(super) head_file: HeadFile,
    pub(super) lock: Option<File>,
}

/// Opens, migrates and checks.
pub(super) fn open(directory: &Path, serve: bool, now: Timestamp) -> Result<Opened, OpenError> {
    files::make_directory(directory)?;
    let lock = serve.then(|| files::lock(directory)).transpose()?;
    drop(files::open(directory, DATABASE)?);
    let database = directory.join(DATABASE);
    let mut writer = connect::writer(&database).map_err(|error| unusable(directory, &error))?;
    migrate::run(&mut writer)?;
    let writer = Conn::Sqlite(writer);
    // The file is read first: another process may commit between the two, and only a file that is
    // ahead of the database means a loss.
    let (mut head_file, noted) = HeadFile::open(&directory.join(HEAD)).map_err(|error| {
        OpenError(format!(
            "{HEAD} in the data directory {} cannot be read: {error}; give it to the account that runs Provost",
            directory.display()
        ))
    })?;
    let head =
        start_log(&writer, noted.is_none(), now).map_err(|error| damage(directory, &error))?;
    check_loss(&writer, head, noted, directory)?;
    log::verify(&writer, head.number.saturating_sub(CHECKED))
        .map_err(|error| damage(directory, &error))?;
    if noted.is_none()
        && let Err(error) = head_file.write(&head)
    {
        tracing::warn!(%error, "{HEAD} cannot be written");
    }
    Ok(Opened {
        database,
        writer,
        head,
        head_file,
        lock,
    })
}

/// Makes the head of an empty log. A log whose second place is gone gets a new epoch: nobody can
/// tell any more whether its end is missing, so readers must start afresh.
fn start_log(conn: &Conn, is_unnoted: bool, now: Timestamp) -> db::Result<Head> {
    let epoch = (now.as_micros() / 1_000_000).max(1);
    conn.prepare_cached("INSERT OR IGNORE INTO log_head VALUES (1, ?1, 0, zeroblob(32))")?
        .execute(params![epoch])?;
    let head = read_head(conn)?;
    if is_unnoted && head.number > 0 {
        tracing::warn!(
            "{HEAD} is missing or damaged; it is made anew and applications will synchronise fully"
        );
        conn.prepare_cached("UPDATE log_head SET epoch = max(epoch + 1, ?1)")?
            .execute(params![epoch.max(int(head.epoch + 1))])?;
        return read_head(conn);
    }
    Ok(head)
}

/// The database must hold what the second place says was committed.
fn check_loss(
    conn: &Conn,
    head: Head,
    noted: Option<Head>,
    directory: &Path,
) -> Result<(), OpenError> {
    let Some(noted) = noted.filter(|noted| noted.number > 0) else {
        return Ok(());
    };
    let path = directory.display();
    if noted.number > head.number {
        return Err(OpenError(format!(
            "the database in {path} has lost the changes {} to {} that were acknowledged; restore a backup, or, to go on without them, remove {HEAD} and let every application synchronise fully",
            head.number + 1,
            noted.number
        )));
    }
    let stored = log::stored_head(conn, noted.number).map_err(|error| damage(directory, &error))?;
    if stored.is_some_and(|stored| stored.hash == noted.hash) {
        return Ok(());
    }
    Err(OpenError(format!(
        "the database in {path} is not the one whose changes were acknowledged: change {} differs from {HEAD}; restore a backup, or, to go on with this database, remove {HEAD}",
        noted.number
    )))
}

fn damage(directory: &Path, error: &impl std::fmt::Display) -> OpenError {
    OpenError(format!(
        "the database in the data directory {} cannot be used: {error}",
        directory.display()
    ))
}

fn unusable(directory: &Path, error: &rusqlite::Error) -> OpenError {
    let path = directory.join(DATABASE);
    let path = path.display();
    OpenError(match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => format!(
            "{path} is damaged or not a database ({error}); move it away and restore a backup"
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            format!("{path} is held by another program ({error}); end that program and start again")
        }
        Some(ErrorCode::DiskFull) => {
            format!("the disk of {path} is full; free space and start again")
        }
        _ => format!(
            "{path} cannot be opened ({error}); check that the account that runs Provost owns the directory, and its disk"
        ),
    })
}
