//! Out of the database: one state of it, while others write.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Serialize, Serializer, ser::SerializeSeq as _};

use super::{
    super::{
        db::{Conn, Param as _, Value, params},
        error::int,
        log,
        postgres::numbering,
        txn::read_head,
    },
    table::{Role, TABLES, Table},
};
use crate::{
    DirectoryError,
    archive::{Out, Summary},
    log::Head,
};

/// A row.
struct Cells<'r>(&'r [Value<'r>]);

impl Serialize for Cells<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_seq(Some(self.0.len()))?;
        for value in self.0 {
            match value {
                Value::Null => row.serialize_element(&())?,
                Value::Integer(number) => row.serialize_element(number)?,
                Value::Text(text) => row.serialize_element(text)?,
                Value::Bytes(bytes) => row.serialize_element(&STANDARD.encode(bytes))?,
            }
        }
        row.end()
    }
}

/// Writes everything. The log is checked first: a backup of a damaged one would be found out only
/// when it is needed.
pub(in crate::store::sql) fn write(conn: &Conn, mut out: Out) -> Result<Summary, DirectoryError> {
    log::verify(conn, 0)?;
    let engine = conn.either("sqlite", "postgresql");
    let header = out.begin(engine)?;
    let mut waiting = Waiting {
        head: read_head(conn)?,
        ends: Vec::new(),
    };
    for table in TABLES {
        out.table(table.name, &table.names())?;
        match table.role {
            Role::Head => waiting.head(&mut out)?,
            Role::Changes => {
                rows(conn, table, &mut out)?;
                waiting.number(conn, &mut out)?;
            }
            Role::Ends => {
                rows(conn, table, &mut out)?;
                waiting.ends(&mut out)?;
            }
            _ => rows(conn, table, &mut out)?,
        }
    }
    out.finish(header)
}

/// Every row of a table, in memory that does not grow with them.
fn rows(conn: &Conn, table: &Table, out: &mut Out) -> Result<(), DirectoryError> {
    let sql = table.select();
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.stream(params![])?;
    while let Some(row) = rows.next()? {
        let cells: Vec<_> = (0..table.columns.len())
            .map(|index| row.get_ref(index))
            .collect::<Result<_, _>>()?;
        out.row(&Cells(&cells))?;
    }
    Ok(())
}

/// What was committed and has no number yet: in the archive it has one, as if it had been numbered
/// a moment ago.
struct Waiting {
    head: Head,
    /// Tenant, number and memberships of deleted groups.
    ends: Vec<[i64; 3]>,
}

impl Waiting {
    fn number(&mut self, conn: &Conn, out: &mut Out) -> Result<(), DirectoryError> {
        if !conn.is_shared() {
            return Ok(());
        }
        let ends = &mut self.ends;
        self.head = numbering::each_waiting(conn, self.head, |tenant, head, members, cells| {
            if members > 0 {
                ends.push([tenant, int(head.number), members]);
            }
            out.row(&Cells(cells))
        })?;
        Ok(())
    }

    fn ends(&self, out: &mut Out) -> Result<(), DirectoryError> {
        self.ends
            .iter()
            .try_for_each(|end| out.row(&Cells(&end.map(Value::Integer))))
    }

    fn head(&self, out: &mut Out) -> Result<(), DirectoryError> {
        let Head {
            epoch,
            number,
            hash,
        } = &self.head;
        let (epoch, number) = (int(*epoch), int(*number));
        out.row(&Cells(&[epoch.value(), number.value(), hash.value()]))
    }
}
