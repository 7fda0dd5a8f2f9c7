//! `/event`: where the log stands, and what changed since.

use axum::{
    extract::{Path, rejection::PathRejection},
    response::Response,
};
use provost_directory::{change::Position, view::Since};

use super::{answer::document, auth::CrowdCaller, error::Failure, event_wire, format::Format};

/// `GET /event`: the token to store after a full synchronisation.
pub(super) async fn current(caller: CrowdCaller, format: Format) -> Result<Response, Failure> {
    let position = caller.view.token().await?;
    Ok(document(format, event_wire::write(&[], position, format)))
}

/// `GET /event/{token}`. A token that is not ours, or no longer valid, is 410, which leads to a
/// full synchronisation; it never looks like "nothing new".
pub(super) async fn since(
    caller: CrowdCaller,
    format: Format,
    token: Result<Path<String>, PathRejection>,
) -> Result<Response, Failure> {
    let position = token.ok().and_then(|Path(text)| Position::parse(&text));
    let position = position.ok_or_else(Failure::token_expired)?;
    match caller.view.since(position).await? {
        Since::Events { events, position } => Ok(document(
            format,
            event_wire::write(&events, position, format),
        )),
        Since::Expired => Err(Failure::token_expired()),
    }
}
