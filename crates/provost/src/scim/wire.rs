//! The two wire forms of SCIM, and the only place that asks which one a request speaks. What they
//! look like is decided in `provost-scim`.

use axum::http::{HeaderValue, StatusCode};
use provost_scim::{
    Profile, ScimError,
    bulk::{self, Answer, BulkRequest, Entry},
    patch::PatchRequest,
    projection::Projection,
    schema::{
        ResourceType, ResourceTypes,
        discovery::{self, Features},
    },
    v1,
    v2::{self, Place, View},
};
use serde_json::Value;

use super::path;

/// A version of SCIM. It follows from the path; the newest one where the path has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    /// SCIM 1.1, at `/scim/{tenant}/v1`.
    V1,
    /// SCIM 2.0, at `/scim/{tenant}/v2`.
    V2,
}

impl Wire {
    /// The version that a path names.
    pub(crate) fn of(path: &str) -> Self {
        match path::version(path) {
            Some("v1") => Self::V1,
            Some(_) | None => Self::V2,
        }
    }

    /// The last segment of a base URL.
    pub(super) const fn segment(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }

    /// The media type of every body (R-OPP-20).
    pub(super) const fn media_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::V1 => "application/json",
            Self::V2 => "application/scim+json",
        })
    }

    /// The answer to a DELETE that was done.
    pub(super) const fn deleted(self) -> StatusCode {
        match self {
            Self::V1 => StatusCode::OK,
            Self::V2 => StatusCode::NO_CONTENT,
        }
    }

    /// The body of a failed answer.
    pub(super) fn error(self, error: &ScimError) -> Value {
        match self {
            Self::V1 => v1::error(error),
            Self::V2 => error.to_json(),
        }
    }
}

/// Requests, in the names of 2.0.
impl Wire {
    /// Decoded parameters.
    pub(super) fn query(
        self,
        pairs: Vec<(String, String)>,
        profile: &Profile,
    ) -> Result<Vec<(String, String)>, ScimError> {
        match self {
            Self::V1 => v1::query(pairs, profile),
            Self::V2 => Ok(pairs),
        }
    }

    /// The body of a POST or PUT.
    pub(super) fn body(self, kind: &'static ResourceType, body: Value) -> Value {
        match self {
            Self::V1 => v1::body(kind, body),
            Self::V2 => body,
        }
    }

    /// The body of a PATCH.
    pub(super) fn patch(
        self,
        kind: &'static ResourceType,
        profile: &Profile,
        body: Value,
    ) -> Result<PatchRequest, ScimError> {
        match self {
            Self::V1 => v1::patch(kind, profile, body),
            Self::V2 => PatchRequest::parse(body, profile),
        }
    }

    /// The body of a bulk job.
    pub(super) fn bulk(self, body: Value, types: ResourceTypes) -> Result<BulkRequest, ScimError> {
        match self {
            Self::V1 => v1::bulk_request(body, &types.all()),
            Self::V2 => BulkRequest::parse(body, &types.all()),
        }
    }
}

/// Answers.
impl Wire {
    /// Appends one resource to `out`.
    pub(super) fn resource(
        self,
        out: &mut Vec<u8>,
        base: &str,
        view: &View<'_>,
        projection: &Projection,
    ) {
        match self {
            Self::V1 => v1::resource(out, base, view, projection),
            Self::V2 => v2::resource(out, base, view, projection),
        }
    }

    /// Appends a page to `out`; 1.1 has no cursors, so none is ever asked for there.
    pub(super) fn list<'a>(
        self,
        out: &mut Vec<u8>,
        base: &str,
        total: u64,
        place: Place<'_>,
        items: impl Iterator<Item = (View<'a>, &'a Projection)>,
    ) {
        match (self, place) {
            (Self::V2, place) => v2::list(out, base, total, place, items),
            (Self::V1, Place::Index(start)) => v1::list(out, base, total, start, items),
            (Self::V1, Place::Cursor(_)) => v1::list(out, base, total, 1, items),
        }
    }

    /// The answer to a bulk job.
    pub(super) fn bulk_answer<'a>(
        self,
        processed: impl Iterator<Item = (&'a Entry, &'a Answer)>,
    ) -> Value {
        match self {
            Self::V1 => v1::bulk_response(processed),
            Self::V2 => bulk::response(processed),
        }
    }
}

/// Discovery documents.
impl Wire {
    /// What the server can do.
    pub(super) fn config(self, base: &str, features: &Features) -> Value {
        match self {
            Self::V1 => v1::discovery::service_provider_configs(base, features),
            Self::V2 => discovery::service_provider_config(base, features),
        }
    }

    /// All resource types.
    pub(super) fn resource_types(self, base: &str, types: ResourceTypes) -> Value {
        let all = types.all();
        match self {
            Self::V1 => v1::discovery::list(
                all.map(|kind| v1::discovery::resource_type(base, kind))
                    .into(),
            ),
            Self::V2 => {
                discovery::list(all.map(|kind| discovery::resource_type(base, kind)).into())
            }
        }
    }

    /// One resource type.
    pub(super) fn resource_type(self, base: &str, types: ResourceTypes, id: &str) -> Option<Value> {
        match self {
            Self::V1 => v1::discovery::find_resource_type(base, types, id),
            Self::V2 => discovery::find_resource_type(base, types, id),
        }
    }

    /// All schemas.
    pub(super) fn schemas(self, base: &str, types: ResourceTypes) -> Value {
        match self {
            Self::V1 => v1::discovery::list(v1::discovery::schemas(base, types)),
            Self::V2 => discovery::list(discovery::schemas(base, types)),
        }
    }

    /// One schema.
    pub(super) fn schema(self, base: &str, types: ResourceTypes, id: &str) -> Option<Value> {
        match self {
            Self::V1 => v1::discovery::find_schema(base, types, id),
            Self::V2 => discovery::find_schema(base, types, id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_stands_after_the_tenant() {
        for (path, expect) in [
            ("/scim/okta/v1/Users", Wire::V1),
            ("//scim//okta//v1/", Wire::V1),
            ("/scim/okta/v1", Wire::V1),
            ("/scim/okta/v1.json", Wire::V2),
            ("/scim/v1/v2/Users", Wire::V2),
            ("/scim/okta/v2/v1", Wire::V2),
            ("/scim/okta/V1/Users", Wire::V2),
            ("/scim/okta", Wire::V2),
            ("/", Wire::V2),
        ] {
            assert_eq!(Wire::of(path), expect, "{path}");
        }
    }
}
