//! Starting, watching and stopping a whole server.

mod builder;
mod changes;
mod control;
mod running;

pub use builder::{Server, ServerBuilder};
pub use changes::Changes;
pub use running::{RunningServer, Stopper};

/// Why a server cannot be started. One clear sentence with the next step.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(pub String);
