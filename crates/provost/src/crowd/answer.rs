//! What every answer carries, whatever happens: the version header, no caching, and for failures
//! a body in the form the client reads.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{error::Failure, error::Reason, format::Format, gzip, xml};

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

/// The whole answer of a listener that has no room for a connection, before a request is read.
pub(crate) const BUSY: &[u8] = concat!(
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n",
    "Cache-Control: no-cache, no-store\r\nContent-Type: application/xml;charset=UTF-8\r\n",
    "X-Embedded-Crowd-Version: Provost/",
    env!("CARGO_PKG_VERSION"),
    "\r\n\r\n<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>",
    "<error><reason>OPERATION_FAILED</reason>",
    "<message>Too many connections. Try again shortly.</message></error>"
)
.as_bytes();

/// Whether a path belongs to this surface.
fn is_crowd(path: &str) -> bool {
    path == "/crowd" || path.starts_with("/crowd/") || path.starts_with("/rest/")
}

/// The answer to a request that was given up, such as at a deadline; `seal` completes it.
pub(crate) fn unavailable() -> Response {
    Failure::Unavailable.into_response()
}

/// Writes the bodies of failures and the headers that every Crowd answer needs, and compresses
/// for those who ask. A layer.
pub(crate) async fn seal(request: Request, next: Next) -> Response {
    let format = Format::of(request.headers());
    let compressed = gzip::is_accepted(request.headers());
    let response = finish(next.run(request).await, format);
    if compressed {
        gzip::compress(response)
    } else {
        response
    }
}

/// What is known of a Crowd client before its request is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Client(Format);

impl Client {
    /// The client, if answers to this path must be Crowd answers, whoever makes them.
    pub(crate) fn of(path: &str, headers: &HeaderMap) -> Option<Self> {
        is_crowd(path).then(|| Self(Format::of(headers)))
    }

    /// Completes an answer, also one that was made outside the routes, such as after a panic.
    pub(crate) fn seal(self, response: Response) -> Response {
        finish(response, self.0)
    }
}

fn finish(mut response: Response, format: Format) -> Response {
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        let connection = response.headers_mut().remove(header::CONNECTION);
        response = write(failure, format);
        if let Some(connection) = connection {
            response
                .headers_mut()
                .insert(header::CONNECTION, connection);
        }
    }
    let headers = response.headers_mut();
    headers.insert(VERSION_HEADER, VERSION);
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    response
}

/// Says what a Crowd client shall read instead of this answer to a broken request.
pub(crate) fn note_broken(response: &mut Response, reason: &'static str) {
    let failure = Failure::bad_request(reason);
    response.extensions_mut().insert(failure);
}

/// Says that a Crowd client shall read of internal trouble instead of this answer.
pub(crate) fn note_trouble(response: &mut Response) {
    response.extensions_mut().insert(Failure::Unavailable);
}

/// A whole document as an answer with status 200.
pub(super) fn document(format: Format, body: String) -> Response {
    written(StatusCode::OK, format, body)
}

/// A whole document as an answer.
pub(super) fn written(status: StatusCode, format: Format, body: String) -> Response {
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
        Failure::Held => later(
            format,
            "Too many people would lose access at once, so this directory is frozen; nothing was \
             changed. An administrator of Provost releases or discards the changes.",
        ),
        Failure::Busy => later(
            format,
            "Too many people sign in at once; the password was not looked at. Try again shortly.",
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
    written(status, format, body)
}
