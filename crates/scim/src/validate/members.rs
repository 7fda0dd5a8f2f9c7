//! `members` of a group → ids. Only the id counts: `display`, `type` and `$ref` of a member are
//! the server's.

use std::collections::HashSet;

use serde_json::Value;

use super::{MAX_TEXT, Spot, error::wrong_type, invalid_value, reader::take};
use crate::{
    Profile, ScimError,
    quirk::{EMPTY_ELEMENT, Misfit},
};

/// The ids that `value` names, each once and in order; `None` for `null`.
///
/// An element without `value` is known by the last segment of its `$ref`.
///
/// # Errors
/// `invalidValue` when an element names no id, unless the profile is tolerant and the element is
/// empty, and when the id is not text.
pub(crate) fn ids(
    profile: &Profile,
    spot: Spot,
    value: Value,
) -> Result<Option<Vec<String>>, ScimError> {
    let given = match value {
        Value::Null => return Ok(None),
        Value::Array(given) => given,
        other => {
            return match profile.quirks.value(Misfit::List(spot.def), other) {
                Ok(value) => ids(profile, spot, value),
                Err(other) => Err(wrong_type(spot, "a list of objects with value", &other)),
            };
        }
    };
    let mut seen = HashSet::with_capacity(given.len());
    let mut ids = Vec::with_capacity(given.len());
    for element in given {
        if let Some(id) = id(profile, spot, element)?
            && seen.insert(id.clone())
        {
            ids.push(id);
        }
    }
    Ok(Some(ids))
}

fn id(profile: &Profile, spot: Spot, element: Value) -> Result<Option<String>, ScimError> {
    let named = match element {
        Value::Object(mut object) => match take(&mut object, "value") {
            Some(Value::Null) | None => referred(take(&mut object, "$ref")),
            Some(value) => value,
        },
        Value::Null => Value::Null,
        other => {
            return match profile.quirks.value(Misfit::Complex(spot.def), other) {
                Ok(element) => id(profile, spot, element),
                Err(other) => Err(wrong_type(spot, "a list of objects with value", &other)),
            };
        }
    };
    match named {
        Value::String(id) if !id.is_empty() && id.len() <= MAX_TEXT => Ok(Some(id)),
        Value::String(id) if id.len() > MAX_TEXT => Err(invalid_value(
            spot,
            format_args!("has a value longer than {MAX_TEXT} bytes; send the id of a resource"),
        )),
        Value::Null | Value::String(_) if profile.quirks.has(&EMPTY_ELEMENT) => Ok(None),
        Value::Null | Value::String(_) => Err(invalid_value(
            spot,
            "has an element without value; send the id of a user or group",
        )),
        other => Err(wrong_type(
            spot,
            "a list of objects with a text value",
            &other,
        )),
    }
}

fn referred(reference: Option<Value>) -> Value {
    match reference {
        Some(Value::String(uri)) => match last_segment(&uri) {
            Some(id) => Value::String(id.to_owned()),
            None => Value::Null,
        },
        _ => Value::Null,
    }
}

/// The last segment of the path of a URI; `None` when it has none.
pub(crate) fn last_segment(uri: &str) -> Option<&str> {
    let path = uri.split(['?', '#']).next()?;
    let last = path.trim_end_matches('/').rsplit('/').next()?;
    (!last.is_empty()).then_some(last)
}
