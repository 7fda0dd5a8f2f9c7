//! [`BoundFilter`] over a resource in memory.
use super::BoundFilter;
use crate::{
    Resource, Timestamp,
    member::{GroupRef, Member},
    schema::ResourceType,
};

/// What a filter looks at: the resource and what the server knows about it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The resource type.
    pub kind: &'static ResourceType,
    /// The id.
    pub id: &'a str,
    /// The attributes.
    pub resource: &'a Resource,
    /// `meta.created`.
    pub created: Timestamp,
    /// `meta.lastModified`.
    pub last_modified: Timestamp,
    /// `meta.version`, as the number inside the ETag.
    pub version: u64,
    /// `groups` of a user; needed only if the filter mentions them.
    pub groups: &'a [GroupRef],
    /// `members` of a group; needed only if the filter mentions them.
    pub members: &'a [Member],
}
pub(super) fn matches(_f: &BoundFilter, _s: &Subject<'_>) -> bool {
    todo!()
}
