//! The door of the SCIM API: no request passes without a clean path and a valid token.
//!
//! The body is not read here, so a client that asks first (`Expect: 100-continue`) sends none to
//! be refused.

use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, Uri, header},
};
use provost_directory::token::{Access, Caller};

use super::{caller::ScimCaller, error::Failure, path};
use crate::{state::AppState, trace::Trace};

/// Longest token in bytes that is looked at; ours are far shorter.
const MAX_TOKEN: usize = 512;

/// The request with its proof of authentication and its path in the one clean form.
pub(crate) async fn admit(
    state: &AppState,
    mut request: Request<Body>,
) -> Result<Request<Body>, Failure> {
    let caller = authenticate(state, request.headers(), request.uri().path()).await?;
    if let Some(trace) = request.extensions().get::<Trace>() {
        trace.set_caller(&caller);
    }
    authorize(&caller, request.method(), request.uri().path())?;
    let uri = rewritten(request.uri()).ok_or(Failure::NoSuchPath)?;
    if let Some(uri) = uri {
        *request.uri_mut() = uri;
    }
    let proof = ScimCaller::new(caller, &state.public_url);
    request.extensions_mut().insert(proof);
    Ok(request)
}

async fn authenticate(
    state: &AppState,
    headers: &HeaderMap,
    path: &str,
) -> Result<Caller, Failure> {
    let token = bearer(headers)?;
    let tenant = path::tenant(path).ok_or(Failure::Unauthenticated)?;
    let caller = state.directory.authenticate(tenant, token).await?;
    caller.ok_or(Failure::Unauthenticated)
}

/// The token in `Authorization: Bearer …`. The scheme has no case (RFC 9110 section 11.1).
fn bearer(headers: &HeaderMap) -> Result<&str, Failure> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().ok_or(Failure::Unauthenticated)?;
    if values.next().is_some() {
        return Err(Failure::Malformed("A request has one Authorization header"));
    }
    let text = value.to_str().map_err(|_| Failure::Unauthenticated)?;
    let (scheme, token) = text.split_once(' ').ok_or(Failure::Unauthenticated)?;
    let token = token.trim_start_matches(' ');
    let plausible = !token.is_empty()
        && token.len() <= MAX_TOKEN
        && token.bytes().all(|b| b.is_ascii_graphic());
    if scheme.eq_ignore_ascii_case("bearer") && plausible {
        Ok(token)
    } else {
        Err(Failure::Unauthenticated)
    }
}

/// A read-only token reads; a search by POST is reading too.
fn authorize(caller: &Caller, method: &Method, path: &str) -> Result<(), Failure> {
    let writes = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(method)
        && !path.trim_end_matches('/').ends_with("/.search");
    match caller.access {
        Access::ReadOnly if writes => Err(Failure::ReadOnlyToken),
        Access::ReadOnly | Access::ReadWrite => Ok(()),
    }
}

/// `Some(None)` if the URL is clean already, `None` if its path has no clean form.
#[expect(
    clippy::option_option,
    reason = "the two absences differ, and only here"
)]
fn rewritten(uri: &Uri) -> Option<Option<Uri>> {
    let clean = path::clean(uri.path())?;
    if clean == uri.path() {
        return Some(None);
    }
    let target = match uri.query() {
        Some(query) => format!("{clean}?{query}"),
        None => clean.into_owned(),
    };
    target.parse().ok().map(Some)
}
