//! The wire form of SCIM 2.0: resources and lists, as JSON bytes.

#[cfg(test)]
mod tests;

use crate::{
    projection::Projection,
    urn,
    wire::{self, Document, Form, List},
};

/// Everything an answer shows of one resource: the same as a filter looks at.
pub use crate::filter::Subject as View;
pub use crate::wire::{Place, etag, location};

static FORM: Form = Form {
    schema: |schema| schema.id,
    sub_attribute: |_, _, sub| sub,
    renames: |_, _| false,
    references: true,
    resource_type: true,
    always_meta: false,
    list: urn::LIST_RESPONSE,
};

/// Appends one resource to `out`. `base` ends in `/v2` without slash.
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
    wire::write(
        out,
        &List {
            form: &FORM,
            base,
            total,
            place,
            items: &items,
        },
    );
}
