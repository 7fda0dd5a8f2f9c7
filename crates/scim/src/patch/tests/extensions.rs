//! Extensions: qualified paths, bare URNs, containers, the manager in every shape.

use super::*;

#[test]
fn qualified_attributes_create_and_remove_the_container() {
    let d = r#""E:":{"department":"D"}"#;
    check(&[
        (
            "",
            r#"{"op":"add","path":"E:department","value":"D"}"#,
            d,
            "=",
        ),
        (
            "",
            r#"{"op":"add","path":"E:DEPARTMENT","value":"D"}"#,
            d,
            "=",
        ),
        (
            "",
            r#"{"op":"add","path":"E.department","value":"D"}"#,
            d,
            "=",
        ),
        (
            "",
            r#"{"op":"add","path":"department","value":"D"}"#,
            d,
            "=",
        ),
        (d, r#"{"op":"remove","path":"E:department"}"#, "", "="),
        (
            d,
            r#"{"op":"replace","path":"E:department","value":null}"#,
            "",
            "=",
        ),
        (
            d,
            r#"{"op":"add","path":"E:division","value":"V"}"#,
            r#""E:":{"department":"D","division":"V"}"#,
            "=",
        ),
        (
            d,
            r#"{"op":"add","path":"E:nope","value":"V"}"#,
            d,
            "!invalidPath",
        ),
        (
            "",
            r#"{"op":"add","path":"E:division","value":"V"},{"op":"replace","path":"E:division","value":"W"}"#,
            r#""E:":{"division":"W"}"#,
            "=",
        ),
    ]);
}

#[test]
fn a_bare_urn_is_the_whole_extension() {
    let d = r#""E:":{"department":"D"}"#;
    let dv = r#""E:":{"department":"D","division":"V"}"#;
    check(&[
        (
            d,
            r#"{"op":"add","path":"E:","value":{"division":"V"}}"#,
            dv,
            "=",
        ),
        (
            d,
            r#"{"op":"replace","path":"E:","value":{"division":"V"}}"#,
            dv,
            "=",
        ),
        (
            dv,
            r#"{"op":"replace","path":"E:","value":{"division":null}}"#,
            d,
            "=",
        ),
        (dv, r#"{"op":"remove","path":"E:"}"#, "", "="),
        (dv, r#"{"op":"replace","path":"E:","value":null}"#, "", "="),
        (dv, r#"{"op":"add","path":"E:","value":null}"#, dv, "="),
        (
            d,
            r#"{"op":"add","path":"E:","value":{"nope":1}}"#,
            d,
            "!invalidSyntax :nope",
        ),
        (
            d,
            r#"{"op":"add","path":"E:","value":"x"}"#,
            "!invalidValue must be an object of attributes, but text",
            "=",
        ),
        (
            d,
            r#"{"op":"add","path":"E:","value":{"department":5}}"#,
            "!invalidValue department must be text",
            "=",
        ),
        (
            d,
            r#"{"op":"add","value":{"E:":{"division":"V"}}}"#,
            dv,
            "=",
        ),
        (
            d,
            r#"{"op":"replace","value":{"E:":{"division":"V"}}}"#,
            dv,
            "=",
        ),
        (d, r#"{"op":"replace","value":{"E:":null}}"#, "", "="),
    ]);
}

#[test]
fn manager_is_stored_as_its_value() {
    let m = r#""E:":{"manager":{"value":"m"}}"#;
    let other = r#""E:":{"manager":{"value":"old"}}"#;
    let op = |path: &str, value: &str| format!(r#"{{"op":"Add","path":"{path}","value":{value}}}"#);
    check(&[
        (
            "",
            &op("E:manager", r#""m""#),
            m,
            "!invalidValue manager must be an object",
        ),
        (other, &op("E.manager", r#""m""#), m, "!invalidValue"),
        (
            other,
            &op(
                "manager",
                r#"[{"$ref":"http://x/scim/Users/m","value":"m"}]"#,
            ),
            m,
            "!invalidValue",
        ),
        (other, &op("E:manager", r#"{"value":"m"}"#), m, "="),
        (
            other,
            &op("E:manager", r#"{"value":"m","$ref":null}"#),
            m,
            "=",
        ),
        (other, &op("E:manager", r#"{"$ref":"../Users/m"}"#), m, "="),
        (other, &op("E:manager.value", r#""m""#), m, "="),
        (other, &op("E:manager.$ref", r#""../Users/m""#), m, "="),
        (
            other,
            &op("E:manager", r#"{"value":"m","displayName":"x"}"#),
            m,
            "!mutability manager.displayName",
        ),
        (m, r#"{"op":"Remove","path":"E:manager"}"#, "", "="),
        (m, r#"{"op":"Remove","path":"E:manager.value"}"#, "", "="),
        (
            m,
            r#"{"op":"replace","path":"E:manager","value":null}"#,
            "",
            "=",
        ),
        (
            m,
            r#"{"op":"replace","path":"E:manager","value":""}"#,
            "",
            "!invalidValue",
        ),
        (
            m,
            r#"{"op":"replace","path":"E:manager","value":{"value":null}}"#,
            "",
            "=",
        ),
        (
            m,
            r#"{"op":"replace","path":"E:manager","value":7}"#,
            "!invalidValue manager must be an object",
            "=",
        ),
    ]);
}
