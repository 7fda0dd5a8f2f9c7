//! A server at work.

use std::{net::SocketAddr, sync::mpsc};

use provost_directory::{Directory, DirectoryError, change::Position};

use super::{
    changes::{self, Changes},
    control::Control,
};
use crate::config::Config;

/// A server that accepts connections. Dropping it begins the shutdown and does not wait for it.
pub struct RunningServer {
    control: Control,
}

impl RunningServer {
    pub(super) fn new(control: Control) -> Self {
        Self { control }
    }

    /// Where SCIM is served.
    pub fn scim_addr(&self) -> SocketAddr {
        self.control.config.scim_listen
    }

    /// Where Crowd is served; with `single_port` the same as [`RunningServer::scim_addr`].
    pub fn app_addr(&self) -> SocketAddr {
        self.control.config.app_listen
    }

    /// The settings, with the addresses that the listeners really have.
    pub fn config(&self) -> &Config {
        &self.control.config
    }

    /// The directory that is served.
    pub fn directory(&self) -> &Directory {
        &self.control.directory
    }

    /// The end of the change log now. Blocks for one read of the store.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn head(&self) -> Result<Position, DirectoryError> {
        let (sender, receiver) = mpsc::sync_channel(1);
        let directory = self.directory().clone();
        self.control.runtime.spawn(async move {
            let _ = sender.send(directory.head().await);
        });
        let stopped = |_| DirectoryError::Unavailable("the server has stopped".to_owned());
        receiver.recv().map_err(stopped)?
    }

    /// Every change after `from`, also those made by other processes on the same data. Number 0
    /// of the present epoch is the beginning of the log; [`RunningServer::head`] is now. A
    /// position of another epoch, from before a restore, gives one error and nothing else.
    pub fn changes(&self, from: Position) -> Changes {
        let (sender, changes) = changes::channel();
        let follow = changes::follow(
            self.directory().clone(),
            from,
            sender,
            self.control.stopped(),
        );
        self.control.spawn_follower(follow);
        changes
    }

    /// Begins the shutdown and returns at once. From this moment the server is not ready and ends
    /// each connection after its answer; after `drain_delay_seconds`, or when told a second time,
    /// it takes no new connections, and requests in flight go on for up to `drain_seconds`.
    pub fn shutdown(&self) {
        self.control.lifecycle.drain();
    }

    /// A handle that begins the shutdown from another thread, such as one that waits for
    /// signals.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.control.lifecycle.clone())
    }

    /// Blocks until the server has stopped after a shutdown: requests are finished, the threads
    /// gone, the directory closed.
    pub fn wait(mut self) {
        self.control.join();
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        self.shutdown();
    }
}

/// Begins the shutdown of a server; see [`RunningServer::stopper`].
#[derive(Clone)]
pub struct Stopper(crate::lifecycle::Lifecycle);

impl Stopper {
    /// Like [`RunningServer::shutdown`].
    pub fn shutdown(&self) {
        self.0.drain();
    }
}
