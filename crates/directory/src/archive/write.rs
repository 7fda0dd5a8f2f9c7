//! Writing an archive, line by line.

use std::io::{BufWriter, Write};

use provost_scim::Timestamp;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{End, EndLine, Header, STEP, Summary, Watch, hex};
use crate::DirectoryError;

/// Bytes that are collected before they are written.
const BUFFER: usize = 256 << 10;

/// An archive that is being written.
pub(crate) struct Out {
    sink: BufWriter<Box<dyn Write + Send>>,
    at: Timestamp,
    hash: Sha256,
    line: Vec<u8>,
    rows: Vec<(String, u64)>,
    watch: Watch,
}

impl Out {
    /// Nothing is written yet.
    pub(crate) fn new(sink: Box<dyn Write + Send>, at: Timestamp, watch: Watch) -> Self {
        Self {
            sink: BufWriter::with_capacity(BUFFER, sink),
            at,
            hash: Sha256::new(),
            line: Vec::new(),
            rows: Vec::new(),
            watch,
        }
    }

    /// Writes the first line.
    pub(crate) fn begin(&mut self, engine: &str) -> Result<Header, DirectoryError> {
        let header = Header::new(self.at, engine);
        self.line(&header)?;
        Ok(header)
    }

    /// Begins a table.
    pub(crate) fn table(&mut self, name: &str, columns: &[&str]) -> Result<(), DirectoryError> {
        self.rows.push((name.to_owned(), 0));
        self.told();
        self.line(&json!({"table": name, "columns": columns}))
    }

    /// Writes a row of the table that was begun last.
    pub(crate) fn row(&mut self, row: &impl Serialize) -> Result<(), DirectoryError> {
        if let Some((_, count)) = self.rows.last_mut() {
            *count += 1;
            if count.is_multiple_of(STEP) {
                self.told();
            }
        }
        self.line(row)
    }

    /// Writes the last line; everything has left this process then.
    pub(crate) fn finish(mut self, header: Header) -> Result<Summary, DirectoryError> {
        self.told();
        let sha256 = hex(&std::mem::take(&mut self.hash).finalize());
        self.line(&EndLine {
            end: End {
                rows: self.rows.clone(),
                sha256: sha256.clone(),
            },
        })?;
        self.sink.flush().map_err(|error| unwritten(&error))?;
        Ok(Summary {
            header,
            rows: self.rows,
            sha256,
        })
    }

    fn told(&self) {
        if let Some((table, count)) = self.rows.last() {
            (self.watch)(table, *count);
        }
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), DirectoryError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, value)
            .map_err(|error| DirectoryError::Unavailable(error.to_string()))?;
        self.line.push(b'\n');
        self.hash.update(&self.line);
        let written = self.sink.write_all(&self.line);
        written.map_err(|error| unwritten(&error))
    }
}

fn unwritten(error: &std::io::Error) -> DirectoryError {
    DirectoryError::Invalid(format!(
        "the archive cannot be written: {error}; free space or choose another place, and start again"
    ))
}
