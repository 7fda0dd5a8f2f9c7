//! Statements and what they give.

use rusqlite::CachedStatement;

use super::{Error, Optional as _, Result, Row, Value};
use crate::store::sql::postgres::session::{Cursor, Session};

/// A prepared statement.
pub(in crate::store::sql) enum Statement<'c> {
    Sqlite(CachedStatement<'c>),
    Postgres(&'c Session, &'c str),
}

impl<'c> Statement<'c> {
    /// Runs it; how many rows it changed.
    pub(in crate::store::sql) fn execute(&mut self, values: &[Value<'_>]) -> Result<usize> {
        match self {
            Self::Sqlite(statement) => Ok(statement.execute(rusqlite::params_from_iter(values))?),
            Self::Postgres(session, sql) => Ok(session.execute(sql, values)?),
        }
    }

    /// Runs it, without a look at how many rows it changes: on PostgreSQL it travels together with
    /// the next statement, which fails if this one does.
    pub(in crate::store::sql) fn post(&mut self, values: &[Value<'_>]) -> Result<()> {
        match self {
            Self::Sqlite(_) => self.execute(values).map(drop),
            Self::Postgres(session, sql) => Ok(session.post(sql, values)?),
        }
    }

    /// Runs it for one row, which may be absent; on PostgreSQL it travels together with the next
    /// statement, and the row is there after that.
    pub(in crate::store::sql) fn ask_row<T>(
        &mut self,
        values: &[Value<'_>],
        read: fn(&Row<'_>) -> Result<T>,
    ) -> Result<Asked<'c, T>> {
        Ok(match self {
            Self::Sqlite(_) => Asked::Here(self.query_row(values, read).optional()?),
            Self::Postgres(session, sql) => Asked::Coming(session, session.ask(sql, values)?, read),
        })
    }

    /// Whether it gives a row.
    pub(in crate::store::sql) fn exists(&mut self, values: &[Value<'_>]) -> Result<bool> {
        match self {
            Self::Sqlite(statement) => Ok(statement.exists(rusqlite::params_from_iter(values))?),
            Self::Postgres(session, sql) => Ok(!session.query(sql, values)?.is_empty()),
        }
    }

    /// The first row; `NoRow` if there is none.
    pub(in crate::store::sql) fn query_row<T>(
        &mut self,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut rows = self.query(values)?;
        let row = rows.next()?.ok_or(Error::NoRow)?;
        read(&row)
    }

    /// A few rows: PostgreSQL gives them all at once.
    pub(in crate::store::sql) fn query(&mut self, values: &[Value<'_>]) -> Result<Rows<'_>> {
        Ok(match self {
            Self::Sqlite(statement) => {
                Rows::Sqlite(statement.query(rusqlite::params_from_iter(values))?)
            }
            Self::Postgres(session, sql) => {
                Rows::Postgres(session.query(sql, values)?.into_iter(), None)
            }
        })
    }

    /// As many rows as there are, in memory that does not grow with them.
    pub(in crate::store::sql) fn stream(&mut self, values: &[Value<'_>]) -> Result<Rows<'_>> {
        Ok(match self {
            Self::Sqlite(statement) => {
                Rows::Sqlite(statement.query(rusqlite::params_from_iter(values))?)
            }
            Self::Postgres(session, sql) => Rows::Stream(session.stream(sql, values)?, None),
        })
    }

    /// A few rows, each read by `read`.
    pub(in crate::store::sql) fn query_map<T, F>(
        &mut self,
        values: &[Value<'_>],
        read: F,
    ) -> Result<Mapped<'_, F>>
    where
        F: FnMut(&Row<'_>) -> Result<T>,
    {
        Ok(Mapped {
            rows: self.query(values)?,
            read,
        })
    }
}

/// A row on its way.
pub(in crate::store::sql) enum Asked<'s, T> {
    Here(Option<T>),
    Coming(&'s Session, u64, fn(&Row<'_>) -> Result<T>),
}

impl<T> Asked<'_, T> {
    /// The row, if there is one.
    pub(in crate::store::sql) fn row(self) -> Result<Option<T>> {
        match self {
            Self::Here(row) => Ok(row),
            Self::Coming(session, number, read) => {
                let rows = session.answer(number)?;
                rows.first()
                    .map(|row| read(&Row::Postgres(row)))
                    .transpose()
            }
        }
    }
}

/// Rows, one after the other.
pub(in crate::store::sql) enum Rows<'s> {
    Sqlite(rusqlite::Rows<'s>),
    Postgres(
        std::vec::IntoIter<tokio_postgres::Row>,
        Option<tokio_postgres::Row>,
    ),
    Stream(Cursor<'s>, Option<tokio_postgres::Row>),
}

impl Rows<'_> {
    /// The next row.
    pub(in crate::store::sql) fn next(&mut self) -> Result<Option<Row<'_>>> {
        match self {
            Self::Sqlite(rows) => Ok(rows.next()?.map(Row::Sqlite)),
            Self::Postgres(rows, current) => {
                *current = rows.next();
                Ok(current.as_ref().map(Row::Postgres))
            }
            Self::Stream(cursor, current) => {
                *current = cursor.next()?;
                Ok(current.as_ref().map(Row::Postgres))
            }
        }
    }
}

/// Rows as something else.
pub(in crate::store::sql) struct Mapped<'s, F> {
    rows: Rows<'s>,
    read: F,
}

impl<T, F: FnMut(&Row<'_>) -> Result<T>> Iterator for Mapped<'_, F> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.rows.next() {
            Ok(Some(row)) => Some((self.read)(&row)),
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        }
    }
}
