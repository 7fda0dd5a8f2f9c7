//! One way to speak SQL to either engine. The text is written once, with parameters `?1`, `?2`;
//! [`dialect`] turns it into PostgreSQL's where the two differ. Waiting blocks the thread.

mod dialect;
mod parts;
#[cfg(test)]
mod plans;
mod statement;
mod value;

use std::fmt;

pub(super) use self::{
    dialect::postgres,
    parts::{each_part, insert_rows},
    statement::{Asked, Statement},
    value::{Owned, Param, Row, Value, owned},
};
use super::postgres::session::{Session, Trouble};
use crate::DirectoryError;

/// A connection, inside a transaction that somebody else began.
pub(crate) enum Conn {
    Sqlite(rusqlite::Connection),
    Postgres(Box<Session>),
}

impl Conn {
    /// A statement that is prepared once for each connection.
    pub(super) fn prepare_cached<'c>(&'c self, sql: &'c str) -> Result<Statement<'c>> {
        #[cfg(test)]
        if let Self::Sqlite(conn) = self {
            plans::look(conn, sql);
        }
        Ok(match self {
            Self::Sqlite(conn) => Statement::Sqlite(conn.prepare_cached(sql)?),
            Self::Postgres(session) => Statement::Postgres(session, sql),
        })
    }

    /// Whether other connections may write at this moment, so that what is read in order to be
    /// changed must be locked.
    pub(super) const fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// `plain`, or the text with a lock where other connections write too.
    pub(super) const fn either<'s>(&self, plain: &'s str, locked: &'s str) -> &'s str {
        if self.is_shared() { locked } else { plain }
    }

    /// Whether no transaction is open any more.
    pub(super) fn is_autocommit(&self) -> bool {
        match self {
            Self::Sqlite(conn) => conn.is_autocommit(),
            Self::Postgres(_) => false,
        }
    }

    /// Runs statements without parameters.
    pub(super) fn batch(&self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(conn) => Ok(conn.execute_batch(sql)?),
            Self::Postgres(session) => Ok(session.batch(sql)?),
        }
    }
}

/// What a statement leads to.
pub(super) type Result<T> = std::result::Result<T, Error>;

/// Why a statement gave nothing.
#[derive(Debug)]
pub(super) enum Error {
    /// There is no row.
    NoRow,
    /// A column holds something else than the program wrote.
    Column(usize),
    Sqlite(rusqlite::Error),
    Postgres(Trouble),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRow => f.write_str("a row is missing"),
            Self::Column(index) => write!(f, "column {index} of a row is unreadable"),
            Self::Sqlite(error) => error.fmt(f),
            Self::Postgres(trouble) => trouble.fmt(f),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::QueryReturnedNoRows => Self::NoRow,
            error => Self::Sqlite(error),
        }
    }
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        Self::Postgres(trouble)
    }
}

/// Whatever an engine reports that no code has an answer for is an outage: nothing was changed,
/// and a later attempt may succeed.
impl From<Error> for DirectoryError {
    fn from(error: Error) -> Self {
        match error {
            Error::Postgres(Trouble::Unstorable) => Self::from(provost_scim::ScimError::new(
                provost_scim::ScimType::InvalidValue,
                "A value contains the character U+0000, which the database cannot store",
            )),
            error => Self::Unavailable(error.to_string()),
        }
    }
}

/// A row that may be absent.
pub(super) trait Optional<T> {
    /// `None` if there is no row.
    fn optional(self) -> Result<Option<T>>;
}

impl<T> Optional<T> for Result<T> {
    fn optional(self) -> Result<Option<T>> {
        match self {
            Ok(value) => Ok(Some(value)),
            Err(Error::NoRow) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Parameters of a statement, in order.
macro_rules! params {
    () => { &[] };
    ($($value:expr),+ $(,)?) => {
        &[$($crate::store::sql::db::Param::value(&$value)),+]
    };
}
pub(super) use params;
