//! A user as an application sees it: always complete, derived where the identity provider sent
//! nothing (design section 6 rule 10).

use provost_scim::{Resource, Timestamp};

use crate::id::UserId;

/// A user in a view.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// The Crowd key.
    pub key: UserId,
    /// The name it signs in with.
    pub name: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Display name.
    pub display_name: String,
    /// E-mail address.
    pub email: String,
    /// Whether the account can be used; `false` for a tombstone.
    pub active: bool,
    /// When it was created.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Which of the fields above were derived, by their Crowd names.
    pub derived: Vec<&'static str>,
    /// The SCIM attributes behind it.
    pub resource: Resource,
}
