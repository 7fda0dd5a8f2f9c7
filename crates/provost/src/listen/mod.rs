//! Listeners: plain HTTP/1.1 on threads of their own.
//!
//! Every listener has its own runtime, worker threads, connection cap and deadlines, so a flood
//! on one leaves the other untouched. There is no TLS and no HTTP/2 here: a gateway stands in
//! front.

mod accept;
mod connection;
mod guard;
mod pool;
mod proxied;
mod rest;

use std::{num::NonZeroUsize, sync::Arc};

pub(crate) use pool::{Pool, start};

use crate::{
    client_ip::ClientRule, deadlines::Deadlines, lifecycle::Lifecycle, ops::metrics::Connections,
    surface::Surface,
};

/// Largest request head in bytes.
const MAX_HEAD: usize = 64 * 1024;

/// Most headers in a request.
const MAX_HEADERS: usize = 100;

/// What one listener does and within which limits.
#[derive(Clone)]
pub(crate) struct Settings {
    /// Name of its threads and in the log.
    pub(crate) name: &'static str,
    /// Counts its connections.
    pub(crate) connections: Arc<Connections>,
    pub(crate) threads: NonZeroUsize,
    pub(crate) max_connections: NonZeroUsize,
    pub(crate) deadlines: Deadlines,
    /// How long requests in flight may take when the server stops.
    pub(crate) drain: std::time::Duration,
    pub(crate) surface: Surface,
    pub(crate) clients: ClientRule,
    pub(crate) lifecycle: Lifecycle,
}
