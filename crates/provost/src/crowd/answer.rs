//! What every answer carries, whatever happens: the version header, no caching, and for failures
//! a body in the form the client reads.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{error::Failure, error::Reason, format::Format, xml};

/// Clients refuse any answer without this header; its value is free (observed with Atlassian's
/// client library 5.1.6).
const VERSION_HEADER: HeaderName = HeaderName::from_static("x-embedded-crowd-version");
const VERSION: HeaderValue =
    HeaderValue::from_static(concat!("Provost/", env!("CARGO_PKG_VERSION")));
/// Without it the HTTP cache inside the applications answers `/event` by itself.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-cache, no-store");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain;charset=UTF-8");
const CHALLENGE: HeaderValue = HeaderValue::from_static("BASIC realm=\"Crowd REST Service\"");
/// Seconds after which a client may try again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// Whether answers to this path must be Crowd answers, whoever makes them.
pub(crate) fn is_crowd(path: &str) -> bool {
    path == "/crowd" || path.starts_with("/crowd/") || path.starts_with("/rest/")
}

/// The answer to a request that was given up, such as at a deadline; `seal` completes it.
pub(crate) fn unavailable() -> Response {
    Failure::Unavailable.into_response()
}

/// Writes the bodies of failures and the headers that every Crowd answer needs. A layer.
pub(crate) async fn seal(request: Request, next: Next) -> Response {
    let format = Format::of(request.headers());
    let mut response = next.run(request).await;
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        response = write(failure, format);
    }
    stamp(response.headers_mut());
    response
}

/// Adds the headers that every Crowd answer needs. For answers made outside the routes, such as
/// after a panic.
pub(crate) fn stamp(headers: &mut HeaderMap) {
    headers.insert(VERSION_HEADER, VERSION);
    headers.insert(header::CACHE_CONTROL, NO_STORE);
}

/// A whole document as an answer with status 200.
pub(super) fn document(format: Format, body: String) -> Response {
    typed(StatusCode::OK, format, body)
}

fn typed(status: StatusCode, format: Format, body: String) -> Response {
    let content_type = HeaderValue::from_static(format.content_type());
    (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
}

fn write(failure: Failure, format: Format) -> Response {
    match failure {
        Failure::Unauthenticated => (
            StatusCode::UNAUTHORIZED,
            [
                (header::CONTENT_TYPE, PLAIN),
                (header::WWW_AUTHENTICATE, CHALLENGE),
            ],
            "Application failed to authenticate",
        )
            .into_response(),
        Failure::AddressRefused {
            address,
            application,
        } => forbidden(format!(
            "Client with address \"{address}\" is forbidden from making requests to the \
             application, {application}."
        )),
        Failure::ReadOnly => read_only(format),
        Failure::Unavailable => later(
            format,
            "The directory is unavailable; nothing was changed. Try again shortly.",
        ),
        Failure::NothingProvisioned => later(
            format,
            "No user has been provisioned yet; nothing was changed. Synchronise again when the \
             identity provider has pushed the first user.",
        ),
        Failure::Entity {
            status,
            reason,
            message,
        } => entity(format, status, reason, &message),
    }
}

/// An application set to Read Only never gets here; one that is not shows this to its administrator.
fn read_only(format: Format) -> Response {
    entity(
        format,
        StatusCode::FORBIDDEN,
        Reason::ApplicationPermissionDenied,
        "Users and groups are managed by the identity provider. Set this directory to Read Only.",
    )
}

/// Applications parse no entity in this 403; they show the text.
fn forbidden(text: String) -> Response {
    (StatusCode::FORBIDDEN, [(header::CONTENT_TYPE, PLAIN)], text).into_response()
}

/// Nothing is wrong with the request; it may come again.
fn later(format: Format, message: &str) -> Response {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let mut response = entity(format, status, Reason::OperationFailed, message);
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, RETRY_AFTER);
    response
}

fn entity(format: Format, status: StatusCode, reason: Reason, message: &str) -> Response {
    let body = match format {
        Format::Json => json!({ "reason": reason.code(), "message": message }).to_string(),
        Format::Xml => {
            let mut out = format!("{}<error>", xml::DECLARATION);
            xml::element(&mut out, "reason", reason.code());
            xml::element(&mut out, "message", message);
            out.push_str("</error>");
            out
        }
    };
    typed(status, format, body)
}
