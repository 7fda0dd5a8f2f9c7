//! Which documents are schemas, what they become, and what is said about those that are none.

use std::fmt::Write as _;

use proptest::{
    collection::vec,
    option,
    prelude::{Just, Strategy, any, prop_oneof, proptest},
    sample::select,
};
use serde_json::{Value, json};

use super::*;
use crate::schema::{AttributeType, Mutability, Returned, Uniqueness};

const URN: &str = "urn:ietf:params:scim:schemas:extension:Example:2.0:User";

fn document(attributes: &Value) -> Value {
    json!({"id": URN, "attributes": attributes})
}

fn read(document: &Value) -> Result<Loaded, SchemaError> {
    load(document.to_string().as_bytes())
}

/// The schema with one attribute.
fn one(attribute: &Value) -> Result<Loaded, SchemaError> {
    read(&document(&json!([attribute])))
}

fn refusal(outcome: Result<Loaded, SchemaError>) -> String {
    outcome.expect_err("a refusal").to_string()
}

#[test]
fn what_is_not_given_takes_the_defaults_of_the_standard() {
    let loaded = one(&json!({"name": "badge"})).unwrap();
    assert!(loaded.warnings.is_empty());
    let def = loaded.schema.attribute("BADGE").unwrap();
    assert_eq!(
        (def.kind, def.multi_valued, def.required, def.case_exact),
        (AttributeType::String, false, false, false)
    );
    assert_eq!(
        (def.mutability, def.returned, def.uniqueness),
        (Mutability::ReadWrite, Returned::Default, Uniqueness::None)
    );
    assert!(def.canonical_values.is_empty() && def.reference_types.is_empty());
    assert_eq!(def.description, "");
}

#[test]
fn what_the_server_serves_can_be_loaded() {
    let loaded = one(
        &json!({"name": "badge", "type": "complex", "subAttributes": [
            {"name": "value"}, {"name": "$ref", "type": "reference", "referenceTypes": ["User"]},
        ]}),
    )
    .unwrap();
    let served = discovery::schema("https://scim.example.com/v2", loaded.schema);
    assert!(std::ptr::eq(read(&served).unwrap().schema, loaded.schema));
}

#[test]
fn names_follow_the_grammar() {
    for (name, fits) in [
        ("badge", true),
        ("a-b_c$9", true),
        (&*"x".repeat(MAX_NAME), true),
        (&*"x".repeat(MAX_NAME + 1), false),
        ("9abc", false),
        ("a b", false),
        ("a.b", false),
        ("$ref", false),
        ("", false),
        ("é", false),
    ] {
        let outcome = one(&json!({"name": name}));
        assert_eq!(outcome.is_ok(), fits, "{name}: {outcome:?}");
        let inner = one(&json!({"name": "x", "type": "complex", "subAttributes": [
            {"name": "value"}, {"name": name}]}));
        assert_eq!(inner.is_ok(), fits || name == "$ref", "{name}: {inner:?}");
    }
    assert!(refusal(one(&json!({"name": "9abc"}))).contains("9abc"));
}

fn check(attribute: &Value, words: &str) {
    let sentence = refusal(one(attribute));
    assert!(sentence.contains(words), "{attribute}: {sentence}");
}

#[test]
fn a_document_is_a_schema_or_its_fault_is_named() {
    let complex = |subs: Value| json!({"name": "x", "type": "complex", "subAttributes": subs});
    for (attribute, words) in [
        (json!("x"), "an attribute of the schema is text"),
        (json!({}), "no \"name\""),
        (json!({"name": 7}), "\"name\""),
        (
            json!({"name": "x", "type": "map"}),
            "use one of string, boolean",
        ),
        (
            json!({"name": "x", "type": 1}),
            "`x` has a \"type\" that is a number",
        ),
        (
            json!({"name": "x", "mutabilty": "immutable"}),
            "unknown \"mutabilty\"",
        ),
        (
            json!({"name": "x", "mutability": "constant"}),
            "readWrite, immutable",
        ),
        (
            json!({"name": "x", "returned": "sometimes"}),
            "default, always",
        ),
        (json!({"name": "x", "multiValued": "yes"}), "true or false"),
        (complex(json!([])), "no subAttributes"),
        (
            json!({"name": "x", "subAttributes": [{"name": "y"}]}),
            "make it complex",
        ),
        (
            complex(json!([{"name": "y", "type": "complex", "subAttributes": [{"name": "z"}]}])),
            "`x.y` is complex inside a complex",
        ),
        (
            complex(json!([{"name": "y"}, {"name": "Y"}])),
            "`x` has the sub-attribute `Y` twice",
        ),
        (
            complex(json!([{"name": "$ref", "type": "reference"}])),
            "none named `value`",
        ),
        (
            complex(json!([{"name": "y", "uniqueness": "server"}])),
            "`x.y` is unique",
        ),
        (
            complex(json!([{"name": "y", "mutability": "writeOnly"}])),
            "whole attribute writeOnly",
        ),
        (json!({"name": "id"}), "every resource has"),
        (json!({"name": "ExternalID"}), "every resource has"),
        (json!({"name": "meta"}), "every resource has"),
        (json!({"name": "schemas"}), "every resource has"),
    ] {
        check(&attribute, words);
    }
}

#[test]
fn characteristics_fit_each_other() {
    for (attribute, words) in [
        (
            json!({"name": "x", "type": "complex", "multiValued": true, "subAttributes": [
                {"name": "value"}, {"name": "$ref", "type": "reference", "referenceTypes": ["User"]}]}),
            "keep the ids in `value`",
        ),
        (
            json!({"name": "x", "referenceTypes": ["User"]}),
            "make it a reference",
        ),
        (
            json!({"name": "x", "type": "reference", "referenceTypes": ["Device"]}),
            "\"Device\"",
        ),
        (
            json!({"name": "x", "type": "reference", "referenceTypes": ["user"]}),
            "\"user\"",
        ),
        (
            json!({"name": "x", "type": "integer", "canonicalValues": ["1"]}),
            "fit text only",
        ),
        (
            json!({"name": "x", "canonicalValues": [1]}),
            "a list of texts",
        ),
        (json!({"name": "x", "uniqueness": "global"}), "use server"),
        (
            json!({"name": "x", "uniqueness": "server", "multiValued": true}),
            "one value",
        ),
        (
            json!({"name": "x", "uniqueness": "server", "type": "boolean"}),
            "string, integer",
        ),
        (
            json!({"name": "x", "uniqueness": "server", "returned": "never"}),
            "never returned",
        ),
        (
            json!({"name": "x", "mutability": "writeOnly", "returned": "default"}),
            "never",
        ),
        (
            json!({"name": "x", "mutability": "readOnly", "required": true}),
            "nobody",
        ),
        (
            json!({"name": "x", "description": "d".repeat(MAX_TEXT + 1)}),
            "shorten",
        ),
    ] {
        check(&attribute, words);
    }
}

#[test]
fn a_document_has_a_frame() {
    let rows = json!([{"name": "x"}]);
    for (value, words) in [
        (json!({"attributes": rows}), "no \"id\""),
        (json!({"id": URN}), "no attribute"),
        (json!({"id": URN, "attributes": []}), "no attribute"),
        (
            json!({"id": URN, "attributes": {"name": "x"}}),
            "a list in brackets",
        ),
        (
            json!({"id": URN, "attributes": rows, "extends": "User"}),
            "unknown \"extends\"",
        ),
        (
            json!({"id": URN, "attributes": rows, "schemas": ["urn:x:y"]}),
            "must list",
        ),
        (
            json!({"id": URN, "attributes": [{"name": "x"}, {"name": "X"}]}),
            "`X` is there twice",
        ),
    ] {
        let sentence = refusal(read(&value));
        assert!(sentence.contains(words), "{value}: {sentence}");
    }
    for (text, words) in [
        ("", "empty"),
        ("[]", "not a JSON object"),
        ("{\"id\":\"a\",\"ID\":\"b\"}", "occurs twice"),
        (
            "{\"a\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}",
            "nested deeper",
        ),
    ] {
        let sentence = refusal(load(text.as_bytes()));
        assert!(sentence.contains(words), "{text}: {sentence}");
    }
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(MAX_BYTES));
    assert!(refusal(load(long.as_bytes())).contains("at most 65536"));
    let mut many = String::new();
    for number in 0..=MAX_ATTRIBUTES {
        let comma = if number == 0 { "" } else { "," };
        write!(many, "{comma}{{\"name\":\"a{number}\"}}").unwrap();
    }
    let many = format!("{{\"id\":\"{URN}\",\"attributes\":[{many}]}}");
    assert!(refusal(load(many.as_bytes())).contains("201 attributes"));
}

#[test]
fn a_schema_has_a_urn_of_its_own() {
    for (id, fits) in [
        (URN, true),
        ("urn:okta:onprem_app:1.0:user:custom", true),
        ("urn:example:rooms", true),
        ("URN:example:rooms:1.0", true),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            false,
        ),
        (
            "urn:ietf:params:scim:schemas:extension:Enterprise:2.0:user",
            false,
        ),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:more",
            false,
        ),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:Users",
            true,
        ),
        ("urn:ietf:params:scim:schemas:core:2.0:User", false),
        ("urn:ietf:params:scim:schemas:core:2.0:Device", false),
        ("urn:ietf:params:scim:api:messages:2.0:Mine", false),
        ("urn:scim:schemas:core:1.0", false),
        ("urn:scim:schemas:extension:enterprise:1.0", false),
        ("urn:okta:onprem_app:1.0:user:custom", true),
        ("urn:okta:custom:group:1.0", false),
        ("rooms", false),
        ("urn:rooms", false),
        ("urn::rooms", false),
        ("urn:example:", false),
        ("urn:example:a b", false),
        ("urn:example:a\"b", false),
        ("urn:example:raum\u{e4}", false),
        ("https://example.com/rooms", false),
        ("urn:example:a.b.c", false),
        (&*format!("urn:example:{}", "x".repeat(MAX_URN)), false),
        ("", false),
    ] {
        let outcome = read(&json!({"id": id, "attributes": [{"name": "x"}]}));
        assert_eq!(outcome.is_ok(), fits, "{id}: {outcome:?}");
    }
    for (one, other, ambiguous) in [
        ("urn:a:b", "urn:A:b", true),
        ("urn:a:b", "urn:a:b:c", true),
        ("urn:a:b.c", "urn:a:b", true),
        ("urn:a:b", "urn:a:bc", false),
    ] {
        assert_eq!(is_ambiguous(one, other), ambiguous, "{one} {other}");
    }
}

#[test]
fn what_surprises_is_said() {
    for (attribute, words) in [
        (json!({"name": "title"}), "core:2.0:User"),
        (json!({"name": "Department"}), "enterprise"),
        (json!({"name": "x", "mutability": "readOnly"}), "readOnly"),
        (
            json!({"name": "x", "type": "binary", "caseExact": false}),
            "caseExact",
        ),
        (
            json!({"name": "x", "type": "boolean", "caseExact": true}),
            "caseExact",
        ),
    ] {
        let warnings = one(&attribute).unwrap().warnings;
        assert_eq!(warnings.len(), 1, "{attribute}");
        assert!(
            warnings.concat().contains(words),
            "{attribute}: {warnings:?}"
        );
    }
}

#[test]
fn the_same_content_is_one_schema() {
    let load = || one(&json!({"name": "again"})).unwrap().schema;
    assert!(std::ptr::eq(load(), load()));
    let types = || extend(&[load()], &[]);
    assert!(std::ptr::eq(types().user, types().user));
    assert!(std::ptr::eq(types().group, ResourceTypes::STANDARD.group));
    assert!(!std::ptr::eq(
        load(),
        one(&json!({"name": "other"})).unwrap().schema
    ));
}

fn names() -> impl Strategy<Value = String> {
    "[a-zA-Z][a-zA-Z0-9_-]{0,8}"
}

fn simple() -> impl Strategy<Value = Value> {
    let kinds = select(
        &[
            "string", "boolean", "decimal", "integer", "dateTime", "binary",
        ][..],
    );
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    let words = select(&["readWrite", "immutable"][..]);
    let shown = select(&["default", "always", "request", "never"][..]);
    (
        names(),
        kinds,
        flags,
        words,
        shown,
        option::of("[ -~]{0,20}"),
    )
        .prop_map(
            |(name, kind, (multi_valued, required, exact), mutability, returned, description)| {
                let mut row = json!({"name": format!("z{name}"), "type": kind, "required": required,
                "multiValued": multi_valued, "mutability": mutability, "returned": returned});
                if kind == "string" {
                    row["caseExact"] = exact.into();
                    row["canonicalValues"] = json!(["one", "two"]);
                }
                if let Some(description) = description {
                    row["description"] = description.into();
                }
                row
            },
        )
}

fn attribute() -> impl Strategy<Value = Value> {
    let reference = (names(), select(&["User", "Group", "external", "uri"][..])).prop_map(
        |(name, target)| json!({"name": format!("z{name}"), "type": "reference", "referenceTypes": [target]}),
    );
    let unique =
        names().prop_map(|name| json!({"name": format!("z{name}"), "uniqueness": "server"}));
    let secret = Just(json!({"name": "zsecret", "mutability": "writeOnly"}));
    let complex = (names(), vec(simple(), 1..4)).prop_map(
        |(name, subs)| json!({"name": format!("z{name}"), "type": "complex", "subAttributes": subs}),
    );
    prop_oneof![4 => simple(), 1 => reference, 1 => unique, 1 => secret, 2 => complex]
}

proptest! {
    /// Names may collide, which is refused; everything else that is read is printed as it was.
    #[test]
    fn loading_and_printing_are_inverse(rows in vec(attribute(), 1..6)) {
        if let Ok(loaded) = read(&document(&json!(rows))) {
            let again = read(&print(loaded.schema)).unwrap();
            assert!(std::ptr::eq(again.schema, loaded.schema), "{}", print(loaded.schema));
            assert_eq!(print(again.schema), print(loaded.schema));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(text in "[\\[\\]{}:,\"a-z0-9 ]{0,200}") {
        drop(load(text.as_bytes()));
    }
}
