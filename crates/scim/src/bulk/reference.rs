//! `bulkId:x` in operations (RFC 7644 section 3.7.2): found, replaced, put off.
//!
//! Every text value that begins with `bulkId:` is such a reference, in whatever attribute; so are
//! the last segment of a `$ref` and a quoted value in the path of a PATCH operation. One that
//! cannot be replaced fails its operation: the literal text is never stored.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use serde_json::{Map, Value, json};

use crate::{ScimError, name, urn};

const PREFIX: &str = "bulkId:";

/// The ids of the resources that a job has created so far, by `bulkId`.
pub type KnownIds = HashMap<String, String>;

/// Replaces every reference in the body of an operation.
///
/// # Errors
/// 409 when a `bulkId` is not known.
pub fn resolve(data: &mut Value, known: &KnownIds) -> Result<(), ScimError> {
    resolve_at("", data, known)
}

/// The id in the path of an operation.
///
/// # Errors
/// 409 when it is a `bulkId` that is not known.
pub fn resolve_id(id: &str, known: &KnownIds) -> Result<String, ScimError> {
    match id.strip_prefix(PREFIX) {
        Some(bulk_id) => known_id(bulk_id, known).map(str::to_owned),
        None => Ok(id.to_owned()),
    }
}

/// The `bulkId` that an id in a path stands for.
pub(super) fn bulk_id(id: &str) -> Option<&str> {
    id.strip_prefix(PREFIX)
}

/// Every `bulkId` that `value`, found under `key`, refers to.
pub(super) fn mentioned<'a>(key: &str, value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.extend(
            spots(key, text)
                .into_iter()
                .filter_map(|spot| text.get(spot).and_then(bulk_id)),
        ),
        Value::Array(items) => items.iter().for_each(|item| mentioned(key, item, found)),
        Value::Object(members) => members
            .iter()
            .for_each(|(key, value)| mentioned(key, value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Takes the attributes that refer to one of `ids` out of the body of a POST. The PATCH that sets
/// them afterwards is returned.
pub(super) fn put_off(data: &mut Value, ids: &HashSet<String>) -> Value {
    let mut operations = Vec::new();
    if let Value::Object(members) = data {
        let (extensions, core): (Vec<String>, Vec<String>) =
            members.keys().cloned().partition(|key| is_urn(key));
        take_out(members, "", core, ids, &mut operations);
        for urn in extensions {
            if let Some(Value::Object(container)) = members.get_mut(&urn) {
                let keys = container.keys().cloned().collect();
                take_out(container, &format!("{urn}:"), keys, ids, &mut operations);
            }
        }
    }
    json!({"schemas": [urn::PATCH_OP], "Operations": operations})
}

fn is_urn(key: &str) -> bool {
    key.get(..4).is_some_and(|start| name::same(start, "urn:"))
}

fn take_out(
    members: &mut Map<String, Value>,
    prefix: &str,
    keys: Vec<String>,
    ids: &HashSet<String>,
    operations: &mut Vec<Value>,
) {
    for key in keys {
        let mut found = Vec::new();
        if let Some(value) = members.get(&key) {
            mentioned(&key, value, &mut found);
        }
        if found.into_iter().any(|id| ids.contains(id))
            && let Some(value) = members.remove(&key)
        {
            operations.push(json!({"op": "add", "path": format!("{prefix}{key}"), "value": value}));
        }
    }
}

fn resolve_at(key: &str, value: &mut Value, known: &KnownIds) -> Result<(), ScimError> {
    match value {
        Value::String(text) => {
            // From the end, so that the earlier spots stay where they are.
            for spot in spots(key, text).into_iter().rev() {
                let bulk_id = text.get(spot.clone()).and_then(bulk_id).unwrap_or_default();
                let id = known_id(bulk_id, known)?.to_owned();
                text.replace_range(spot, &id);
            }
            Ok(())
        }
        Value::Array(items) => items
            .iter_mut()
            .try_for_each(|item| resolve_at(key, item, known)),
        Value::Object(members) => members
            .iter_mut()
            .try_for_each(|(key, value)| resolve_at(key, value, known)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn known_id<'a>(bulk_id: &str, known: &'a KnownIds) -> Result<&'a str, ScimError> {
    known.get(bulk_id).map(String::as_str).ok_or_else(|| {
        let sentence =
            format!("No resource was created in this job for the bulkId {bulk_id:.256?}");
        ScimError::with_status(409, sentence)
    })
}

/// Where `bulkId:x` stands in a text, in order.
fn spots(key: &str, text: &str) -> Vec<Range<usize>> {
    if text.starts_with(PREFIX) {
        return std::iter::once(0..text.len()).collect();
    }
    if name::same(key, "$ref") {
        let start = text.rfind('/').map_or(0, |slash| slash + 1);
        let is_one = text.get(start..).and_then(bulk_id).is_some();
        return is_one.then_some(start..text.len()).into_iter().collect();
    }
    if name::same(key, "path") {
        return quoted(text);
    }
    Vec::new()
}

/// The quoted references in a PATCH path, such as `members[value eq "bulkId:x"]`.
fn quoted(text: &str) -> Vec<Range<usize>> {
    let starts = text.match_indices("\"bulkId:").map(|(quote, _)| quote + 1);
    starts
        .filter_map(|start| {
            let length = text.get(start..)?.find('"')?;
            Some(start..start + length)
        })
        .collect()
}
