//! Answers to what this server does not do. All of them ask for the password first.

use axum::http::{Method, StatusCode};

use super::{
    auth::CrowdCaller,
    body::Body,
    error::{Failure, Reason},
};

/// A write of users, groups, memberships or passwords. The body is taken off the connection, so
/// that it can be used again, and not looked at.
pub(super) async fn write(_: CrowdCaller, _: Body) -> Failure {
    Failure::ReadOnly
}

/// A method that the resource does not have.
pub(super) async fn method(_: CrowdCaller, method: Method) -> Failure {
    Failure::new(
        StatusCode::METHOD_NOT_ALLOWED,
        Reason::UnsupportedOperation,
        format!("This resource does not support {method}"),
    )
}

/// A resource that does not exist; applications take 404 for "not supported by this server".
pub(super) async fn unknown(_: CrowdCaller) -> Failure {
    Failure::new(
        StatusCode::NOT_FOUND,
        Reason::UnsupportedOperation,
        "There is no such resource. The base URL of this directory ends in /crowd",
    )
}
