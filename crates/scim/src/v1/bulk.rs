//! Bulk jobs of 1.1 (SCIM protocol 1.1, section 3.5): the message → that of 2.0, and the answer.

use serde_json::{Map, Value, json};

use super::{body::body, urn};
use crate::{
    ScimError, ScimType,
    bulk::{Answer, BulkRequest, Entry},
    name,
    schema::ResourceType,
    urn as v2,
    validate::take,
};

/// Reads the message. `kinds` are the resource types that paths may name. The data of a PATCH stays
/// in the form of 1.1 and is read by [`super::patch()`] when its turn comes.
///
/// # Errors
/// As [`BulkRequest::parse`].
pub fn bulk_request(
    message: Value,
    kinds: &[&'static ResourceType],
) -> Result<BulkRequest, ScimError> {
    let Value::Object(mut message) = message else {
        return BulkRequest::parse(message, kinds);
    };
    check_schemas(take(&mut message, "schemas").as_ref())?;
    message.insert("schemas".to_owned(), json!([v2::BULK_REQUEST]));
    let operations = message
        .iter_mut()
        .find(|(key, _)| name::same(key, "Operations"));
    if let Some((_, Value::Array(operations))) = operations {
        for operation in operations.iter_mut().filter_map(Value::as_object_mut) {
            rewrite(operation, kinds);
        }
    }
    BulkRequest::parse(Value::Object(message), kinds)
}

/// R-11-CS-01: nothing but the core schema is in use, so it need not be listed.
fn check_schemas(schemas: Option<&Value>) -> Result<(), ScimError> {
    let is_known = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        name::same(text, urn::CORE) || name::same(text, v2::BULK_REQUEST)
    };
    let fits = match schemas {
        None | Some(Value::Null) => true,
        Some(Value::Array(urns)) => urns.is_empty() || urns.iter().any(is_known),
        Some(_) => false,
    };
    if fits {
        return Ok(());
    }
    Err(ScimError::new(
        ScimType::InvalidSyntax,
        format!("schemas must list {:?}.", urn::CORE),
    ))
}

/// Rewrites the body of a POST or PUT, so that everything a job is planned by has the names of 2.0.
fn rewrite(operation: &mut Map<String, Value>, kinds: &[&'static ResourceType]) {
    let text = |name: &str| {
        let mut members = operation.iter();
        let (_, value) = members.find(|(key, _)| name::same(key, name))?;
        value.as_str()
    };
    let is_whole = text("method").is_some_and(|method| !name::same(method, "PATCH"));
    let path = text("path").unwrap_or_default();
    let mut below = kinds.iter().copied();
    let kind = below.find(|kind| path.starts_with(kind.endpoint));
    if let (true, Some(kind)) = (is_whole, kind)
        && let Some((_, data)) = operation
            .iter_mut()
            .find(|(key, _)| name::same(key, "data"))
        && data.is_object()
    {
        *data = body(kind, data.take());
    }
}

/// The body of the answer: the operations that were processed, in the order of the message. A
/// status is an object (R-11-API-25), and a DELETE that was done has 200 (R-11-API-23).
pub fn bulk_response<'a>(processed: impl Iterator<Item = (&'a Entry, &'a Answer)>) -> Value {
    let operations: Vec<Value> = processed
        .map(|(entry, answer)| operation(entry, answer))
        .collect();
    json!({"schemas": [urn::CORE], "Operations": operations})
}

fn operation(entry: &Entry, answer: &Answer) -> Value {
    let mut fields = Map::new();
    let mut put = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            fields.insert(key.to_owned(), value.into());
        }
    };
    put("location", answer.location.clone());
    put("method", entry.method.clone());
    put("bulkId", entry.bulk_id.clone());
    let status = match &answer.outcome {
        Ok((status, version)) => {
            put("version", version.clone());
            json!({"code": if *status == 204 { 200 } else { *status }.to_string()})
        }
        Err(error) => json!({"code": error.status().to_string(), "description": error.detail()}),
    };
    fields.insert("status".to_owned(), status);
    Value::Object(fields)
}
