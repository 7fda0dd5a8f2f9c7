//! The message itself (R-7644-3.5.2-02 to -07).

use super::*;

const ADD: &str = r#"{"op":"add","path":"title","value":"T"}"#;

fn check_body(body: &str, compat: &str, strict: &str) {
    for (profile, expect) in [(&COMPAT, compat), (&STRICT, strict)] {
        let got = PatchRequest::parse(parse(body), profile);
        let context = format!("{} {body:.200}", profile.name);
        match (got, expect.split_once(' ').unwrap_or((expect, ""))) {
            (Ok(_), ("ok", _)) => {}
            (Err(error), (keyword, words)) => {
                let scim_type = error.scim_type().map(crate::ScimType::as_str);
                assert_eq!(scim_type, Some(keyword), "{context}: {error}");
                assert!(error.detail().contains(words), "{context}: {error}");
            }
            (got, _) => panic!("{context}: {got:?}"),
        }
    }
}

#[test]
fn schemas_name_the_message() {
    let schema = urn::PATCH_OP;
    for (schemas, compat, strict) in [
        (format!(r#""schemas":["{schema}"],"#), "ok", "ok"),
        (
            format!(r#""SCHEMAS":["{}"],"#, schema.to_uppercase()),
            "ok",
            "ok",
        ),
        (format!(r#""schemas":["urn:x","{schema}"],"#), "ok", "ok"),
        (format!(r#""schemas":"{schema}","#), "ok", "invalidSyntax"),
        (String::new(), "ok", "invalidSyntax schemas must list"),
        (r#""schemas":null,"#.to_owned(), "ok", "invalidSyntax"),
        (r#""schemas":[],"#.to_owned(), "ok", "invalidSyntax"),
        (
            r#""schemas":["U:"],"#.to_owned(),
            "invalidSyntax",
            "invalidSyntax",
        ),
        (
            r#""schemas":[5],"#.to_owned(),
            "invalidSyntax",
            "invalidSyntax",
        ),
        (
            r#""schemas":{},"#.to_owned(),
            "invalidSyntax",
            "invalidSyntax",
        ),
    ] {
        check_body(
            &format!(r#"{{{schemas}"Operations":[{ADD}]}}"#),
            compat,
            strict,
        );
    }
}

#[test]
fn operations_are_a_list_that_is_neither_empty_nor_endless() {
    let body = |operations: &str| format!(r#"{{"schemas":["{}"]{operations}}}"#, urn::PATCH_OP);
    let many = |n: usize| format!(r#","Operations":[{}]"#, vec![ADD; n].join(","));
    for (operations, expect) in [
        (format!(r#","Operations":[{ADD}]"#), "ok"),
        (format!(r#","operations":[{ADD}]"#), "ok"),
        (String::new(), "invalidSyntax list named Operations"),
        (r#","Operations":null"#.to_owned(), "invalidSyntax list"),
        (
            r#","Operations":[]"#.to_owned(),
            "invalidSyntax at least one",
        ),
        (format!(r#","Operations":{ADD}"#), "invalidSyntax list"),
        (
            r#","Operations":[5]"#.to_owned(),
            "invalidSyntax Operation 1: an operation must be",
        ),
        (many(MAX_OPERATIONS), "ok"),
        (many(MAX_OPERATIONS + 1), "invalidSyntax 10001 operations"),
    ] {
        check_body(&body(&operations), expect, expect);
    }
}

#[test]
fn an_operation_is_one_of_three_kinds() {
    for (operation, expect) in [
        (r#"{"op":"add","path":"title","value":"T"}"#, "ok"),
        (r#"{"OP":"ADD","Path":"title","VALUE":"T"}"#, "ok"),
        (r#"{"op":"Replace","value":{}}"#, "ok"),
        (r#"{"op":"Remove","path":"title"}"#, "ok"),
        (
            r#"{"op":"remove","path":"title","value":null,"odd":1}"#,
            "ok",
        ),
        (r#"{"op":"add","path":null,"value":{}}"#, "ok"),
        (r#"{"op":"replace","path":"title","value":null}"#, "ok"),
        (
            r#"{"path":"title","value":"T"}"#,
            "invalidSyntax Operation 1: op must be",
        ),
        (
            r#"{"op":"","path":"title","value":"T"}"#,
            "invalidSyntax op must be",
        ),
        (
            r#"{"op":"move","path":"title","value":"T"}"#,
            "invalidSyntax op must be",
        ),
        (
            r#"{"op":"test","path":"title","value":"T"}"#,
            "invalidSyntax op must be",
        ),
        (r#"{"op":"exec"}"#, "invalidSyntax op must be"),
        (
            r#"{"op":["add"],"path":"title","value":"T"}"#,
            "invalidSyntax op must be",
        ),
        (r#"{"op":null}"#, "invalidSyntax op must be"),
    ] {
        check_operation(operation, expect);
    }
}

#[test]
fn an_empty_path_is_none_where_empty_text_is() {
    check_body(
        &format!(
            r#"{{"schemas":["{}"],"Operations":[{{"op":"add","path":"","value":{{}}}}]}}"#,
            urn::PATCH_OP
        ),
        "ok",
        "invalidPath",
    );
}

#[test]
fn an_operation_has_a_path_and_a_value() {
    for (operation, expect) in [
        (r#"{"op":"remove"}"#, "noTarget remove needs a path"),
        (r#"{"op":"remove","path":null}"#, "noTarget"),
        (r#"{"op":"remove","path":""}"#, "noTarget"),
        (r#"{"op":"remove","value":{"title":"T"}}"#, "noTarget"),
        (
            r#"{"op":"add","path":"title"}"#,
            "invalidValue need a value",
        ),
        (
            r#"{"op":"replace","path":"title"}"#,
            "invalidValue need a value",
        ),
        (r#"{"op":"add"}"#, "invalidValue need a value"),
        (
            r#"{"op":"add","path":5,"value":{}}"#,
            "invalidPath path must be text",
        ),
        (r#"{"op":"add","path":["title"],"value":{}}"#, "invalidPath"),
        (
            r#"{"op":"add","path":"/emails/0","value":{}}"#,
            "invalidPath",
        ),
        (
            r#"{"op":"add","path":"emails[0]","value":{}}"#,
            "invalidFilter",
        ),
        (
            r#"{"op":"add","path":"emails[","value":{}}"#,
            "invalidFilter",
        ),
        (
            r#"{"op":"add","path":"emails[]","value":{}}"#,
            "invalidFilter",
        ),
        (
            r#"{"op":"add","path":"emails[type eq]","value":{}}"#,
            "invalidFilter",
        ),
        (r#"{"op":"add","path":"a.b.c","value":{}}"#, "invalidPath"),
        (
            r#"{"op":"remove","path":"members[value eq \"x\" or value pr"}"#,
            "invalidFilter",
        ),
    ] {
        check_operation(operation, expect);
    }
}

fn check_operation(operation: &str, expect: &str) {
    let schema = urn::PATCH_OP;
    let body = format!(r#"{{"schemas":["{schema}"],"Operations":[{operation}]}}"#);
    check_body(&body, expect, expect);
}

#[test]
fn a_message_that_is_no_object_is_invalid_syntax() {
    for value in [Value::Null, Value::Array(Vec::new())] {
        let error = PatchRequest::parse(value, &COMPAT).unwrap_err();
        assert_eq!(error.scim_type(), Some(crate::ScimType::InvalidSyntax));
    }
}
