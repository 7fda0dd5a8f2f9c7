//! The Provost server as a library.
#![warn(missing_docs)]

mod crowd;
mod state;
