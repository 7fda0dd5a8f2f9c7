//! `/health/live` and `/health/ready`: for balancers and supervisors. Open to everybody, so they
//! tell nothing but yes or no.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::state::AppState;

/// 200 as long as the process answers.
pub(crate) async fn live() -> Response {
    answer(StatusCode::OK, "live\n")
}

/// 200 if requests can be served; 503 from the first moment of a shutdown on.
pub(crate) async fn ready(State(state): State<AppState>) -> Response {
    if state.lifecycle.is_draining() {
        answer(StatusCode::SERVICE_UNAVAILABLE, "draining\n")
    } else if state.directory.is_ready().await {
        answer(StatusCode::OK, "ready\n")
    } else {
        answer(StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}

fn answer(status: StatusCode, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, text).into_response()
}
