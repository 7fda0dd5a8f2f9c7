//! PATCH: the attributes before, the part of a resource, and what is stored after.

use super::*;
use crate::{member::MemberOp, patch::Patched};

fn apply(
    kind: &'static ResourceType,
    profile: &'static crate::Profile,
    before: &str,
    given: &str,
) -> Result<Patched, ScimError> {
    let current = stored(&format!(r#"{{"{}":"u"{before}}}"#, kind.key_attribute()));
    patch(kind, profile, json(given))?.apply(kind, profile, &current)
}

/// `expect` is what is stored beside the name, or `!` and words of the error.
fn check(cases: &[(&str, &str, &str, &str)]) {
    for (before, given, compat, strict) in cases {
        let strict = if *strict == "=" { compat } else { strict };
        for (profile, expect) in [(&COMPAT, compat), (&STRICT, strict)] {
            let context = format!("{}: {before} + {given}", profile.name);
            let got = apply(&USER, profile, before, given);
            if let Some(words) = expect.strip_prefix('!') {
                let error = got.err().unwrap_or_else(|| panic!("{context}: accepted"));
                check_error(&error, words, &context);
            } else {
                let got = got.unwrap_or_else(|error| panic!("{context}: {error}"));
                let expect = stored(&format!(r#"{{"userName":"u"{expect}}}"#));
                let got = got.resource;
                assert!(got.same_as(&expect), "{context}: {got:?}");
            }
        }
    }
}

#[test]
fn single_values_are_replaced_and_complex_ones_merged() {
    check(&[
        ("", r"{}", "", "="),
        (
            "",
            r#"{"schemas":["C:"],"id":"x","title":"T"}"#,
            r#","title":"T""#,
            "=",
        ),
        (
            r#","title":"T""#,
            r#"{"title":"S"}"#,
            r#","title":"S""#,
            "=",
        ),
        (r#","title":"T""#, r#"{"title":null}"#, "", "="),
        (
            r#","active":true"#,
            r#"{"active":false}"#,
            r#","active":false"#,
            "=",
        ),
        (
            r#","active":true"#,
            r#"{"active":"False"}"#,
            r#","active":false"#,
            "!invalidValue",
        ),
        (
            r#","active":true"#,
            r#"{"active":null}"#,
            "!invalidValue",
            "",
        ),
        (
            r#","name":{"givenName":"G","familyName":"F"}"#,
            r#"{"name":{"givenName":"H"}}"#,
            r#","name":{"givenName":"H","familyName":"F"}"#,
            "=",
        ),
        (
            "",
            r#"{"groups":[{"value":"g"}],"meta":{"version":"x"},"schemas":[]}"#,
            "",
            "=",
        ),
        ("", r#"{"userName":""}"#, "!userName", "="),
        ("", r#"{"nope":1}"#, "", "!invalidSyntax"),
        ("", r#"{"password":"p"}"#, "", "="),
        (
            r#","e:":{"division":"X","manager":{"value":"m"}}"#,
            r#"{"E:":{"department":"D","manager":{"managerId":"n"}}}"#,
            r#","e:":{"division":"X","department":"D","manager":{"value":"n"}}"#,
            "=",
        ),
        ("", r#"{"E:":{"nope":1}}"#, "", "!invalidSyntax"),
        ("", r#"{"E:":7}"#, "!must be an object", "="),
    ]);
}

#[test]
fn values_of_lists_are_known_by_their_value() {
    let one = r#","emails":[{"value":"a@x","type":"work","primary":true},{"value":"b@x"}]"#;
    check(&[
        (
            "",
            r#"{"emails":[{"value":"a@x","type":"work"}]}"#,
            r#","emails":[{"value":"a@x","type":"work"}]"#,
            "=",
        ),
        (
            "",
            r#"{"emails":["a@x"]}"#,
            r#","emails":[{"value":"a@x"}]"#,
            "=",
        ),
        (
            "",
            r#"{"emails":{"value":"a@x"}}"#,
            r#","emails":[{"value":"a@x"}]"#,
            "=",
        ),
        (one, r#"{"emails":[]}"#, one, "="),
        (one, r#"{"emails":null}"#, one, "="),
        (
            one,
            r#"{"emails":[{"value":"c@x"}]}"#,
            r#","emails":[{"value":"a@x","type":"work","primary":true},{"value":"b@x"},{"value":"c@x"}]"#,
            "=",
        ),
        (
            one,
            r#"{"emails":[{"value":"B@x","primary":true,"type":"home"}]}"#,
            r#","emails":[{"value":"a@x","type":"work","primary":false},{"value":"B@x","primary":true,"type":"home"}]"#,
            "=",
        ),
        (
            r#","emails":[{"value":"a@x","type":"work"},{"value":"a@x","type":"home"}]"#,
            r#"{"emails":[{"value":"a@x","type":"home","primary":true}]}"#,
            r#","emails":[{"value":"a@x","type":"work"},{"value":"a@x","type":"home","primary":true}]"#,
            "=",
        ),
        (
            r#","addresses":[{"locality":"Oslo"}]"#,
            r#"{"addresses":[{"locality":"Oslo"},{"locality":"Bern"}]}"#,
            r#","addresses":[{"locality":"Oslo"},{"locality":"Bern"}]"#,
            "=",
        ),
    ]);
}

#[test]
fn elements_with_the_operation_delete_go() {
    let two = r#","emails":[{"value":"a@x","type":"work"},{"value":"b@x","type":"home"}]"#;
    let twins = r#","emails":[{"value":"a@x","type":"work"},{"value":"a@x","type":"home"}]"#;
    check(&[
        (
            two,
            r#"{"emails":[{"value":"a@x","operation":"delete"}]}"#,
            r#","emails":[{"value":"b@x","type":"home"}]"#,
            "=",
        ),
        (
            two,
            r#"{"emails":[{"value":"A@X","type":"other","operation":"DELETE"}]}"#,
            r#","emails":[{"value":"b@x","type":"home"}]"#,
            "=",
        ),
        (
            twins,
            r#"{"emails":[{"value":"a@x","type":"home","operation":"delete"}]}"#,
            r#","emails":[{"value":"a@x","type":"work"}]"#,
            "=",
        ),
        (
            two,
            r#"{"emails":[{"value":"c@x","operation":"delete"}]}"#,
            two,
            "=",
        ),
        (
            two,
            r#"{"emails":[{"value":"a@x","operation":"delete"},{"value":"c@x","operation":"add"}]}"#,
            r#","emails":[{"value":"b@x","type":"home"},{"value":"c@x"}]"#,
            "=",
        ),
        (
            r#","addresses":[{"locality":"Oslo","type":"work"},{"locality":"Oslo","type":"home"}]"#,
            r#"{"addresses":[{"locality":"Oslo","type":"home","operation":"delete"}]}"#,
            r#","addresses":[{"locality":"Oslo","type":"work"}]"#,
            "=",
        ),
    ]);
}

#[test]
fn what_meta_attributes_names_goes_first() {
    let name = r#","name":{"givenName":"G","familyName":"F","formatted":"G F"}"#;
    let mails = r#","emails":[{"value":"a@x"},{"value":"b@x"}]"#;
    check(&[
        (
            r#","title":"T""#,
            r#"{"meta":{"attributes":["title"]}}"#,
            "",
            "=",
        ),
        ("", r#"{"meta":{"attributes":["title"]}}"#, "", "="),
        (
            r#","title":"T""#,
            r#"{"Meta":{"Attributes":["C:TITLE"]}}"#,
            "",
            "=",
        ),
        (
            name,
            r#"{"meta":{"attributes":["name.formatted"]}}"#,
            r#","name":{"givenName":"G","familyName":"F"}"#,
            "=",
        ),
        (
            name,
            r#"{"meta":{"attributes":["name"]},"name":{"givenName":"H"}}"#,
            r#","name":{"givenName":"H"}"#,
            "=",
        ),
        (
            name,
            r#"{"meta":{"attributes":["name.formatted"]},"name":{"formatted":"X"}}"#,
            r#","name":{"givenName":"G","familyName":"F","formatted":"X"}"#,
            "=",
        ),
        (
            mails,
            r#"{"meta":{"attributes":["emails"]},"emails":[{"value":"c@x"}]}"#,
            r#","emails":[{"value":"c@x"}]"#,
            "=",
        ),
        (mails, r#"{"meta":{"attributes":["emails"]}}"#, "", "="),
        (
            mails,
            r#"{"meta":{"attributes":["emails"]},"emails":[{"value":"a@x","operation":"delete"},{"value":"b@x"}]}"#,
            r#","emails":[{"value":"b@x"}]"#,
            "=",
        ),
        (
            r#","e:":{"department":"D","division":"X"}"#,
            r#"{"meta":{"attributes":["E:department"]}}"#,
            r#","e:":{"division":"X"}"#,
            "=",
        ),
        (
            r#","e:":{"department":"D"}"#,
            r#"{"meta":{"attributes":["E:"]}}"#,
            "",
            "=",
        ),
        (
            r#","e:":{"manager":{"value":"m"}}"#,
            r#"{"meta":{"attributes":["E:manager.managerId"]}}"#,
            "",
            "=",
        ),
    ]);
}

#[test]
fn what_cannot_be_removed_or_read_is_refused() {
    check(&[
        (
            "",
            r#"{"meta":{"attributes":["userName"]},"userName":"u"}"#,
            "",
            "=",
        ),
        (
            "",
            r#"{"meta":{"attributes":["userName"]}}"#,
            "!mutability",
            "=",
        ),
        ("", r#"{"meta":{"attributes":["id"]}}"#, "!mutability", "="),
        (
            "",
            r#"{"meta":{"attributes":["nope"]}}"#,
            "",
            "!invalidPath",
        ),
        (
            "",
            r#"{"meta":{"attributes":["a b"]}}"#,
            "!invalidPath",
            "=",
        ),
        (
            "",
            r#"{"meta":{"attributes":"title"}}"#,
            "!must be a list",
            "=",
        ),
        ("", r#"{"meta":{"attributes":[7]}}"#, "!must be a list", "="),
        ("", r#"{"meta":{"attributes":null}}"#, "", "="),
        ("", r#"{"meta":"x"}"#, "", "="),
    ]);
}

#[test]
fn members_change_in_steps() {
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let (add, remove) = (MemberOp::Add, MemberOp::Remove);
    for (given, expect) in [
        (r#"{"members":[{"value":"a"}]}"#, vec![add(ids(&["a"]))]),
        (r#"{"members":["a"]}"#, vec![add(ids(&["a"]))]),
        (r#"{"members":[]}"#, vec![]),
        (
            r#"{"members":[{"value":"a","operation":"delete"}]}"#,
            vec![remove(ids(&["a"]))],
        ),
        (
            r#"{"members":[{"value":"b"},{"value":"a","display":"x","operation":"delete"}]}"#,
            vec![remove(ids(&["a"])), add(ids(&["b"]))],
        ),
        (
            r#"{"meta":{"attributes":["members"]}}"#,
            vec![MemberOp::Clear],
        ),
        (
            r#"{"meta":{"attributes":["members"]},"members":[{"value":"a"}]}"#,
            vec![MemberOp::Clear, add(ids(&["a"]))],
        ),
        (
            r#"{"meta":{"attributes":["members"]},"members":[{"value":"a","operation":"delete"}]}"#,
            vec![MemberOp::Clear],
        ),
    ] {
        for profile in [&COMPAT, &STRICT] {
            let got = apply(&GROUP, profile, "", given).unwrap();
            assert_eq!(got.members, expect, "{}: {given}", profile.name);
        }
    }
}

#[test]
fn a_message_of_2_0_is_read_as_that() {
    let message = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"title","value":"T"}]}"#;
    let got = apply(&USER, &STRICT, "", message).unwrap();
    assert_eq!(got.resource, stored(r#"{"userName":"u","title":"T"}"#));
    let error = patch(&USER, &COMPAT, json(r#"{"operations":[]}"#)).unwrap_err();
    check_error(&error, "at least one operation", "no operations");
}

#[test]
fn limits_hold() {
    let names = vec!["title"; crate::patch::MAX_OPERATIONS + 1];
    let body = serde_json::json!({"meta": {"attributes": names}});
    let error = patch(&USER, &COMPAT, body).unwrap_err();
    check_error(&error, "send at most", "names");
    let mails: Vec<_> = (0..=crate::validate::MAX_VALUES)
        .map(|number| serde_json::json!({"value": format!("{number}@x")}))
        .collect();
    let body = serde_json::json!({ "emails": mails });
    let got =
        patch(&USER, &COMPAT, body)
            .unwrap()
            .apply(&USER, &COMPAT, &stored(r#"{"userName":"u"}"#));
    check_error(&got.unwrap_err(), "at most 1000", "values");
    let error = patch(&USER, &COMPAT, Value::Null).unwrap_err();
    check_error(&error, "JSON object", "null");
}
