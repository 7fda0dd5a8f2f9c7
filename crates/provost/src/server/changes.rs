//! The stream of changes for host programs.

use std::time::Duration;

use provost_directory::{
    Directory, DirectoryError,
    change::{Change, Position},
};
use tokio::{
    sync::{mpsc, watch},
    time::sleep,
};

/// Changes read at a time; also how many wait for a host that is slow.
const BATCH: usize = 256;

/// Pause before the store is asked again after it was unavailable.
const PAUSE: Duration = Duration::from_secs(1);

/// Every change after a position, in order, none left out and none twice; ends when the server
/// has stopped. A host that stores the position of the last change it has dealt with goes on
/// from there after a restart.
///
/// As an iterator it blocks, for a thread of its own; in async code use
/// [`Changes::next_change`]. A host that reads slowly holds up nobody.
pub struct Changes {
    receiver: mpsc::Receiver<Result<Change, DirectoryError>>,
}

impl Changes {
    pub(super) fn new(receiver: mpsc::Receiver<Result<Change, DirectoryError>>) -> Self {
        Self { receiver }
    }

    /// The next change; `None` when the server has stopped. An error is the last item: the
    /// position belongs to another history of the log, or the store could not be read.
    pub async fn next_change(&mut self) -> Option<Result<Change, DirectoryError>> {
        self.receiver.recv().await
    }
}

impl Iterator for Changes {
    type Item = Result<Change, DirectoryError>;

    /// # Panics
    /// Inside async code, which must not block.
    fn next(&mut self) -> Option<Self::Item> {
        self.receiver.blocking_recv()
    }
}

/// A channel that holds one batch.
pub(super) fn channel() -> (mpsc::Sender<Result<Change, DirectoryError>>, Changes) {
    let (sender, receiver) = mpsc::channel(BATCH);
    (sender, Changes::new(receiver))
}

/// Follows the log from `position` until the host has gone, or the listeners have stopped and
/// everything has been told.
pub(super) async fn follow(
    directory: Directory,
    mut position: Position,
    sender: mpsc::Sender<Result<Change, DirectoryError>>,
    mut stopped: watch::Receiver<bool>,
) {
    if let Err(error) = check(&directory, position).await {
        let _ = sender.send(Err(error)).await;
        return;
    }
    loop {
        // Read before the log: what is written before the stop is then seen after it.
        let last = *stopped.borrow_and_update();
        match directory.changes_after(position, BATCH).await {
            Ok(changes) if changes.is_empty() => {
                if last
                    || wait(&directory, position, &sender, &mut stopped)
                        .await
                        .is_err()
                {
                    return;
                }
            }
            Ok(changes) => {
                for change in changes {
                    position = change.position;
                    if sender.send(Ok(change)).await.is_err() {
                        return;
                    }
                }
            }
            Err(DirectoryError::Unavailable(_)) if !last => sleep(PAUSE).await,
            Err(error) => {
                let _ = sender.send(Err(error)).await;
                return;
            }
        }
    }
}

/// Whether the log has come to this position in its present history.
async fn check(directory: &Directory, position: Position) -> Result<(), DirectoryError> {
    let head = directory.head().await?;
    if position.epoch == head.epoch && position.number <= head.number {
        return Ok(());
    }
    Err(DirectoryError::Invalid(format!(
        "position {position} belongs to another history of the change log, which is at {head} now; \
         read everything again, from {}.0 on",
        head.epoch
    )))
}

/// The host reads no more.
struct Gone;

async fn wait(
    directory: &Directory,
    position: Position,
    sender: &mpsc::Sender<Result<Change, DirectoryError>>,
    stopped: &mut watch::Receiver<bool>,
) -> Result<(), Gone> {
    tokio::select! {
        () = sender.closed() => Err(Gone),
        _ = stopped.changed() => Ok(()),
        outcome = directory.wait_past(position) => {
            if outcome.is_err() {
                sleep(PAUSE).await;
            }
            Ok(())
        }
    }
}
