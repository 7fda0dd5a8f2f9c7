//! What goes wrong in the SCIM API, and the one place where it becomes an answer.
#![deny(clippy::wildcard_enum_match_arm)]

use std::fmt;

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use provost_directory::DirectoryError;
use provost_scim::{ScimError, ScimType};

use super::wire::Wire;
use crate::trace::RequestId;

/// What a client may answer a 401 with. The same for every tenant, so that it tells nothing about
/// the forms of its tokens; agents that wait for a challenge need theirs to be there.
const CHALLENGES: [HeaderValue; 2] = [
    HeaderValue::from_static("Bearer realm=\"SCIM\""),
    HeaderValue::from_static("Basic realm=\"SCIM\", charset=\"UTF-8\""),
];

/// Why a request is not served.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// What SCIM or the directory refuses.
    Refused(ScimError),
    /// No token, or not a valid one for this tenant; one answer for every cause.
    Unauthenticated,
    /// The token may not write.
    ReadOnlyToken,
    /// HTTP that has no meaning.
    Malformed(&'static str),
    /// No such endpoint.
    NoSuchPath,
    /// The endpoint has no such method.
    NoSuchMethod,
    /// A feature of the standard that is not offered; its name.
    NotOffered(&'static str),
    /// The body is neither JSON nor uncompressed.
    UnsupportedType,
    /// The client asks for XML.
    NoXml,
    /// The body has more bytes than this.
    TooLarge(usize),
    /// The body came too slowly.
    SlowBody,
    /// The handler took too long.
    TooSlow,
    /// The store cannot serve.
    Unavailable,
    /// A defect of the server.
    Internal,
}

impl From<ScimError> for Failure {
    fn from(error: ScimError) -> Self {
        Self::Refused(error)
    }
}

impl From<DirectoryError> for Failure {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::NotFound => not_found(),
            DirectoryError::Conflict {
                attribute,
                existing,
            } => conflict(attribute, existing).into(),
            DirectoryError::VersionMismatch => ScimError::with_status(
                412,
                "The resource has changed since the version in If-Match; read it again",
            )
            .into(),
            DirectoryError::Refused(error) => error.into(),
            DirectoryError::Invalid(sentence) => {
                ScimError::new(ScimType::InvalidValue, sentence).into()
            }
            // Only full listings of views end so; should one appear here, retrying does no harm.
            DirectoryError::NothingProvisioned | DirectoryError::Held(_) => Self::Unavailable,
            DirectoryError::Unavailable(cause) => {
                tracing::error!(%cause, "the store is unavailable");
                Self::Unavailable
            }
        }
    }
}

/// No such user or group in this tenant, whatever the reason.
pub(super) fn not_found() -> Failure {
    let sentence = "There is no such resource in this tenant; it may have been deleted";
    ScimError::with_status(404, sentence).into()
}

fn conflict(attribute: &str, existing: Option<String>) -> ScimError {
    let owner = existing.map_or_else(String::new, |id| format!(" by the resource {id}"));
    ScimError::new(
        ScimType::Uniqueness,
        format!("This {attribute} is taken{owner}"),
    )
}

impl Failure {
    /// The error as SCIM says it.
    pub(super) fn to_scim(&self, request: &dyn fmt::Display) -> ScimError {
        let (status, sentence) = match self {
            Self::Refused(error) => return error.clone(),
            Self::Unauthenticated => (
                401,
                "The token or password is missing, or not valid for this URL or from this address; \
                 check the name of the tenant in the URL, paste the secret again, and see whether \
                 the tenant has allowed_addresses"
                    .to_owned(),
            ),
            Self::ReadOnlyToken => (
                403,
                "This token may read only; make one that may write with `provost token create`"
                    .to_owned(),
            ),
            Self::Malformed(reason) => (400, (*reason).to_owned()),
            Self::NoSuchPath => (
                404,
                "There is no such endpoint; the base URL ends in /v2, or in /v1 for SCIM 1.1".to_owned(),
            ),
            Self::NoSuchMethod => (
                405,
                "This endpoint does not have this method; see Allow".to_owned(),
            ),
            Self::NotOffered(feature) => (501, format!("{feature} is not offered")),
            Self::UnsupportedType => (
                415,
                "The body must be JSON, as application/scim+json or application/json, not compressed; \
                 XML is not served"
                    .to_owned(),
            ),
            Self::NoXml => (
                406,
                "XML is not served; ask for application/json".to_owned(),
            ),
            Self::TooLarge(max) => (
                413,
                format!("The body is larger than {max} bytes, the maxPayloadSize of this server"),
            ),
            Self::SlowBody => (408, "The body came too slowly".to_owned()),
            Self::TooSlow => (
                503,
                format!("This took too long; try again. Request {request}"),
            ),
            Self::Unavailable => (
                503,
                format!("The store is not available just now; try again. Request {request}"),
            ),
            Self::Internal => (
                503,
                format!("Internal trouble; try again. Request {request}"),
            ),
        };
        ScimError::with_status(status, sentence)
    }

    /// Whether the rest of the request cannot be told from a next one, or is not worth reading.
    fn ends_connection(&self) -> bool {
        matches!(
            self,
            Self::Malformed(_) | Self::TooLarge(_) | Self::SlowBody
        )
    }
}

impl IntoResponse for Failure {
    /// Only a marker; [`seal`] writes the answer when the request id is known.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the SCIM error of a failed request into its answer.
pub(crate) fn seal(response: &mut Response, wire: Wire, request: RequestId) {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let Some(failure) = response.extensions_mut().remove::<Failure>() else {
        return;
    };
    let error = failure.to_scim(&request);
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.status_mut() = status;
    *response.body_mut() = Body::from(wire.error(&error).to_string());
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, wire.media_type());
    if status == StatusCode::UNAUTHORIZED {
        for challenge in CHALLENGES {
            headers.append(header::WWW_AUTHENTICATE, challenge);
        }
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    if failure.ends_connection() {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
}
