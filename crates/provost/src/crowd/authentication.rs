//! `/authentication`: a sign-in with a password, where the tenant of the user accepts passwords.
//! Otherwise a known user is refused for good, because an application goes on to its next
//! directory only if a user is unknown.
//!
//! `/authentication/notify` is what an application calls after a single sign-on.

use axum::{extract::State, http::StatusCode, response::Response};
use provost_directory::{SignIn, person::Person, view::View};

use super::{
    auth::CrowdCaller,
    body::Body,
    credentials,
    entity::{self, Detail, Form, cut},
    error::{Failure, Reason},
    format::Format,
    params::Params,
    users::named,
};
use crate::state::AppState;

/// `POST /authentication?username=`.
pub(super) async fn password(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
    body: Body,
) -> Result<Response, Failure> {
    let name = params.required("username")?;
    let password = credentials::password(&body)?;
    let person = sign_in(&state, &caller, name, password.reveal()).await?;
    Ok(user(state, &person, format))
}

/// `POST /authentication/notify?username=`.
pub(super) async fn notify(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
    _: Body,
) -> Result<Response, Failure> {
    let person = active(&caller.view, params.required("username")?).await?;
    Ok(user(state, &person, format))
}

fn user(state: AppState, person: &Person, format: Format) -> Response {
    let form = Form {
        detail: Detail::Fields,
        app_url: state.app_url,
    };
    entity::answer(person, &form, format)
}

/// The user, if the password is right. All refusals are 400 here, not 404 (Crowd REST API).
pub(super) async fn sign_in(
    state: &AppState,
    caller: &CrowdCaller,
    name: &str,
    password: &str,
) -> Result<Person, Failure> {
    let application = &caller.application;
    let outcome = (state.directory.sign_in(application, name, password)).await?;
    state.metrics.signed_in(&outcome);
    match outcome {
        SignIn::Accepted(person) => Ok(person),
        SignIn::UnknownUser => Err(unknown(name)),
        SignIn::Inactive(person) => Err(inactive(&person)),
        SignIn::NoPassword(person) => Err(wrong(format!(
            "User <{}> has no password here; sign in through the identity provider",
            person.name
        ))),
        SignIn::WrongPassword(person) => {
            let message = format!("The password of user <{}> is wrong", person.name);
            Err(wrong(message))
        }
        SignIn::Delayed { person, seconds } => {
            let (user, application) = (person.key, &application.name);
            tracing::warn!(%user, %application, seconds, "sign-in refused after wrong passwords");
            Err(wrong(format!(
                "Too many wrong passwords for user <{}>; wait {seconds} seconds",
                person.name
            )))
        }
        SignIn::Busy => Err(Failure::Busy),
    }
}

/// The user, if it may sign in.
pub(super) async fn active(view: &View, name: &str) -> Result<Person, Failure> {
    let person = named(view, name).await?.ok_or_else(|| unknown(name))?;
    if person.active {
        Ok(person)
    } else {
        Err(inactive(&person))
    }
}

fn unknown(name: &str) -> Failure {
    let message = format!("User <{}> does not exist", cut(name));
    refused(Reason::UserNotFound, message)
}

fn inactive(person: &Person) -> Failure {
    let message = format!("The account of user <{}> is inactive", person.name);
    refused(Reason::InactiveAccount, message)
}

fn wrong(message: String) -> Failure {
    refused(Reason::InvalidUserAuthentication, message)
}

fn refused(reason: Reason, message: String) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, reason, message)
}
