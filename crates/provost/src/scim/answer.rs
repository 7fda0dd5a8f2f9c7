//! Resources and lists as answers.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use provost_directory::{group::Group, user::User};
use provost_scim::{
    projection::Projection,
    schema,
    v2::{self, View},
};

/// The media type of every body.
pub(super) const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json");

/// A user as the wire form wants it.
pub(super) fn user_view<'a>(user: &'a User, id: &'a str) -> View<'a> {
    View {
        kind: &schema::USER,
        id,
        resource: &user.resource,
        created: user.created,
        last_modified: user.last_modified,
        version: user.version,
        groups: &user.groups,
        members: &[],
    }
}

/// A group as the wire form wants it.
pub(super) fn group_view<'a>(group: &'a Group, id: &'a str) -> View<'a> {
    View {
        kind: &schema::GROUP,
        id,
        resource: &group.resource,
        created: group.created,
        last_modified: group.last_modified,
        version: group.version,
        groups: &[],
        members: &group.members,
    }
}

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
