//! Users, groups, memberships, tenants, tokens, applications and the change log.
//!
//! [`Directory`] is the only door: the layers above call its use cases, each of which is one
//! transaction that writes rows **and** the change log. The crate knows no HTTP.
#![warn(missing_docs)]

pub mod allowlist;
pub mod application;
pub mod archive;
pub mod brake;
pub mod change;
pub mod clock;
mod coalesce;
pub mod credential;
pub mod cursor;
mod directory;
mod entropy;
pub mod error;
pub mod figures;
pub mod group;
pub mod id;
pub mod ip_set;
mod listings;
mod log;
mod members;
pub mod node;
mod password;
pub mod person;
mod registry;
mod replay;
pub mod schemas;
mod secret;
pub mod session;
mod settings;
mod store;
pub mod tenant;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod token;
pub mod user;
pub mod view;
pub mod view_report;
pub mod view_settings;

pub use archive::ArchiveError;
pub use cursor::CURSOR_TIMEOUT;
pub use directory::{
    Created, Database, Directory, Discarded, Import, Imported, Object, OpenOptions, Page, SignIn,
    Written,
};
pub use error::{DirectoryError, OpenError};
pub use store::PostgresUrl;
