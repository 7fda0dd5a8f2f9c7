//! The wire form of SCIM 2.0: resources, lists and their meta data as JSON bytes.
//!
//! Answers are written straight from the stored attributes into the output buffer; the projection
//! is asked per attribute, so no reduced copy is made. Empty `groups` and `members` are left out
//! like every unassigned attribute (R-7643-2.5-03).

mod reference;
mod resource;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::{projection::Projection, schema::ResourceType, urn};

use resource::Document;

/// Everything an answer shows of one resource: the same as a filter looks at.
pub use crate::filter::Subject as View;

/// `meta.location` and the `Location` header: `{base}{endpoint}/{id}`; `base` ends in `/v2`
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

/// Appends one resource to `out`.
pub fn resource(out: &mut Vec<u8>, base: &str, view: &View<'_>, projection: &Projection) {
    write(
        out,
        &Document {
            base,
            view,
            projection,
        },
    );
}

/// Where a page stands in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// The 1-based index of the page's first item.
    Index(u64),
    /// The cursor of the next page (RFC 9865); `None` on the last one.
    Cursor(Option<&'a str>),
}

/// Appends a `ListResponse` to `out`; `total` counts all matches. `itemsPerPage` is the number of
/// items, each of which is shown as its own projection says.
pub fn list<'a>(
    out: &mut Vec<u8>,
    base: &str,
    total: u64,
    place: Place<'_>,
    items: impl Iterator<Item = (View<'a>, &'a Projection)>,
) {
    let items: Vec<_> = items.collect();
    write(
        out,
        &List {
            base,
            total,
            place,
            items: &items,
        },
    );
}

struct List<'a> {
    base: &'a str,
    total: u64,
    place: Place<'a>,
    items: &'a [(View<'a>, &'a Projection)],
}

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("ListResponse", 5)?;
        object.serialize_field("schemas", &[urn::LIST_RESPONSE])?;
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
        serializer.collect_seq(self.0.items.iter().map(|(view, projection)| Document {
            base: self.0.base,
            view,
            projection,
        }))
    }
}

fn write(out: &mut Vec<u8>, value: &impl Serialize) {
    // Memory takes every byte and all keys are text, so there is no error to report.
    let _ = serde_json::to_writer(out, value);
}
