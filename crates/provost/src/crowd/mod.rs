//! Crowd REST, usermanagement version 1, as the Atlassian applications call it.
//!
//! This is the list of routes; every other file holds one group of resources or one concern of
//! the wire. Nothing here writes to the directory: users and groups come from the identity
//! provider, so every known write is refused with 403. The webhook resource of Crowd is not
//! offered; applications probe it and take 404 for "not supported".

mod answer;
mod attributes;
mod auth;
mod authentication;
mod body;
mod cookie;
mod credentials;
mod entity;
mod error;
mod event;
mod event_wire;
mod format;
#[cfg(any(test, fuzzing))]
#[cfg_attr(
    not(fuzzing),
    expect(unreachable_pub, reason = "fuzz targets are another crate")
)]
pub mod fuzzing;
mod groups;
mod gzip;
mod list;
mod membership;
mod nested;
mod page;
mod params;
mod refuse;
mod restriction;
mod search;
mod session;
mod stream;
#[cfg(test)]
mod tests;
mod users;
mod xml;
mod xml_read;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{any, get, post},
};

pub(crate) use self::answer::{BUSY, Client, note_broken, note_trouble, seal, unavailable};
use crate::state::AppState;

/// Largest request body in bytes. Restrictions and sign-ins, the only bodies that are read, have
/// a few hundred.
const MAX_BODY: usize = 64 * 1024;

/// Every Crowd route, for both context paths and both version names. Whatever else lies under
/// the context paths gets an error entity, so that clients can tell it from a broken server.
pub(crate) fn routes() -> Router<AppState> {
    let mut router = Router::new();
    for base in ["/crowd/rest/usermanagement", "/rest/usermanagement"] {
        for version in ["1", "latest"] {
            router = router.nest(&format!("{base}/{version}"), resources());
        }
    }
    for path in ["/crowd", "/crowd/", "/crowd/{*rest}", "/rest/{*rest}"] {
        router = router.route(path, any(refuse::unknown));
    }
    router
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn(seal))
}

fn resources() -> Router<AppState> {
    Router::new()
        .merge(reading())
        .merge(user_resources())
        .merge(group_resources())
        .method_not_allowed_fallback(refuse::method)
}

fn reading() -> Router<AppState> {
    Router::new()
        .route("/search", get(search::query).post(search::search))
        .route("/event", get(event::current))
        .route("/event/{token}", get(event::since))
        .route("/authentication", post(authentication::password))
        .route("/authentication/notify", post(authentication::notify))
        .route("/config/cookie", get(cookie::config))
        .route("/session", post(session::open).delete(session::close_all))
        .route(
            "/session/{token}",
            get(session::read)
                .post(session::renew)
                .delete(session::close),
        )
}

fn user_resources() -> Router<AppState> {
    use refuse::write;
    Router::new()
        .route(
            "/user",
            get(users::one).post(write).put(write).delete(write),
        )
        .route(
            "/user/attribute",
            get(users::attributes).post(write).delete(write),
        )
        .route("/user/password", axum::routing::put(write).delete(write))
        .route("/user/rename", post(write))
        .route("/user/mail/password", post(write))
        .route("/user/mail/usernames", post(write))
        .route("/user/expire-all-passwords", post(write))
        .route(
            "/user/group/direct",
            get(users::groups).post(write).delete(write),
        )
        .route("/user/group/nested", get(nested::groups_of_user))
}

fn group_resources() -> Router<AppState> {
    use refuse::write;
    Router::new()
        .route(
            "/group",
            get(groups::one).post(write).put(write).delete(write),
        )
        .route(
            "/group/attribute",
            get(groups::attributes).post(write).delete(write),
        )
        .route(
            "/group/user/direct",
            get(groups::users).post(write).delete(write),
        )
        .route("/group/user/nested", get(nested::users_of_group))
        .route(
            "/group/child-group/direct",
            get(groups::children).post(write).delete(write),
        )
        .route("/group/child-group/nested", get(nested::children))
        .route(
            "/group/parent-group/direct",
            get(groups::parents).post(write),
        )
        .route("/group/parent-group/nested", get(nested::parents))
        .route("/group/membership", get(membership::list))
}
