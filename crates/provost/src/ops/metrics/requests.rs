//! Requests by what they are for, method and class of the status, and how long they took.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use axum::http::{Method, StatusCode};

use super::{
    count::{Counters, Part},
    text::Samples,
};

const METHODS: [&str; 6] = ["get", "post", "put", "patch", "delete", "other"];
const STATUSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];
/// Every combination.
const KINDS: usize = Part::ALL.len() * METHODS.len() * STATUSES.len();
/// Upper ends of the buckets: microseconds, and seconds as they are printed.
const BOUNDS: [(u128, &str); 8] = [
    (1_000, "0.001"),
    (5_000, "0.005"),
    (25_000, "0.025"),
    (100_000, "0.1"),
    (500_000, "0.5"),
    (1_000_000, "1"),
    (5_000_000, "5"),
    (15_000_000, "15"),
];

/// A request that was answered.
pub(crate) struct Seen {
    pub(crate) part: Part,
    pub(crate) method: Method,
    pub(crate) status: StatusCode,
    /// Until the head of the answer; listings go on after it.
    pub(crate) took: Duration,
}

/// The counters.
#[derive(Default)]
pub(super) struct Requests {
    kinds: Counters<KINDS>,
    times: [Histogram; Part::ALL.len()],
}

/// How long something took.
#[derive(Default)]
struct Histogram {
    /// By bucket, not yet added up; the last one has no upper end.
    buckets: Counters<{ BOUNDS.len() + 1 }>,
    micros: AtomicU64,
}

fn method_class(method: &Method) -> usize {
    match *method {
        Method::GET | Method::HEAD => 0,
        Method::POST => 1,
        Method::PUT => 2,
        Method::PATCH => 3,
        Method::DELETE => 4,
        _ => 5,
    }
}

fn status_class(status: StatusCode) -> usize {
    usize::from(status.as_u16() / 100).clamp(2, 5) - 2
}

impl Requests {
    /// Counts a request.
    pub(super) fn add(&self, seen: &Seen) {
        let row = seen.part as usize * METHODS.len() + method_class(&seen.method);
        self.kinds
            .add(row * STATUSES.len() + status_class(seen.status));
        if let Some(times) = self.times.get(seen.part as usize) {
            times.add(seen.took);
        }
    }

    /// Writes the counts; every combination has its line, so that none appears late.
    pub(super) fn print_counts(&self, out: &mut Samples<'_>) {
        let mut counts = self.kinds.read();
        for (_, part) in Part::ALL {
            for method in METHODS {
                for status in STATUSES {
                    let labels = [("surface", part), ("method", method), ("status", status)];
                    out.put(&labels, counts.next().unwrap_or(0));
                }
            }
        }
    }

    /// Writes the times.
    pub(super) fn print_times(&self, out: &mut Samples<'_>) {
        for ((_, part), times) in Part::ALL.iter().zip(&self.times) {
            times.print(part, out);
        }
    }
}

impl Histogram {
    fn add(&self, took: Duration) {
        let micros = took.as_micros();
        let place = BOUNDS.iter().position(|(bound, _)| micros <= *bound);
        self.buckets.add(place.unwrap_or(BOUNDS.len()));
        let micros = u64::try_from(micros).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    fn print(&self, part: &str, out: &mut Samples<'_>) {
        let mut total = 0;
        let bounds = BOUNDS.iter().map(|(_, text)| *text).chain(["+Inf"]);
        for (bound, count) in bounds.zip(self.buckets.read()) {
            total += count;
            out.put_as("_bucket", &[("surface", part), ("le", bound)], total);
        }
        let micros = self.micros.load(Ordering::Relaxed);
        let seconds = Duration::from_micros(micros).as_secs_f64();
        out.put_as("_sum", &[("surface", part)], seconds);
        out.put_as("_count", &[("surface", part)], total);
    }
}
