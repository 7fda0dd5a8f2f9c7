//! Rewrites of lists and of their elements.

use serde_json::{Map, Value};

use super::value::element;
use crate::{
    name,
    validate::{is_primary, keep_one_primary, take},
};

const VALUE: &str = "value";

/// The text of a whole element in its `value`.
pub(super) fn element_in_value(object: &mut Map<String, Value>) {
    let inner = object
        .iter()
        .find(|(key, _)| name::same(key, VALUE))
        .and_then(|(_, value)| element(value.as_str()?));
    if let Some(inner) = inner {
        take(object, VALUE);
        for (key, value) in inner {
            take(object, &key);
            object.insert(key, value);
        }
    }
}

/// Elements that only say what they would be: a `type` or `primary` without a value.
pub(super) fn without_empty(items: &mut Vec<Value>) {
    items.retain(|item| {
        item.as_object()
            .is_none_or(|object| object.keys().any(|key| key != "type" && key != "primary"))
    });
}

/// Several primary values: the first one is.
pub(super) fn first_primary(items: &mut [Value]) {
    let first = items.iter().position(is_primary);
    keep_one_primary(items, first);
}
