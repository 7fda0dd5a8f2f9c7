//! `/session`: single sign-on between clients of Crowd, such as build servers and scripts. The
//! directory synchronisation of the applications does not use it.
//!
//! A session is valid for every application that sees its user, and ends when the user may no
//! longer sign in.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use provost_directory::{
    person::Person,
    session::Session,
    view::{PersonKey, View},
};
use serde_json::{Value, json};

use super::{
    answer::written,
    auth::CrowdCaller,
    authentication,
    body::Body,
    credentials,
    entity::{Detail, Entity, Form, href, write_link},
    error::{Failure, Reason},
    format::Format,
    params::Params,
    users::named,
    xml,
};
use crate::state::AppState;

/// `POST /session`: opens a session with a password, or without one with
/// `validate-password=false`, which an application asks for after a single sign-on.
pub(super) async fn open(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
    body: Body,
) -> Result<Response, Failure> {
    let context = credentials::context(&body)?;
    let seconds = duration(&params)?;
    let person = if params.get("validate-password") == Some("false") {
        authentication::active(&caller.view, &context.username).await?
    } else {
        let password = context.password.reveal();
        authentication::sign_in(&state, &caller, &context.username, password).await?
    };
    let opened = (state.directory).open_session(person.key, &context.factors, seconds);
    let (token, session) = opened.await?;
    let shown = Shown::new(&state, &params, person, token.reveal(), session);
    Ok(shown.answer(StatusCode::CREATED, format))
}

/// `GET /session/{token}`: the session, without using it.
pub(super) async fn read(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
    token: Token,
) -> Result<Response, Failure> {
    let token = text(token)?;
    let session = state.directory.session(&token).await?;
    let (person, session) = usable(&caller.view, session).await?;
    let shown = Shown::new(&state, &params, person, &token, session);
    Ok(shown.answer(StatusCode::OK, format))
}

/// `POST /session/{token}`: uses the session with the factors it was opened with.
pub(super) async fn renew(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
    token: Token,
    body: Body,
) -> Result<Response, Failure> {
    let token = text(token)?;
    let factors = credentials::factors(&body)?;
    let session = state.directory.use_session(&token, &factors).await?;
    let (person, session) = usable(&caller.view, session).await?;
    let shown = Shown::new(&state, &params, person, &token, session);
    Ok(shown.answer(StatusCode::OK, format))
}

/// `DELETE /session/{token}`; one that has ended is as good as one that ends now.
pub(super) async fn close(
    State(state): State<AppState>,
    _: CrowdCaller,
    token: Token,
) -> Result<Response, Failure> {
    state.directory.close_session(&text(token)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `DELETE /session?username=[&exclude=token]`.
pub(super) async fn close_all(
    State(state): State<AppState>,
    caller: CrowdCaller,
    params: Params,
) -> Result<Response, Failure> {
    let name = params.required("username")?;
    let person = named(&caller.view, name).await?;
    let person = person.ok_or_else(|| Failure::no_user(name))?;
    let directory = &state.directory;
    directory
        .close_sessions(person.key, params.get("exclude"))
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The last segment of the path.
type Token = Result<Path<String>, PathRejection>;

fn text(token: Token) -> Result<String, Failure> {
    token.map(|Path(text)| text).map_err(|_| invalid())
}

fn invalid() -> Failure {
    let message = "There is no such session; it may have ended";
    Failure::new(StatusCode::NOT_FOUND, Reason::InvalidSsoToken, message)
}

fn duration(params: &Params) -> Result<Option<u64>, Failure> {
    let wrong = |_| Failure::bad_request("duration must be a number of seconds");
    let given = params.get("duration");
    given.map(str::parse).transpose().map_err(wrong)
}

/// A session and its user, who may still sign in.
async fn usable(view: &View, session: Option<Session>) -> Result<(Person, Session), Failure> {
    let session = session.ok_or_else(invalid)?;
    let person = view.person(PersonKey::Key(session.user)).await?;
    let person = person.filter(|person| person.active).ok_or_else(invalid)?;
    Ok((person, session))
}

/// A session as it is written.
struct Shown<'a> {
    token: &'a str,
    session: Session,
    person: Person,
    user: Form,
}

impl<'a> Shown<'a> {
    fn new(
        state: &AppState,
        params: &Params,
        person: Person,
        token: &'a str,
        session: Session,
    ) -> Self {
        let user = Form {
            detail: match params.detail_of_entries(Person::ELEMENT) {
                Detail::Name => Detail::Name,
                Detail::Fields | Detail::Attributes => Detail::Fields,
            },
            app_url: state.app_url.clone(),
        };
        Self {
            token,
            session,
            person,
            user,
        }
    }

    fn answer(&self, status: StatusCode, format: Format) -> Response {
        let body = match format {
            Format::Json => self.to_json().to_string(),
            Format::Xml => self.to_xml(),
        };
        written(status, format, body)
    }

    fn link(&self) -> String {
        href(&self.user.app_url, "session/", self.token)
    }

    fn to_xml(&self) -> String {
        let mut out = format!("{}<session expand=\"user\">", xml::DECLARATION);
        xml::element(&mut out, "token", self.token);
        self.person.write_xml(&mut out, &self.user);
        write_link(&mut out, &self.link());
        xml::element(&mut out, "created-date", &self.session.created.to_string());
        xml::element(&mut out, "expiry-date", &self.session.expires.to_string());
        out.push_str("</session>");
        out
    }

    fn to_json(&self) -> Value {
        json!({
            "expand": "user",
            "token": self.token,
            "user": self.person.to_json(&self.user),
            "link": { "href": self.link(), "rel": "self" },
            "created-date": self.session.created.to_string(),
            "expiry-date": self.session.expires.to_string(),
        })
    }
}
