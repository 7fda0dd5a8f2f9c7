//! Reading an archive, line by line, in memory that does not grow with it.

use std::io::{BufRead, Read as _};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{EndLine, FORMAT, Header, STEP, Summary, Watch, hex};
use crate::DirectoryError;

/// Longest line in bytes.
const LONGEST: u64 = 64 << 20;

/// An archive that is being read.
pub(crate) struct Source {
    lines: Box<dyn BufRead + Send>,
    header: Option<Header>,
    hash: Sha256,
    line: Vec<u8>,
    number: u64,
    rows: Vec<(String, u64)>,
    watch: Watch,
}

/// A line after the header.
pub(crate) enum Line<'l> {
    /// A table begins.
    Table(TableLine),
    /// A row of it, as a JSON array.
    Row(&'l [u8]),
    /// The archive is whole.
    End(Summary),
}

/// The line that begins a table.
#[derive(Debug, Deserialize)]
pub(crate) struct TableLine {
    pub(crate) table: String,
    pub(crate) columns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Control {
    Table(TableLine),
    End(EndLine),
}

/// What every header has, whatever its form is.
#[derive(Deserialize)]
struct AnyHeader {
    archive: String,
    format: u32,
    version: String,
}

impl Source {
    /// Nothing is read yet.
    pub(crate) fn new(lines: Box<dyn BufRead + Send>, watch: Watch) -> Self {
        Self {
            lines,
            header: None,
            hash: Sha256::new(),
            line: Vec::new(),
            number: 0,
            rows: Vec::new(),
            watch,
        }
    }

    /// The number of the line that was read last.
    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    /// The next line after the header. `End` comes only if all that came before is as it was
    /// written.
    pub(crate) fn next(&mut self) -> Result<Line<'_>, DirectoryError> {
        let header = self.header()?;
        self.read()?;
        if self.line.first() == Some(&b'[') {
            self.hash.update(&self.line);
            self.count()?;
            return Ok(Line::Row(&self.line));
        }
        match serde_json::from_slice(&self.line) {
            Ok(Control::Table(table)) => {
                self.hash.update(&self.line);
                self.rows.push((table.table.clone(), 0));
                self.told();
                Ok(Line::Table(table))
            }
            Ok(Control::End(end)) => self.end(&end, header).map(Line::End),
            Err(_) => Err(altered(&format!("line {} is unreadable", self.number))),
        }
    }

    /// The header; it is read first.
    fn header(&mut self) -> Result<Header, DirectoryError> {
        if let Some(header) = &self.header {
            return Ok(header.clone());
        }
        self.read().map_err(|_| no_archive())?;
        let any: AnyHeader = serde_json::from_slice(&self.line).map_err(|_| no_archive())?;
        if any.archive != "provost" {
            return Err(no_archive());
        }
        if any.format != FORMAT {
            return Err(refused(format!(
                "the archive has form {} and was written by Provost {}, but this program knows form {FORMAT} only; take it in with that version or a newer one",
                any.format, any.version
            )));
        }
        let header: Header = serde_json::from_slice(&self.line).map_err(|_| no_archive())?;
        self.hash.update(&self.line);
        self.header = Some(header.clone());
        Ok(header)
    }

    fn read(&mut self) -> Result<(), DirectoryError> {
        self.line.clear();
        self.number += 1;
        let mut limited = (&mut self.lines).take(LONGEST);
        let read = limited.read_until(b'\n', &mut self.line);
        read.map_err(|error| {
            refused(format!(
                "the archive cannot be read: {error}; check the file and its permissions"
            ))
        })?;
        if self.line.ends_with(b"\n") {
            return Ok(());
        }
        Err(if self.line.len() as u64 >= LONGEST {
            altered(&format!("line {} is too long", self.number))
        } else {
            refused(format!(
                "the archive is cut off in line {}: its end is missing; copy it again, or take another one",
                self.number
            ))
        })
    }

    fn count(&mut self) -> Result<(), DirectoryError> {
        let Some((_, count)) = self.rows.last_mut() else {
            return Err(altered("a row stands before the first table"));
        };
        *count += 1;
        if count.is_multiple_of(STEP) {
            self.told();
        }
        Ok(())
    }

    fn told(&self) {
        if let Some((table, count)) = self.rows.last() {
            (self.watch)(table, *count);
        }
    }

    fn end(
        &mut self,
        EndLine { end }: &EndLine,
        header: Header,
    ) -> Result<Summary, DirectoryError> {
        self.told();
        let sha256 = hex(&std::mem::take(&mut self.hash).finalize());
        if end.sha256 != sha256 {
            return Err(altered("its checksum is not that of its lines"));
        }
        if end.rows != self.rows {
            return Err(altered(
                "it does not have the rows that its last line counts",
            ));
        }
        let rest = self.lines.fill_buf().map(<[u8]>::is_empty);
        if !rest.unwrap_or(false) {
            return Err(altered("it goes on after its last line"));
        }
        Ok(Summary {
            header,
            rows: self.rows.clone(),
            sha256,
        })
    }
}

/// A sentence about the archive.
pub(crate) fn refused(text: String) -> DirectoryError {
    DirectoryError::Invalid(text)
}

/// Something was changed after it was written.
pub(crate) fn altered(what: &str) -> DirectoryError {
    refused(format!(
        "the archive was altered or damaged: {what}; copy it again, or take another one"
    ))
}

fn no_archive() -> DirectoryError {
    refused(
        "this is no archive of Provost: its first line is no header; give a file that `provost backup` or `provost export` wrote"
            .to_owned(),
    )
}
