//! SQLite's errors as the directory's.

use crate::DirectoryError;

/// What was read is not what was written.
pub(super) fn damaged(what: &str) -> DirectoryError {
    DirectoryError::Unavailable(format!("the database is damaged: {what}"))
}

/// A count or number for a column.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A count or number from a column.
pub(super) fn uint(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
