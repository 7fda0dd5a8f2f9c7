//! The SCIM API as a router for a host's own port.

use std::sync::Arc;

use axum::Router;
use provost_directory::Directory;

use crate::{
    client_ip::ClientRule, deadlines::Deadlines, lifecycle::Lifecycle, ops::metrics::Metrics,
    router, state::AppState,
};

/// What the SCIM API needs to know on a port that is not its own.
#[derive(Clone, Debug)]
pub struct ScimOptions {
    /// URL under which identity providers reach the host, without `/scim` and without a slash at
    /// the end, such as `https://people.example.com`.
    pub public_url: String,
    /// Largest request body in bytes.
    pub max_body: usize,
    /// Time limits for bodies and handlers; the others are the host's business.
    pub deadlines: Deadlines,
}

impl ScimOptions {
    /// Bodies up to 1 MiB and the usual time limits.
    pub fn new(public_url: impl Into<String>) -> Self {
        Self {
            public_url: public_url.into(),
            max_body: 1 << 20,
            deadlines: Deadlines::default(),
        }
    }
}

/// The SCIM API under `/scim/{tenant}`, in both versions, authenticated and complete, to be merged
/// into the router of a host. The host keeps its own fallback and its own middleware; put body limits and
/// authentication of the host on its other routes only. Allowlists of tenants compare with the
/// `ConnectInfo<SocketAddr>` of the host's requests, and admit nobody where there is none.
///
/// ```no_run
/// use std::sync::Arc;
/// use provost::{ScimOptions, scim_router};
/// use provost_directory::{Directory, OpenOptions, clock::SystemClock};
///
/// # async fn mount() -> Result<axum::Router, provost_directory::OpenError> {
/// let directory = Directory::open(OpenOptions {
///     data_dir: "/srv/people".into(),
///     database: provost_directory::Database::default(),
///     serve: true,
///     clock: Arc::new(SystemClock),
/// })
/// .await?;
/// let scim = scim_router(directory, ScimOptions::new("https://people.example.com"));
/// # Ok(
/// axum::Router::new()
///     .route("/", axum::routing::get(|| async { "the host's own page" }))
///     .merge(scim)
/// # )
/// # }
/// ```
pub fn scim_router(directory: Directory, options: ScimOptions) -> Router {
    let ScimOptions {
        public_url,
        max_body,
        deadlines,
    } = options;
    let public_url = public_url.trim_end_matches('/');
    router::mounted(&AppState {
        directory,
        app_url: public_url.into(),
        public_url: public_url.into(),
        max_body,
        deadlines,
        clients: ClientRule::default(),
        metrics: Metrics::default(),
        metrics_allowed: Arc::default(),
        lifecycle: Lifecycle::new(),
    })
}
