//! The live display of the demonstration: a line per step, a bar below them on a terminal.

use std::{fmt, io::IsTerminal, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};

use crate::output;

/// Where the play is shown. On anything but a terminal: plain lines.
pub(super) struct Stage {
    bar: ProgressBar,
    colours: bool,
    failures: usize,
    shown: usize,
}

/// The colours that are used, as ANSI codes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Colour {
    Bold,
    Dim,
    Green,
    Red,
}

impl Colour {
    const fn code(self) -> u8 {
        match self {
            Self::Bold => 1,
            Self::Dim => 2,
            Self::Red => 31,
            Self::Green => 32,
        }
    }
}

impl Stage {
    /// A stage for that many steps.
    pub(super) fn new(steps: usize) -> Self {
        let bar = ProgressBar::new(steps as u64);
        if let Ok(style) = ProgressStyle::with_template("  {bar:30} {pos}/{len}  {msg}") {
            bar.set_style(style.progress_chars("━╸─"));
        }
        Self {
            bar,
            colours: std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
            failures: 0,
            shown: 0,
        }
    }

    /// How many steps failed.
    pub(super) const fn failures(&self) -> usize {
        self.failures
    }

    /// How many steps were shown.
    pub(super) const fn shown(&self) -> usize {
        self.shown
    }

    /// Paints a text, if the terminal shows colours.
    pub(super) fn paint(&self, colour: Colour, text: impl fmt::Display) -> String {
        if self.colours {
            format!("\u{1b}[{}m{text}\u{1b}[0m", colour.code())
        } else {
            text.to_string()
        }
    }

    /// Prints a line above the bar.
    pub(super) fn line(&self, text: impl fmt::Display) {
        self.bar.suspend(|| output::line(text));
    }

    /// A headline.
    pub(super) fn head(&self, text: &str) {
        self.line(format_args!("\n{}", self.paint(Colour::Bold, text)));
    }

    /// What is being done now.
    pub(super) fn begin(&self, title: &str) {
        self.bar.set_message(title.to_owned());
    }

    /// A step is done.
    pub(super) fn step(&mut self, step: &Shown<'_>) {
        self.shown += 1;
        self.bar.inc(1);
        let mark = match step.problem {
            None => self.paint(Colour::Green, "✓"),
            Some(_) => self.paint(Colour::Red, "✗"),
        };
        let millis = format!("{:.1} ms", step.took.as_secs_f64() * 1_000.0);
        self.line(format_args!(
            "  {mark} {:<6} {}  {}  {}",
            step.method,
            step.status,
            self.paint(Colour::Dim, format_args!("{millis:>8}")),
            step.title,
        ));
        if let Some(problem) = step.problem {
            self.failures += 1;
            self.line(format_args!("      {}", self.paint(Colour::Red, problem)));
        }
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// What is shown of a step.
pub(super) struct Shown<'a> {
    pub(super) method: &'a str,
    pub(super) status: u16,
    pub(super) took: Duration,
    pub(super) title: &'a str,
    pub(super) problem: Option<&'a str>,
}
