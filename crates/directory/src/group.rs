//! Groups as the SCIM surface sees them.

use provost_scim::{Resource, Timestamp, member::Member};

use crate::id::GroupId;

/// A group with what the server knows about it.
#[derive(Clone, Debug)]
pub struct Group {
    /// SCIM id.
    pub id: GroupId,
    /// Grows by one with every change of the group or its members.
    pub version: u64,
    /// When it was created.
    pub created: Timestamp,
    /// When it last changed.
    pub last_modified: Timestamp,
    /// The attributes, without members.
    pub resource: Resource,
    /// The direct members, if asked for.
    pub members: Vec<Member>,
}
