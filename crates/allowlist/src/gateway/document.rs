//! Configurations that are documents: JSON, which every reader of YAML takes too, so that the
//! comment on top can stand.

use serde_json::Value;

/// The document as text.
pub(super) fn print(document: &Value) -> String {
    format!("{document:#}\n")
}

/// The same document with one more part.
pub(super) fn with(mut document: Value, key: &str, part: Value) -> Value {
    if let Some(parts) = document.as_object_mut() {
        parts.insert(key.to_owned(), part);
    }
    document
}
