//! Everything that can be answered instead of what was asked for, and the one place that maps
//! errors of the directory to Crowd.
//!
//! A [`Failure`] travels as an extension of an empty response; `answer::seal` writes its body,
//! because only there the form the client reads is known.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use provost_directory::DirectoryError;

use super::entity::cut;

/// The reasons of Crowd that this server gives (Crowd REST API, `<error><reason>`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    UserNotFound,
    GroupNotFound,
    MembershipNotFound,
    InvalidUserAuthentication,
    InactiveAccount,
    ApplicationPermissionDenied,
    EventTokenExpired,
    InvalidSsoToken,
    IllegalArgument,
    UnsupportedOperation,
    OperationFailed,
}

impl Reason {
    /// Its spelling on the wire.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::UserNotFound => "USER_NOT_FOUND",
            Self::GroupNotFound => "GROUP_NOT_FOUND",
            Self::MembershipNotFound => "MEMBERSHIP_NOT_FOUND",
            Self::InvalidUserAuthentication => "INVALID_USER_AUTHENTICATION",
            Self::InactiveAccount => "INACTIVE_ACCOUNT",
            Self::ApplicationPermissionDenied => "APPLICATION_PERMISSION_DENIED",
            Self::EventTokenExpired => "EVENT_TOKEN_EXPIRED",
            Self::InvalidSsoToken => "INVALID_SSO_TOKEN",
            Self::IllegalArgument => "ILLEGAL_ARGUMENT",
            Self::UnsupportedOperation => "UNSUPPORTED_OPERATION",
            Self::OperationFailed => "OPERATION_FAILED",
        }
    }
}

/// Why a request is not carried out.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// 401: no application has this name and password.
    Unauthenticated,
    /// 403: the application may not call from this address.
    AddressRefused {
        address: String,
        application: String,
    },
    /// 403: the request would change users or groups.
    ReadOnly,
    /// 503: the directory cannot serve just now.
    Unavailable,
    /// 503: nobody was ever provisioned, and an empty listing would delete everybody.
    NothingProvisioned,
    /// 503: the mass-change brake holds the view.
    Held,
    /// 503: too many people sign in at once.
    Busy,
    /// Any other answer that carries an error entity.
    Entity {
        status: StatusCode,
        reason: Reason,
        message: String,
    },
}

impl Failure {
    pub(super) fn new(status: StatusCode, reason: Reason, message: impl Into<String>) -> Self {
        Self::Entity {
            status,
            reason,
            message: message.into(),
        }
    }

    /// 400 for a request that cannot be understood; `message` says what would be.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Reason::IllegalArgument, message)
    }

    /// 404 for a user.
    pub(super) fn no_user(name: &str) -> Self {
        let message = format!("User <{}> does not exist", cut(name));
        Self::new(StatusCode::NOT_FOUND, Reason::UserNotFound, message)
    }

    /// 404 for a group.
    pub(super) fn no_group(name: &str) -> Self {
        let message = format!("Group <{}> does not exist", cut(name));
        Self::new(StatusCode::NOT_FOUND, Reason::GroupNotFound, message)
    }

    /// 404 for a membership test between two names.
    pub(super) fn no_membership(one: &str, other: &str) -> Self {
        let (one, other) = (cut(one), cut(other));
        let message = format!("There is no membership between <{one}> and <{other}>");
        Self::new(StatusCode::NOT_FOUND, Reason::MembershipNotFound, message)
    }

    /// 410, which makes the application synchronise fully.
    pub(super) fn token_expired() -> Self {
        Self::new(
            StatusCode::GONE,
            Reason::EventTokenExpired,
            "The event token has expired; a full synchronisation is needed",
        )
    }

    /// The answer to an error of the directory. `missing` is the answer if what the request
    /// names does not exist.
    pub(super) fn of(error: &DirectoryError, missing: impl FnOnce() -> Self) -> Self {
        match error {
            DirectoryError::NotFound => missing(),
            DirectoryError::NothingProvisioned => Self::NothingProvisioned,
            DirectoryError::Held(_) => Self::Held,
            DirectoryError::Unavailable(cause) => {
                tracing::error!(%cause, "Crowd request refused: the store is unavailable");
                Self::Unavailable
            }
            // Reading cannot cause these; should one appear, retrying is safer for the
            // application than any answer it would act on.
            DirectoryError::Conflict { .. }
            | DirectoryError::VersionMismatch
            | DirectoryError::Refused(_)
            | DirectoryError::Invalid(_) => {
                tracing::error!(%error, "Crowd request failed");
                Self::Unavailable
            }
        }
    }
}

impl From<DirectoryError> for Failure {
    fn from(error: DirectoryError) -> Self {
        Self::of(&error, || {
            tracing::error!("Crowd request failed: the view of the application is gone");
            Self::Unavailable
        })
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(self);
        response
    }
}
