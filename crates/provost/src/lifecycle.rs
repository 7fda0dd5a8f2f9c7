//! From running over draining to closing.

use std::sync::Arc;

use tokio::sync::watch;

/// Where the server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// Serving.
    Running,
    /// Still serving, but not ready: balancers shall look elsewhere.
    Draining,
    /// No new connections; requests in flight are finished.
    Closing,
}

/// Shared by both listeners, the health answers and whoever stops the server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Lifecycle {
    stage: Arc<watch::Sender<Stage>>,
}

impl Lifecycle {
    pub(crate) fn new() -> Self {
        Self {
            stage: Arc::new(watch::Sender::new(Stage::Running)),
        }
    }

    /// Begins the drain; a second time ends it and begins to close.
    pub(crate) fn drain(&self) {
        self.stage.send_modify(|stage| {
            *stage = match stage {
                Stage::Running => Stage::Draining,
                Stage::Draining | Stage::Closing => Stage::Closing,
            };
        });
    }

    /// Begins to close.
    pub(crate) fn close(&self) {
        self.stage.send_replace(Stage::Closing);
    }

    pub(crate) fn is_draining(&self) -> bool {
        *self.stage.borrow() >= Stage::Draining
    }

    /// Resolves when the drain begins, at once if it has.
    pub(crate) async fn drained(&self) {
        self.reached(Stage::Draining).await;
    }

    /// Resolves when the closing begins, at once if it has.
    pub(crate) async fn closing(&self) {
        self.reached(Stage::Closing).await;
    }

    async fn reached(&self, goal: Stage) {
        // The sender lives in `self`, so the channel cannot be closed here.
        let _ = self
            .stage
            .subscribe()
            .wait_for(|stage| *stage >= goal)
            .await;
    }
}
