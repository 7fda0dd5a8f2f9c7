//! `/search`: the connection test, the full listings, and searches of administrators. POST takes
//! the restriction as a body in XML or JSON, GET in Crowd's query language.

use axum::{extract::State, response::Response};

use super::{
    auth::CrowdCaller,
    body::Body,
    entity::{Entity, Form},
    error::Failure,
    format::Format,
    list::List,
    params::Params,
    restriction::Restriction,
};
use crate::state::AppState;
use provost_directory::{person::Person, view::ViewGroup};

/// `GET /search`: users or groups that fulfil the parameter `restriction`, all without one.
pub(super) async fn query(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
) -> Result<Response, Failure> {
    let restriction = Restriction::from_query(params.get("restriction").unwrap_or_default())?;
    answer(&state, &caller, format, &params, restriction).await
}

/// `POST /search`: users or groups that fulfil the restriction in the body.
pub(super) async fn search(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
    body: Body,
) -> Result<Response, Failure> {
    let restriction = Restriction::read(&body)?;
    answer(&state, &caller, format, &params, restriction).await
}

async fn answer(
    state: &AppState,
    caller: &CrowdCaller,
    format: Format,
    params: &Params,
    restriction: Restriction,
) -> Result<Response, Failure> {
    let list = |element: &str| {
        Ok::<_, Failure>(List {
            form: Form {
                detail: params.detail_of_entries(element),
                app_url: state.app_url.clone(),
            },
            page: params.page()?,
            restriction,
            format,
        })
    };
    let kind = params.get("entity-type").map(str::to_ascii_lowercase);
    match kind.as_deref() {
        Some("user") => {
            let list = list(Person::ELEMENT)?;
            let users = if list.is_everything() {
                caller.view.begin_synchronisation().await?
            } else {
                caller.view.users().await?
            };
            list.stream(users).await
        }
        Some("group") => {
            let list = list(ViewGroup::ELEMENT)?;
            let groups = if list.is_everything() {
                caller.view.synchronised_groups().await?
            } else {
                caller.view.groups().await?
            };
            list.stream(groups).await
        }
        Some(_) | None => Err(Failure::bad_request(
            "The parameter entity-type must be user or group",
        )),
    }
}
