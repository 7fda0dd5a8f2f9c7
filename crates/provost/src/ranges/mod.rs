//! Documents of IP ranges from the network: fetched with care, and again every day.
//!
//! What a document says is read in `provost_allowlist::feed`; whether it may be used is decided in
//! `provost_allowlist::update`; what is in force is kept by the directory.

mod fetch;
mod guard;
mod refresh;
#[cfg(test)]
mod tests;

pub use self::fetch::{FetchError, Fetcher, Reach};
pub(crate) use self::refresh::keep_fresh;
