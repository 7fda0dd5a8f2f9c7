//! The body of a request, bounded.

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use bytes::Bytes;

use super::{
    MAX_BODY,
    error::{Failure, Reason},
    format::is_json,
};

/// A body that was read whole and is no larger than the limit.
pub(super) struct Body {
    /// Its bytes.
    pub(super) bytes: Bytes,
    /// Whether the client calls it JSON; anything else is taken for XML.
    pub(super) is_json: bool,
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let is_json = declares_json(request.headers());
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| unreadable(rejection.status()))?;
        Ok(Self { bytes, is_json })
    }
}

fn unreadable(status: StatusCode) -> Failure {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        let message = format!("The request body is larger than {MAX_BODY} bytes");
        return Failure::new(status, Reason::IllegalArgument, message);
    }
    Failure::bad_request("The request body did not arrive whole")
}

fn declares_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media_type| is_json(&media_type.trim().to_ascii_lowercase()))
}
