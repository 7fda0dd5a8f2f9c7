//! `/authentication`: people have no password here. A known user is refused for good, because an
//! application goes on to its next directory only if a user is unknown.
//!
//! `/authentication/notify` is what an application calls after a single sign-on.

use axum::{extract::State, http::StatusCode, response::Response};
use provost_directory::{person::Person, view::View};

use super::{
    auth::CrowdCaller,
    body::Body,
    entity::{self, Detail, Form},
    error::{Failure, Reason},
    format::Format,
    params::Params,
    users::named,
};
use crate::state::AppState;

/// `POST /authentication?username=`. The password is not looked at.
pub(super) async fn password(
    caller: CrowdCaller,
    params: Params,
    _: Body,
) -> Result<Response, Failure> {
    let person = active(&caller.view, &params).await?;
    let message = format!(
        "User <{}> has no password here; sign in through the identity provider",
        person.name
    );
    Err(refused(Reason::InvalidUserAuthentication, message))
}

/// `POST /authentication/notify?username=`.
pub(super) async fn notify(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
    _: Body,
) -> Result<Response, Failure> {
    let person = active(&caller.view, &params).await?;
    let form = Form {
        detail: Detail::Fields,
        app_url: state.app_url,
    };
    Ok(entity::answer(&person, &form, format))
}

/// The user, if it may sign in. Both refusals are 400 here, not 404 (Crowd REST API).
async fn active(view: &View, params: &Params) -> Result<Person, Failure> {
    let name = params.required("username")?;
    let person = named(view, name).await?.ok_or_else(|| {
        let message = format!("User <{name}> does not exist");
        refused(Reason::UserNotFound, message)
    })?;
    if !person.active {
        let message = format!("The account of user <{name}> is inactive");
        return Err(refused(Reason::InactiveAccount, message));
    }
    Ok(person)
}

fn refused(reason: Reason, message: String) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, reason, message)
}
