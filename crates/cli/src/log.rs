//! Log lines on their way to standard error, never in the way of requests.
//!
//! Lines are gathered in memory and a thread of its own writes them. When whoever reads standard
//! error stops reading, lines are dropped and counted instead of holding up the server; the next
//! line that goes out says how many.

use std::{
    io::{self, Write},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use provost::config::LogFormat;
use tracing_subscriber::fmt::MakeWriter;

/// Bytes that may wait.
const WAITING: usize = 1 << 20;
/// How long lines are gathered before they are written together: waking a thread for every line
/// would cost more than the request that the line is about.
const GATHER: Duration = Duration::from_millis(20);
/// How long the end of the process waits for the last lines.
const LAST_LINES: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Buffer {
    lines: Vec<u8>,
    dropped: u64,
    /// The process ends: write at once, then say so.
    is_last: bool,
    is_done: bool,
}

#[derive(Default)]
struct Shared {
    buffer: Mutex<Buffer>,
    changed: Condvar,
    /// All that were dropped so far.
    dropped: Arc<AtomicU64>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for lines, exchanges them for the empty `taken`, and tells how many are missing
    /// after them; `None` when the last ones were taken before.
    fn take(&self, taken: &mut Vec<u8>) -> Option<u64> {
        let is_quiet = |buffer: &mut Buffer| buffer.lines.is_empty() && !buffer.is_last;
        let buffer = self.changed.wait_while(self.lock(), is_quiet);
        let buffer = buffer.unwrap_or_else(PoisonError::into_inner);
        let gathered = self
            .changed
            .wait_timeout_while(buffer, GATHER, |buffer| !buffer.is_last);
        let (mut buffer, _) = gathered.unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut buffer.lines, taken);
        let dropped = std::mem::take(&mut buffer.dropped);
        (!taken.is_empty() || dropped > 0).then_some(dropped)
    }
}

/// Where log lines are handed in.
#[derive(Clone)]
pub(crate) struct LogLines(Arc<Shared>);

/// Waits for the last lines when it is dropped.
pub(crate) struct LogGuard(Arc<Shared>);

impl LogLines {
    /// Starts the thread that writes to `out`.
    pub(crate) fn start(
        format: LogFormat,
        out: impl Write + Send + 'static,
    ) -> io::Result<(Self, LogGuard)> {
        let shared = Arc::new(Shared::default());
        let taken = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("provost-log".to_owned())
            .spawn(move || run(&taken, format, out))?;
        Ok((Self(Arc::clone(&shared)), LogGuard(shared)))
    }
}

impl Write for LogLines {
    /// Takes one whole line; the formatter writes it in one piece.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut buffer = self.0.lock();
        if buffer.lines.len() + line.len() > WAITING {
            buffer.dropped += 1;
            self.0.dropped.fetch_add(1, Ordering::Relaxed);
        } else {
            buffer.lines.extend(line);
            if buffer.lines.len() == line.len() {
                self.0.changed.notify_all();
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogLines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl LogGuard {
    /// Counts the lines that are dropped.
    pub(crate) fn dropped(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.0.dropped)
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        let mut buffer = self.0.lock();
        buffer.is_last = true;
        self.0.changed.notify_all();
        let waited = self
            .0
            .changed
            .wait_timeout_while(buffer, LAST_LINES, |b| !b.is_done);
        drop(waited);
    }
}

fn run(shared: &Shared, format: LogFormat, mut out: impl Write) {
    // Two buffers change places, so that nothing is allocated once they have grown.
    let mut lines = Vec::new();
    while let Some(dropped) = shared.take(&mut lines) {
        if dropped > 0 {
            lines.extend(gap(dropped, format).into_bytes());
        }
        // Nobody can be told that standard error is gone.
        let _ = out.write_all(&lines);
        lines.clear();
    }
    shared.lock().is_done = true;
    shared.changed.notify_all();
}

/// The line that stands for lines that are missing.
fn gap(lost: u64, format: LogFormat) -> String {
    let text = format!("{lost} log lines are missing here: standard error was not read");
    match format {
        LogFormat::Text => format!("WARN provost: {text}\n"),
        LogFormat::Json => {
            let line = serde_json::json!({ "level": "WARN", "fields": { "message": text } });
            format!("{line}\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An output that stands still until it is opened.
    #[derive(Clone, Default)]
    struct Pipe(Arc<Gate>);

    #[derive(Default)]
    struct Gate {
        is_open: Mutex<bool>,
        opened: Condvar,
        written: Mutex<Vec<u8>>,
    }

    impl Pipe {
        fn open(&self) {
            *self.0.is_open.lock().unwrap() = true;
            self.0.opened.notify_all();
        }

        fn text(&self) -> String {
            String::from_utf8(self.0.written.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let is_open = self.0.is_open.lock().unwrap();
            drop(
                self.0
                    .opened
                    .wait_while(is_open, |is_open| !*is_open)
                    .unwrap(),
            );
            self.0.written.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_come_out_in_order_before_the_end() {
        let pipe = Pipe::default();
        pipe.open();
        let (mut lines, guard) = LogLines::start(LogFormat::Text, pipe.clone()).unwrap();
        let mut expect = String::new();
        for number in 0..100 {
            let line = format!("{number}\n");
            lines.write_all(line.as_bytes()).unwrap();
            expect.push_str(&line);
        }
        drop(guard);
        assert_eq!(pipe.text(), expect);
    }

    #[test]
    fn a_reader_that_stops_holds_up_nobody_and_the_gap_is_told() {
        for format in [LogFormat::Text, LogFormat::Json] {
            let pipe = Pipe::default();
            let (mut lines, guard) = LogLines::start(format, pipe.clone()).unwrap();
            while lines.0.lock().dropped == 0 {
                lines.write_all(b"line\n").unwrap();
            }
            pipe.open();
            assert!(guard.dropped().load(Ordering::Relaxed) > 0);
            drop(guard);
            let text = pipe.text();
            assert!(text.contains("log lines are missing here"), "{text}");
            assert!(text.starts_with("line\nline\n"), "{text}");
        }
    }
}
