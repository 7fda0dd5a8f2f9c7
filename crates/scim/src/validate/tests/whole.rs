//! Whole bodies: `schemas`, extensions, members, password, what is left out, PUT and POST.

use super::*;

#[test]
fn schemas_of_a_body() {
    let ok = r#"{"userName":"u"}"#;
    let foreign = "invalidSyntax not a schema of User";
    for (schemas, compat, strict) in [
        (r#""schemas":["U:"],"#, ok, "="),
        (
            r#""Schemas":["urn:ietf:params:scim:schemas:core:2.0:USER"],"#,
            ok,
            "=",
        ),
        (r#""schemas":["E:","U:"],"#, ok, "="),
        (r#""schemas":["U:","U:"],"#, ok, "="),
        ("", ok, "invalidSyntax schemas must list"),
        (r#""schemas":null,"#, ok, "invalidSyntax schemas must list"),
        (r#""schemas":[],"#, ok, "invalidSyntax schemas must list"),
        (
            r#""schemas":"U:","#,
            ok,
            "invalidSyntax schemas must be a list",
        ),
        (
            r#""schemas":["E:"],"#,
            ok,
            "invalidSyntax schemas must list",
        ),
        (
            r#""schemas":["U:","urn:x:y"],"#,
            ok,
            r#"invalidSyntax "urn:x:y", which is not served"#,
        ),
        (
            r#""schemas":["urn:scim:schemas:core:2.0"],"#,
            ok,
            "invalidSyntax not served",
        ),
        (r#""schemas":["G:"],"#, foreign, "="),
        (r#""schemas":["U:","G:"],"#, foreign, "="),
        (
            r#""schemas":[5],"#,
            "invalidSyntax schemas must list URNs",
            "=",
        ),
        (
            r#""schemas":{},"#,
            "invalidSyntax schemas must be a list",
            "=",
        ),
    ] {
        let strict = if strict == "=" { compat } else { strict };
        let body = format!(r#"{{{schemas}"userName":"u"}}"#);
        check_body(&USER, &COMPAT, &body, compat);
        check_body(&USER, &STRICT, &body, strict);
    }
    let extra = r#"{"schemas":["G:","http://schemas.example.com/2006/ADSCIM/2.0/Group"],"displayName":"g"}"#;
    check_body(&GROUP, &COMPAT, extra, r#"{"displayName":"g"}"#);
    check_body(
        &GROUP,
        &COMPAT,
        r#"{"schemas":["U:"],"displayName":"g"}"#,
        "invalidSyntax not a schema of Group",
    );
}

#[test]
fn extensions_are_found_by_key() {
    check(&[
        (
            r#""E:":{"department":"D","COSTCENTER":"C"}"#,
            r#"{"E:":{"department":"D","costCenter":"C"}}"#,
            "=",
        ),
        (
            r#""urn:IETF:params:scim:schemas:extension:ENTERPRISE:2.0:User":{"department":"D"}"#,
            r#"{"E:":{"department":"D"}}"#,
            "=",
        ),
        (r#""E:":{}"#, "{}", "="),
        (r#""E:":null"#, "{}", "="),
        (r#""E:":{"department":null}"#, "{}", "="),
        (
            r#""E:":[{"department":"D"}]"#,
            r#"{"E:":{"department":"D"}}"#,
            "invalidValue must be an object of attributes, but a list",
        ),
        (
            r#""E:":5"#,
            "invalidValue must be an object of attributes, but a number",
            "=",
        ),
        (r#""E:":{"nope":1}"#, "{}", "invalidSyntax :nope"),
        (
            r#""department":"D""#,
            r#"{"E:":{"department":"D"}}"#,
            r#"invalidSyntax "department""#,
        ),
        (
            r#""Department":"D","E:":{"department":"X","division":"V"}"#,
            r#"{"E:":{"department":"X","division":"V"}}"#,
            "invalidSyntax Department",
        ),
        (
            r#""urn:scim:schemas:extension:enterprise:2.0":{"department":"D"}"#,
            "{}",
            "invalidSyntax enterprise",
        ),
        (
            r#""urn:x:custom:2.0:User":{"A":"1"}"#,
            "{}",
            "invalidSyntax custom",
        ),
        (
            r#""name.givenName":"A","__proto__":1,"constructor":{}"#,
            r#"{"name":{"givenName":"A"}}"#,
            "invalidSyntax does not exist",
        ),
    ]);
    let group = r#"{"schemas":["G:","O:"],"displayName":"g","O:":{"description":"d"}}"#;
    let stored = r#"{"displayName":"g","O:":{"description":"d"}}"#;
    check_body(&GROUP, &COMPAT, group, stored);
    check_body(&GROUP, &STRICT, group, stored);
}

#[test]
fn what_is_left_out_is_listed() {
    let body = user(
        r#""foo":1,"roles":[{"value":"a","displayName":"x"}],"E:":{"bar":2},"urn:x:y":{"z":1}"#,
    );
    let got = input(&USER, &COMPAT, parse(&body)).unwrap();
    let bar = format!("{}:bar", urn::ENTERPRISE_USER);
    let mut ignored = got.ignored;
    ignored.sort();
    assert_eq!(ignored, ["foo", "roles.displayName", &bar, "urn:x:y"]);
    let many: Vec<String> = (0..500).map(|i| format!(r#""x{i}":0"#)).collect();
    let got = input(&USER, &COMPAT, parse(&user(&many.join(",")))).unwrap();
    assert_eq!(got.ignored.len(), MAX_IGNORED);
}

#[test]
fn what_is_emptied_is_listed() {
    let body =
        user(r#""title":null,"nickName":"","emails":[],"active":null,"E:":{"department":null}"#);
    let mut cleared = input(&USER, &COMPAT, parse(&body)).unwrap().cleared;
    cleared.sort_unstable();
    assert_eq!(
        cleared,
        [
            "active",
            "emails",
            "nickName",
            "title",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        ]
    );
}

#[test]
fn members_become_ids() {
    let text = |ids: &[&str]| {
        Ok(Some(
            ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>(),
        ))
    };
    let long = format!(r#"[{{"value":"{}"}}]"#, "x".repeat(MAX_TEXT + 1));
    for (members, compat, strict_same) in [
        (
            r#"[{"value":"a"},{"value":"b","display":"B","type":"User","$ref":"x/c","odd":{}}]"#,
            text(&["a", "b"]),
            true,
        ),
        (r#"[{"VALUE":"a"},{"value":"a"}]"#, text(&["a"]), true),
        (r#"[{"value":"a"},{"value":"A"}]"#, text(&["a", "A"]), true),
        (
            r#"[{"$ref":"https://x/scim/Users/a"},{"value":null,"$ref":"../Groups/b/"}]"#,
            text(&["a", "b"]),
            true,
        ),
        (r#"[{"value":"a","$ref":null}]"#, text(&["a"]), true),
        ("[]", text(&[]), true),
        ("null", Ok(None), true),
        (r#"["a","b"]"#, text(&["a", "b"]), false),
        (r#"{"value":"a"}"#, text(&["a"]), false),
        (r#""a""#, text(&["a"]), false),
        (r#"[{},null,{"value":""}]"#, text(&[]), false),
        ("5", Err("must be a list"), true),
        ("[5]", Err("must be a list of objects"), true),
        (r#"[{"value":5}]"#, Err("text value"), true),
        (&long, Err("longer than 1024"), true),
    ] {
        let body = format!(r#"{{"schemas":["G:"],"displayName":"g","members":{members}}}"#);
        for profile in [&COMPAT, &STRICT] {
            let got = input(&GROUP, profile, parse(&body)).map(|input| {
                assert!(!input.resource.attributes().contains_key("members"));
                input.members
            });
            let context = format!("{} {members:.80}", profile.name);
            match (&compat, got) {
                (Ok(ids), Ok(got)) if strict_same || profile == &COMPAT => {
                    assert_eq!(&got, ids, "{context}");
                }
                (Err(words), Err(error)) => {
                    assert!(error.detail().contains(words), "{context}: {error}");
                }
                (Ok(_), Err(error)) if !strict_same && profile == &STRICT => {
                    assert_eq!(
                        error.scim_type(),
                        Some(crate::ScimType::InvalidValue),
                        "{context}"
                    );
                }
                (_, got) => panic!("{context}: {got:?}"),
            }
        }
    }
    let absent = input(&GROUP, &COMPAT, parse(r#"{"displayName":"g"}"#)).unwrap();
    assert_eq!(absent.members, None);
}

#[test]
fn a_password_is_kept_apart_and_never_shown() {
    let got = input(&USER, &COMPAT, parse(&user(r#""password":"s3cret!""#))).unwrap();
    assert_eq!(got.password.as_ref().map(Password::expose), Some("s3cret!"));
    assert!(!got.resource.to_stored().contains("s3cret!"));
    assert!(!format!("{got:?}").contains("s3cret!"));
    for (sent, expect) in [
        (r#""password":null"#, "{}"),
        (r#""password":"""#, "{}"),
        (r#""password":5"#, "invalidValue password must be text"),
    ] {
        check(&[(sent, expect, "=")]);
    }
}

#[test]
fn a_new_user_is_active_unless_told_otherwise() {
    for (sent, active) in [
        ("", true),
        (r#""active":null"#, true),
        (r#""active":false"#, false),
    ] {
        let resource = input(&USER, &COMPAT, parse(&user(sent)))
            .unwrap()
            .for_create(&USER);
        assert_eq!(resource.attributes()["active"], active, "{sent}");
    }
    let group = input(&GROUP, &COMPAT, parse(r#"{"displayName":"g"}"#)).unwrap();
    assert!(!group.for_create(&GROUP).attributes().contains_key("active"));
}

#[test]
fn put_clears_what_it_omits_except_active_and_external_id() {
    let current = Resource::from_stored(r#"{"userName":"u","active":false,"externalId":"x","title":"T","name":{"givenName":"A","familyName":"B"}}"#).unwrap();
    for (sent, compat, strict) in [
        (
            "",
            r#"{"userName":"u","active":false,"externalId":"x"}"#,
            r#"{"userName":"u","active":false}"#,
        ),
        (
            r#""active":null"#,
            r#"{"userName":"u","active":false,"externalId":"x"}"#,
            r#"{"userName":"u","active":false}"#,
        ),
        (
            r#""active":true"#,
            r#"{"userName":"u","active":true,"externalId":"x"}"#,
            r#"{"userName":"u","active":true}"#,
        ),
        (
            r#""externalId":null"#,
            r#"{"userName":"u","active":false}"#,
            r#"{"userName":"u","active":false}"#,
        ),
        (
            r#""externalId":"y""#,
            r#"{"userName":"u","active":false,"externalId":"y"}"#,
            r#"{"userName":"u","active":false,"externalId":"y"}"#,
        ),
        (
            r#""name":{"givenName":"C"}"#,
            r#"{"userName":"u","active":false,"externalId":"x","name":{"givenName":"C"}}"#,
            r#"{"userName":"u","active":false,"name":{"givenName":"C"}}"#,
        ),
    ] {
        for (profile, expect) in [(&COMPAT, compat), (&STRICT, strict)] {
            let input = input(&USER, profile, parse(&user(sent))).unwrap();
            let got = input.for_replace(&USER, profile, &current).unwrap();
            assert_eq!(
                Value::Object(got.attributes().clone()),
                parse(expect),
                "{} {sent}",
                profile.name
            );
        }
    }
}

#[test]
fn a_body_that_is_no_object_is_invalid_syntax() {
    for value in [Value::Null, Value::Bool(true), Value::Array(Vec::new())] {
        let error = input(&USER, &COMPAT, value).unwrap_err();
        assert_eq!(error.scim_type(), Some(crate::ScimType::InvalidSyntax));
    }
}

proptest::proptest! {
    /// What was validated passes again unchanged: a client may send back what it read.
    #[test]
    fn a_stored_resource_validates_to_itself(
        text in r#"\{"userName":"[a-c]{1,3}","name":(null|\{"givenName":"[a-b ]{0,2}"\}),"emails":\[((\{"value":"[ab]?","type":"(work|home)","primary":(true|"False")\},){0,3})\{\}\]\}"#
    ) {
        let body: Value = serde_json::from_str(&text).unwrap();
        let once = input(&USER, &COMPAT, body).unwrap().resource;
        let again = input(&USER, &COMPAT, Value::Object(once.attributes().clone())).unwrap().resource;
        proptest::prop_assert_eq!(once, again);
    }
}
