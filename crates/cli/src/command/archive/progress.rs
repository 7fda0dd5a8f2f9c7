//! How far the work is, on standard error: a line that changes on a terminal, one line for each
//! table elsewhere.

use std::{
    fmt,
    io::{IsTerminal as _, Write as _},
    sync::{Arc, Mutex, PoisonError},
};

use indicatif::{ProgressBar, ProgressStyle};
use provost_directory::archive::Watch;

use super::report;

/// Where progress is shown.
#[derive(Clone)]
pub(super) struct Progress {
    bar: ProgressBar,
    is_terminal: bool,
    /// What is done.
    work: Arc<Mutex<&'static str>>,
}

impl Progress {
    /// Progress of work of that name.
    pub(super) fn new(work: &'static str) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let bar = if is_terminal {
            ProgressBar::new_spinner()
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg}  {elapsed}") {
            bar.set_style(style);
        }
        Self {
            bar,
            is_terminal,
            work: Arc::new(Mutex::new(work)),
        }
    }

    /// From now on, other work is done.
    pub(super) fn now(&self, work: &'static str) {
        *self.work.lock().unwrap_or_else(PoisonError::into_inner) = work;
    }

    /// Shows what it is told.
    pub(super) fn watch(&self) -> Watch {
        let (shown, last) = (self.clone(), Mutex::new(String::new()));
        Arc::new(move |table, rows| {
            if shown.is_terminal {
                shown.bar.set_message(shown.text(table, rows));
                shown.bar.tick();
                return;
            }
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            if *last != table {
                table.clone_into(&mut last);
                line(format_args!("{} …", shown.text(table, rows)));
            }
        })
    }

    fn text(&self, table: &str, rows: u64) -> String {
        let work = *self.work.lock().unwrap_or_else(PoisonError::into_inner);
        let title = report::title(table);
        match rows {
            0 => format!("{work} {title}"),
            rows => format!("{work} {title}: {rows}"),
        }
    }

    /// Takes the line away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// A line on standard error. Nobody reads a closed one.
pub(super) fn line(text: fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
