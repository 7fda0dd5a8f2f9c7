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

use super::{caller::ScimCaller, credentials, error::Failure, path, v1, wire::Wire};
use crate::{client_ip::ClientIp, ops::metrics::Part, state::AppState, trace::Trace};

/// The request with its proof of authentication and its path in the one clean form.
pub(crate) async fn admit(
    state: &AppState,
    mut request: Request<Body>,
) -> Result<Request<Body>, Failure> {
    let client = request.extensions().get::<ClientIp>().copied();
    check_address(state, client, request.uri().path()).await?;
    let caller = authenticate(state, request.headers(), request.uri().path()).await?;
    if let Some(trace) = request.extensions().get::<Trace>() {
        trace.set_caller(&caller);
    }
    let wire = Wire::of(request.uri().path());
    if wire == Wire::V1 {
        settle(&mut request)?;
    }
    authorize(&caller, request.method(), request.uri().path())?;
    let uri = rewritten(request.uri(), wire)?;
    if let Some(uri) = uri {
        *request.uri_mut() = uri;
    }
    let proof = ScimCaller::new(caller, wire, &state.public_url);
    request.extensions_mut().insert(proof);
    Ok(request)
}

/// What only 1.1 has beside the path: the method that is meant, and the format of the answer.
fn settle(request: &mut Request<Body>) -> Result<(), Failure> {
    v1::check_accept(request.headers())?;
    let Some(method) = v1::method(request.method(), request.headers())? else {
        return Ok(());
    };
    if let Some(trace) = request.extensions().get::<Trace>() {
        trace.set_method(&method);
    }
    *request.method_mut() = method;
    Ok(())
}

/// The tenant's allowlist, before the token: who calls from elsewhere gets the answer of a wrong
/// token, and learns nothing about tokens.
async fn check_address(
    state: &AppState,
    client: Option<ClientIp>,
    path: &str,
) -> Result<(), Failure> {
    let tenant = path::tenant(path).ok_or(Failure::Unauthenticated)?;
    let address = client.and_then(ClientIp::known);
    if state.directory.admits(tenant, address).await? {
        return Ok(());
    }
    state.metrics.refused_address(Part::Scim);
    let client = address.map_or_else(|| "unknown".to_owned(), |address| address.to_string());
    tracing::info!(
        tenant,
        client,
        "refused: the address is not in allowed_addresses of the tenant"
    );
    Err(Failure::Unauthenticated)
}

async fn authenticate(
    state: &AppState,
    headers: &HeaderMap,
    path: &str,
) -> Result<Caller, Failure> {
    let credentials = credentials::read(headers)?;
    let tenant = path::tenant(path).ok_or(Failure::Unauthenticated)?;
    let mut is_presented = credentials.is_some();
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
            is_presented = true;
            let presented = Presented::Header { name: &name, value };
            if let Some(caller) = state.directory.authenticate(tenant, presented).await? {
                return Ok(caller);
            }
        }
    }
    // Agents that wait for a challenge begin without credentials; that is no wrong guess.
    if is_presented {
        state.metrics.wrong_credentials(Part::Scim);
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

/// The URL with its path in the one clean form; `None` if it is clean already.
fn rewritten(uri: &Uri, wire: Wire) -> Result<Option<Uri>, Failure> {
    let clean = path::clean(uri.path()).ok_or(Failure::NoSuchPath)?;
    let path = match wire {
        Wire::V1 => v1::path(&clean)?,
        Wire::V2 => clean.as_ref(),
    };
    if path == uri.path() {
        return Ok(None);
    }
    let target = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    target.parse().map(Some).map_err(|_| Failure::NoSuchPath)
}
