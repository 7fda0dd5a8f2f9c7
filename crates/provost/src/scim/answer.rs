//! Resources and lists as answers.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use provost_scim::{
    projection::Projection,
    v2::{self, View},
};

/// The media type of every body.
pub(super) const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json");

/// One resource.
pub(super) fn resource(
    status: StatusCode,
    base: &str,
    view: &View<'_>,
    projection: &Projection,
) -> Response {
    let mut body = Vec::with_capacity(1_024);
    v2::resource(&mut body, base, view, projection);
    let mut response = json(status, body);
    name(response.headers_mut(), base, view);
    response
}

/// An answer without a body that still names the resource: 204 and 304.
pub(super) fn bare(status: StatusCode, base: &str, view: &View<'_>) -> Response {
    let mut response = empty(status);
    name(response.headers_mut(), base, view);
    response
}

/// An answer without a body.
pub(super) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// A JSON body.
pub(super) fn json(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, SCIM_JSON);
    response
}

/// `Location` and `ETag`.
fn name(headers: &mut HeaderMap, base: &str, view: &View<'_>) {
    if let Ok(location) = HeaderValue::try_from(v2::location(base, view.kind, view.id)) {
        headers.insert(header::LOCATION, location);
    }
    if let Ok(etag) = HeaderValue::try_from(v2::etag(view.version)) {
        headers.insert(header::ETAG, etag);
    }
}
