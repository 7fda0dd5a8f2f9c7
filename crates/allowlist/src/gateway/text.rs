//! Indented lines.

use std::fmt::{Display, Write};

/// A text that grows line by line.
#[derive(Debug)]
pub(super) struct Text {
    out: String,
    depth: usize,
    unit: &'static str,
}

impl Text {
    /// A text that is indented by `unit`.
    pub(super) const fn new(unit: &'static str) -> Self {
        Self {
            out: String::new(),
            depth: 0,
            unit,
        }
    }

    /// Adds a line.
    pub(super) fn line(&mut self, line: impl Display) {
        for _ in 0..self.depth {
            self.out.push_str(self.unit);
        }
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "{line}");
    }

    /// Adds lines that are there already.
    pub(super) fn lines<T: Display>(&mut self, lines: impl IntoIterator<Item = T>) {
        for line in lines {
            self.line(line);
        }
    }

    /// Adds an empty line.
    pub(super) fn gap(&mut self) {
        self.out.push('\n');
    }

    /// Adds a line, what belongs below it, and the line that ends it, if there is one.
    pub(super) fn block(&mut self, head: impl Display, end: &str, body: impl FnOnce(&mut Self)) {
        self.line(head);
        self.depth += 1;
        body(self);
        self.depth -= 1;
        if !end.is_empty() {
            self.line(end);
        }
    }

    /// All of it.
    pub(super) fn finish(self) -> String {
        self.out
    }
}
