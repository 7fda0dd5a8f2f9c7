//! SCIM over HTTP, in both versions: thin handlers that extract, call the directory and encode.
//!
//! A request passes the [`admit`] gate (path, token) before anything of it is routed or its body
//! read. Handlers and extractors fail with a [`Failure`], which [`seal`] turns into a SCIM error
//! body. Which version is spoken is known to [`Wire`] alone. What SCIM itself means is decided in `provost-scim` and in the directory.

mod answer;
mod body;
pub(crate) mod bulk;
mod caller;
mod credentials;
pub(crate) mod discovery;
mod endpoint;
mod error;
mod gate;
mod limited;
pub(crate) mod list;
mod path;
mod precondition;
mod query;
pub(crate) mod resource;
pub(crate) mod unsupported;
mod v1;
mod wire;

pub(crate) use error::{Failure, seal};
pub(crate) use gate::admit;
pub(crate) use limited::limited;
pub(crate) use path::is_scim;
pub(crate) use wire::Wire;

/// Most resources in one page; `/ServiceProviderConfig` announces it.
const MAX_RESULTS: u64 = 1_000;

/// Resources in a page when the client does not say how many.
const DEFAULT_RESULTS: u32 = 100;
