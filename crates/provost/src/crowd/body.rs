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
    /// Whether the client calls it JSON, or calls it nothing and it begins like JSON; anything
    /// else is taken for XML.
    pub(super) is_json: bool,
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let declared = declares_json(request.headers());
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| unreadable(rejection.status()))?;
        let is_json = declared.unwrap_or_else(|| bytes.trim_ascii_start().starts_with(b"{"));
        Ok(Self { bytes, is_json })
    }
}

impl Body {
    /// The body as text, without a byte order mark.
    pub(super) fn text(&self) -> Result<&str, Failure> {
        let text = std::str::from_utf8(&self.bytes)
            .map_err(|_| Failure::bad_request("The request body is not UTF-8"))?;
        Ok(text.trim_start_matches('\u{feff}'))
    }
}

fn unreadable(status: StatusCode) -> Failure {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        let message = format!("The request body is larger than {MAX_BODY} bytes");
        return Failure::new(status, Reason::IllegalArgument, message);
    }
    Failure::bad_request("The request body did not arrive whole")
}

/// `None` without a `Content-Type`.
fn declares_json(headers: &HeaderMap) -> Option<bool> {
    let value = headers.get(header::CONTENT_TYPE)?;
    let media_type = value.to_str().ok()?.split(';').next()?;
    Some(is_json(&media_type.trim().to_ascii_lowercase()))
}
