//! The proof that a SCIM request is authenticated.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use provost_directory::{change::Actor, token::Caller};
use provost_scim::{Profile, schema::ResourceTypes};

use super::{error::Failure, wire::Wire};
use crate::{state::AppState, trace::Trace};

/// Who sends the request. Only the gate makes one; a handler that takes it cannot be reached
/// without a valid token, and without it there is no tenant to ask the directory about.
#[derive(Clone)]
pub(crate) struct ScimCaller {
    caller: Caller,
    wire: Wire,
    base: Arc<str>,
    request: Arc<str>,
}

impl ScimCaller {
    pub(super) fn new(caller: Caller, wire: Wire, public_url: &str) -> Self {
        let (slug, version) = (&caller.tenant.slug, wire.segment());
        let base = format!("{public_url}/scim/{slug}/{version}").into();
        Self {
            caller,
            wire,
            base,
            request: "".into(),
        }
    }

    /// For the directory.
    pub(super) fn directory_caller(&self) -> &Caller {
        &self.caller
    }

    /// The version that the request speaks.
    pub(super) fn wire(&self) -> Wire {
        self.wire
    }

    /// For the change log.
    pub(super) fn actor(&self) -> Actor {
        Actor {
            name: self.caller.token.to_string(),
            request: self.request.to_string(),
        }
    }

    /// The id of the request, for sentences.
    pub(super) fn request(&self) -> &str {
        &self.request
    }

    /// How strictly the tenant is served.
    pub(super) fn profile(&self) -> &Profile {
        &self.caller.tenant.settings.profile
    }

    /// What the tenant's users and groups look like.
    pub(super) fn types(&self) -> ResourceTypes {
        self.caller.tenant.types
    }

    /// The base URL of the tenant, without a slash at the end; from the settings, never from the
    /// `Host` header.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Logs member ids that exist nowhere in the tenant and were left out.
    pub(super) fn note_skipped(&self, group: &str, skipped: &[String]) {
        if !skipped.is_empty() {
            tracing::info!(
                request = %self.request,
                tenant = %self.caller.tenant.slug,
                group,
                members = ?skipped,
                "unknown members were skipped"
            );
        }
    }
}

impl FromRequestParts<AppState> for ScimCaller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Failure> {
        let proof = parts.extensions.get::<Self>().cloned();
        let mut proof = proof.ok_or(Failure::Unauthenticated)?;
        if let Some(trace) = parts.extensions.get::<Trace>() {
            proof.request = trace.id().to_string().into();
        }
        Ok(proof)
    }
}
