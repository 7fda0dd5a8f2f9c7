//! The list of tables against what the migrations made.

use std::collections::BTreeSet;

use super::{
    super::{
        super::{
            db::{Conn, params},
            engine::{Engine as _, Length, Log},
        },
        table::{Kind, TABLES},
    },
    clock,
};
use crate::{
    DirectoryError,
    store::sql::{postgres::PostgresStore, sqlite::SqliteStore},
    testing::{TempDir, block_on, fresh_postgres},
};

/// What is no part of an archive: table and column, `*` for all of them; and why.
const OWN: &[(&str, &str, &str)] = &[
    ("registry", "only", "of the engine"),
    ("registry", "only_one", "of the engine"),
    ("registry", "cluster", "of the place, not of the data"),
    ("log_head", "only", "of the engine"),
    ("log_head", "only_one", "of the engine"),
    ("log_head", "server", "of the place, not of the data"),
    ("counts", "*", "counted anew"),
    ("blocks", "*", "counted anew"),
    ("tombstones", "rowid", "given in the order of the rows"),
    ("pending", "*", "numbered into the log"),
    ("nodes", "*", "of the place, not of the data"),
    ("sessions", "*", "they end: people sign in again"),
    ("schema_version", "*", "of the engine"),
];

/// Table, column and type, as an engine's catalog has them.
type Columns = BTreeSet<(String, String, String)>;

fn catalog(conn: &Conn) -> Result<Columns, DirectoryError> {
    let sql = conn.either(
        "SELECT m.name, c.name, lower(c.type) FROM sqlite_schema m, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
        "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), CAST(data_type AS TEXT)
         FROM information_schema.columns WHERE table_schema = current_schema()",
    );
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params![], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn described(types: [&str; 3]) -> Columns {
    let [integer, text, bytes] = types;
    let columns = TABLES
        .iter()
        .flat_map(|table| table.columns.iter().map(|column| (table.name, column)));
    columns
        .map(|(table, (column, kind))| {
            let kind = match kind {
                Kind::Integer => integer,
                Kind::Text => text,
                Kind::Bytes => bytes,
            };
            (table.to_owned(), (*column).to_owned(), kind.to_owned())
        })
        .collect()
}

#[test]
fn every_column_of_both_engines_is_in_the_list_or_out_of_it_for_a_reason() {
    let dir = TempDir::new();
    let sqlite = SqliteStore::open(dir.path(), false, clock()).unwrap();
    let postgres = PostgresStore::open(&fresh_postgres(clock())).unwrap();
    let found = [
        block_on(sqlite.engine.read(Log::Aside, Length::Short, catalog)).unwrap(),
        block_on(postgres.engine.read(Log::Aside, Length::Short, catalog)).unwrap(),
    ];
    let types = [["integer", "text", "blob"], ["bigint", "text", "bytea"]];
    let mut used = BTreeSet::new();
    for (found, types) in found.iter().zip(types) {
        let mut rest = found.clone();
        rest.retain(|(table, column, _)| {
            let own = OWN
                .iter()
                .position(|(t, c, _)| t == table && (c == column || *c == "*"));
            used.extend(own);
            own.is_none()
        });
        assert_eq!(
            rest,
            described(types),
            "add it to the list, or to OWN with a reason"
        );
    }
    assert_eq!(used.len(), OWN.len(), "what is gone needs no reason");
}
