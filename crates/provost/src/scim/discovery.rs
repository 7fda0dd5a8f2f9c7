//! `/ServiceProviderConfig` (`/ServiceProviderConfigs` in 1.1), `/ResourceTypes`, `/Schemas`
//! (RFC 7644 section 4): what the schema tables say. Paging and sorting are ignored there; a filter is refused.

use axum::{
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use provost_directory::CURSOR_TIMEOUT;
use provost_scim::{ScimError, schema::discovery::Features};
use serde_json::Value;

use super::{
    DEFAULT_RESULTS, MAX_RESULTS, answer, caller::ScimCaller, error::Failure, query::Query,
};
use crate::state::AppState;

/// A discovery request: the base URL of the tenant, and no filter.
pub(crate) struct Discovery(ScimCaller);

impl FromRequestParts<AppState> for Discovery {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let caller = ScimCaller::from_request_parts(parts, state).await?;
        if Query::from_request_parts(parts, state).await?.has("filter") {
            let sentence = "Discovery documents cannot be filtered; leave the filter out";
            return Err(ScimError::with_status(403, sentence).into());
        }
        Ok(Self(caller))
    }
}

/// `GET /ServiceProviderConfig`.
pub(crate) async fn service_provider_config(
    State(state): State<AppState>,
    Discovery(caller): Discovery,
) -> Response {
    let features = Features {
        max_results: MAX_RESULTS,
        default_results: DEFAULT_RESULTS.into(),
        cursor_timeout: CURSOR_TIMEOUT,
        max_payload: state.max_body as u64,
        interop: caller.profile().interop_conformant,
        change_password: caller.directory_caller().tenant.settings.accept_passwords,
    };
    document(&caller, &caller.wire().config(caller.base(), &features))
}

/// `GET /ResourceTypes`.
pub(crate) async fn resource_types(Discovery(caller): Discovery) -> Response {
    let found = caller.wire().resource_types(caller.base(), caller.types());
    document(&caller, &found)
}

/// `GET /ResourceTypes/{name}`.
pub(crate) async fn resource_type(
    Discovery(caller): Discovery,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let found = caller
        .wire()
        .resource_type(caller.base(), caller.types(), &id);
    Ok(document(&caller, &found.ok_or_else(unknown)?))
}

/// `GET /Schemas`.
pub(crate) async fn schemas(Discovery(caller): Discovery) -> Response {
    let found = caller.wire().schemas(caller.base(), caller.types());
    document(&caller, &found)
}

/// `GET /Schemas/{urn}`.
pub(crate) async fn schema(
    Discovery(caller): Discovery,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let found = caller.wire().schema(caller.base(), caller.types(), &id);
    Ok(document(&caller, &found.ok_or_else(unknown)?))
}

fn unknown() -> Failure {
    ScimError::with_status(404, "There is no such schema or resource type").into()
}

fn document(caller: &ScimCaller, value: &Value) -> Response {
    answer::json(
        StatusCode::OK,
        caller.wire(),
        value.to_string().into_bytes(),
    )
}
