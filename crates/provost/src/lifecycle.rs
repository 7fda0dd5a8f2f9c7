//! Whether the server is running or draining.

use std::sync::Arc;

use tokio::sync::watch;

/// Shared by both listeners, the health answers and whoever stops the server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Lifecycle {
    draining: Arc<watch::Sender<bool>>,
}

impl Lifecycle {
    pub(crate) fn new() -> Self {
        Self {
            draining: Arc::new(watch::Sender::new(false)),
        }
    }

    /// Begins the drain; doing so twice changes nothing.
    pub(crate) fn drain(&self) {
        self.draining.send_replace(true);
    }

    pub(crate) fn is_draining(&self) -> bool {
        *self.draining.borrow()
    }

    /// Resolves when the drain begins, at once if it has.
    pub(crate) async fn drained(&self) {
        // The sender lives in `self`, so the channel cannot be closed here.
        let _ = self
            .draining
            .subscribe()
            .wait_for(|draining| *draining)
            .await;
    }
}
