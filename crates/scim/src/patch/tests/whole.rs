//! Operations without a path: every key is a target of its own (D-29).

use super::*;

fn op(kind: &str, value: &str) -> String {
    format!(r#"{{"op":"{kind}","value":{value}}}"#)
}

#[test]
fn keys_are_attributes_paths_and_containers() {
    let before = r#""name":{"givenName":"A","familyName":"B"},"title":"T""#;
    check(&[
        (
            r#""active":true"#,
            &op("replace", r#"{"active":false}"#),
            r#""active":false"#,
            "=",
        ),
        (
            r#""active":true"#,
            &op("replace", r#"{"ACTIVE":"False"}"#),
            r#""active":false"#,
            "!invalidValue",
        ),
        (
            before,
            &op("replace", r#"{"title":"X"}"#),
            r#""name":{"givenName":"A","familyName":"B"},"title":"X""#,
            "=",
        ),
        (
            before,
            &op("replace", r#"{"name.familyName":"C","name.formatted":"F"}"#),
            r#""name":{"givenName":"A","familyName":"C","formatted":"F"},"title":"T""#,
            "!invalidSyntax name.familyName",
        ),
        (
            before,
            &op("add", r#"{"name":{"middleName":"M"},"title":null}"#),
            r#""name":{"givenName":"A","familyName":"B","middleName":"M"},"title":"T""#,
            "=",
        ),
        (
            before,
            &op("replace", r#"{"name":null,"title":null}"#),
            "",
            "=",
        ),
        (
            "",
            &op(
                "replace",
                r#"{"E:department":"D","E:costCenter":"C","U:title":"T"}"#,
            ),
            r#""E:":{"department":"D","costCenter":"C"},"title":"T""#,
            "!invalidSyntax",
        ),
        (
            "",
            &op("replace", r#"{"department":"D"}"#),
            r#""E:":{"department":"D"}"#,
            "=",
        ),
        (
            "",
            &op("replace", r#"{"E:manager":"m"}"#),
            r#""E:":{"manager":{"value":"m"}}"#,
            "!invalidSyntax",
        ),
    ]);
}

#[test]
fn keys_are_containers_and_filters_too() {
    let before = r#""name":{"givenName":"A","familyName":"B"},"title":"T""#;
    check(&[
        (
            "",
            &op("add", r#"{"U:":{"title":"T","name":{"givenName":"A"}}}"#),
            r#""title":"T","name":{"givenName":"A"}"#,
            "!invalidSyntax",
        ),
        (
            "",
            &op("add", r#"{"emails[type eq \"work\"].value":"a"}"#),
            r#""emails":[{"type":"work","value":"a"}]"#,
            "!invalidSyntax",
        ),
        (
            "",
            &op("add", r#"{"emails[type eq ].value":"a"}"#),
            "!invalidFilter",
            "!invalidSyntax",
        ),
        (before, &op("replace", "{}"), before, "="),
        (
            before,
            &op("replace", r#"[{"title":"X"}]"#),
            r#""name":{"givenName":"A","familyName":"B"},"title":"X""#,
            "!invalidValue must be an object",
        ),
        (
            before,
            &op("replace", "null"),
            "!invalidValue must be an object of attributes, but null",
            "=",
        ),
        (
            before,
            &op("replace", r#""x""#),
            "!invalidValue must be an object",
            "=",
        ),
        (
            before,
            &op("replace", r#"{"title":5}"#),
            "!invalidValue title must be text",
            "=",
        ),
        (
            before,
            &op("replace", r#"{"U:":5}"#),
            before,
            "!invalidSyntax",
        ),
    ]);
}

#[test]
fn lists_are_appended_by_add_and_set_by_replace() {
    let a = r#""roles":[{"value":"a"}]"#;
    check(&[
        (
            a,
            &op("add", r#"{"roles":[{"value":"b"}]}"#),
            r#""roles":[{"value":"a"},{"value":"b"}]"#,
            "=",
        ),
        (
            a,
            &op("replace", r#"{"roles":[{"value":"b"}]}"#),
            r#""roles":[{"value":"b"}]"#,
            "=",
        ),
        (a, &op("replace", r#"{"roles":[]}"#), "", "="),
        (
            a,
            &op("replace", r#"{"roles.value":"c"}"#),
            r#""roles":[{"value":"c"}]"#,
            "!invalidSyntax",
        ),
    ]);
}

#[test]
fn what_the_server_owns_is_passed_over() {
    let t = r#""title":"T""#;
    let value = |key: &str| op("replace", &format!(r#"{{{key},"title":"T"}}"#));
    check(&[
        ("", &value(r#""id":"x""#), t, "!mutability id is readOnly"),
        ("", &value(r#""meta":{"created":5}"#), t, "!mutability"),
        ("", &value(r#""groups":[{"value":"g"}]"#), t, "!mutability"),
        (
            "",
            &value(r#""E:":{"manager":{"displayName":"x"}}"#),
            t,
            "!mutability",
        ),
        ("", &value(r#""schemas":["U:"]"#), t, "="),
        ("", &value(r#""schemas":["urn:x:y"]"#), t, "!mutability"),
        ("", &value(r#""schemas":5"#), t, "!invalidValue"),
    ]);
}

#[test]
fn unknown_keys_follow_the_profile() {
    let t = r#""title":"T""#;
    let value = |key: &str| op("replace", &format!(r#"{{"{key}":1,"title":"T"}}"#));
    check(&[
        ("", &value("companyName"), t, "!invalidSyntax companyName"),
        ("", &value("urn:x:y:2.0:User:a"), t, "!invalidSyntax"),
        ("", &value("name.nick"), t, "!invalidSyntax"),
        ("", &value("members"), t, "!invalidSyntax"),
        ("", &value("__proto__"), t, "!invalidSyntax"),
        ("", &value(""), t, "!invalidSyntax"),
    ]);
}
