//! Configurations that are documents: JSON, which every reader of YAML takes too, so that the
//! comment on top can stand.

use serde_json::Value;

/// The document as text.
pub(super) fn print(document: &Value) -> String {
    format!("{document:#}\n")
}
