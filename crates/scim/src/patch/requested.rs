//! Which attributes a PATCH sends that answers show only on request: the answer to the request that
//! sent them shows them too (R-7643-7-10).

use serde_json::Value;

use super::{OpKind, PatchRequest};
use crate::{
    name,
    schema::{AttributeRef, ResourceType, Returned, Target},
};

/// Looks through all operations that set something.
pub(super) fn requested(request: &PatchRequest, kind: &'static ResourceType) -> Vec<AttributeRef> {
    let mut found = Vec::new();
    let sets = request
        .operations
        .iter()
        .filter(|op| op.kind != OpKind::Remove);
    for op in sets {
        match (&op.path, &op.value) {
            (Some(path), value) => named(kind, &path.attribute, value.as_ref(), &mut found),
            (None, value) => keys(kind, "", value.as_ref(), &mut found),
        }
    }
    found
}

/// The attributes named by the keys of an object, each with `prefix` in front.
fn keys(
    kind: &'static ResourceType,
    prefix: &str,
    value: Option<&Value>,
    found: &mut Vec<AttributeRef>,
) {
    for (key, value) in value.and_then(Value::as_object).into_iter().flatten() {
        named(kind, &format!("{prefix}{key}"), Some(value), found);
    }
}

fn named(
    kind: &'static ResourceType,
    notation: &str,
    value: Option<&Value>,
    found: &mut Vec<AttributeRef>,
) {
    match kind.resolve(notation) {
        Some(Target::Attribute(at)) => found.extend(on_request(at)),
        Some(Target::Extension(schema)) => keys(kind, &format!("{}:", schema.id), value, found),
        None if name::same(notation, kind.schema.id) => keys(kind, "", value, found),
        None => {}
    }
}

/// The attribute and its parts, as far as they are shown on request only.
fn on_request(at: AttributeRef) -> impl Iterator<Item = AttributeRef> {
    let whole = AttributeRef::whole(at.holder, at.attribute);
    let subs = at.attribute.sub_attributes.iter();
    let subs = subs.filter(move |sub| at.sub.is_none_or(|named| named.name == sub.name));
    let parts = subs.map(move |sub| AttributeRef {
        sub: Some(sub),
        ..whole
    });
    std::iter::once(whole)
        .chain(parts)
        .filter(|at| at.leaf().returned == Returned::Request)
}
