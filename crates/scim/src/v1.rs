//! The wire form of SCIM 1.1 (core schema 1.1 and protocol 1.1, simplecloud.info).
//!
//! Requests are rewritten into what 2.0 would have sent, and from there on nothing knows which
//! version was spoken: the same validation, the same use cases, the same store. Answers are written
//! in the names of 1.1. XML, the optional format of 1.1, is not served.
//!
//! | 1.1 | becomes |
//! |---|---|
//! | body of POST and PUT | [`body()`] → [`crate::validate::input`] |
//! | body of PATCH | [`patch()`] → [`crate::patch::PatchRequest`] |
//! | query | [`query()`] → [`crate::list::Parameters`] |
//! | bulk body | [`bulk_request`] → [`crate::bulk::BulkRequest`] |

mod body;
mod bulk;
pub mod discovery;
mod error;
mod names;
mod patch;
mod query;
#[cfg(test)]
mod tests;
pub mod urn;

use crate::{
    projection::Projection,
    v2::View,
    wire::{self, Document, Form, List, Place},
};

pub use body::body;
pub use bulk::{bulk_request, bulk_response};
pub use error::error;
pub use patch::patch;
pub use query::query;

static FORM: Form = Form {
    schema: names::schema,
    sub_attribute: names::sub_attribute,
    renames: names::renames,
    references: false,
    resource_type: false,
    always_meta: true,
    list: urn::CORE,
};

/// Appends one resource to `out`: with `id` and `meta`, whatever the projection says
/// (R-11-API-05). `base` ends in `/v1` without slash.
pub fn resource(out: &mut Vec<u8>, base: &str, view: &View<'_>, projection: &Projection) {
    let form = &FORM;
    wire::write(
        out,
        &Document {
            form,
            base,
            view,
            projection,
        },
    );
}

/// Appends a list to `out`; `total` counts all matches, `start` is the 1-based index of the first
/// item. `itemsPerPage` is the number of items.
pub fn list<'a>(
    out: &mut Vec<u8>,
    base: &str,
    total: u64,
    start: u64,
    items: impl Iterator<Item = (View<'a>, &'a Projection)>,
) {
    let items: Vec<_> = items.collect();
    wire::write(
        out,
        &List {
            form: &FORM,
            base,
            total,
            place: Place::Index(start),
            items: &items,
        },
    );
}
