//! Crowd REST, usermanagement version 1, as the Atlassian applications call it.

use axum::Router;

use crate::state::AppState;

/// Every Crowd route, for both context paths and both version names.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
}
