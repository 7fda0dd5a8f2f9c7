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

use super::{caller::ScimCaller, wire::Wire};

/// One resource.
pub(super) fn resource(
    status: StatusCode,
    caller: &ScimCaller,
    view: &View<'_>,
    projection: &Projection,
) -> Response {
    let mut body = Vec::with_capacity(1_024);
    let wire = caller.wire();
    wire.resource(&mut body, caller.base(), view, projection);
    let mut response = json(status, wire, body);
    name(response.headers_mut(), caller.base(), view);
    response
}

/// An answer without a body that still names the resource: 204 and 304.
pub(super) fn bare(status: StatusCode, caller: &ScimCaller, view: &View<'_>) -> Response {
    let mut response = empty(status);
    name(response.headers_mut(), caller.base(), view);
    response
}

/// An answer without a body.
pub(super) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// A JSON body.
pub(super) fn json(status: StatusCode, wire: Wire, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, wire.media_type());
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
