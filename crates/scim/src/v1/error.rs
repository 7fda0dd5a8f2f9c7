//! The body of a failed answer (SCIM protocol 1.1, section 3.9).

use serde_json::{Value, json};

use crate::ScimError;

/// `Errors` with one entry, whose `code` is text (R-11-API-30), and `detail`, which Okta's test
/// suite for 1.1 looks for.
pub fn error(error: &ScimError) -> Value {
    json!({
        "Errors": [{"code": error.status().to_string(), "description": error.detail()}],
        "detail": error.detail(),
    })
}
