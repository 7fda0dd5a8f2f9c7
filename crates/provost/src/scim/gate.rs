//! The door of the SCIM API: no request passes without a clean path and a valid token, as bearer
//! token, in HTTP Basic or in a header that the tenant has chosen.
//!
//! The body is not read here, so a client that asks first (`Expect: 100-continue`) sends none to
//! be refused.

use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, Uri},
};
use provost_directory::{
    credential::Presented,
    token::{Access, Caller},
};

use super::{caller::ScimCaller, credentials, error::Failure, path};
use crate::{state::AppState, trace::Trace};

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
    let credentials = credentials::read(headers)?;
    let tenant = path::tenant(path).ok_or(Failure::Unauthenticated)?;
    if let Some(credentials) = credentials
        && let Some(caller) = state
            .directory
            .authenticate(tenant, credentials.presented())
            .await?
    {
        return Ok(caller);
    }
    for name in state.directory.credential_headers(tenant).await? {
        if let Some(value) = credentials::own_header(headers, name.as_str())? {
            let presented = Presented::Header { name: &name, value };
            if let Some(caller) = state.directory.authenticate(tenant, presented).await? {
                return Ok(caller);
            }
        }
    }
    Err(Failure::Unauthenticated)
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
