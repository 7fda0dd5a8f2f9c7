//! Into the database: everything or nothing, in the transaction of the caller.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};

use super::{
    super::{
        db::{Conn, Owned, Param, Value, params},
        error::uint,
        index::BLOCK_BITS,
        log,
        rows::kind_code,
        txn::{Txn, read_head},
    },
    table::{Kind, Role, TABLES, Table},
};
use crate::{
    DirectoryError,
    archive::{Line, Source, Summary, TableLine, altered},
    change::Position,
    log::Head,
    store::{Intake, Kind as ResourceKind},
};

/// Rows that one statement writes.
const AT_ONCE: usize = 128;
/// What follows from the other tables, and sessions, which end.
const BESIDE: [&str; 3] = ["counts", "blocks", "sessions"];

/// An archive can be read once, but an engine may run a transaction again.
pub(in crate::store::sql) struct Once(Mutex<Result<Source, String>>);

impl Once {
    pub(in crate::store::sql) const fn new(source: Source) -> Self {
        Self(Mutex::new(Ok(source)))
    }

    /// Takes the archive in; a second time it repeats why that failed.
    pub(in crate::store::sql) fn take_in(
        &self,
        txn: &mut Txn<'_>,
        intake: &Intake,
    ) -> Result<(Summary, Position), DirectoryError> {
        let mut once = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let read = String::from("the archive was read already");
        let mut source =
            std::mem::replace(&mut *once, Err(read)).map_err(DirectoryError::Unavailable)?;
        let taken = take_in(txn, &mut source, intake);
        if let Err(error) = &taken {
            *once = Err(error.to_string());
        }
        taken
    }
}

/// The first table that holds something.
pub(in crate::store::sql) fn occupied(conn: &Conn) -> Result<Option<&'static str>, DirectoryError> {
    let own = |table: &&Table| !matches!(table.role, Role::Registry | Role::Head);
    for table in TABLES.iter().filter(own) {
        let sql = format!("SELECT 1 FROM {} LIMIT 1", table.name);
        if conn.prepare_cached(&sql)?.exists(params![])? {
            return Ok(Some(table.name));
        }
    }
    Ok(None)
}

fn take_in(
    txn: &mut Txn<'_>,
    source: &mut Source,
    intake: &Intake,
) -> Result<(Summary, Position), DirectoryError> {
    let conn = txn.conn;
    make_room(conn, intake.replace)?;
    let (summary, taken) = load(conn, source)?;
    taken.count(conn)?;
    taken.go_on(conn)?;
    let mut head = taken
        .head
        .ok_or_else(|| altered("it does not say where its log ends"))?;
    let above = [head.epoch, read_head(conn)?.epoch, intake.above_epoch];
    let above = above.into_iter().max().unwrap_or_default();
    head.epoch = uint(intake.now.as_micros() / 1_000_000).max(above + 1);
    txn.adopt(head)?;
    Ok((summary, log::verify(conn, 0)?))
}

fn make_room(conn: &Conn, replace: bool) -> Result<(), DirectoryError> {
    let Some(table) = occupied(conn)? else {
        return Ok(());
    };
    if !replace {
        return Err(DirectoryError::Invalid(format!(
            "the database is not empty (it has rows in `{table}`), and an archive goes into an empty one; choose another --data-dir or --database, or replace what is there with `provost restore FILE --replace`"
        )));
    }
    let own = |table: &&Table| !matches!(table.role, Role::Registry | Role::Head);
    let tables = TABLES.iter().rev().filter(own).map(|table| table.name);
    if conn.is_shared() {
        let tables: Vec<_> = tables.chain(BESIDE).chain(["pending"]).collect();
        return Ok(conn.batch(&format!("TRUNCATE {}", tables.join(", ")))?);
    }
    for table in tables.chain(BESIDE) {
        conn.batch(&format!("DELETE FROM {table}"))?;
    }
    Ok(())
}

/// Writes every table.
fn load(conn: &Conn, source: &mut Source) -> Result<(Summary, Taken), DirectoryError> {
    let mut taken = Taken::default();
    let mut tables = TABLES.iter();
    let mut batch: Option<Batch<'_>> = None;
    loop {
        let number = source.number() + 1;
        match source.next()? {
            Line::Row(row) => match &mut batch {
                Some(batch) => batch.row(row, number, &mut taken)?,
                None => return Err(altered("a row stands before the first table")),
            },
            Line::Table(line) => {
                finish(batch.take())?;
                batch = Some(Batch::new(conn, expected(tables.next(), &line)?));
            }
            Line::End(summary) => {
                finish(batch.take())?;
                return match tables.next() {
                    Some(table) => Err(altered(&format!("the table `{}` is missing", table.name))),
                    None => Ok((summary, taken)),
                };
            }
        }
    }
}

fn finish(batch: Option<Batch<'_>>) -> Result<(), DirectoryError> {
    batch.map_or(Ok(()), Batch::finish)
}

/// The table that comes next, if it is what the archive says.
fn expected<'t>(table: Option<&'t Table>, line: &TableLine) -> Result<&'t Table, DirectoryError> {
    let name = &line.table;
    let table = table.ok_or_else(|| altered(&format!("there is a table `{name}` too many")))?;
    if table.name != name {
        let next = table.name;
        return Err(altered(&format!("`{name}` stands where `{next}` should")));
    }
    if table.names() != line.columns {
        return Err(altered(&format!(
            "`{name}` has other columns than it should"
        )));
    }
    Ok(table)
}

/// Rows of a table that are written together.
struct Batch<'c> {
    conn: &'c Conn,
    table: &'c Table,
    many: String,
    one: String,
    cells: Vec<Option<Owned>>,
}

impl<'c> Batch<'c> {
    fn new(conn: &'c Conn, table: &'c Table) -> Self {
        Self {
            conn,
            table,
            many: table.insert(AT_ONCE),
            one: table.insert(1),
            cells: Vec::with_capacity(AT_ONCE * table.columns.len()),
        }
    }

    fn row(&mut self, line: &[u8], number: u64, taken: &mut Taken) -> Result<(), DirectoryError> {
        let unfit = || {
            let name = self.table.name;
            altered(&format!("line {number} is no row of `{name}`"))
        };
        let cells: Vec<Cell> = serde_json::from_slice(line).map_err(|_| unfit())?;
        if cells.len() != self.table.columns.len() {
            return Err(unfit());
        }
        let kinds = self.table.columns.iter().map(|(_, kind)| *kind);
        let row: Result<Vec<_>, Unfit> =
            kinds.zip(cells).map(|(kind, cell)| cell.of(kind)).collect();
        let row = row.map_err(|Unfit| unfit())?;
        match self.table.role {
            Role::Registry => return self.registry(&row),
            Role::Head => {
                taken.head = Some(head(&row).ok_or_else(unfit)?);
                return Ok(());
            }
            role => taken.note(role, &row),
        }
        self.cells.extend(row);
        if self.cells.len() >= AT_ONCE * self.table.columns.len() {
            self.write(&self.many, AT_ONCE, &self.cells)?;
            self.cells.clear();
        }
        Ok(())
    }

    /// The row is there; its numbers never go back.
    fn registry(&self, row: &[Option<Owned>]) -> Result<(), DirectoryError> {
        let values: Vec<_> = row.iter().map(Param::value).collect();
        self.conn
            .prepare_cached(
                "UPDATE registry SET generation = max(?1, generation + 1),
                     high_water = max(?2, high_water), cursor_key = ?3",
            )?
            .execute(&values)?;
        Ok(())
    }

    fn write(&self, sql: &str, rows: usize, cells: &[Option<Owned>]) -> Result<(), DirectoryError> {
        let values: Vec<Value<'_>> = cells.iter().map(Param::value).collect();
        let written = self.conn.prepare_cached(sql)?.execute(&values)?;
        if written == rows {
            return Ok(());
        }
        let name = self.table.name;
        Err(DirectoryError::Unavailable(format!(
            "{rows} rows were written to {name} and {written} arrived"
        )))
    }

    fn finish(self) -> Result<(), DirectoryError> {
        self.cells
            .chunks(self.table.columns.len())
            .try_for_each(|row| self.write(&self.one, 1, row))
    }
}

fn head(row: &[Option<Owned>]) -> Option<Head> {
    match row {
        [
            Some(Owned::Integer(epoch)),
            Some(Owned::Integer(number)),
            Some(Owned::Bytes(hash)),
        ] => Some(Head {
            epoch: uint(*epoch),
            number: uint(*number),
            hash: hash.as_slice().try_into().ok()?,
        }),
        _ => None,
    }
}

/// What follows from the rows.
#[derive(Default)]
struct Taken {
    /// Users, groups and memberships of the tenants that live.
    tenants: BTreeMap<i64, [i64; 3]>,
    /// Living rows by tenant, kind and block.
    blocks: BTreeMap<[i64; 3], i64>,
    /// The highest numbers that were given.
    highest_tenant: i64,
    highest_application: i64,
    highest_row: i64,
    head: Option<Head>,
}

impl Taken {
    fn note(&mut self, role: Role, row: &[Option<Owned>]) {
        let number = |index: usize| match row.get(index) {
            Some(Some(Owned::Integer(number))) => *number,
            _ => 0,
        };
        let tenant = number(0);
        match role {
            Role::Applications => {
                self.highest_application = self.highest_application.max(number(0));
            }
            Role::Tenants => {
                self.highest_tenant = self.highest_tenant.max(tenant);
                let is_deleted = matches!(row.get(5), Some(Some(_)));
                if !is_deleted {
                    self.tenants.entry(tenant).or_default();
                }
            }
            Role::Resources => {
                let (at, kind) = (number(1), number(2));
                self.highest_row = self.highest_row.max(at);
                *self
                    .blocks
                    .entry([tenant, kind, at >> BLOCK_BITS])
                    .or_default() += 1;
                let is_user = kind == kind_code(ResourceKind::User);
                self.add(tenant, usize::from(!is_user));
            }
            Role::Members => self.add(tenant, 2),
            Role::Rows | Role::Registry | Role::Changes | Role::Ends | Role::Head => {}
        }
    }

    fn add(&mut self, tenant: i64, index: usize) {
        let counts = self.tenants.entry(tenant).or_default();
        if let Some(count) = counts.get_mut(index) {
            *count += 1;
        }
    }

    /// Writes the counts.
    fn count(&self, conn: &Conn) -> Result<(), DirectoryError> {
        for (tenant, [users, groups, memberships]) in &self.tenants {
            conn.prepare_cached(
                "INSERT INTO counts (tenant, users, groups, memberships) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![tenant, users, groups, memberships])?;
        }
        for ([tenant, kind, block], live) in &self.blocks {
            conn.prepare_cached(
                "INSERT INTO blocks (tenant, kind, block, live) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![tenant, kind, block, live])?;
        }
        Ok(())
    }

    /// New rows are numbered after these; SQLite looks by itself.
    fn go_on(&self, conn: &Conn) -> Result<(), DirectoryError> {
        if !conn.is_shared() {
            return Ok(());
        }
        for (table, column, highest) in [
            ("tenants", "tenant", self.highest_tenant),
            ("applications", "application", self.highest_application),
            ("resources", "row", self.highest_row),
        ] {
            if highest > 0 {
                let sql = "SELECT setval(pg_get_serial_sequence(?1, ?2), ?3)";
                conn.prepare_cached(sql)?
                    .exists(params![table, column, highest])?;
            }
        }
        Ok(())
    }
}

/// A cell of a row.
enum Cell {
    Null,
    Integer(i64),
    Text(String),
}

impl Cell {
    /// As a column of that kind holds it.
    fn of(self, kind: Kind) -> Result<Option<Owned>, Unfit> {
        match (kind, self) {
            (_, Self::Null) => Ok(None),
            (Kind::Integer, Self::Integer(number)) => Ok(Some(Owned::Integer(number))),
            (Kind::Text, Self::Text(text)) => Ok(Some(Owned::Text(text))),
            (Kind::Bytes, Self::Text(text)) => match STANDARD.decode(text) {
                Ok(bytes) => Ok(Some(Owned::Bytes(bytes))),
                Err(_) => Err(Unfit),
            },
            _ => Err(Unfit),
        }
    }
}

/// A column cannot hold the cell.
struct Unfit;

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl Visitor<'_> for CellVisitor {
    type Value = Cell;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a number, a text or null")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Cell, E> {
        Ok(Cell::Null)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Cell, E> {
        Ok(Cell::Integer(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Cell, E> {
        i64::try_from(number).map(Cell::Integer).map_err(E::custom)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Cell, E> {
        Ok(Cell::Text(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Cell, E> {
        Ok(Cell::Text(text))
    }
}
