//! Numbered migrations, each in one transaction; the number is kept in `user_version`.

use rusqlite::Connection;

use crate::OpenError;

/// Every migration in order; the first one is number 1. Published ones never change.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../../migrations/sqlite/0001_init.sql"),
    include_str!("../../../../migrations/sqlite/0002_cursor_key.sql"),
    include_str!("../../../../migrations/sqlite/0003_schemas.sql"),
    include_str!("../../../../migrations/sqlite/0004_views.sql"),
    include_str!("../../../../migrations/sqlite/0005_credentials.sql"),
    include_str!("../../../../migrations/sqlite/0006_passwords.sql"),
    include_str!("../../../../migrations/sqlite/0007_ip_sets.sql"),
    include_str!("../../../../migrations/sqlite/0008_sessions.sql"),
];

/// Brings a database to the newest version.
pub(super) fn run(conn: &mut Connection) -> Result<(), OpenError> {
    let newest = MIGRATIONS.len();
    loop {
        let failed = |error: rusqlite::Error| {
            OpenError(format!(
                "the database could not be brought to version {newest}: {error}; nothing was changed, free the disk or restore a backup and start again"
            ))
        };
        // The number is read inside the transaction: another process may migrate at this moment.
        let step = conn
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
            .map_err(failed)?;
        let version = version(&step).map_err(failed)?;
        let Some(migration) = pending(version)? else {
            return Ok(());
        };
        step.execute_batch(migration).map_err(failed)?;
        step.pragma_update(None, "user_version", version + 1)
            .map_err(failed)?;
        step.commit().map_err(failed)?;
    }
}

/// The version of a database; 0 for an empty one.
pub(super) fn version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn pending(version: i64) -> Result<Option<&'static str>, OpenError> {
    let newest = MIGRATIONS.len();
    match usize::try_from(version) {
        Ok(version) if version == newest => Ok(None),
        Ok(version) => match MIGRATIONS.get(version) {
            Some(migration) => Ok(Some(migration)),
            None => Err(OpenError(format!(
                "the database has version {version}, but this program knows only versions up to {newest}; start the newer Provost that wrote it, or restore a backup made before the upgrade"
            ))),
        },
        Err(_) => Err(OpenError(format!(
            "the database has the impossible version {version}; restore a backup"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(conn: &Connection) -> Vec<String> {
        let mut statement = conn
            .prepare("SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY 1")
            .unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    #[test]
    fn running_twice_changes_nothing() {
        let mut conn = Connection::open_in_memory().unwrap();
        run(&mut conn).unwrap();
        let once = schema(&conn);
        run(&mut conn).unwrap();
        assert_eq!(schema(&conn), once);
        assert_eq!(
            version(&conn).unwrap(),
            i64::try_from(MIGRATIONS.len()).unwrap()
        );
    }

    #[test]
    fn a_newer_database_is_refused() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.pragma_update(None, "user_version", 99).unwrap();
        let error = run(&mut conn).unwrap_err();
        assert!(error.0.contains("newer Provost"), "{error}");
    }

    #[test]
    fn every_table_starts_with_the_tenant() {
        let mut conn = Connection::open_in_memory().unwrap();
        run(&mut conn).unwrap();
        let global = [
            "registry",
            "applications",
            "views",
            "synchronisations",
            "log_head",
            "ip_sets",
            "sessions",
        ];
        let mut statement = conn
            .prepare("SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND c.cid = 0")
            .unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        for row in rows.unwrap() {
            let (table, column): (String, String) = row.unwrap();
            assert!(
                column == "tenant" || global.contains(&table.as_str()),
                "{table}.{column}"
            );
        }
    }
}
