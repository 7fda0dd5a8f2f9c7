//! The body of a request as the handlers want it.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use http_body_util::BodyExt;
use provost_scim::{
    Profile, ScimError, json,
    patch::PatchRequest,
    schema::ResourceType,
    validate::{self, Input},
};
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
    /// A resource to create or to replace with.
    pub(super) fn input(
        &self,
        kind: &'static ResourceType,
        profile: &Profile,
    ) -> Result<Input, ScimError> {
        validate::input(kind, profile, json::parse(&self.0)?)
    }

    /// The operations of a PATCH.
    pub(super) fn patch(&self, profile: &Profile) -> Result<PatchRequest, ScimError> {
        PatchRequest::parse(json::parse(&self.0)?, profile)
    }

    /// Tells a repeated POST from a different one.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}
