//! SCIM 1.1 as tables. `C:` stands for the core URN of 1.1, `E:` for the enterprise URN of 1.1 and
//! `e:` for that of 2.0, `O:` for Okta's group extension.

mod answers;
mod bodies;
mod bulk;
mod discovery;
mod model;
mod patches;
mod queries;

use serde_json::Value;

use super::*;
use crate::{
    Resource, ScimError,
    profile::{COMPAT, STRICT},
    schema::{GROUP, ResourceType, USER},
};

fn expand(text: &str) -> String {
    let table = [
        ("C", urn::CORE),
        ("E", urn::ENTERPRISE_USER),
        ("e", crate::urn::ENTERPRISE_USER),
        ("O", crate::urn::OKTA_GROUP),
    ];
    table.iter().fold(text.to_owned(), |text, (short, urn)| {
        text.replace(&format!("\"{short}:\""), &format!("\"{urn}\""))
            .replace(&format!("\"{short}:"), &format!("\"{urn}:"))
    })
}

fn json(text: &str) -> Value {
    crate::json::parse(expand(text).as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn stored(text: &str) -> Resource {
    let text = expand(text);
    Resource::from_stored(&text).unwrap_or_else(|| panic!("{text}"))
}

/// Whether the error has that status and those words.
fn check_error(got: &ScimError, words: &str, context: &str) {
    assert_eq!(got.status(), 400, "{context}: {got}");
    assert!(got.to_string().contains(words), "{context}: {got}");
    assert!(!got.detail().contains("Operation "), "{context}: {got}");
}
