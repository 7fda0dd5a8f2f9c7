//! Bodies of POST and PUT.

use super::*;
use crate::validate;

/// What is stored of a body, `compat` and `strict` alike, or the words of the error.
fn check(kind: &'static ResourceType, cases: &[(&str, &str, &str)]) {
    for (given, compat, strict) in cases {
        let strict = if *strict == "=" { compat } else { strict };
        for (profile, expect) in [(&COMPAT, compat), (&STRICT, strict)] {
            let context = format!("{}: {given}", profile.name);
            let got = validate::input(kind, profile, body(kind, json(given)));
            if let Some(words) = expect.strip_prefix('!') {
                let error = got.err().unwrap_or_else(|| panic!("{context}: accepted"));
                check_error(&error, words, &context);
            } else {
                let got = got.unwrap_or_else(|error| panic!("{context}: {error}"));
                assert_eq!(got.resource, stored(expect), "{context}");
            }
        }
    }
}

#[test]
fn users_are_stored_in_the_names_of_2_0() {
    check(
        &USER,
        &[
            (r#"{"userName":"a"}"#, r#"{"userName":"a"}"#, "="),
            (
                r#"{"schemas":["C:"],"userName":"a"}"#,
                r#"{"userName":"a"}"#,
                "=",
            ),
            (
                r#"{"schemas":[],"userName":"a"}"#,
                r#"{"userName":"a"}"#,
                "=",
            ),
            (
                r#"{"Schemas":null,"userName":"a"}"#,
                r#"{"userName":"a"}"#,
                "=",
            ),
            (
                r#"{"schemas":["C:","C:"],"userName":"a"}"#,
                r#"{"userName":"a"}"#,
                "=",
            ),
        ],
    );
}

#[test]
fn extensions_are_stored_under_their_urn_of_2_0() {
    check(
        &USER,
        &[
            (
                r#"{"schemas":["E:","C:"],"userName":"a","E:":{"department":"D","manager":{"managerId":"m","displayName":"x"}}}"#,
                r#"{"userName":"a","e:":{"department":"D","manager":{"value":"m"}}}"#,
                "=",
            ),
            (
                r#"{"userName":"a","E:":{"manager":{"MANAGERID":"m","value":"old"}}}"#,
                r#"{"userName":"a","e:":{"manager":{"value":"m"}}}"#,
                "=",
            ),
            (
                r#"{"userName":"a","E:":{"department":"D"},"e:":{"division":"X"}}"#,
                r#"{"userName":"a","e:":{"department":"D","division":"X"}}"#,
                "=",
            ),
            (
                r#"{"userName":"a","manager":{"managerId":"m"}}"#,
                r#"{"userName":"a","e:":{"manager":{"value":"m"}}}"#,
                "!invalidSyntax",
            ),
        ],
    );
}

#[test]
fn what_the_server_owns_or_does_not_know_is_left_out_and_the_rest_checked() {
    check(
        &USER,
        &[
            (
                r#"{"userName":"a","emails":["x@y",{"value":"b@y","type":"primary","primary":true}]}"#,
                r#"{"userName":"a","emails":[{"value":"x@y"},{"value":"b@y","type":"primary","primary":true}]}"#,
                "=",
            ),
            (
                r#"{"userName":"a","id":"x","groups":[{"value":"g"}],"meta":{"created":"x"},"password":"p"}"#,
                r#"{"userName":"a"}"#,
                "=",
            ),
            (
                r#"{"schemas":["C:","urn:okta:onprem_app:1.0:user:custom"],"userName":"a","urn:okta:onprem_app:1.0:user:custom":{"isAdmin":false}}"#,
                r#"{"userName":"a"}"#,
                "!invalidSyntax",
            ),
            (
                r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a"}"#,
                r#"{"userName":"a"}"#,
                "=",
            ),
            (
                r#"{"schemas":"C:"}"#,
                "!userName is required",
                "!schemas must be",
            ),
            (
                r#"{"schemas":[7],"userName":"a"}"#,
                "!schemas must list",
                "=",
            ),
            (r#"{"userName":""}"#, "!invalidValue", "="),
            (r#"{"userName":"a","E:":7}"#, "!must be an object", "="),
            (
                r#"{"userName":"a","E:":{"manager":["m"]}}"#,
                r#"{"userName":"a","e:":{"manager":{"value":"m"}}}"#,
                "!invalidValue",
            ),
        ],
    );
}

#[test]
fn groups_keep_okta_s_description() {
    check(
        &GROUP,
        &[
            (
                r#"{"schemas":["C:","O:"],"displayName":"g","members":[{"value":"u","display":"x"}],"O:":{"description":"d"}}"#,
                r#"{"displayName":"g","O:":{"description":"d"}}"#,
                "=",
            ),
            (r#"{"schemas":["C:"]}"#, "!displayName is required", "="),
        ],
    );
}

#[test]
fn members_may_be_plain_ids() {
    let given = body(&GROUP, json(r#"{"displayName":"g","members":["u","v"]}"#));
    let input = validate::input(&GROUP, &STRICT, given).unwrap();
    assert_eq!(input.members, Some(vec!["u".to_owned(), "v".to_owned()]));
}

#[test]
fn a_body_that_passes_twice_stays() {
    for text in [
        r#"{"schemas":["C:","E:"],"userName":"a","E:":{"manager":{"managerId":"m"}},"emails":["x"]}"#,
        r#"{"userName":"a"}"#,
        r#"{"schemas":7}"#,
    ] {
        let once = body(&USER, json(text));
        assert_eq!(body(&USER, once.clone()), once, "{text}");
    }
    assert_eq!(body(&USER, Value::Null), Value::Null);
}
