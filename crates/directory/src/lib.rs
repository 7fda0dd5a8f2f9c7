//! Users, groups, memberships, tenants, tokens, applications and the change log.
//!
//! [`Directory`] is the only door: the layers above call its use cases, each of which is one
//! transaction that writes rows **and** the change log. The crate knows no HTTP.
#![warn(missing_docs)]

pub mod application;
pub mod change;
pub mod clock;
mod directory;
pub mod error;
pub mod group;
pub mod id;
pub mod person;
pub mod tenant;
pub mod token;
pub mod user;
pub mod view;

pub use directory::{Directory, OpenOptions};
pub use error::{DirectoryError, OpenError};
