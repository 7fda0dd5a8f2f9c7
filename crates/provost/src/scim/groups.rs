//! `/Groups` (RFC 7644 sections 3.3 to 3.6).
//!
//! A PATCH answers 204 unless the client asks for attributes, because a group can be far larger
//! than its change (D-17). Members are loaded only when the answer shows them.

use axum::{
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use provost_directory::{group::Group, id::GroupId};
use provost_scim::{patch::PatchRequest, projection::Projection, schema::GROUP, validate};
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
pub(crate) struct Id(GroupId);

impl FromRequestParts<AppState> for Id {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let id = path.ok().and_then(|Path((_, id))| GroupId::parse(&id));
        id.map(Self).ok_or_else(error::not_found)
    }
}

/// `POST /Groups`.
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: ScimCaller,
    query: Query,
    body: ScimBody,
) -> Result<Response, Failure> {
    let projection = query.projection(&GROUP, caller.profile())?;
    let group = make(&state, &caller, body.json()?, body.hash()).await?;
    Ok(one(StatusCode::CREATED, &caller, &group, &projection))
}

/// Creates a group, for one request or one operation of a bulk job; `hash` tells a repetition.
pub(super) async fn make(
    state: &AppState,
    caller: &ScimCaller,
    data: Value,
    hash: [u8; 32],
) -> Result<Group, Failure> {
    let input = validate::input(&GROUP, caller.profile(), data)?;
    let (directory, actor) = (&state.directory, caller.actor());
    let created = directory
        .create_group(caller.directory_caller(), &actor, input, hash)
        .await?;
    let written = created.into_inner();
    caller.note_skipped(&written.object.id.to_string(), &written.skipped_members);
    Ok(written.object)
}

/// `GET /Groups/{id}`.
pub(crate) async fn read(
    State(state): State<AppState>,
    caller: ScimCaller,
    Id(id): Id,
    query: Query,
    known: IfNoneMatch,
) -> Result<Response, Failure> {
    let projection = query.projection(&GROUP, caller.profile())?;
    let with_members = projection.wants("members");
    let group = state
        .directory
        .group(caller.directory_caller(), id, with_members)
        .await?;
    if known.has(group.version) {
        return Ok(bare(StatusCode::NOT_MODIFIED, &caller, &group));
    }
    Ok(one(StatusCode::OK, &caller, &group, &projection))
}

/// `PUT /Groups/{id}`.
pub(crate) async fn replace(
    State(state): State<AppState>,
    caller: ScimCaller,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    query: Query,
    body: ScimBody,
) -> Result<Response, Failure> {
    let projection = query.projection(&GROUP, caller.profile())?;
    let target = Target {
        id,
        expected,
        with_members: projection.wants("members"),
    };
    let group = put(&state, &caller, target, body.json()?).await?;
    Ok(one(StatusCode::OK, &caller, &group, &projection))
}

/// A group to change.
pub(super) struct Target {
    pub(super) id: GroupId,
    /// The versions that `If-Match` names.
    pub(super) expected: Option<Vec<u64>>,
    /// Whether the answer shows its members.
    pub(super) with_members: bool,
}

/// Replaces a group, for one request or one operation of a bulk job.
pub(super) async fn put(
    state: &AppState,
    caller: &ScimCaller,
    target: Target,
    data: Value,
) -> Result<Group, Failure> {
    let input = validate::input(&GROUP, caller.profile(), data)?;
    let written = state
        .directory
        .replace_group(
            caller.directory_caller(),
            &caller.actor(),
            target.id,
            target.expected,
            input,
            target.with_members,
        )
        .await?;
    caller.note_skipped(&target.id.to_string(), &written.skipped_members);
    Ok(written.object)
}

/// `PATCH /Groups/{id}`.
pub(crate) async fn patch(
    State(state): State<AppState>,
    caller: ScimCaller,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    query: Query,
    body: ScimBody,
) -> Result<Response, Failure> {
    let projection = query.projection(&GROUP, caller.profile())?;
    let shown = projection.is_given();
    let target = Target {
        id,
        expected,
        with_members: shown && projection.wants("members"),
    };
    let group = modify(&state, &caller, target, body.json()?).await?;
    Ok(if shown {
        one(StatusCode::OK, &caller, &group, &projection)
    } else {
        bare(StatusCode::NO_CONTENT, &caller, &group)
    })
}

/// Patches a group, for one request or one operation of a bulk job.
pub(super) async fn modify(
    state: &AppState,
    caller: &ScimCaller,
    target: Target,
    data: Value,
) -> Result<Group, Failure> {
    let patch = PatchRequest::parse(data, caller.profile())?;
    let written = state
        .directory
        .patch_group(
            caller.directory_caller(),
            &caller.actor(),
            target.id,
            target.expected,
            patch,
            target.with_members,
        )
        .await?;
    caller.note_skipped(&target.id.to_string(), &written.skipped_members);
    Ok(written.object)
}

/// `DELETE /Groups/{id}`.
pub(crate) async fn delete(
    State(state): State<AppState>,
    caller: ScimCaller,
    Id(id): Id,
    IfMatch(expected): IfMatch,
) -> Result<Response, Failure> {
    remove(&state, &caller, id, expected).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// Deletes a group, for one request or one operation of a bulk job.
pub(super) async fn remove(
    state: &AppState,
    caller: &ScimCaller,
    id: GroupId,
    expected: Option<Vec<u64>>,
) -> Result<(), Failure> {
    let (directory, actor) = (&state.directory, caller.actor());
    directory
        .delete_group(caller.directory_caller(), &actor, id, expected)
        .await?;
    Ok(())
}

fn one(
    status: StatusCode,
    caller: &ScimCaller,
    group: &Group,
    projection: &Projection,
) -> Response {
    let id = group.id.to_string();
    answer::resource(
        status,
        caller.base(),
        &answer::group_view(group, &id),
        projection,
    )
}

fn bare(status: StatusCode, caller: &ScimCaller, group: &Group) -> Response {
    let id = group.id.to_string();
    answer::bare(status, caller.base(), &answer::group_view(group, &id))
}
