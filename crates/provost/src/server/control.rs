//! The thread that holds a server together: it opens the directory, follows the change log for
//! the host, and after the drain closes what it has opened.

use std::{
    future::Future,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use provost_directory::{Directory, OpenOptions};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::{Semaphore, oneshot, watch},
    time::{sleep, timeout},
};

use super::StartError;
use crate::{config::Config, lifecycle::Lifecycle, listen::Pool};

/// Most followers of the change log that the end of the directory waits for.
const FOLLOWERS: u32 = 1_000;

/// How long a host may take for the last changes before the directory is closed.
const LAST_CHANGES: Duration = Duration::from_secs(5);

/// What is running once the directory is open.
pub(super) struct Parts {
    pub(super) pools: Vec<Pool>,
    pub(super) config: Config,
}

/// A running server as the host holds it.
pub(super) struct Control {
    pub(super) config: Config,
    pub(super) directory: Directory,
    pub(super) lifecycle: Lifecycle,
    /// The runtime for what belongs to no listener.
    pub(super) runtime: Handle,
    stopped: watch::Receiver<bool>,
    followers: Arc<Semaphore>,
    thread: Option<thread::JoinHandle<()>>,
}

/// A started control thread: its runtime, the directory, and the way to hand it the listeners.
struct Opened {
    runtime: Handle,
    directory: Directory,
    listeners: oneshot::Sender<Vec<Pool>>,
    stopped: watch::Receiver<bool>,
    followers: Arc<Semaphore>,
    thread: thread::JoinHandle<()>,
}

/// What the control thread is given.
struct Orders {
    lifecycle: Lifecycle,
    drain_delay: Duration,
    directory: Option<Directory>,
    options: OpenOptions,
    report: mpsc::SyncSender<Result<Directory, StartError>>,
    listeners: oneshot::Receiver<Vec<Pool>>,
    stopped: watch::Sender<bool>,
    followers: Arc<Semaphore>,
}

impl Control {
    /// Opens the directory, then lets `listen` start the listeners.
    pub(super) fn start(
        lifecycle: Lifecycle,
        drain_delay: Duration,
        directory: Option<Directory>,
        options: OpenOptions,
        listen: impl FnOnce(Directory) -> Result<Parts, StartError>,
    ) -> Result<Self, StartError> {
        let opened = open(lifecycle.clone(), drain_delay, directory, options)?;
        let Parts { pools, config } = listen(opened.directory.clone())?;
        // The thread waits for nothing else, so it is there.
        let _ = opened.listeners.send(pools);
        Ok(Self {
            config,
            directory: opened.directory,
            lifecycle,
            runtime: opened.runtime,
            stopped: opened.stopped,
            followers: opened.followers,
            thread: Some(opened.thread),
        })
    }

    /// Becomes true when no request is served any more.
    pub(super) fn stopped(&self) -> watch::Receiver<bool> {
        self.stopped.clone()
    }

    /// Runs what ends by itself once [`Control::stopped`] is true; the directory stays open for
    /// it.
    pub(super) fn spawn_follower(&self, follower: impl Future<Output = ()> + Send + 'static) {
        // Taken here and not in the task, which may begin after the stop.
        let permit = Arc::clone(&self.followers).try_acquire_owned();
        self.runtime.spawn(async move {
            follower.await;
            drop(permit);
        });
    }

    /// Blocks until the listeners and the directory are closed.
    pub(super) fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn open(
    lifecycle: Lifecycle,
    drain_delay: Duration,
    directory: Option<Directory>,
    options: OpenOptions,
) -> Result<Opened, StartError> {
    let no_thread =
        |error: std::io::Error| StartError(format!("The system gives no thread: {error}"));
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("provost-control")
        .enable_all()
        .build()
        .map_err(no_thread)?;
    let handle = runtime.handle().clone();
    let (report, outcome) = mpsc::sync_channel(1);
    let (listeners, started) = oneshot::channel();
    let (stop, stopped) = watch::channel(false);
    let followers = Arc::new(Semaphore::new(FOLLOWERS as usize));
    let orders = Orders {
        lifecycle,
        drain_delay,
        directory,
        options,
        report,
        listeners: started,
        stopped: stop,
        followers: Arc::clone(&followers),
    };
    let thread = thread::Builder::new()
        .name("provost-control".to_owned())
        .spawn(move || hold(runtime, orders))
        .map_err(no_thread)?;
    let gone = |_| StartError("The directory cannot be opened; the log says why".to_owned());
    let directory = outcome.recv().map_err(gone)??;
    Ok(Opened {
        runtime: handle,
        directory,
        listeners,
        stopped,
        followers,
        thread,
    })
}

/// Ends the drain when its time is over.
async fn close_after(lifecycle: Lifecycle, delay: Duration) {
    lifecycle.drained().await;
    sleep(delay).await;
    lifecycle.close();
}

/// The life of the control thread.
fn hold(runtime: Runtime, orders: Orders) {
    let ours = orders.directory.is_none();
    runtime.block_on(async {
        let opened = match orders.directory {
            Some(directory) => Ok(directory),
            None => Directory::open(orders.options).await,
        };
        let directory = match opened {
            Ok(directory) => directory,
            Err(error) => {
                let _ = orders.report.send(Err(StartError(error.to_string())));
                return;
            }
        };
        let _ = orders.report.send(Ok(directory.clone()));
        tokio::spawn(close_after(orders.lifecycle, orders.drain_delay));
        // No listeners come when one of them could not start.
        for pool in orders.listeners.await.unwrap_or_default() {
            pool.finished().await;
        }
        orders.stopped.send_replace(true);
        let _ = timeout(LAST_CHANGES, orders.followers.acquire_many(FOLLOWERS)).await;
        if ours {
            directory.close().await;
        }
    });
    runtime.shutdown_background();
}
