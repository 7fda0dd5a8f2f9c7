//! `members` of a group → ids. Only the id counts: `display`, `type` and `$ref` of a member are
//! the server's.

use std::collections::HashSet;

use serde_json::Value;

use super::{MAX_TEXT, Spot, error::wrong_type, invalid_value, reader::take};
use crate::{Profile, ScimError};

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
        one @ (Value::Object(_) | Value::String(_)) if profile.loose_shapes => vec![one],
        other => return Err(wrong_type(spot, "a list of objects with value", &other)),
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
    let id = match element {
        Value::String(text) if profile.loose_shapes => Value::String(text),
        Value::Object(mut object) => match take(&mut object, "value") {
            Some(Value::Null) | None => referred(take(&mut object, "$ref")),
            Some(value) => value,
        },
        Value::Null => Value::Null,
        other => return Err(wrong_type(spot, "a list of objects with value", &other)),
    };
    match id {
        Value::String(id) if !id.is_empty() && id.len() <= MAX_TEXT => Ok(Some(id)),
        Value::String(id) if id.len() > MAX_TEXT => Err(invalid_value(
            spot,
            format_args!("has a value longer than {MAX_TEXT} bytes; send the id of a resource"),
        )),
        Value::Null | Value::String(_) if profile.loose_shapes => Ok(None),
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
