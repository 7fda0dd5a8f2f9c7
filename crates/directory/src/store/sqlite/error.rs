//! SQLite's errors as the directory's.

use rusqlite::ErrorCode;

use crate::DirectoryError;

/// Whatever SQLite reports that no code has an answer for is an outage: nothing was changed, and a
/// later attempt may succeed.
impl From<rusqlite::Error> for DirectoryError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// Whether a unique index refused a row.
pub(super) fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}

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
