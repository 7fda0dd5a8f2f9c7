//! Resources and lists as JSON bytes, in the form of either version of SCIM.
//!
//! Answers are written straight from the stored attributes into the output buffer; the projection
//! is asked per attribute, so no reduced copy is made. Empty `groups` and `members` are left out
//! like every unassigned attribute (R-7643-2.5-03). What the versions call things stands in
//! [`crate::v1`] and [`crate::v2`].

mod reference;
mod resource;

use std::fmt::Write as _;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::{
    filter::Subject,
    projection::Projection,
    schema::{AttributeDef, ResourceType, Schema},
};

pub(crate) use resource::Document;

/// What the versions write differently.
pub(crate) struct Form {
    /// The URN that a schema has in `schemas`, and as the key of its container.
    pub(crate) schema: fn(&'static Schema) -> &'static str,
    /// The name of the sub-attribute `sub` in an attribute of the schema with this id.
    pub(crate) sub_attribute: for<'a> fn(&str, &AttributeDef, &'a str) -> &'a str,
    /// Whether an attribute has sub-attributes with another name.
    pub(crate) renames: fn(&str, &AttributeDef) -> bool,
    /// Whether references carry `$ref`.
    pub(crate) references: bool,
    /// Whether `meta` says the resource type.
    pub(crate) resource_type: bool,
    /// Whether `meta` is part of every answer, whatever was asked for.
    pub(crate) always_meta: bool,
    /// The URN of a list.
    pub(crate) list: &'static str,
}

/// `meta.location` and the `Location` header: `{base}{endpoint}/{id}`; `base` ends in the version
/// without slash.
pub fn location(base: &str, kind: &ResourceType, id: &str) -> String {
    [base, kind.endpoint, "/", id].concat()
}

/// `meta.version` and the `ETag` header: `W/"n"`.
pub fn etag(version: u64) -> String {
    let mut text = String::with_capacity(24);
    // Writing to a String cannot fail.
    let _ = write!(text, "W/\"{version}\"");
    text
}

/// Where a page stands in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// The 1-based index of the page's first item.
    Index(u64),
    /// The cursor of the next page (RFC 9865); `None` on the last one.
    Cursor(Option<&'a str>),
}

/// A page of resources, each of which is shown as its own projection says.
pub(crate) struct List<'a> {
    pub(crate) form: &'a Form,
    pub(crate) base: &'a str,
    pub(crate) total: u64,
    pub(crate) place: Place<'a>,
    pub(crate) items: &'a [(Subject<'a>, &'a Projection)],
}

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("ListResponse", 5)?;
        object.serialize_field("schemas", &[self.form.list])?;
        object.serialize_field("totalResults", &self.total)?;
        match self.place {
            Place::Index(start) => object.serialize_field("startIndex", &start)?,
            Place::Cursor(Some(next)) => object.serialize_field("nextCursor", next)?,
            Place::Cursor(None) => {}
        }
        object.serialize_field("itemsPerPage", &self.items.len())?;
        object.serialize_field("Resources", &Documents(self))?;
        object.end()
    }
}

struct Documents<'a>(&'a List<'a>);

impl Serialize for Documents<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let List { form, base, .. } = *self.0;
        serializer.collect_seq(self.0.items.iter().map(|(view, projection)| Document {
            form,
            base,
            view,
            projection,
        }))
    }
}

/// Appends the JSON of `value` to `out`.
pub(crate) fn write(out: &mut Vec<u8>, value: &impl Serialize) {
    // Memory takes every byte and all keys are text, so there is no error to report.
    let _ = serde_json::to_writer(out, value);
}
