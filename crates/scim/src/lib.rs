//! SCIM as pure functions: no I/O, no clock, no randomness, no async.
//!
//! The crate turns untrusted bytes into values that cannot be wrong, and values back into the
//! wire form of RFC 7643 and RFC 7644. Untrusted things pass through types:
//!
//! | untrusted | checked |
//! |---|---|
//! | body bytes | [`json::parse`] → JSON value within limits |
//! | JSON value | [`validate::input`] → [`resource::Resource`] |
//! | filter text | [`filter::Filter`] → [`filter::BoundFilter`] |
//! | path text | [`path::Path`] → [`schema::AttributeRef`] |
//! | bulk body | [`bulk::BulkRequest`] → [`bulk::Job`] |
//! | PATCH body | [`patch::PatchRequest`] → [`patch::Patched`] |
//!
//! It knows no HTTP library, no store and no identity provider by name.
#![warn(missing_docs)]

pub mod bulk;
pub mod error;
pub mod filter;
pub mod json;
pub mod list;
pub mod member;
pub mod name;
pub mod patch;
pub mod path;
pub mod profile;
pub mod projection;
pub mod query;
pub mod quirk;
pub mod resource;
pub mod schema;
pub mod sort;
pub mod text;
pub mod time;
pub mod unique;
pub mod urn;
pub mod v1;
pub mod v2;
pub mod validate;
mod wire;

pub use error::{ScimError, ScimType};
pub use profile::Profile;
pub use resource::Resource;
pub use time::Timestamp;
