//! What can go wrong in the directory. Knows no HTTP; each surface maps it in one place.

use provost_scim::ScimError;

use crate::brake::Loss;

/// Why a use case was not carried out. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// No such object in this tenant or view.
    #[error("not found")]
    NotFound,
    /// A unique value is taken by another object of the same tenant.
    #[error("{attribute} is in use")]
    Conflict {
        /// `userName`, `displayName`, `externalId`, `slug`, `name`.
        attribute: &'static str,
        /// Id of the object that has it, if the caller may know.
        existing: Option<String>,
    },
    /// The object's version is not the one the caller named.
    #[error("the version has changed")]
    VersionMismatch,
    /// The change was refused by the rules of SCIM.
    #[error(transparent)]
    Refused(#[from] ScimError),
    /// An administration value is not acceptable; the text says what would be.
    #[error("{0}")]
    Invalid(String),
    /// A full listing is asked of a view whose tenants never had a user. An empty answer would
    /// make an application delete everybody it knows.
    #[error("no user has been provisioned yet")]
    NothingProvisioned,
    /// A full listing is asked of a view that the mass-change brake holds.
    #[error("the view is frozen by the mass-change brake")]
    Held(Loss),
    /// The store cannot serve just now: full, locked, damaged, closed. The text is for the log.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
}

/// Why a directory cannot be opened. One clear sentence each, with the next step.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OpenError(pub String);
