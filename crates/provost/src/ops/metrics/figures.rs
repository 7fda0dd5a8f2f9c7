//! The figures of the directory as they were last read.
//!
//! They are read when somebody asks, by one reader at a time, who then rests twenty times as long
//! as reading took: whoever asks how often, it takes a twentieth of one processor at most. Who
//! asks waits for a moment only and otherwise gets what is known.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use provost_directory::{Directory, DirectoryError, figures::Figures};

/// How long a page waits for new figures.
const WAIT: Duration = Duration::from_secs(2);
/// How many times as long as reading took nobody reads again.
const REST: u32 = 20;

/// What is known.
#[derive(Clone, Default)]
pub(super) struct Known {
    /// What was read last, even if that was some time ago.
    pub(super) figures: Option<Arc<Figures>>,
    /// Whether the store served reads and writes when it was last asked.
    pub(super) is_up: bool,
    rests_until: Option<Instant>,
}

/// The figures of one server.
#[derive(Default)]
pub(super) struct Latest {
    known: Mutex<Known>,
    reading: Arc<tokio::sync::Mutex<()>>,
}

impl Latest {
    /// Reads the figures anew if it is time, and tells what is known.
    pub(super) async fn ask(self: &Arc<Self>, directory: &Directory) -> Known {
        if tokio::time::timeout(WAIT, self.renew(directory))
            .await
            .is_err()
        {
            tracing::info!("the figures for /metrics take long; the page shows older ones");
        }
        self.known().clone()
    }

    async fn renew(self: &Arc<Self>, directory: &Directory) {
        let turn = Arc::clone(&self.reading).lock_owned().await;
        let rests_until = self.known().rests_until;
        if rests_until.is_some_and(|until| Instant::now() < until) {
            return;
        }
        let (latest, directory) = (Arc::clone(self), directory.clone());
        // On its own, so that reading comes to its end when nobody waits for it any more.
        let reading = tokio::spawn(async move {
            let began = Instant::now();
            let is_ready = directory.is_ready().await;
            latest.keep(directory.figures().await, is_ready, began);
            drop(turn);
        });
        if reading.await.is_err() {
            tracing::error!("reading the figures for /metrics panicked");
        }
    }

    fn keep(&self, read: Result<Figures, DirectoryError>, is_ready: bool, began: Instant) {
        let mut known = self.known();
        known.is_up = is_ready && read.is_ok();
        let now = Instant::now();
        known.rests_until = now.checked_add(REST * now.duration_since(began));
        match read {
            Ok(figures) => known.figures = Some(Arc::new(figures)),
            Err(error) => tracing::warn!(%error, "the figures for /metrics cannot be read"),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
