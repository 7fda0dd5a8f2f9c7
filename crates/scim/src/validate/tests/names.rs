//! Names that identify: blanks, invisible characters, required ones.

use super::*;

/// A name as sent, and what each profile stores or says; `=` means the same.
const NAMES: &[(&str, &str, &str)] = &[
    (r#""Ann""#, r#""Ann""#, "="),
    (
        r#"" Ann\t""#,
        r#""Ann""#,
        "must not begin or end with a blank",
    ),
    (
        r#""\u00a0Ann""#,
        r#""Ann""#,
        "must not begin or end with a blank",
    ),
    (r#""A nn""#, r#""A nn""#, "="),
    (
        r#""'; DROP TABLE users;--""#,
        r#""'; DROP TABLE users;--""#,
        "=",
    ),
    (
        r#""a/b\\c:*?\"<>|,+#%&=""#,
        r#""a/b\\c:*?\"<>|,+#%&=""#,
        "=",
    ),
    (r#""\u0430lice""#, r#""\u0430lice""#, "="),
    (r#""""#, "is required", "must not be blank"),
    (r#"" ""#, "must not be blank", "="),
    ("null", "is required", "="),
    ("5", "must be text", "="),
    ("[]", "is required", "must be text"),
    ("{}", "must be text", "="),
    (
        r#""a\u0001b""#,
        "contains the invisible character U+0001",
        "=",
    ),
    (
        r#""a\r\nb""#,
        "contains the invisible character U+000D",
        "=",
    ),
    (
        r#""a\u007fb""#,
        "contains the invisible character U+007F",
        "=",
    ),
    (
        r#""a\u0085b""#,
        "contains the invisible character U+0085",
        "=",
    ),
    (
        r#""alice\u200b""#,
        "contains the invisible character U+200B",
        "=",
    ),
    (
        r#""a\u200fb""#,
        "contains the invisible character U+200F",
        "=",
    ),
    (
        r#""a\u202eb""#,
        "contains the invisible character U+202E",
        "=",
    ),
    (
        r#""a\u2060b""#,
        "contains the invisible character U+2060",
        "=",
    ),
    (
        r#""a\u2066b""#,
        "contains the invisible character U+2066",
        "=",
    ),
    (
        r#""\ufeffab""#,
        "contains the invisible character U+FEFF",
        "=",
    ),
];

fn check_names(kind: &'static ResourceType, urn: &str, attribute: &str) {
    let body = |name: &str| format!(r#"{{"schemas":["{urn}"],"{attribute}":{name}}}"#);
    for (name, compat, strict) in NAMES {
        let strict = if *strict == "=" { compat } else { strict };
        for (profile, expect) in [(&COMPAT, compat), (&STRICT, strict)] {
            let expect = if expect.starts_with('"') {
                format!(r#"{{"{attribute}":{expect}}}"#)
            } else {
                format!("invalidValue {attribute} {expect}")
            };
            check_body(kind, profile, &body(name), &expect);
        }
    }
}

#[test]
fn of_users() {
    check_names(&USER, "U:", "userName");
}

#[test]
fn of_groups() {
    check_names(&GROUP, "G:", "displayName");
}

#[test]
fn a_required_attribute_is_named_when_missing() {
    for profile in [&COMPAT, &STRICT] {
        let no_user = r#"{"schemas":["U:"],"active":true,"name":{"familyName":"X"}}"#;
        check_body(&USER, profile, no_user, "invalidValue userName is required");
        let no_group = r#"{"schemas":["G:"],"members":[]}"#;
        check_body(
            &GROUP,
            profile,
            no_group,
            "invalidValue displayName is required",
        );
    }
}

#[test]
fn other_text_keeps_what_a_name_must_not_have() {
    check(&[(
        r#""displayName":" A\u200bB\u0001 ""#,
        r#"{"displayName":" A\u200bB\u0001 "}"#,
        "=",
    )]);
}
