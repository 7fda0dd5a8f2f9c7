//! The answer to a bulk job (RFC 7644 section 3.7.3).

use serde_json::{Map, Value, json};

use super::Entry;
use crate::{ScimError, urn};

/// What became of one operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The URL of the resource; `None` for a POST that failed.
    pub location: Option<String>,
    /// The outcome: the HTTP status and, where there still is a resource, its `ETag`; or the error.
    pub outcome: Result<(u16, Option<String>), ScimError>,
}

/// The body of the answer: the operations that were processed, in the order of the message.
pub fn response<'a>(processed: impl Iterator<Item = (&'a Entry, &'a Answer)>) -> Value {
    let operations: Vec<Value> = processed
        .map(|(entry, answer)| operation(entry, answer))
        .collect();
    json!({"schemas": [urn::BULK_RESPONSE], "Operations": operations})
}

fn operation(entry: &Entry, answer: &Answer) -> Value {
    let mut fields = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(key.to_owned(), value);
        }
    };
    put("location", answer.location.clone().map(Value::String));
    put("method", entry.method.clone().map(Value::String));
    put("bulkId", entry.bulk_id.clone().map(Value::String));
    match &answer.outcome {
        Ok((status, version)) => {
            put("version", version.clone().map(Value::String));
            put("status", Some(status.to_string().into()));
        }
        Err(error) => {
            put("status", Some(error.status().to_string().into()));
            put("response", Some(error.to_json()));
        }
    }
    Value::Object(fields)
}
