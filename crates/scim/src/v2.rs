//! The wire form of SCIM 2.0: resources, lists and their meta data as JSON bytes.
use crate::{
    Resource, Timestamp,
    member::{GroupRef, Member},
    projection::Projection,
    schema::ResourceType,
};
/// Everything an answer shows of one resource.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
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
    /// The number inside the ETag.
    pub version: u64,
    /// `groups` of a user, if loaded.
    pub groups: &'a [GroupRef],
    /// `members` of a group, if loaded.
    pub members: &'a [Member],
}
/// `meta.location` and the `Location` header: `{base}{endpoint}/{id}`; `base` ends in `/v2` without slash.
pub fn location(_base: &str, _kind: &ResourceType, _id: &str) -> String {
    todo!()
}
/// `meta.version` and the `ETag` header: `W/"n"`.
pub fn etag(_version: u64) -> String {
    todo!()
}
/// One resource.
pub fn resource(_out: &mut Vec<u8>, _base: &str, _view: &View<'_>, _projection: &Projection) {
    todo!()
}
/// A `ListResponse`; `total` counts all matches, `start_index` is the first item's.
pub fn list<'a>(
    _out: &mut Vec<u8>,
    _base: &str,
    _total: u64,
    _start_index: u64,
    _items: impl Iterator<Item = View<'a>>,
    _projection: &Projection,
) {
    todo!()
}
