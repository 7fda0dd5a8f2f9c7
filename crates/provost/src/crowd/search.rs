//! `POST /search`: the connection test, the full listings, and searches of administrators.

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

/// Users or groups that fulfil the restriction in the body.
pub(super) async fn search(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
    body: Body,
) -> Result<Response, Failure> {
    let restriction = Restriction::read(&body)?;
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
    match params.get("entity-type") {
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
            list.stream(caller.view.groups().await?).await
        }
        Some(_) | None => Err(Failure::bad_request(
            "The parameter entity-type must be user or group",
        )),
    }
}
