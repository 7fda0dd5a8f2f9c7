//! Lists by GET and searches by POST (RFC 7644 sections 3.4.2 and 3.4.3), of users, of groups and
//! of both at the root. What the URL of a search says beside its path is ignored.

use axum::{extract::State, http::StatusCode, response::Response};
use provost_directory::{Object, Page};
use provost_scim::{
    list::{ListRequest, Parameters, RootRequest, Start},
    projection::Projection,
    v2::{Place, View},
};

use super::{
    DEFAULT_RESULTS, MAX_RESULTS, answer, body::ScimBody, caller::ScimCaller, endpoint::Endpoint,
    error::Failure, query::Query,
};
use crate::state::AppState;

/// `GET` of one endpoint.
pub(crate) async fn list<E: Endpoint>(
    State(state): State<AppState>,
    caller: ScimCaller,
    query: Query,
) -> Result<Response, Failure> {
    list_some::<E>(&state, &caller, query.parameters()?).await
}

/// `POST` to `.search` of one endpoint.
pub(crate) async fn search<E: Endpoint>(
    State(state): State<AppState>,
    caller: ScimCaller,
    body: ScimBody,
) -> Result<Response, Failure> {
    list_some::<E>(&state, &caller, Parameters::from_message(body.json()?)?).await
}

/// `GET` of the base URL.
pub(crate) async fn root(
    State(state): State<AppState>,
    caller: ScimCaller,
    query: Query,
) -> Result<Response, Failure> {
    list_all(&state, &caller, query.parameters()?).await
}

/// `POST /.search`.
pub(crate) async fn search_root(
    State(state): State<AppState>,
    caller: ScimCaller,
    body: ScimBody,
) -> Result<Response, Failure> {
    list_all(&state, &caller, Parameters::from_message(body.json()?)?).await
}

async fn list_some<E: Endpoint>(
    state: &AppState,
    caller: &ScimCaller,
    parameters: Parameters,
) -> Result<Response, Failure> {
    let parameters = parameters.or_count(DEFAULT_RESULTS);
    let request = ListRequest::bind(&parameters, E::of(caller), caller.profile())?;
    let page = E::list(&state.directory, caller, &request, MAX_RESULTS).await?;
    let shown: Vec<_> = page
        .items
        .iter()
        .map(|item| (item.id_text(), item))
        .collect();
    let items = shown
        .iter()
        .map(|(id, item)| (item.view(E::of(caller), id), &request.projection));
    Ok(answer_page(caller, &page, &request.start, items))
}

async fn list_all(
    state: &AppState,
    caller: &ScimCaller,
    parameters: Parameters,
) -> Result<Response, Failure> {
    let parameters = parameters.or_count(DEFAULT_RESULTS);
    let request = RootRequest::bind(&parameters, caller.types(), caller.profile())?;
    let page = state
        .directory
        .everything(caller.directory_caller(), &request, MAX_RESULTS)
        .await?;
    let (users, groups) = (request.users(), request.groups());
    let shown: Vec<_> = page.items.iter().map(|item| (id_of(item), item)).collect();
    let items = shown.iter().map(|(id, item)| match item {
        Object::User(user) => (user.view(caller.types().user, id), &users.projection),
        Object::Group(group) => (group.view(caller.types().group, id), &groups.projection),
    });
    Ok(answer_page(caller, &page, &users.start, items))
}

fn id_of(object: &Object) -> String {
    match object {
        Object::User(user) => user.id_text(),
        Object::Group(group) => group.id_text(),
    }
}

/// The one place where lists are encoded.
fn answer_page<'a, T>(
    caller: &ScimCaller,
    page: &Page<T>,
    start: &Start,
    items: impl Iterator<Item = (View<'a>, &'a Projection)>,
) -> Response {
    let place = match start {
        Start::Index(index) => Place::Index(*index),
        Start::Cursor(_) => Place::Cursor(page.next_cursor.as_deref()),
    };
    let mut body = Vec::with_capacity(256 + page.items.len() * 1_024);
    let wire = caller.wire();
    wire.list(&mut body, caller.base(), page.total, place, items);
    answer::json(StatusCode::OK, wire, body)
}
