//! `/Users` (RFC 7644 sections 3.3 to 3.6).

use axum::{
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use provost_directory::{id::UserId, user::User};
use provost_scim::{patch::PatchRequest, projection::Projection, schema::USER, validate};
use serde_json::Value;

use super::{
    answer,
    body::ScimBody,
    caller::ScimCaller,
    error::{self, Failure},
    precondition::{IfMatch, IfNoneMatch},
    query::Query,
};
use crate::state::AppState;

/// The id in the path; anything that is no id of ours names nothing.
pub(crate) struct Id(UserId);

impl FromRequestParts<AppState> for Id {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let id = path.ok().and_then(|Path((_, id))| UserId::parse(&id));
        id.map(Self).ok_or_else(error::not_found)
    }
}

/// `POST /Users`.
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: ScimCaller,
    query: Query,
    body: ScimBody,
) -> Result<Response, Failure> {
    let projection = query.projection(&USER, caller.profile())?;
    let user = make(&state, &caller, body.json()?, body.hash()).await?;
    Ok(one(StatusCode::CREATED, &caller, &user, &projection))
}

/// Creates a user, for one request or one operation of a bulk job; `hash` tells a repetition.
pub(super) async fn make(
    state: &AppState,
    caller: &ScimCaller,
    data: Value,
    hash: [u8; 32],
) -> Result<User, Failure> {
    let input = validate::input(&USER, caller.profile(), data)?;
    let (directory, actor) = (&state.directory, caller.actor());
    let created = directory
        .create_user(caller.directory_caller(), &actor, input, hash)
        .await?;
    Ok(created.into_inner())
}

/// `GET /Users/{id}`.
pub(crate) async fn read(
    State(state): State<AppState>,
    caller: ScimCaller,
    Id(id): Id,
    query: Query,
    known: IfNoneMatch,
) -> Result<Response, Failure> {
    let projection = query.projection(&USER, caller.profile())?;
    let with_groups = projection.wants("groups");
    let user = state
        .directory
        .user(caller.directory_caller(), id, with_groups)
        .await?;
    if known.has(user.version) {
        let id = user.id.to_string();
        return Ok(answer::bare(
            StatusCode::NOT_MODIFIED,
            caller.base(),
            &answer::user_view(&user, &id),
        ));
    }
    Ok(one(StatusCode::OK, &caller, &user, &projection))
}

/// `PUT /Users/{id}`.
pub(crate) async fn replace(
    State(state): State<AppState>,
    caller: ScimCaller,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    query: Query,
    body: ScimBody,
) -> Result<Response, Failure> {
    let projection = query.projection(&USER, caller.profile())?;
    let user = put(&state, &caller, id, expected, body.json()?).await?;
    Ok(one(StatusCode::OK, &caller, &user, &projection))
}

/// Replaces a user, for one request or one operation of a bulk job.
pub(super) async fn put(
    state: &AppState,
    caller: &ScimCaller,
    id: UserId,
    expected: Option<Vec<u64>>,
    data: Value,
) -> Result<User, Failure> {
    let input = validate::input(&USER, caller.profile(), data)?;
    let (directory, actor) = (&state.directory, caller.actor());
    let user = directory
        .replace_user(caller.directory_caller(), &actor, id, expected, input)
        .await?;
    Ok(user)
}

/// `PATCH /Users/{id}`.
pub(crate) async fn patch(
    State(state): State<AppState>,
    caller: ScimCaller,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    query: Query,
    body: ScimBody,
) -> Result<Response, Failure> {
    let projection = query.projection(&USER, caller.profile())?;
    let user = modify(&state, &caller, id, expected, body.json()?).await?;
    Ok(one(StatusCode::OK, &caller, &user, &projection))
}

/// Patches a user, for one request or one operation of a bulk job.
pub(super) async fn modify(
    state: &AppState,
    caller: &ScimCaller,
    id: UserId,
    expected: Option<Vec<u64>>,
    data: Value,
) -> Result<User, Failure> {
    let patch = PatchRequest::parse(data, caller.profile())?;
    let (directory, actor) = (&state.directory, caller.actor());
    let user = directory
        .patch_user(caller.directory_caller(), &actor, id, expected, patch)
        .await?;
    Ok(user)
}

/// `DELETE /Users/{id}`.
pub(crate) async fn delete(
    State(state): State<AppState>,
    caller: ScimCaller,
    Id(id): Id,
    IfMatch(expected): IfMatch,
) -> Result<Response, Failure> {
    remove(&state, &caller, id, expected).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// Deletes a user, for one request or one operation of a bulk job.
pub(super) async fn remove(
    state: &AppState,
    caller: &ScimCaller,
    id: UserId,
    expected: Option<Vec<u64>>,
) -> Result<(), Failure> {
    let (directory, actor) = (&state.directory, caller.actor());
    directory
        .delete_user(caller.directory_caller(), &actor, id, expected)
        .await?;
    Ok(())
}

fn one(status: StatusCode, caller: &ScimCaller, user: &User, projection: &Projection) -> Response {
    let id = user.id.to_string();
    answer::resource(
        status,
        caller.base(),
        &answer::user_view(user, &id),
        projection,
    )
}
