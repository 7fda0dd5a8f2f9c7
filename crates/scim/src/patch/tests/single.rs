//! Singular attributes and their sub-attributes.

use super::*;

#[test]
fn simple_attributes() {
    let t = r#""title":"T""#;
    check(&[
        ("", r#"{"op":"add","path":"title","value":"T"}"#, t, "="),
        (
            r#""title":"x""#,
            r#"{"op":"add","path":"title","value":"T"}"#,
            t,
            "=",
        ),
        (
            r#""title":"x""#,
            r#"{"op":"replace","path":"title","value":"T"}"#,
            t,
            "=",
        ),
        ("", r#"{"op":"replace","path":"title","value":"T"}"#, t, "="),
        (t, r#"{"op":"replace","path":"TITLE","value":"T"}"#, t, "="),
        ("", r#"{"op":"add","path":"U:title","value":"T"}"#, t, "="),
        (t, r#"{"op":"remove","path":"title"}"#, "", "="),
        (
            t,
            r#"{"op":"remove","path":"title","value":"other"}"#,
            "",
            "=",
        ),
        ("", r#"{"op":"remove","path":"title"}"#, "", "="),
        (
            t,
            r#"{"op":"replace","path":"title","value":null}"#,
            "",
            "=",
        ),
        (t, r#"{"op":"add","path":"title","value":null}"#, t, "="),
        (
            t,
            r#"{"op":"replace","path":"title","value":""}"#,
            "",
            r#""title":"""#,
        ),
        (
            t,
            r#"{"op":"add","path":"title","value":""}"#,
            t,
            r#""title":"""#,
        ),
    ]);
}

#[test]
fn simple_attributes_have_one_value_of_their_type() {
    let t = r#""title":"T""#;
    check(&[
        (
            t,
            r#"{"op":"replace","path":"title","value":["X"]}"#,
            r#""title":"X""#,
            "!invalidValue title",
        ),
        (
            t,
            r#"{"op":"replace","path":"title","value":[{"value":"X"}]}"#,
            r#""title":"X""#,
            "!invalidValue title",
        ),
        (
            t,
            r#"{"op":"replace","path":"title","value":5}"#,
            "!invalidValue Operation 1: title must be text",
            "=",
        ),
        (
            t,
            r#"{"op":"replace","path":"title","value":{}}"#,
            "!invalidValue title",
            "=",
        ),
        (
            "",
            r#"{"op":"add","path":"externalId","value":"x"}"#,
            r#""externalId":"x""#,
            "=",
        ),
        (
            "",
            r#"{"op":"add","path":"profileUrl","value":"a b"}"#,
            "!invalidValue profileUrl must be a URI",
            "=",
        ),
    ]);
}

#[test]
fn active_is_never_left_without_a_value() {
    let off = r#""active":false"#;
    check(&[
        (
            r#""active":true"#,
            r#"{"op":"replace","path":"active","value":false}"#,
            off,
            "=",
        ),
        (
            r#""active":true"#,
            r#"{"op":"Replace","path":"active","value":"False"}"#,
            off,
            "!invalidValue active must be true or false",
        ),
        (
            r#""active":true"#,
            r#"{"op":"replace","path":"active","value":"false"}"#,
            off,
            "!invalidValue",
        ),
        (
            r#""active":true"#,
            r#"{"op":"replace","path":"active","value":[{"value":"False"}]}"#,
            off,
            "!invalidValue",
        ),
        (
            off,
            r#"{"op":"Add","path":"active","value":"True"}"#,
            r#""active":true"#,
            "!invalidValue",
        ),
    ]);
}

#[test]
fn active_is_unassigned_for_strict_tenants_only() {
    let off = r#""active":false"#;
    check(&[
        (
            off,
            r#"{"op":"replace","path":"active","value":null}"#,
            "!invalidValue needs true or false",
            "",
        ),
        (
            off,
            r#"{"op":"add","path":"active","value":null}"#,
            "!invalidValue needs true or false",
            off,
        ),
        (
            off,
            r#"{"op":"replace","path":"active","value":""}"#,
            "!invalidValue needs true or false",
            "!invalidValue active must be",
        ),
        (
            off,
            r#"{"op":"replace","path":"active","value":[]}"#,
            "!invalidValue needs true or false",
            "!invalidValue active must be",
        ),
        (
            off,
            r#"{"op":"replace","path":"active","value":0}"#,
            "!invalidValue active must be",
            "=",
        ),
        (
            off,
            r#"{"op":"replace","path":"active","value":{}}"#,
            "!invalidValue active must be",
            "=",
        ),
        (
            off,
            r#"{"op":"remove","path":"active"}"#,
            "!invalidValue needs true or false",
            "",
        ),
        (
            off,
            r#"{"op":"replace","value":{"active":null}}"#,
            "!invalidValue needs true or false",
            "",
        ),
    ]);
}

#[test]
fn required_attributes_keep_a_value() {
    check(&[
        (
            "",
            r#"{"op":"replace","path":"userName","value":"u"}"#,
            "",
            "=",
        ),
        (
            "",
            r#"{"op":"remove","path":"userName"}"#,
            "!mutability userName is required",
            "=",
        ),
        (
            "",
            r#"{"op":"remove","path":"userName"},{"op":"add","path":"userName","value":"u"}"#,
            "!mutability",
            "=",
        ),
        (
            "",
            r#"{"op":"replace","path":"userName","value":null}"#,
            "!invalidValue userName is required",
            "=",
        ),
        (
            "",
            r#"{"op":"add","path":"userName","value":null}"#,
            "!invalidValue userName is required",
            "=",
        ),
        (
            "",
            r#"{"op":"replace","path":"userName","value":""}"#,
            "!invalidValue userName is required",
            "!invalidValue must not be blank",
        ),
        (
            "",
            r#"{"op":"replace","path":"userName","value":" "}"#,
            "!invalidValue must not be blank",
            "=",
        ),
        (
            "",
            r#"{"op":"replace","path":"userName","value":"a\u200b"}"#,
            "!invalidValue U+200B",
            "=",
        ),
        (
            "",
            r#"{"op":"replace","value":{"userName":null}}"#,
            "!invalidValue userName is required",
            "=",
        ),
    ]);
}

#[test]
fn complex_attributes_are_merged() {
    let ab = r#""name":{"givenName":"A","familyName":"B"}"#;
    check(&[
        (
            "",
            r#"{"op":"add","path":"name","value":{"givenName":"A","familyName":"B"}}"#,
            ab,
            "=",
        ),
        (
            r#""name":{"givenName":"A"}"#,
            r#"{"op":"add","path":"name","value":{"familyName":"B"}}"#,
            ab,
            "=",
        ),
        (
            r#""name":{"givenName":"A","familyName":"x"}"#,
            r#"{"op":"replace","path":"name","value":{"FamilyName":"B"}}"#,
            ab,
            "=",
        ),
        (
            ab,
            r#"{"op":"replace","path":"name","value":{"middleName":null}}"#,
            ab,
            "=",
        ),
        (
            ab,
            r#"{"op":"replace","path":"name","value":{"familyName":null}}"#,
            r#""name":{"givenName":"A"}"#,
            "=",
        ),
        (
            ab,
            r#"{"op":"add","path":"name","value":{"familyName":null}}"#,
            ab,
            "=",
        ),
        (
            ab,
            r#"{"op":"replace","path":"name","value":{"familyName":""}}"#,
            r#""name":{"givenName":"A"}"#,
            r#""name":{"givenName":"A","familyName":""}"#,
        ),
        (ab, r#"{"op":"replace","path":"name","value":{}}"#, ab, "="),
        (
            ab,
            r#"{"op":"replace","path":"name","value":null}"#,
            "",
            "=",
        ),
        (ab, r#"{"op":"add","path":"name","value":null}"#, ab, "="),
        (ab, r#"{"op":"remove","path":"name"}"#, "", "="),
        (
            ab,
            r#"{"op":"replace","path":"name","value":[{"givenName":"C"}]}"#,
            r#""name":{"givenName":"C","familyName":"B"}"#,
            "!invalidValue name must be an object",
        ),
        (
            ab,
            r#"{"op":"replace","path":"name","value":"C"}"#,
            "!invalidValue name must be an object, but text",
            "=",
        ),
        (
            ab,
            r#"{"op":"replace","path":"name","value":{"nick":"C"}}"#,
            ab,
            "!invalidSyntax name.nick",
        ),
    ]);
}

#[test]
fn sub_attributes_are_set_one_by_one() {
    let ab = r#""name":{"givenName":"A","familyName":"B"}"#;
    check(&[
        (
            r#""name":{"givenName":"A"}"#,
            r#"{"op":"add","path":"name.familyName","value":"B"}"#,
            ab,
            "=",
        ),
        (
            ab,
            r#"{"op":"replace","path":"NAME.GIVENNAME","value":"A"}"#,
            ab,
            "=",
        ),
        (
            "",
            r#"{"op":"replace","path":"U:name.givenName","value":"A"}"#,
            r#""name":{"givenName":"A"}"#,
            "=",
        ),
        (
            ab,
            r#"{"op":"remove","path":"name.familyName"}"#,
            r#""name":{"givenName":"A"}"#,
            "=",
        ),
        (
            r#""name":{"givenName":"A"}"#,
            r#"{"op":"remove","path":"name.givenName"}"#,
            "",
            "=",
        ),
        ("", r#"{"op":"remove","path":"name.givenName"}"#, "", "="),
        (
            ab,
            r#"{"op":"replace","path":"name.familyName","value":null}"#,
            r#""name":{"givenName":"A"}"#,
            "=",
        ),
        (
            ab,
            r#"{"op":"add","path":"name.familyName","value":null}"#,
            ab,
            "=",
        ),
        (
            ab,
            r#"{"op":"replace","path":"name.familyName","value":5}"#,
            "!invalidValue name.familyName must be text",
            "=",
        ),
        (
            ab,
            r#"{"op":"replace","path":"name.nick","value":"x"}"#,
            ab,
            "!invalidPath name.nick",
        ),
    ]);
}

#[test]
fn what_the_server_owns_is_not_changed() {
    check(&[
        (
            "",
            r#"{"op":"replace","path":"id","value":"x"}"#,
            "!mutability Operation 1: id is readOnly",
            "=",
        ),
        ("", r#"{"op":"remove","path":"id"}"#, "!mutability", "="),
        (
            "",
            r#"{"op":"replace","path":"meta.created","value":"x"}"#,
            "!mutability",
            "=",
        ),
        (
            "",
            r#"{"op":"add","path":"meta.version","value":"x"}"#,
            "!mutability",
            "=",
        ),
        ("", r#"{"op":"remove","path":"meta"}"#, "!mutability", "="),
        (
            "",
            r#"{"op":"add","path":"groups","value":[{"value":"g"}]}"#,
            "!mutability",
            "=",
        ),
        (
            "",
            r#"{"op":"remove","path":"groups[value eq \"g\"]"}"#,
            "!mutability",
            "=",
        ),
        (
            "",
            r#"{"op":"replace","path":"groups.display","value":"g"}"#,
            "!mutability",
            "=",
        ),
        (
            "",
            r#"{"op":"replace","path":"E:manager.displayName","value":"g"}"#,
            "!mutability",
            "=",
        ),
    ]);
}

#[test]
fn schemas_follow_from_the_attributes() {
    let ext = r#""E:":{"division":"D"}"#;
    check(&[
        (
            "",
            r#"{"op":"add","path":"schemas","value":["E:"]}"#,
            "",
            "=",
        ),
        (
            ext,
            r#"{"op":"add","path":"schemas","value":["U:","E:"]}"#,
            ext,
            "=",
        ),
        (
            ext,
            r#"{"op":"remove","path":"schemas","value":["E:"]}"#,
            "",
            "=",
        ),
        (
            ext,
            r#"{"op":"replace","path":"schemas","value":["U:","E:"]}"#,
            ext,
            "=",
        ),
        (
            ext,
            r#"{"op":"replace","path":"schemas","value":["E:"]}"#,
            "!mutability schemas",
            "=",
        ),
        (
            ext,
            r#"{"op":"remove","path":"schemas","value":["U:"]}"#,
            "!mutability schemas",
            "=",
        ),
        (
            ext,
            r#"{"op":"remove","path":"schemas"}"#,
            "!mutability schemas",
            "=",
        ),
        (
            ext,
            r#"{"op":"add","path":"schemas","value":["urn:x:y"]}"#,
            "!mutability schemas",
            "=",
        ),
    ]);
}

#[test]
fn unknown_paths_are_skipped_or_refused() {
    check(&[
        (
            "",
            r#"{"op":"replace","path":"companyName","value":"x"},{"op":"replace","path":"title","value":"T"}"#,
            r#""title":"T""#,
            "!invalidPath Operation 1: the path \"companyName\"",
        ),
        (
            "",
            r#"{"op":"add","path":"urn:x:y:2.0:User:a","value":{}}"#,
            "",
            "!invalidPath",
        ),
        (
            "",
            r#"{"op":"remove","path":"emails.nope"}"#,
            "",
            "!invalidPath",
        ),
        (
            "",
            r#"{"op":"remove","path":"foo[type eq \"x\"].bar"}"#,
            "",
            "!invalidPath",
        ),
        (
            "",
            r#"{"op":"remove","path":"emails[type eq \"x\"].bar"}"#,
            "",
            "!invalidPath",
        ),
        (
            "",
            r#"{"op":"remove","path":"members[value eq \"x\"]"}"#,
            "",
            "!invalidPath",
        ),
    ]);
    let patched = apply(
        &COMPAT,
        &stored(""),
        r#"{"op":"add","path":"foo.bar","value":1},{"op":"add","value":{"baz":2}}"#,
    );
    assert_eq!(patched.unwrap().ignored, ["foo.bar", "baz"]);
}

#[test]
fn the_last_password_is_handed_out_and_nothing_is_stored() {
    for (operations, expect) in [
        (
            r#"{"op":"replace","path":"password","value":"p"}"#,
            Some("p"),
        ),
        (
            r#"{"op":"add","value":{"password":"p"}},{"op":"replace","path":"U:PASSWORD","value":"q"}"#,
            Some("q"),
        ),
        (r#"{"op":"replace","path":"password","value":null}"#, None),
        (r#"{"op":"replace","path":"title","value":"p"}"#, None),
    ] {
        let patched = apply(&COMPAT, &stored(""), operations).unwrap();
        let got = patched.password.as_ref().map(Password::expose);
        assert_eq!(got, expect, "{operations}");
        assert!(!patched.resource.attributes().contains_key("password"));
    }
    check(&[
        (
            "",
            r#"{"op":"remove","path":"password"}"#,
            "!mutability password cannot be removed",
            "=",
        ),
        (
            "",
            r#"{"op":"replace","path":"password","value":5}"#,
            "!invalidValue password must be text",
            "=",
        ),
    ]);
}

#[test]
fn a_failed_operation_is_numbered_and_undoes_the_others() {
    check(&[(
        r#""title":"T""#,
        r#"{"op":"replace","path":"title","value":"Half"},{"op":"replace","path":"userName","value":""},{"op":"remove","path":"title"}"#,
        "!invalidValue Operation 2: userName",
        "=",
    )]);
}
