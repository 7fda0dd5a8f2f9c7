//! Rewrites of values that do not fit.

use serde_json::{Map, Value};

use super::Misfit;
use crate::{
    json, name,
    schema::{AttributeDef, AttributeType},
    validate::take,
};

const VALUE: &str = "value";

/// `"True"`, `"false"` … are booleans.
pub(super) fn boolean(place: Misfit, value: Value) -> Result<Value, Value> {
    match (place, value) {
        (Misfit::Simple(def), Value::String(text)) if def.kind == AttributeType::Boolean => {
            if text.eq_ignore_ascii_case("true") {
                Ok(Value::Bool(true))
            } else if text.eq_ignore_ascii_case("false") {
                Ok(Value::Bool(false))
            } else {
                Err(Value::String(text))
            }
        }
        (_, value) => Err(value),
    }
}

/// `{"members": […]}` under the path `members` is the list in it.
pub(super) fn list_in_object(place: Misfit, value: Value) -> Result<Value, Value> {
    match (place, value) {
        (Misfit::List(def), Value::Object(mut object)) => {
            take(&mut object, def.name).ok_or(Value::Object(object))
        }
        (_, value) => Err(value),
    }
}

/// One value where a list of values belongs.
pub(super) fn one_for_list(place: Misfit, value: Value) -> Result<Value, Value> {
    match (place, value) {
        (Misfit::List(_), one @ (Value::Object(_) | Value::String(_))) => {
            Ok(Value::Array(vec![one]))
        }
        (_, value) => Err(value),
    }
}

/// A list of one value where that value belongs, also as `[{"value": …}]` for a simple one; an empty
/// list is no value.
pub(super) fn list_for_one(place: Misfit, value: Value) -> Result<Value, Value> {
    match (place, value) {
        (Misfit::List(_), value) => Err(value),
        (place, Value::Array(mut items)) if items.len() < 2 => {
            let one = items.pop().unwrap_or(Value::Null);
            Ok(match place {
                Misfit::Simple(_) => inner(one),
                Misfit::List(_) | Misfit::Complex(_) | Misfit::Attributes => one,
            })
        }
        (_, value) => Err(value),
    }
}

/// What an object holds as its `value`.
fn inner(value: Value) -> Value {
    match value {
        Value::Object(mut object) => take(&mut object, VALUE).unwrap_or(Value::Object(object)),
        other => other,
    }
}

/// The text of a JSON object where the object belongs.
pub(super) fn object_in_text(place: Misfit, value: Value) -> Result<Value, Value> {
    match (place, value) {
        (Misfit::Complex(def), Value::String(text)) if has_value(def) => {
            element(&text).map(Value::Object).ok_or(Value::String(text))
        }
        (_, value) => Err(value),
    }
}

/// `"x"` where `{"value": "x"}` belongs.
pub(super) fn text_for_object(place: Misfit, value: Value) -> Result<Value, Value> {
    match (place, value) {
        (Misfit::Complex(def), text @ Value::String(_)) if has_value(def) => {
            Ok(Value::Object(Map::from_iter([(VALUE.to_owned(), text)])))
        }
        (_, value) => Err(value),
    }
}

/// `""` is no value, wherever it stands; for an object with a `value` it is that one's.
pub(super) fn empty_text(place: Misfit, value: Value) -> Result<Value, Value> {
    match (place, value) {
        (Misfit::Complex(def), value) if has_value(def) => Err(value),
        (_, Value::String(text)) if text.is_empty() => Ok(Value::Null),
        (_, value) => Err(value),
    }
}

/// Blanks around a name that identifies.
pub(super) fn padded(place: Misfit, value: Value) -> Result<Value, Value> {
    match (place, value) {
        (Misfit::Simple(def), Value::String(text)) if def.kind == AttributeType::String => {
            match text.trim() {
                "" => Err(Value::String(text)),
                trimmed if trimmed.len() == text.len() => Err(Value::String(text)),
                trimmed => Ok(Value::String(trimmed.to_owned())),
            }
        }
        (_, value) => Err(value),
    }
}

/// Line breaks and blanks inside base64.
pub(super) fn folded_base64(place: Misfit, value: Value) -> Result<Value, Value> {
    match (place, value) {
        (Misfit::Simple(def), Value::String(text))
            if def.kind == AttributeType::Binary && text.contains(char::is_whitespace) =>
        {
            Ok(Value::String(text.split_whitespace().collect()))
        }
        (_, value) => Err(value),
    }
}

fn has_value(def: &'static AttributeDef) -> bool {
    def.sub_attribute(VALUE).is_some()
}

/// The object that `text` spells, if that has a `value`.
pub(super) fn element(text: &str) -> Option<Map<String, Value>> {
    let object = json::object_in_text(text)?;
    let has_value = object.keys().any(|key| name::same(key, VALUE));
    has_value.then_some(object)
}
