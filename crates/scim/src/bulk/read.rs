//! The bulk message: JSON → operations, each with its own error.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::{BulkRequest, Entry, MAX_BULK_ID, MAX_OPERATIONS, Method, Operation, Place};
use crate::{ScimError, ScimType, name, schema::ResourceType, urn, validate::take};

/// Longest path of an operation in bytes.
const MAX_PATH: usize = 1_024;

/// Reads the message.
pub(super) fn read(body: Value, kinds: &[&'static ResourceType]) -> Result<BulkRequest, ScimError> {
    let Value::Object(mut body) = body else {
        return Err(malformed("The body must be a JSON object."));
    };
    check_schemas(take(&mut body, "schemas").as_ref())?;
    let fail_on_errors = fail_on_errors(take(&mut body, "failOnErrors").as_ref())?;
    let Some(Value::Array(operations)) = take(&mut body, "Operations") else {
        return Err(malformed("The body must have a list named Operations."));
    };
    if operations.is_empty() {
        return Err(malformed("Operations must list at least one operation."));
    }
    if operations.len() > MAX_OPERATIONS {
        let sentence = format!(
            "Operations lists {} operations; maxOperations is {MAX_OPERATIONS}. Send several jobs.",
            operations.len()
        );
        return Err(ScimError::with_status(413, sentence));
    }
    let entries: Vec<_> = operations
        .into_iter()
        .map(|value| entry(value, kinds))
        .collect();
    check_unique(&entries)?;
    Ok(BulkRequest {
        fail_on_errors,
        entries,
    })
}

fn check_schemas(schemas: Option<&Value>) -> Result<(), ScimError> {
    let is_message = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| name::same(text, urn::BULK_REQUEST))
    };
    if schemas
        .and_then(Value::as_array)
        .is_some_and(|urns| urns.iter().any(is_message))
    {
        return Ok(());
    }
    Err(malformed(&format!(
        "schemas must list {:?}.",
        urn::BULK_REQUEST
    )))
}

fn fail_on_errors(value: Option<&Value>) -> Result<Option<u64>, ScimError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64() {
            Some(count) if count > 0 => Ok(Some(count)),
            Some(_) | None => Err(invalid(
                "failOnErrors must be a whole number from 1; leave it out to go on past all errors.",
            )),
        },
    }
}

/// A reference to a `bulkId` that occurs twice could mean either, so nothing is done.
fn check_unique(entries: &[Entry]) -> Result<(), ScimError> {
    let mut seen = HashSet::new();
    let ids = entries.iter().filter_map(|entry| entry.bulk_id.as_deref());
    for id in ids {
        if !seen.insert(id) {
            return Err(invalid(&format!(
                "The bulkId {id:?} occurs twice; give every operation its own."
            )));
        }
    }
    Ok(())
}

fn entry(value: Value, kinds: &[&'static ResourceType]) -> Entry {
    let Value::Object(mut members) = value else {
        return Entry {
            method: None,
            bulk_id: None,
            operation: Err(malformed("An operation must be a JSON object.")),
        };
    };
    let word = text(take(&mut members, "method"));
    let method = word.as_deref().and_then(method);
    let bulk_id = take(&mut members, "bulkId");
    let plain_id = text(bulk_id.clone()).filter(|id| (1..=MAX_BULK_ID).contains(&id.len()));
    let operation = match (bulk_id, &plain_id) {
        (None | Some(Value::Null), _) | (_, Some(_)) => {
            operation(method, plain_id.is_some(), members, kinds)
        }
        (Some(_), None) => Err(invalid(&format!(
            "bulkId must be text of 1 to {MAX_BULK_ID} bytes."
        ))),
    };
    Entry {
        method: method
            .map(|method| method.as_str().to_owned())
            .or_else(|| word.filter(|word| word.len() <= MAX_BULK_ID)),
        bulk_id: plain_id,
        operation,
    }
}

fn operation(
    method: Option<Method>,
    has_id: bool,
    mut members: Map<String, Value>,
    kinds: &[&'static ResourceType],
) -> Result<Operation, ScimError> {
    let method = method.ok_or_else(|| malformed("method must be POST, PUT, PATCH or DELETE."))?;
    if method == Method::Post && !has_id {
        return Err(invalid("A POST needs a bulkId."));
    }
    let path = text(take(&mut members, "path")).ok_or_else(|| malformed("path must be text."))?;
    let (kind, place) = place(method, &path, kinds)?;
    let version = match take(&mut members, "version") {
        None | Some(Value::Null) => None,
        Some(Value::String(version)) => Some(version),
        Some(_) => return Err(invalid("version must be text, such as W/\"1\".")),
    };
    Ok(Operation {
        method,
        kind,
        place,
        version,
        data: data(method, take(&mut members, "data"))?,
    })
}

fn method(word: &str) -> Option<Method> {
    [Method::Post, Method::Put, Method::Patch, Method::Delete]
        .into_iter()
        .find(|method| name::same(method.as_str(), word))
}

/// The resource type and the resource that a path below the base URL names.
fn place(
    method: Method,
    path: &str,
    kinds: &[&'static ResourceType],
) -> Result<(&'static ResourceType, Place), ScimError> {
    let refused = || {
        let endpoints: Vec<_> = kinds.iter().map(|kind| kind.endpoint).collect();
        malformed(&format!(
            "path must be one of {} for POST, and that with a slash and an id for PUT, PATCH and \
             DELETE; it is relative to the base URL and has no query.",
            endpoints.join(", ")
        ))
    };
    if path.len() > MAX_PATH {
        return Err(refused());
    }
    let below = |kind: &&&'static ResourceType| {
        path.strip_prefix(kind.endpoint)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let kind = kinds.iter().find(below).copied().ok_or_else(refused)?;
    let rest = path.strip_prefix(kind.endpoint).unwrap_or_default();
    let id = rest.strip_prefix('/');
    match (method, id) {
        (Method::Post, None) => Ok((kind, Place::New)),
        (Method::Put | Method::Patch | Method::Delete, Some(id)) if is_one_segment(id) => {
            Ok((kind, Place::Existing(id.to_owned())))
        }
        (Method::Post | Method::Put | Method::Patch | Method::Delete, _) => Err(refused()),
    }
}

fn is_one_segment(id: &str) -> bool {
    !id.is_empty() && id != "." && id != ".." && !id.contains(['/', '\\', '?', '#', '%'])
}

fn data(method: Method, value: Option<Value>) -> Result<Value, ScimError> {
    match (method, value) {
        (Method::Delete, _) => Ok(Value::Null),
        (Method::Patch, Some(Value::Array(operations))) => {
            Ok(json!({"schemas": [urn::PATCH_OP], "Operations": operations}))
        }
        (Method::Post | Method::Put | Method::Patch, Some(object @ Value::Object(_))) => Ok(object),
        (Method::Post | Method::Put | Method::Patch, _) => Err(malformed(
            "data must be a JSON object: the body of the single request.",
        )),
    }
}

fn text(value: Option<Value>) -> Option<String> {
    match value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn malformed(detail: &str) -> ScimError {
    ScimError::new(ScimType::InvalidSyntax, detail)
}

fn invalid(detail: &str) -> ScimError {
    ScimError::new(ScimType::InvalidValue, detail)
}
