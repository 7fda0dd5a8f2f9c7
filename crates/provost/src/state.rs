//! What every handler shares.

use std::sync::Arc;

use provost_allowlist::IpSet;
use provost_directory::Directory;

use crate::{
    client_ip::ClientRule, deadlines::Deadlines, lifecycle::Lifecycle, ops::metrics::Metrics,
};

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct AppState {
    /// The directory.
    pub(crate) directory: Directory,
    /// `public_url` of the application listener, for links in Crowd answers; no slash at the end.
    pub(crate) app_url: Arc<str>,
    /// `public_url` of the SCIM API, for locations; no slash at the end.
    pub(crate) public_url: Arc<str>,
    /// Largest request body of the SCIM API in bytes.
    pub(crate) max_body: usize,
    /// Time limits.
    pub(crate) deadlines: Deadlines,
    /// How the client of a request is found.
    pub(crate) clients: ClientRule,
    /// What is counted.
    pub(crate) metrics: Metrics,
    /// Who may read what is counted.
    pub(crate) metrics_allowed: Arc<IpSet>,
    /// Running or draining.
    pub(crate) lifecycle: Lifecycle,
}
