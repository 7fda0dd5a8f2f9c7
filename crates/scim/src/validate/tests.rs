//! What bodies become, as tables: `E:` and `U:` and `G:` stand for the URNs of the enterprise
//! extension, the User and the Group schema; `O:` for Okta's group extension.

mod names;
mod shapes;
mod whole;

use serde_json::Value;

use super::*;
use crate::{
    profile::{COMPAT, STRICT},
    schema::{GROUP, USER},
    urn,
};

/// Spells out the abbreviated URNs.
fn expand(text: &str) -> String {
    let table = [
        ("\"E:\"", urn::ENTERPRISE_USER),
        ("\"U:\"", urn::USER),
        ("\"G:\"", urn::GROUP),
        ("\"O:\"", urn::OKTA_GROUP),
    ];
    table.iter().fold(text.to_owned(), |text, (short, urn)| {
        text.replace(short, &format!("\"{urn}\""))
    })
}

fn parse(text: &str) -> Value {
    crate::json::parse(expand(text).as_bytes()).unwrap()
}

/// A User body with a name and, in the strict form, `schemas`.
fn user(attributes: &str) -> String {
    let comma = if attributes.is_empty() { "" } else { "," };
    format!(r#"{{"schemas":["U:","E:"],"userName":"u"{comma}{attributes}}}"#)
}

/// Checks one body. `expect` is the stored JSON, or `keyword words` of an error.
fn check_body(kind: &'static ResourceType, profile: &Profile, body: &str, expect: &str) {
    let context = format!("{} {body}", profile.name);
    let got = input(kind, profile, parse(body));
    if expect.starts_with('{') {
        let got = got.unwrap_or_else(|error| panic!("{context}: {error}"));
        assert_eq!(
            Value::Object(got.resource.attributes().clone()),
            parse(expect),
            "{context}"
        );
        return;
    }
    let error = got.err().unwrap_or_else(|| panic!("{context}: accepted"));
    let (keyword, words) = expect.split_once(' ').unwrap();
    assert_eq!(error.status(), 400, "{context}: {error}");
    assert_eq!(
        error.scim_type().map(crate::ScimType::as_str),
        Some(keyword),
        "{context}: {error}"
    );
    assert!(error.detail().contains(words), "{context}: {error}");
}

/// Checks attributes of a User beside its name: what is sent, what `compat` and `strict` make
/// of it. `=` in the place of the strict result means the same as compat.
fn check(cases: &[(&str, &str, &str)]) {
    let whole = |expect: &str| match expect.strip_prefix('{') {
        Some("}") => r#"{"userName":"u"}"#.to_owned(),
        Some(rest) => format!(r#"{{"userName":"u",{rest}"#),
        None => expect.to_owned(),
    };
    for (sent, compat, strict) in cases {
        let strict = if *strict == "=" { compat } else { strict };
        check_body(&USER, &COMPAT, &user(sent), &whole(compat));
        check_body(&USER, &STRICT, &user(sent), &whole(strict));
    }
}
