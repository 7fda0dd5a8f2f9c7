//! The text format of Prometheus, version 0.0.4
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use std::fmt::{Display, Write};

/// The media type of the page.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// How the values of a metric develop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, until the process ends.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by upper bound.
    Histogram,
}

impl Kind {
    /// As Prometheus calls it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// Takes the samples of one metric.
pub(super) struct Samples<'a> {
    name: &'static str,
    text: &'a mut String,
}

impl<'a> Samples<'a> {
    /// Begins a metric. `help` is a line of our own without a backslash.
    pub(super) fn begin(
        text: &'a mut String,
        name: &'static str,
        kind: Kind,
        help: &'static str,
    ) -> Self {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}");
        let _ = writeln!(text, "# TYPE {name} {}", kind.as_str());
        Self { name, text }
    }

    /// One sample.
    pub(super) fn put(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.put_as("", labels, value);
    }

    /// One sample of a histogram.
    pub(super) fn put_as(&mut self, suffix: &str, labels: &[(&str, &str)], value: impl Display) {
        self.text.push_str(self.name);
        self.text.push_str(suffix);
        let mut before = '{';
        for (label, text) in labels {
            self.text.push(before);
            let _ = write!(self.text, "{label}=\"");
            escape(self.text, text);
            self.text.push('"');
            before = ',';
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {value}");
    }
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            _ => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tenants_cannot_end_their_label() {
        let mut text = String::new();
        let mut out = Samples::begin(&mut text, "provost_x", Kind::Gauge, "Something.");
        out.put(&[("tenant", "a\"} 1\n\\"), ("of", "b")], 7);
        assert_eq!(
            text,
            "# HELP provost_x Something.\n# TYPE provost_x gauge\n\
             provost_x{tenant=\"a\\\"} 1\\n\\\\\",of=\"b\"} 7\n"
        );
    }
}
