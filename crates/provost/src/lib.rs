//! The Provost server as a library.
#![warn(missing_docs)]

pub mod config;
mod crowd;
mod server;
mod state;

pub use server::{Changes, RunningServer, Server, ServerBuilder, StartError};
