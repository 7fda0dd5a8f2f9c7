//! The Provost server as a library: SCIM and Crowd over HTTP.
//!
//! A host program starts a whole server, with its own sockets and threads, and is told of every
//! change:
//!
//! ```no_run
//! use provost::{Server, config::{Config, Sources}};
//!
//! let config = Config::resolve(&Sources {
//!     overrides: vec![("data_dir", "/srv/provost".into())],
//!     ..Sources::default()
//! })?;
//! let server = Server::builder().config(config).start()?;
//! for change in server.changes(server.head()?) {
//!     let change = change?;
//!     println!("{} {:?} {}", change.position, change.kind, change.name);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! or mounts the SCIM API on a port of its own with [`scim_router`]. The examples
//! `embed_server` and `mount_router` are both in full.
//!
//! What SCIM means is decided in `provost-scim`, what is stored and who may see it in
//! `provost-directory`; this crate listens, authenticates, routes and encodes.
#![warn(missing_docs)]

mod authorities;
mod client_ip;
pub mod config;
mod crowd;
mod deadlines;
mod http_rules;
mod lifecycle;
mod listen;
mod mount;
mod ops;
pub mod ranges;
mod router;
mod scim;
mod server;
mod state;
mod surface;
mod trace;

pub use authorities::Authorities;
#[cfg(fuzzing)]
#[doc(hidden)]
pub use crowd::fuzzing;
pub use deadlines::Deadlines;
pub use mount::{ScimOptions, scim_router};
pub use ops::metrics::{Kind as MetricKind, METRICS, Metric};
pub use router::{Endpoint, SCIM_ENDPOINTS};
pub use server::{Changes, RunningServer, Server, ServerBuilder, StartError, Stopper};
