//! Connections and their settings.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::{super::db::Conn, wal};

/// How long a statement waits for another process's write.
const BUSY: Duration = Duration::from_secs(5);

/// Statements kept ready on each connection.
const STATEMENTS: usize = 160;

/// The connection that writes.
pub(super) fn writer(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.busy_timeout(BUSY)?;
    conn.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    // NORMAL loses acknowledged transactions at power loss.
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    // Checkpoints are made between transactions, off the path of requests.
    conn.query_row("PRAGMA wal_autocheckpoint = 0", [], |_| Ok(()))?;
    conn.query_row(
        &format!("PRAGMA journal_size_limit = {}", wal::SHORT),
        [],
        |_| Ok(()),
    )?;
    tune(&conn, 8_192)?;
    Ok(conn)
}

/// A connection that only reads.
pub(super) fn reader(path: &Path) -> rusqlite::Result<Conn> {
    let conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.busy_timeout(BUSY)?;
    conn.pragma_update(None, "query_only", true)?;
    tune(&conn, 2_048)?;
    Ok(Conn::Sqlite(conn))
}

fn tune(conn: &Connection, cache_kib: i32) -> rusqlite::Result<()> {
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.pragma_update(None, "cache_size", -cache_kib)?;
    // Without this, SQLite compiles a statement anew at every run when one of its parameters could
    // have led to another plan (LIMIT, ranges, partial indexes), which costs more than running it.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}
