//! Real surroundings for tests: PostgreSQL servers and other programs on loopback, ended with the
//! test that started them, also when it panics or is killed.
//!
//! Only tests use this crate, as a dev-dependency. It knows nothing of Provost.

mod folder;
mod https;
mod patience;
mod port;
pub mod postgres;
mod process;
mod program;

pub use folder::Folder;
pub use https::Https;
pub use patience::{pause, until};
pub use port::free_port;
pub use process::{Process, Signal};
pub use program::{find as find_program, is_root, run};
