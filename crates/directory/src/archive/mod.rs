//! Archives: everything that a directory holds, as lines of JSON, for backups and for moving
//! between databases.
//!
//! The first line is a header. A line `{"table": …}` begins a table, and each line after it is a row,
//! as an array. The last line has the number of rows of each table and the SHA-256 of all lines
//! before it, so that a file that is cut or altered is noticed. An archive holds no password and no
//! token, but what they are checked by, and personal data: it is for few eyes.
//!
//! What the tables are is the store's affair (`store::sql::archive`).

mod read;
mod write;

use std::{io::BufRead, sync::Arc};

use provost_scim::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{DirectoryError, OpenError};

pub(crate) use self::{
    read::{Line, Source, TableLine, altered},
    write::Out,
};

/// The version of the form of archives that is written and read.
pub const FORMAT: u32 = 1;

/// Is told how far the work is: a table, and how many rows of it are done.
pub type Watch = Arc<dyn Fn(&str, u64) + Send + Sync>;

/// Rows between two calls of a [`Watch`].
const STEP: u64 = 1_000;

/// Where an archive comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    archive: String,
    /// The version of the form.
    pub format: u32,
    /// The version of the program that wrote it.
    pub version: String,
    /// When it was written: RFC 3339, in UTC.
    pub at: String,
    /// `sqlite` or `postgresql`.
    pub engine: String,
}

impl Header {
    fn new(at: Timestamp, engine: &str) -> Self {
        Self {
            archive: "provost".to_owned(),
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            at: at.to_string(),
            engine: engine.to_owned(),
        }
    }
}

/// What an archive holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Where it comes from.
    pub header: Header,
    /// The tables in their order, with how many rows each has.
    pub rows: Vec<(String, u64)>,
    /// SHA-256 of all lines but the last one, in hexadecimal digits.
    pub sha256: String,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
struct End {
    rows: Vec<(String, u64)>,
    sha256: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct EndLine {
    end: End,
}

/// Why an archive was not written or taken in. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The archive or the database is not fit for it; one sentence with the next step.
    #[error("{0}")]
    Refused(String),
    /// The database cannot be opened.
    #[error(transparent)]
    Closed(#[from] OpenError),
    /// The store cannot do it just now.
    #[error(transparent)]
    Store(DirectoryError),
}

impl From<DirectoryError> for ArchiveError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Invalid(text) => Self::Refused(text),
            error => Self::Store(error),
        }
    }
}

/// Reads an archive to its end, without taking anything in.
///
/// # Errors
/// `Refused`: it is cut, altered, of another form, or no archive.
pub fn check(lines: Box<dyn BufRead + Send>, watch: Watch) -> Result<Summary, ArchiveError> {
    let mut source = Source::new(lines, watch);
    loop {
        if let Line::End(summary) = source.next()? {
            return Ok(summary);
        }
    }
}

/// Hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
