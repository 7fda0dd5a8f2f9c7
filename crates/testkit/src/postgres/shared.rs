//! One server for all tests of a process.

use std::sync::{
    OnceLock,
    atomic::{AtomicU32, Ordering},
};

use anyhow::{Error, Result};

use super::cluster::{Options, Postgres};

/// A database of its own on the server that all tests of this process share, as a URL. The server
/// does not wait for the disk; it ends with the process.
pub fn fresh_database() -> Result<String> {
    static SERVER: OnceLock<Result<Postgres, String>> = OnceLock::new();
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = SERVER
        .get_or_init(|| Postgres::start(&Options::default()).map_err(|error| format!("{error:#}")));
    let server = server.as_ref().map_err(|text| Error::msg(text.clone()))?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    server.create_database(&format!("test{number}"))
}
