//! Threads that hash passwords, apart from those that serve requests.
//!
//! There are few of them and few places in the queue: each hash takes 19 MiB and tens of
//! milliseconds, so a flood of sign-ins is turned away instead of taking the machine.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use tokio::sync::oneshot;

/// Most threads; half of the cores if those are fewer.
const MAX_THREADS: usize = 4;
/// Places in the queue per thread: about a second of waiting.
const PLACES: usize = 32;

type Job = Box<dyn FnOnce() + Send>;

/// Starts its threads with the first job; they end with the pool.
#[derive(Default)]
pub(crate) struct Pool {
    jobs: OnceLock<SyncSender<Job>>,
    waiting: Arc<AtomicU64>,
    refused: AtomicU64,
}

/// A job from when it is queued until it is done, or gone.
struct Waiting(Arc<AtomicU64>);

impl Waiting {
    fn begin(counter: &Arc<AtomicU64>) -> Self {
        counter.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(counter))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Pool {
    /// Runs `work` on a thread of the pool; `None` when no place is free or it panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = oneshot::channel();
        let waiting = Waiting::begin(&self.waiting);
        let job: Job = Box::new(move || {
            let _done = waiting;
            // A caller that has gone away needs no answer, and so no work.
            if !sender.is_closed() {
                let _ = sender.send(work());
            }
        });
        if self.jobs.get_or_init(start).try_send(job).is_err() {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        receiver.await.ok()
    }

    /// How many jobs are under way or wait, and how many were turned away so far.
    pub(crate) fn load(&self) -> (u64, u64) {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (read(&self.waiting), read(&self.refused))
    }
}

fn start() -> SyncSender<Job> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    start_with((cores / 2).clamp(1, MAX_THREADS))
}

fn start_with(threads: usize) -> SyncSender<Job> {
    let (sender, receiver) = sync_channel(threads * PLACES);
    let receiver = Arc::new(Mutex::new(receiver));
    for number in 0..threads {
        let receiver = Arc::clone(&receiver);
        let started = thread::Builder::new()
            .name(format!("passwords-{number}"))
            .spawn(move || serve(&receiver));
        if let Err(error) = started {
            tracing::warn!(%error, "the system gives no thread for hashing passwords");
        }
    }
    sender
}

fn serve(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else {
            return;
        };
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("hashing a password panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::testing::{block_on, is_pending};

    fn pool(threads: usize) -> Pool {
        Pool {
            jobs: OnceLock::from(start_with(threads)),
            ..Pool::default()
        }
    }

    #[test]
    fn work_is_done_elsewhere_and_its_outcome_returned() {
        let here = thread::current().id();
        let there = block_on(pool(2).run(|| thread::current().id())).unwrap();
        assert_ne!(here, there);
    }

    #[test]
    fn a_panic_costs_one_job_and_no_thread() {
        let pool = pool(1);
        assert_eq!(block_on(pool.run(|| -> u8 { panic!("broken") })), None);
        assert_eq!(block_on(pool.run(|| 7)), Some(7));
    }

    #[test]
    fn a_full_queue_turns_away_at_once_and_serves_again_later() {
        let pool = pool(1);
        let (release, held) = mpsc::channel::<()>();
        let (busy, is_busy) = mpsc::channel();
        let mut first = Box::pin(pool.run(move || {
            busy.send(()).unwrap();
            held.recv().unwrap();
        }));
        assert!(is_pending(first.as_mut()));
        is_busy.recv().unwrap();
        let mut waiting: Vec<_> = (0..PLACES).map(|_| Box::pin(pool.run(|| ()))).collect();
        for job in &mut waiting {
            assert!(is_pending(job.as_mut()));
        }
        assert_eq!(block_on(pool.run(|| ())), None);
        assert_eq!(pool.load(), (PLACES as u64 + 1, 1));
        release.send(()).unwrap();
        assert_eq!(block_on(first), Some(()));
        for job in waiting {
            assert_eq!(block_on(job), Some(()));
        }
        assert_eq!(block_on(pool.run(|| ())), Some(()));
    }
}
