//! What every handler shares.

use provost_directory::Directory;

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct AppState {
    /// The directory.
    pub(crate) directory: Directory,
    /// `public_url` of the application listener, for links in Crowd answers; no slash at the end.
    pub(crate) app_url: std::sync::Arc<str>,
}
