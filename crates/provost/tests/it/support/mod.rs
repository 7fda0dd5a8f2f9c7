//! A server on free loopback ports over a throw-away directory, and a plain HTTP client.

pub(crate) mod http;
mod server;

pub(crate) use server::{TempDir, TestServer, block_on};
