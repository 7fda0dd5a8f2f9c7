//! Starting, watching and stopping a whole server.
mod changes;
use crate::config::Config;
pub use changes::Changes;
use provost_directory::{Directory, change::Position, clock::Clock};
use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

/// Why a server cannot be started. One clear sentence with the next step.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(pub String);

/// A server before it is started.
#[derive(Debug)]
pub struct Server;

/// Collects what a server needs.
pub struct ServerBuilder {}

impl Server {
    /// A server with default settings.
    pub fn builder() -> ServerBuilder {
        todo!()
    }
}
impl ServerBuilder {
    /// The settings.
    #[must_use]
    pub fn config(self, _config: Config) -> Self {
        todo!()
    }
    /// The clock.
    #[must_use]
    pub fn clock(self, _clock: Arc<dyn Clock>) -> Self {
        todo!()
    }
    /// A directory the host has opened; otherwise the server opens the one of `data_dir`.
    #[must_use]
    pub fn directory(self, _directory: Directory) -> Self {
        todo!()
    }
    /// The SCIM socket.
    #[must_use]
    pub fn scim_listener(self, _listener: TcpListener) -> Self {
        todo!()
    }
    /// The application socket.
    #[must_use]
    pub fn app_listener(self, _listener: TcpListener) -> Self {
        todo!()
    }
    /// Binds, opens, starts threads; returns when both listeners accept. Blocks.
    pub fn start(self) -> Result<RunningServer, StartError> {
        todo!()
    }
}

/// A server that accepts connections.
pub struct RunningServer {}
impl RunningServer {
    /// Where SCIM is served.
    pub fn scim_addr(&self) -> SocketAddr {
        todo!()
    }
    /// Where Crowd is served.
    pub fn app_addr(&self) -> SocketAddr {
        todo!()
    }
    /// The settings, with the addresses that the listeners really have.
    pub fn config(&self) -> &Config {
        todo!()
    }
    /// The directory.
    pub fn directory(&self) -> &Directory {
        todo!()
    }
    /// Every change after `from`, without end.
    pub fn changes(&self, _from: Position) -> Changes {
        todo!()
    }
    /// Begins the drain and returns at once; `wait` returns when it is done. May be called from a signal handler thread.
    pub fn shutdown(&self) {
        todo!()
    }
    /// Blocks until the server has stopped after `shutdown`.
    pub fn wait(self) {
        todo!()
    }
}
