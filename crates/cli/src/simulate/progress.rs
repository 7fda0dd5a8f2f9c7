//! How far a simulation is: a bar on a terminal, plain lines elsewhere, nothing beside JSON.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use crate::output::{self, Format};

/// Where progress is shown.
pub(super) struct Progress {
    bar: ProgressBar,
    lines: bool,
}

impl Progress {
    /// Progress through that many steps.
    pub(super) fn new(steps: usize, format: Format) -> Self {
        let is_bar = format == Format::Human && std::io::stderr().is_terminal();
        let bar = if is_bar {
            ProgressBar::new(steps as u64)
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template("  {bar:30} {pos}/{len}  {msg}  {eta}") {
            bar.set_style(style.progress_chars("━╸─"));
        }
        Self {
            bar,
            lines: format == Format::Human && !is_bar,
        }
    }

    /// What begins now.
    pub(super) fn head(&self, title: &str) {
        self.bar.set_message(title.to_owned());
        if self.lines {
            output::line(format_args!("{title} …"));
        }
    }

    /// A step is done.
    pub(super) fn step(&self) {
        self.bar.inc(1);
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
