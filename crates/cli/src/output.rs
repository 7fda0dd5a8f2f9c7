//! What commands print to standard output: tables for people, JSON for scripts.
//!
//! A closed pipe is no error: whoever closed it has seen enough.

use std::{
    fmt::{self, Write as _},
    io::Write as _,
};

use serde::Serialize;

/// In which form a command answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Text and tables.
    Human,
    /// One JSON document.
    Json,
}

impl Format {
    /// Prints the answer of a command in the form asked for.
    pub(crate) fn print(self, json: &impl Serialize, human: impl fmt::Display) {
        match self {
            Self::Human => line(human),
            Self::Json => line(serde_json::to_string(json).unwrap_or_default()),
        }
    }
}

/// Prints one line, at once also into a pipe.
pub(crate) fn line(text: impl fmt::Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

/// A table with left-aligned columns under a head.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    empty: &'static str,
}

impl Table {
    /// A table with these column titles; `empty` stands for it when no row comes.
    pub(crate) fn new(titles: &[&str], empty: &'static str) -> Self {
        Self {
            rows: vec![titles.iter().map(|title| title.to_uppercase()).collect()],
            empty,
        }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths = Vec::new();
        for row in &self.rows {
            widths.resize(row.len().max(widths.len()), 0);
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        widths
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rows.len() == 1 {
            return f.write_str(self.empty);
        }
        let widths = self.widths();
        for (number, row) in self.rows.iter().enumerate() {
            let mut text = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                write!(text, "{cell:<width$}  ")?;
            }
            let newline = if number == 0 { "" } else { "\n" };
            write!(f, "{newline}{}", text.trim_end())?;
        }
        Ok(())
    }
}

/// `name: value` lines with the values in one column.
#[derive(Debug, Default)]
pub(crate) struct Facts(Vec<(String, String)>);

impl Facts {
    /// Adds a line.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.push(name, value);
        self
    }

    /// Adds a line.
    pub(crate) fn push(&mut self, name: &str, value: impl fmt::Display) {
        self.0.push((name.to_owned(), value.to_string()));
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|(name, _)| name.chars().count()).max();
        let width = width.unwrap_or_default();
        for (number, (name, value)) in self.0.iter().enumerate() {
            let newline = if number == 0 { "" } else { "\n" };
            write!(f, "{newline}{name:<width$}  {value}")?;
        }
        Ok(())
    }
}

/// `yes` or `no`.
pub(crate) const fn yes_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

/// `text`, or a dash for nothing.
pub(crate) fn or_dash(text: &str) -> String {
    if text.is_empty() { "–" } else { text }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["name", "active"], "nobody");
        table.row(["Bjørn Ødegård".into(), "yes".into()]);
        table.row(["Ana".into(), "no".into()]);
        let expect = "NAME           ACTIVE\nBjørn Ødegård  yes\nAna            no";
        assert_eq!(table.to_string(), expect);
    }

    #[test]
    fn an_empty_table_says_so() {
        assert_eq!(Table::new(&["name"], "nobody").to_string(), "nobody");
    }

    #[test]
    fn facts_share_one_column() {
        let facts = Facts::default().with("a", 1).with("long", "x");
        assert_eq!(facts.to_string(), "a     1\nlong  x");
    }
}
