//! The body of a request as the handlers want it.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use http_body_util::BodyExt;
use provost_scim::{ScimError, json};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::error::Failure;
use crate::state::AppState;

/// A whole body; its size and type were checked on the way.
pub(crate) struct ScimBody(Bytes);

impl FromRequest<AppState> for ScimBody {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Failure> {
        let collected = request.into_body().collect().await;
        let broken = |_| Failure::Malformed("The body of the request is broken");
        Ok(Self(collected.map_err(broken)?.to_bytes()))
    }
}

impl ScimBody {
    /// The JSON object within its limits.
    pub(super) fn json(&self) -> Result<Value, ScimError> {
        json::parse(&self.0)
    }

    /// Tells a repeated POST from a different one.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}
