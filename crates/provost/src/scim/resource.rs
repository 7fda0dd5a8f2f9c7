//! Single users and groups (RFC 7644 sections 3.3 to 3.6): one set of handlers for both.
//!
//! What differs between the two is said by [`Endpoint`]. A PATCH of a group answers 204 unless the
//! client asks for attributes, because a group can be far larger than its change (D-17); groups of
//! users and members of groups are loaded only when the answer shows them.

use axum::{
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use provost_scim::{projection::Projection, schema::AttributeRef, validate, validate::Input};
use serde_json::Value;

use super::{
    answer,
    body::ScimBody,
    caller::ScimCaller,
    endpoint::{Change, Endpoint},
    error::{self, Failure},
    precondition::{IfMatch, IfNoneMatch},
    query::Query,
};
use crate::state::AppState;

/// The id in the path; anything that is no id of ours names nothing.
pub(crate) struct Id<E: Endpoint>(E::Id);

impl<E: Endpoint> FromRequestParts<AppState> for Id<E> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let id = path.ok().and_then(|Path((_, id))| E::parse_id(&id));
        id.map(Self).ok_or_else(error::not_found)
    }
}

/// `POST` to the endpoint.
pub(crate) async fn create<E: Endpoint>(
    State(state): State<AppState>,
    caller: ScimCaller,
    query: Query,
    body: ScimBody,
) -> Result<Response, Failure> {
    let projection = project::<E>(&caller, &query)?;
    let made = make::<E>(&state, &caller, body.json()?, body.hash()).await?;
    let projection = projection.with_sent(made.sent);
    Ok(one(StatusCode::CREATED, &caller, &made.object, &projection))
}

/// A resource after a write.
pub(super) struct Saved<E> {
    /// As it is now.
    pub(super) object: E,
    /// What the request has sent of the attributes that answers show on request only.
    sent: Vec<AttributeRef>,
}

/// Creates a resource, for one request or one operation of a bulk job; `hash` tells a repetition.
pub(super) async fn make<E: Endpoint>(
    state: &AppState,
    caller: &ScimCaller,
    data: Value,
    hash: [u8; 32],
) -> Result<Saved<E>, Failure> {
    let input = decode::<E>(caller, data)?;
    let sent = input.requested(E::of(caller));
    let made = E::create(&state.directory, caller, input, hash).await?;
    caller.note_skipped(&made.object.id_text(), &made.skipped_members);
    Ok(Saved {
        object: made.object,
        sent,
    })
}

/// `GET` of one resource.
pub(crate) async fn read<E: Endpoint>(
    State(state): State<AppState>,
    caller: ScimCaller,
    Id(id): Id<E>,
    query: Query,
    known: IfNoneMatch,
) -> Result<Response, Failure> {
    let projection = project::<E>(&caller, &query)?;
    let found = E::read(&state.directory, &caller, id, projection.wants(E::LINKS)).await?;
    Ok(if known.has(found.version()) {
        bare(StatusCode::NOT_MODIFIED, &caller, &found)
    } else {
        one(StatusCode::OK, &caller, &found, &projection)
    })
}

/// `PUT` of one resource.
pub(crate) async fn replace<E: Endpoint>(
    State(state): State<AppState>,
    caller: ScimCaller,
    Id(id): Id<E>,
    IfMatch(expected): IfMatch,
    query: Query,
    body: ScimBody,
) -> Result<Response, Failure> {
    let projection = project::<E>(&caller, &query)?;
    let change = Change {
        id,
        expected,
        with_links: projection.wants(E::LINKS),
    };
    let saved = put::<E>(&state, &caller, change, body.json()?).await?;
    let projection = projection.with_sent(saved.sent);
    Ok(one(StatusCode::OK, &caller, &saved.object, &projection))
}

/// Replaces a resource, for one request or one operation of a bulk job.
pub(super) async fn put<E: Endpoint>(
    state: &AppState,
    caller: &ScimCaller,
    change: Change<E::Id>,
    data: Value,
) -> Result<Saved<E>, Failure> {
    let input = decode::<E>(caller, data)?;
    let sent = input.requested(E::of(caller));
    let written = E::replace(&state.directory, caller, change, input).await?;
    caller.note_skipped(&written.object.id_text(), &written.skipped_members);
    Ok(Saved {
        object: written.object,
        sent,
    })
}

/// `PATCH` of one resource.
pub(crate) async fn patch<E: Endpoint>(
    State(state): State<AppState>,
    caller: ScimCaller,
    Id(id): Id<E>,
    IfMatch(expected): IfMatch,
    query: Query,
    body: ScimBody,
) -> Result<Response, Failure> {
    let projection = project::<E>(&caller, &query)?;
    let is_shown = E::PATCH_IS_SHOWN || projection.is_given();
    let change = Change {
        id,
        expected,
        with_links: is_shown && projection.wants(E::LINKS),
    };
    let saved = modify::<E>(&state, &caller, change, body.json()?).await?;
    let projection = projection.with_sent(saved.sent);
    Ok(if is_shown {
        one(StatusCode::OK, &caller, &saved.object, &projection)
    } else {
        bare(StatusCode::NO_CONTENT, &caller, &saved.object)
    })
}

/// Patches a resource, for one request or one operation of a bulk job.
pub(super) async fn modify<E: Endpoint>(
    state: &AppState,
    caller: &ScimCaller,
    change: Change<E::Id>,
    data: Value,
) -> Result<Saved<E>, Failure> {
    let patch = caller.wire().patch(E::of(caller), caller.profile(), data)?;
    let sent = patch.requested(E::of(caller));
    let written = E::patch(&state.directory, caller, change, patch).await?;
    caller.note_skipped(&written.object.id_text(), &written.skipped_members);
    Ok(Saved {
        object: written.object,
        sent,
    })
}

/// `DELETE` of one resource.
pub(crate) async fn delete<E: Endpoint>(
    State(state): State<AppState>,
    caller: ScimCaller,
    Id(id): Id<E>,
    IfMatch(expected): IfMatch,
) -> Result<Response, Failure> {
    E::delete(&state.directory, &caller, id, expected).await?;
    Ok(answer::empty(caller.wire().deleted()))
}

/// The body of a POST or PUT.
fn decode<E: Endpoint>(caller: &ScimCaller, data: Value) -> Result<Input, Failure> {
    let data = caller.wire().body(E::of(caller), data);
    Ok(validate::input(E::of(caller), caller.profile(), data)?)
}

fn project<E: Endpoint>(caller: &ScimCaller, query: &Query) -> Result<Projection, Failure> {
    Ok(query.projection(E::of(caller), caller.profile())?)
}

fn one<E: Endpoint>(
    status: StatusCode,
    caller: &ScimCaller,
    object: &E,
    projection: &Projection,
) -> Response {
    let id = object.id_text();
    let view = object.view(E::of(caller), &id);
    answer::resource(status, caller, &view, projection)
}

fn bare<E: Endpoint>(status: StatusCode, caller: &ScimCaller, object: &E) -> Response {
    let id = object.id_text();
    let view = object.view(E::of(caller), &id);
    answer::bare(status, caller, &view)
}
