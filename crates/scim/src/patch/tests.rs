//! PATCH as tables: the attributes before, the operations, and what each profile makes of them.
//!
//! `E:` stands for the URN of the enterprise extension, `U:`, `G:` and `O:` for those of User,
//! Group and Okta's group extension.

mod clients;
mod extensions;
mod interop;
mod lists;
mod members;
mod message;
mod model;
mod selected;
mod single;
mod whole;

use serde_json::Value;

use super::*;
use crate::{
    profile::{COMPAT, STRICT},
    schema::{GROUP, USER},
    urn,
};

fn expand(text: &str) -> String {
    let table = [
        ("E", urn::ENTERPRISE_USER),
        ("U", urn::USER),
        ("G", urn::GROUP),
        ("O", urn::OKTA_GROUP),
    ];
    table.iter().fold(text.to_owned(), |text, (short, urn)| {
        text.replace(&format!("\"{short}:\""), &format!("\"{urn}\""))
            .replace(&format!("\"{short}:"), &format!("\"{urn}:"))
            .replace(&format!("\"{short}."), &format!("\"{urn}."))
    })
}

fn parse(text: &str) -> Value {
    crate::json::parse(expand(text).as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A PATCH message from its operations without the brackets.
fn request(operations: &str, profile: &Profile) -> Result<PatchRequest, ScimError> {
    let body = format!(
        r#"{{"schemas":["{}"],"Operations":[{operations}]}}"#,
        urn::PATCH_OP
    );
    PatchRequest::parse(parse(&body), profile)
}

fn stored(attributes: &str) -> Resource {
    let comma = if attributes.is_empty() { "" } else { "," };
    let text = expand(&format!(r#"{{"userName":"u"{comma}{attributes}}}"#));
    Resource::from_stored(&text).unwrap_or_else(|| panic!("{text}"))
}

fn apply(profile: &Profile, before: &Resource, operations: &str) -> Result<Patched, ScimError> {
    request(operations, profile)?.apply(&USER, profile, before)
}

/// Checks one request on a User. `expect` is what is stored beside the name, or `!keyword words`.
fn check_one(profile: &Profile, before: &str, operations: &str, expect: &str) {
    let context = format!("{}: {before} + {operations}", profile.name);
    let current = stored(before);
    let got = apply(profile, &current, operations);
    let Some(error) = expect.strip_prefix('!') else {
        let got = got.unwrap_or_else(|error| panic!("{context}: {error}"));
        let expect = stored(expect);
        assert_eq!(got.resource.attributes(), expect.attributes(), "{context}");
        return;
    };
    let got = got.err().unwrap_or_else(|| panic!("{context}: accepted"));
    check_error(&got, error, &context);
}

fn check_error(got: &ScimError, expect: &str, context: &str) {
    let (keyword, words) = expect.split_once(' ').unwrap_or((expect, ""));
    let scim_type = got.scim_type().map(crate::ScimType::as_str);
    assert_eq!(scim_type, Some(keyword), "{context}: {got}");
    assert_eq!(got.status(), 400, "{context}: {got}");
    assert!(got.detail().contains(words), "{context}: {got}");
    assert!(got.detail().starts_with("Operation "), "{context}: {got}");
}

/// Checks requests on a User: before, operations, result in `compat`, result in `strict` (`=`
/// means the same).
fn check(cases: &[(&str, &str, &str, &str)]) {
    for (before, operations, compat, strict) in cases {
        let strict = if *strict == "=" { compat } else { strict };
        check_one(&COMPAT, before, operations, compat);
        check_one(&STRICT, before, operations, strict);
    }
}
