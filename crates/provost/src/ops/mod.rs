//! For those who run the server: whether it is well, and what it counts.

pub(crate) mod health;
pub(crate) mod metrics;
