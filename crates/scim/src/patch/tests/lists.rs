//! Multi-valued attributes without a value filter.

use super::*;

const A: &str = r#"{"value":"a","type":"work"}"#;
const B: &str = r#"{"value":"b","type":"home"}"#;

#[test]
fn add_appends_what_is_not_there() {
    let a = format!(r#""emails":[{A}]"#);
    let ab = format!(r#""emails":[{A},{B}]"#);
    let op = |value: &str| format!(r#"{{"op":"add","path":"emails","value":{value}}}"#);
    check(&[
        ("", &op(&format!("[{A}]")), &a, "="),
        (&a, &op(&format!("[{B}]")), &ab, "="),
        (&a, &op(B), &ab, "!invalidValue emails must be a list"),
        (&a, &op(&format!("[{A},{B},{A}]")), &ab, "="),
        (&ab, &op(&format!("[{B},{A}]")), &ab, "="),
        (&ab, &op(r#"[{"value":"a"}]"#), &ab, "="),
        (&ab, &op(r#"[{"value":"A","TYPE":"Work"}]"#), &ab, "="),
        (
            &a,
            &op(r#"[{"value":"a","type":"work","display":"d"}]"#),
            r#""emails":[{"value":"a","type":"work","display":"d"}]"#,
            "=",
        ),
        (
            &a,
            &op(r#"[{"value":"a","type":"home"}]"#),
            r#""emails":[{"value":"a","type":"work"},{"value":"a","type":"home"}]"#,
            "=",
        ),
        (
            &a,
            &op(r#""c""#),
            r#""emails":[{"value":"a","type":"work"},{"value":"c"}]"#,
            "!invalidValue",
        ),
        (
            &a,
            &op(r#"["c"]"#),
            r#""emails":[{"value":"a","type":"work"},{"value":"c"}]"#,
            "!invalidValue",
        ),
        (&a, &op("[]"), &a, "="),
        (&a, &op("null"), &a, "="),
        (&a, &op("[{}]"), &a, "="),
        (&a, &op("5"), "!invalidValue emails must be a list", "="),
        (
            &a,
            &op("[5]"),
            "!invalidValue emails must be an object",
            "=",
        ),
        (
            &a,
            &op(r#"[{"value":5}]"#),
            "!invalidValue emails.value must be text",
            "=",
        ),
    ]);
}

#[test]
fn replace_sets_the_whole_list() {
    let ab = format!(r#""emails":[{A},{B}]"#);
    let op = |value: &str| format!(r#"{{"op":"replace","path":"emails","value":{value}}}"#);
    let c = r#""emails":[{"value":"c"}]"#;
    check(&[
        (&ab, &op(r#"[{"value":"c"}]"#), c, "="),
        ("", &op(r#"[{"value":"c"}]"#), c, "="),
        (&ab, &op(r#"[{"value":"c"},{"value":"c"}]"#), c, "="),
        (&ab, &op(r#"{"value":"c"}"#), c, "!invalidValue"),
        (&ab, &op("[]"), "", "="),
        (&ab, &op("null"), "", "="),
        (&ab, &op("[{}]"), "", "="),
        (&ab, &op("true"), "!invalidValue", "="),
    ]);
}

#[test]
fn remove_takes_everything_or_what_is_listed() {
    let ab = format!(r#""emails":[{A},{B}]"#);
    let a = format!(r#""emails":[{A}]"#);
    let op = |value: &str| format!(r#"{{"op":"remove","path":"emails"{value}}}"#);
    check(&[
        (&ab, &op(""), "", "="),
        (&ab, &op(r#","value":null"#), "", "="),
        ("", &op(""), "", "="),
        (&ab, &op(r#","value":[{"value":"b"}]"#), &a, "="),
        (
            &ab,
            &op(r#","value":[{"value":"B","type":"HOME","display":"x"}]"#),
            &a,
            "=",
        ),
        (
            &ab,
            &op(r#","value":[{"value":"b","type":"work"}]"#),
            &ab,
            "=",
        ),
        (&ab, &op(r#","value":[{"type":"home"}]"#), &a, "="),
        (&ab, &op(r#","value":{"value":"b"}"#), &a, "!invalidValue"),
        (&ab, &op(r#","value":["b"]"#), &a, "!invalidValue"),
        (
            &ab,
            &op(r#","value":{"emails":[{"value":"b"}]}"#),
            &a,
            "!invalidValue",
        ),
        (&ab, &op(r#","value":[]"#), &ab, "="),
        (&ab, &op(r#","value":[{}]"#), &ab, "="),
        (&ab, &op(r#","value":[{"value":"c"}]"#), &ab, "="),
        (
            &ab,
            &op(r#","value":[{"value":"a"},{"value":"b"}]"#),
            "",
            "=",
        ),
        (&ab, &op(r#","value":5"#), "!invalidValue", "="),
    ]);
}

#[test]
fn a_new_primary_value_takes_the_mark_from_the_others() {
    let before = r#""emails":[{"value":"a","primary":true},{"value":"b"}]"#;
    let c = r#"[{"value":"c","primary":true}]"#;
    let after =
        r#""emails":[{"value":"a","primary":false},{"value":"b"},{"value":"c","primary":true}]"#;
    check(&[
        (
            before,
            &format!(r#"{{"op":"add","path":"emails","value":{c}}}"#),
            after,
            "=",
        ),
        (
            before,
            &format!(r#"{{"op":"add","value":{{"emails":{c}}}}}"#),
            after,
            "=",
        ),
        (
            before,
            r#"{"op":"add","path":"emails","value":[{"value":"b","primary":true}]}"#,
            r#""emails":[{"value":"a","primary":false},{"value":"b","primary":true}]"#,
            "=",
        ),
        (
            before,
            r#"{"op":"add","path":"emails","value":[{"value":"c","primary":true},{"value":"d","primary":true}]}"#,
            r#""emails":[{"value":"a","primary":false},{"value":"b"},{"value":"c","primary":true},{"value":"d","primary":false}]"#,
            "!invalidValue more than one value with primary",
        ),
        (
            before,
            r#"{"op":"replace","path":"emails","value":[{"value":"c","primary":true},{"value":"d","primary":true}]}"#,
            r#""emails":[{"value":"c","primary":true},{"value":"d","primary":false}]"#,
            "!invalidValue more than one value with primary",
        ),
        (
            before,
            r#"{"op":"remove","path":"emails[primary eq true]"}"#,
            r#""emails":[{"value":"b"}]"#,
            "=",
        ),
    ]);
}

#[test]
fn a_sub_attribute_without_a_filter_is_that_of_every_value() {
    let ab = format!(r#""emails":[{A},{B}]"#);
    let strict = "!invalidPath emails holds a list";
    check(&[
        (
            &ab,
            r#"{"op":"remove","path":"emails.type"}"#,
            r#""emails":[{"value":"a"},{"value":"b"}]"#,
            strict,
        ),
        (
            &ab,
            r#"{"op":"replace","path":"emails.type","value":"x"}"#,
            r#""emails":[{"value":"a","type":"x"},{"value":"b","type":"x"}]"#,
            strict,
        ),
        (
            &ab,
            r#"{"op":"replace","path":"emails.value","value":"c"}"#,
            r#""emails":[{"value":"c","type":"work"},{"value":"c","type":"home"}]"#,
            strict,
        ),
        (
            "",
            r#"{"op":"add","path":"emails.value","value":"c"}"#,
            r#""emails":[{"value":"c"}]"#,
            strict,
        ),
        ("", r#"{"op":"remove","path":"emails.value"}"#, "", strict),
        (&ab, r#"{"op":"remove","path":"emails.value"}"#, "", strict),
        (
            &ab,
            r#"{"op":"replace","path":"emails.value","value":5}"#,
            "!invalidValue emails.value",
            strict,
        ),
    ]);
}

#[test]
fn the_number_of_values_is_limited_over_all_operations() {
    let add = |from: usize| {
        let items: Vec<String> = (from..from + 600)
            .map(|i| format!(r#"{{"value":"{i}"}}"#))
            .collect();
        format!(
            r#"{{"op":"add","path":"roles","value":[{}]}}"#,
            items.join(",")
        )
    };
    let twice = format!("{},{}", add(0), add(600));
    for profile in [&COMPAT, &STRICT] {
        check_one(
            profile,
            "",
            &twice,
            "!invalidValue Operation 2: roles has 1200 values",
        );
        assert!(apply(profile, &stored(""), &add(0)).is_ok());
    }
}

#[test]
fn app_roles_packed_as_json_text_are_unpacked() {
    check(&[(
        "",
        r#"{"op":"Add","path":"roles","value":[{"value":"{\"id\":\"06b0\",\"value\":\"25\",\"displayName\":\"R\"}"}]}"#,
        r#""roles":[{"value":"25"}]"#,
        r#""roles":[{"value":"{\"id\":\"06b0\",\"value\":\"25\",\"displayName\":\"R\"}"}]"#,
    )]);
}
