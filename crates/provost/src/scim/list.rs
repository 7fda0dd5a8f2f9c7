//! Lists by GET and searches by POST (RFC 7644 sections 3.4.2 and 3.4.3), of users, of groups and
//! of both at the root. What the URL of a search says beside its path is ignored.

use axum::{extract::State, http::StatusCode, response::Response};
use provost_directory::{Object, Page, group::Group, user::User};
use provost_scim::{
    list::{ListRequest, Parameters, RootRequest, Start},
    projection::Projection,
    schema::{GROUP, USER},
    v2::{self, Place, View},
};

use super::{
    DEFAULT_RESULTS, MAX_RESULTS, answer, body::ScimBody, caller::ScimCaller, error::Failure,
    query::Query,
};
use crate::state::AppState;

/// `GET /Users`.
pub(crate) async fn users(
    State(state): State<AppState>,
    caller: ScimCaller,
    query: Query,
) -> Result<Response, Failure> {
    list_users(&state, &caller, query.parameters()?).await
}

/// `POST /Users/.search`.
pub(crate) async fn search_users(
    State(state): State<AppState>,
    caller: ScimCaller,
    body: ScimBody,
) -> Result<Response, Failure> {
    list_users(&state, &caller, Parameters::from_message(body.json()?)?).await
}

/// `GET /Groups`.
pub(crate) async fn groups(
    State(state): State<AppState>,
    caller: ScimCaller,
    query: Query,
) -> Result<Response, Failure> {
    list_groups(&state, &caller, query.parameters()?).await
}

/// `POST /Groups/.search`.
pub(crate) async fn search_groups(
    State(state): State<AppState>,
    caller: ScimCaller,
    body: ScimBody,
) -> Result<Response, Failure> {
    list_groups(&state, &caller, Parameters::from_message(body.json()?)?).await
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

async fn list_users(
    state: &AppState,
    caller: &ScimCaller,
    parameters: Parameters,
) -> Result<Response, Failure> {
    let parameters = parameters.or_count(DEFAULT_RESULTS);
    let request = ListRequest::bind(&parameters, &USER, caller.profile())?;
    let page = state
        .directory
        .users(caller.directory_caller(), &request, MAX_RESULTS)
        .await?;
    let shown = page
        .items
        .iter()
        .map(|user| Shown::User(user, &request.projection));
    Ok(answer_page(caller, &page, &request.start, shown))
}

async fn list_groups(
    state: &AppState,
    caller: &ScimCaller,
    parameters: Parameters,
) -> Result<Response, Failure> {
    let parameters = parameters.or_count(DEFAULT_RESULTS);
    let request = ListRequest::bind(&parameters, &GROUP, caller.profile())?;
    let page = state
        .directory
        .groups(caller.directory_caller(), &request, MAX_RESULTS)
        .await?;
    let shown = page
        .items
        .iter()
        .map(|group| Shown::Group(group, &request.projection));
    Ok(answer_page(caller, &page, &request.start, shown))
}

async fn list_all(
    state: &AppState,
    caller: &ScimCaller,
    parameters: Parameters,
) -> Result<Response, Failure> {
    let parameters = parameters.or_count(DEFAULT_RESULTS);
    let request = RootRequest::bind(&parameters, caller.profile())?;
    let page = state
        .directory
        .everything(caller.directory_caller(), &request, MAX_RESULTS)
        .await?;
    let (users, groups) = (request.users(), request.groups());
    let shown = page.items.iter().map(|object| match object {
        Object::User(user) => Shown::User(user, &users.projection),
        Object::Group(group) => Shown::Group(group, &groups.projection),
    });
    Ok(answer_page(caller, &page, &users.start, shown))
}

/// An item and how much of it the answer shows.
enum Shown<'a> {
    User(&'a User, &'a Projection),
    Group(&'a Group, &'a Projection),
}

impl<'a> Shown<'a> {
    fn id(&self) -> String {
        match self {
            Self::User(user, _) => user.id.to_string(),
            Self::Group(group, _) => group.id.to_string(),
        }
    }

    fn view(&self, id: &'a str) -> (View<'a>, &'a Projection) {
        match *self {
            Self::User(user, projection) => (answer::user_view(user, id), projection),
            Self::Group(group, projection) => (answer::group_view(group, id), projection),
        }
    }
}

fn answer_page<'a, T>(
    caller: &ScimCaller,
    page: &Page<T>,
    start: &Start,
    shown: impl Iterator<Item = Shown<'a>>,
) -> Response {
    let shown: Vec<_> = shown.map(|item| (item.id(), item)).collect();
    let place = match start {
        Start::Index(index) => Place::Index(*index),
        Start::Cursor(_) => Place::Cursor(page.next_cursor.as_deref()),
    };
    let mut body = Vec::with_capacity(256 + shown.len() * 1_024);
    let items = shown.iter().map(|(id, item)| item.view(id));
    v2::list(&mut body, caller.base(), page.total, place, items);
    answer::json(StatusCode::OK, body)
}
