//! Users as the SCIM surface sees them.

use provost_scim::{Resource, Timestamp, member::GroupRef};

use crate::id::UserId;

/// A user with what the server knows about it.
#[derive(Clone, Debug)]
pub struct User {
    /// SCIM id and Crowd key.
    pub id: UserId,
    /// Grows by one with every change of the user's own attributes.
    pub version: u64,
    /// When it was created.
    pub created: Timestamp,
    /// When it last changed.
    pub last_modified: Timestamp,
    /// The attributes.
    pub resource: Resource,
    /// Direct and indirect groups, if asked for.
    pub groups: Vec<GroupRef>,
}
