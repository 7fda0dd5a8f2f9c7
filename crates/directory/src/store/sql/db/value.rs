//! Values on their way into parameters and out of columns: the four kinds that both engines have.

use std::{borrow::Cow, error::Error as StdError};

use bytes::BytesMut;
use rusqlite::types::{ToSql as SqliteToSql, ToSqlOutput, ValueRef};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::{Error, Result};

/// A parameter or a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::store::sql) enum Value<'v> {
    Null,
    Integer(i64),
    Text(&'v str),
    Bytes(&'v [u8]),
}

impl<'v> Value<'v> {
    /// A copy that may be kept.
    pub(in crate::store::sql) fn kept(self) -> Option<Owned> {
        match self {
            Value::Null => None,
            Value::Integer(number) => Some(Owned::Integer(number)),
            Value::Text(text) => Some(Owned::Text(text.to_owned())),
            Value::Bytes(bytes) => Some(Owned::Bytes(bytes.to_vec())),
        }
    }

    /// The number, if it is one.
    pub(in crate::store::sql) const fn as_i64(self) -> Option<i64> {
        match self {
            Value::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub(in crate::store::sql) const fn as_str(self) -> Option<&'v str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A parameter that a plan keeps.
#[derive(Clone, Debug)]
pub(in crate::store::sql) enum Owned {
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl From<i64> for Owned {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<String> for Owned {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// What may be a parameter.
pub(in crate::store::sql) trait Param {
    /// As a value.
    fn value(&self) -> Value<'_>;
}

impl Param for Owned {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Integer(number) => Value::Integer(*number),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        }
    }
}

impl Param for i64 {
    fn value(&self) -> Value<'_> {
        Value::Integer(*self)
    }
}

impl Param for bool {
    fn value(&self) -> Value<'_> {
        Value::Integer(i64::from(*self))
    }
}

impl Param for str {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Param for String {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Param for Cow<'_, str> {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl<const N: usize> Param for [u8; N] {
    fn value(&self) -> Value<'_> {
        Value::Bytes(self)
    }
}

impl Param for [u8] {
    fn value(&self) -> Value<'_> {
        Value::Bytes(self)
    }
}

impl<T: Param + ?Sized> Param for &T {
    fn value(&self) -> Value<'_> {
        (**self).value()
    }
}

impl<T: Param> Param for Option<T> {
    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, Param::value)
    }
}

impl SqliteToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(number) => number.to_sql_checked(kind, out),
            Value::Text(text) => text.to_sql_checked(kind, out),
            Value::Bytes(bytes) => bytes.to_sql_checked(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A column of PostgreSQL as it arrives.
struct Cell<'r>(Value<'r>);

impl<'r> FromSql<'r> for Cell<'r> {
    fn from_sql(
        kind: &Type,
        raw: &'r [u8],
    ) -> std::result::Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(match *kind {
            Type::INT8 => Value::Integer(i64::from_sql(kind, raw)?),
            Type::INT4 => Value::Integer(i64::from(i32::from_sql(kind, raw)?)),
            Type::BOOL => Value::Integer(i64::from(bool::from_sql(kind, raw)?)),
            Type::BYTEA => Value::Bytes(raw),
            _ => Value::Text(<&str>::from_sql(kind, raw)?),
        }))
    }

    fn from_sql_null(_: &Type) -> std::result::Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(Value::Null))
    }

    fn accepts(kind: &Type) -> bool {
        matches!(
            *kind,
            Type::INT8 | Type::INT4 | Type::BOOL | Type::BYTEA | Type::TEXT | Type::VARCHAR
        )
    }
}

/// A row.
#[derive(Clone, Copy)]
pub(in crate::store::sql) enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

impl<'r> Row<'r> {
    /// The column with that index.
    pub(in crate::store::sql) fn get<T: FromColumn>(&self, index: usize) -> Result<T> {
        T::from_column(self.get_ref(index)?).ok_or(Error::Column(index))
    }

    /// The column with that index, borrowed.
    pub(in crate::store::sql) fn get_ref(&self, index: usize) -> Result<Value<'r>> {
        match self {
            Self::Sqlite(row) => match row.get_ref(index)? {
                ValueRef::Null => Ok(Value::Null),
                ValueRef::Integer(number) => Ok(Value::Integer(number)),
                ValueRef::Text(text) => std::str::from_utf8(text)
                    .map(Value::Text)
                    .map_err(|_| Error::Column(index)),
                ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes)),
                ValueRef::Real(_) => Err(Error::Column(index)),
            },
            Self::Postgres(row) => row
                .try_get::<_, Cell<'r>>(index)
                .map(|cell| cell.0)
                .map_err(|_| Error::Column(index)),
        }
    }
}

/// What a column may be read as.
pub(in crate::store::sql) trait FromColumn: Sized {
    /// `None` if the column holds something else.
    fn from_column(value: Value<'_>) -> Option<Self>;
}

impl FromColumn for i64 {
    fn from_column(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Integer(number) => Some(number),
            _ => None,
        }
    }
}

impl FromColumn for bool {
    fn from_column(value: Value<'_>) -> Option<Self> {
        i64::from_column(value).map(|number| number != 0)
    }
}

impl FromColumn for String {
    fn from_column(value: Value<'_>) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }
}

impl<const N: usize> FromColumn for [u8; N] {
    fn from_column(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => bytes.try_into().ok(),
            _ => None,
        }
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_column(value).map(Some),
        }
    }
}

/// Parameters that a plan kept.
pub(in crate::store::sql) fn owned(values: &[Owned]) -> Vec<Value<'_>> {
    values.iter().map(Param::value).collect()
}
