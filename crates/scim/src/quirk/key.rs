//! Rewrites of members whose key names no attribute of the resource.

use serde_json::{Map, Value};

use super::Members;
use crate::{
    name,
    schema::{AttributeRef, Holder, ResourceType},
};

/// A container named by the base schema: its members belong at the top.
pub(super) fn base_container(kind: &'static ResourceType, key: &str, value: Value) -> Members {
    match value {
        Value::Object(object) if name::same(key, kind.schema.id) => {
            Ok(object.into_iter().collect())
        }
        value => Err(value),
    }
}

/// An attribute of an extension at the top, named with its URN or without, and a sub-attribute of a
/// single value: into the object where it belongs.
pub(super) fn nested(kind: &'static ResourceType, key: &str, value: Value) -> Members {
    match kind.resolve_attribute(key) {
        Some(at) if at.sub.is_none() || !at.attribute.multi_valued => {
            Ok(vec![into_place(&at, value)])
        }
        _ => Err(value),
    }
}

fn into_place(at: &AttributeRef, value: Value) -> (String, Value) {
    let wrap = |name: &str, value| Value::Object(Map::from_iter([(name.to_owned(), value)]));
    let value = match at.sub {
        Some(sub) => wrap(sub.name, value),
        None => value,
    };
    match at.holder {
        Holder::Core => (at.attribute.name.to_owned(), value),
        Holder::Extension(schema) => (schema.id.to_owned(), wrap(at.attribute.name, value)),
    }
}

/// Whether a key of a value without a path is more than a name: a sub-attribute, a filter or a URN.
pub(super) fn is_path(key: &str) -> bool {
    key.contains(['.', '[', ':'])
}
