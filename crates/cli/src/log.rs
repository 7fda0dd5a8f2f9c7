//! Log lines on their way to standard error, never in the way of requests.
//!
//! A thread of its own writes them. When whoever reads standard error stops reading, lines are
//! dropped and counted instead of holding up the server; the next line that goes out says how
//! many.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    time::Duration,
};

use provost::config::LogFormat;
use tracing_subscriber::fmt::MakeWriter;

/// Lines that may wait.
const QUEUE: usize = 4_096;
/// Bytes written at once.
const BATCH: usize = 64 * 1024;
/// How long the end of the process waits for the last lines.
const LAST_LINES: Duration = Duration::from_secs(1);

enum Item {
    Line(Vec<u8>),
    Flush(SyncSender<()>),
}

/// Where log lines are handed in.
#[derive(Clone)]
pub(crate) struct LogLines {
    items: SyncSender<Item>,
    dropped: Arc<AtomicU64>,
}

/// Waits for the last lines when it is dropped.
pub(crate) struct LogGuard(SyncSender<Item>);

impl LogLines {
    /// Starts the thread that writes to `out`.
    pub(crate) fn start(
        format: LogFormat,
        out: impl Write + Send + 'static,
    ) -> io::Result<(Self, LogGuard)> {
        let (items, queue) = sync_channel(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&dropped);
        std::thread::Builder::new()
            .name("provost-log".to_owned())
            .spawn(move || run(&queue, &count, format, out))?;
        let guard = LogGuard(items.clone());
        Ok((Self { items, dropped }, guard))
    }
}

impl Write for LogLines {
    /// Takes one whole line; the formatter writes it in one piece.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.items.try_send(Item::Line(line.to_vec())).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
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

impl Drop for LogGuard {
    fn drop(&mut self) {
        let (done, wait) = sync_channel(1);
        if self.0.try_send(Item::Flush(done)).is_ok() {
            let _ = wait.recv_timeout(LAST_LINES);
        }
    }
}

fn run(queue: &Receiver<Item>, dropped: &AtomicU64, format: LogFormat, mut out: impl Write) {
    let mut batch = Vec::with_capacity(BATCH);
    while let Ok(first) = queue.recv() {
        let lost = dropped.swap(0, Ordering::Relaxed);
        if lost > 0 {
            batch.extend(gap(lost, format).into_bytes());
        }
        let flushed = fill(&mut batch, first, queue);
        // Nobody can be told that standard error is gone.
        let _ = out.write_all(&batch);
        batch.clear();
        for done in flushed {
            let _ = done.send(());
        }
    }
}

/// Takes what waits, up to a batch; who waits for it to be written.
fn fill(batch: &mut Vec<u8>, first: Item, queue: &Receiver<Item>) -> Vec<SyncSender<()>> {
    let mut flushed = Vec::new();
    let mut next = Some(first);
    while let Some(item) = next {
        match item {
            Item::Line(line) => batch.extend(line),
            Item::Flush(done) => flushed.push(done),
        }
        next = (batch.len() < BATCH)
            .then(|| queue.try_recv().ok())
            .flatten();
    }
    flushed
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
    use std::sync::{Condvar, Mutex};

    use super::*;

    /// An output that stands still until it is opened.
    #[derive(Clone, Default)]
    struct Pipe(Arc<Shared>);

    #[derive(Default)]
    struct Shared {
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
            while lines.dropped.load(Ordering::Relaxed) == 0 {
                lines.write_all(b"line\n").unwrap();
            }
            pipe.open();
            let (done, wait) = sync_channel(1);
            lines.items.send(Item::Flush(done)).unwrap();
            wait.recv().unwrap();
            lines.write_all(b"after\n").unwrap();
            drop(guard);
            let text = pipe.text();
            assert!(text.contains("log lines are missing here"), "{text}");
            assert!(text.ends_with("after\n"));
        }
    }
}
