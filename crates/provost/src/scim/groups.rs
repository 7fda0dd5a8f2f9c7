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
use provost_scim::{projection::Projection, schema::GROUP, v2};

use super::{
    MAX_RESULTS, answer,
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

/// `GET /Groups`.
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: ScimCaller,
    query: Query,
) -> Result<Response, Failure> {
    let request = query.list(&GROUP, caller.profile())?;
    let page = state
        .directory
        .groups(caller.directory_caller(), &request, MAX_RESULTS)
        .await?;
    let ids: Vec<_> = page
        .items
        .iter()
        .map(|group| group.id.to_string())
        .collect();
    let views = page
        .items
        .iter()
        .zip(&ids)
        .map(|(group, id)| answer::group_view(group, id));
    let mut body = Vec::with_capacity(256 + page.items.len() * 512);
    v2::list(
        &mut body,
        caller.base(),
        page.total,
        request.start_index,
        views,
        &request.projection,
    );
    Ok(answer::json(StatusCode::OK, body))
}

/// `POST /Groups`.
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: ScimCaller,
    query: Query,
    body: ScimBody,
) -> Result<Response, Failure> {
    let projection = query.projection(&GROUP, caller.profile())?;
    let input = body.input(&GROUP, caller.profile())?;
    let written = state
        .directory
        .create_group(
            caller.directory_caller(),
            &caller.actor(),
            input,
            body.hash(),
        )
        .await?
        .into_inner();
    let group = written.object;
    caller.note_skipped(&group.id.to_string(), &written.skipped_members);
    Ok(one(StatusCode::CREATED, &caller, &group, &projection))
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
    let input = body.input(&GROUP, caller.profile())?;
    let with_members = projection.wants("members");
    let written = state
        .directory
        .replace_group(
            caller.directory_caller(),
            &caller.actor(),
            id,
            expected,
            input,
            with_members,
        )
        .await?;
    caller.note_skipped(&id.to_string(), &written.skipped_members);
    Ok(one(StatusCode::OK, &caller, &written.object, &projection))
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
    let patch = body.patch(caller.profile())?;
    let shown = projection.is_given();
    let with_members = shown && projection.wants("members");
    let written = state
        .directory
        .patch_group(
            caller.directory_caller(),
            &caller.actor(),
            id,
            expected,
            patch,
            with_members,
        )
        .await?;
    caller.note_skipped(&id.to_string(), &written.skipped_members);
    Ok(if shown {
        one(StatusCode::OK, &caller, &written.object, &projection)
    } else {
        bare(StatusCode::NO_CONTENT, &caller, &written.object)
    })
}

/// `DELETE /Groups/{id}`.
pub(crate) async fn delete(
    State(state): State<AppState>,
    caller: ScimCaller,
    Id(id): Id,
    IfMatch(expected): IfMatch,
) -> Result<Response, Failure> {
    let directory = &state.directory;
    directory
        .delete_group(caller.directory_caller(), &caller.actor(), id, expected)
        .await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
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
