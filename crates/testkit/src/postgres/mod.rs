//! PostgreSQL servers of a test's own: started in a moment, with a password, on a port of
//! 127.0.0.1, as an unprivileged user; never one that is there already.

mod cluster;
mod owner;
mod shared;
#[cfg(test)]
mod tests;
mod tools;

pub use cluster::{Options, Postgres};
pub use shared::fresh_database;
