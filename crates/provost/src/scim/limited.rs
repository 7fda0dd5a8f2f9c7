//! Whole bodies within their limits of type, size and time, and handlers within theirs.

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, Limited};
use tokio::time::timeout;

use super::error::Failure;
use crate::state::AppState;

/// Takes the whole body off the connection before the handler runs, and gives the handler its
/// deadline.
pub(crate) async fn limited(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let request = match with_whole_body(&state, request).await {
        Ok(request) => request,
        Err(failure) => return failure.into_response(),
    };
    match timeout(state.deadlines.handler, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::TooSlow.into_response(),
    }
}

async fn with_whole_body(state: &AppState, request: Request) -> Result<Request, Failure> {
    let has_body = [Method::POST, Method::PUT, Method::PATCH].contains(request.method());
    if !has_body {
        return Ok(request);
    }
    check_type(request.headers())?;
    check_length(request.headers(), state.max_body)?;
    let (parts, body) = request.into_parts();
    let body = timeout(state.deadlines.body, read(body, state.max_body)).await;
    let body = body.map_err(|_| Failure::SlowBody)??;
    Ok(Request::from_parts(parts, Body::from(body)))
}

async fn read(body: Body, max: usize) -> Result<Bytes, Failure> {
    match Limited::new(body, max).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Failure::TooLarge(max)),
        Err(_) => Err(Failure::Malformed("The body of the request is broken")),
    }
}

/// R-7644-3.8-03: SCIM, plain JSON or no type at all, whatever the parameters; never compressed,
/// so that a small body cannot become a large one.
fn check_type(headers: &HeaderMap) -> Result<(), Failure> {
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let is_plain = |value: &header::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if encodings.all(is_plain) && types.all(is_json) {
        Ok(())
    } else {
        Err(Failure::UnsupportedType)
    }
}

fn is_json(value: &header::HeaderValue) -> bool {
    let Ok(text) = value.to_str() else {
        return false;
    };
    let essence = text.split(';').next().unwrap_or_default().trim();
    essence.is_empty()
        || essence.eq_ignore_ascii_case("application/scim+json")
        || essence.eq_ignore_ascii_case("application/json")
}

fn check_length(headers: &HeaderMap, max: usize) -> Result<(), Failure> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    match announced.map(str::parse::<u64>) {
        Some(Ok(length)) if length > max as u64 => Err(Failure::TooLarge(max)),
        Some(Ok(_) | Err(_)) | None => Ok(()),
    }
}
