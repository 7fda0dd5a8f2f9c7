//! Where the interoperability profile asks for something else than RFC 7644.

use super::*;
use crate::profile::INTEROP;

const TWO_MAILS: &str = r#""emails":[{"value":"a","type":"work"},{"value":"b","type":"work"}]"#;
const NAME: &str = r#""name":{"givenName":"A","familyName":"B"}"#;

/// Before, operations, result in `strict`, result in `interop`.
fn check_both(cases: &[(&str, &str, &str, &str)]) {
    for (before, operations, strict, interop) in cases {
        check_one(&STRICT, before, operations, strict);
        check_one(&INTEROP, before, operations, interop);
    }
}

#[test]
fn every_operation_has_a_path() {
    check_both(&[
        (
            "",
            r#"{"op":"add","value":{"title":"x"}}"#,
            r#""title":"x""#,
            "!invalidSyntax needs a path",
        ),
        (
            r#""title":"x""#,
            r#"{"op":"remove"}"#,
            "!noTarget",
            "!invalidSyntax needs a path",
        ),
    ]);
}

#[test]
fn an_undefined_path_is_a_matter_of_syntax() {
    check_both(&[
        (
            "",
            r#"{"op":"add","path":"colour","value":"x"}"#,
            "!invalidPath colour",
            "!invalidSyntax colour",
        ),
        (
            "",
            r#"{"op":"add","path":"urn:x:y:colour","value":"x"}"#,
            "!invalidPath",
            "!invalidSyntax",
        ),
        (
            "",
            r#"{"op":"add","path":"name","value":{"colour":"x"}}"#,
            "!invalidSyntax colour",
            "!invalidSyntax colour",
        ),
    ]);
}

#[test]
fn replace_of_a_complex_attribute_drops_the_rest_and_add_merges() {
    let both = r#""name":{"givenName":"A","familyName":"C"}"#;
    check_both(&[
        (
            NAME,
            r#"{"op":"replace","path":"name","value":{"familyName":"C"}}"#,
            both,
            r#""name":{"familyName":"C"}"#,
        ),
        (
            NAME,
            r#"{"op":"add","path":"name","value":{"familyName":"C"}}"#,
            both,
            both,
        ),
        (
            NAME,
            r#"{"op":"replace","path":"name.familyName","value":"C"}"#,
            both,
            both,
        ),
        (
            r#""E:":{"department":"D","manager":{"value":"m"}}"#,
            r#"{"op":"replace","path":"E:manager","value":{"value":"n"}}"#,
            r#""E:":{"department":"D","manager":{"value":"n"}}"#,
            r#""E:":{"department":"D","manager":{"value":"n"}}"#,
        ),
    ]);
}

#[test]
fn a_value_filter_selects_one_value_and_names_what_changes() {
    let one = r#""emails":[{"value":"a","type":"work"}]"#;
    let shown = r#""emails":[{"value":"a","type":"work","display":"x"}]"#;
    let both_shown = r#""emails":[{"value":"a","type":"work","display":"x"},{"value":"b","type":"work","display":"x"}]"#;
    check_both(&[
        (
            one,
            r#"{"op":"add","path":"emails[type eq \"work\"].display","value":"x"}"#,
            shown,
            shown,
        ),
        (
            TWO_MAILS,
            r#"{"op":"add","path":"emails[type eq \"work\"].display","value":"x"}"#,
            both_shown,
            "!invalidFilter one value",
        ),
        (
            one,
            r#"{"op":"add","path":"emails[type eq \"work\"]","value":{"display":"x"}}"#,
            shown,
            "!invalidPath sub-attribute",
        ),
        (
            one,
            r#"{"op":"remove","path":"emails[type eq \"work\"]"}"#,
            "",
            "",
        ),
        (
            TWO_MAILS,
            r#"{"op":"remove","path":"emails[type eq \"work\"]"}"#,
            "",
            "!invalidFilter one value",
        ),
    ]);
}

#[test]
fn one_member_is_removed_at_a_time() {
    let group = Resource::from_stored(r#"{"displayName":"g"}"#).unwrap();
    for (filter, accepted) in [
        (r#"value eq \"a\""#, true),
        (r#"value eq \"a\" or value eq \"b\""#, false),
        (r#"type eq \"User\""#, false),
    ] {
        let operation = format!(r#"{{"op":"remove","path":"members[{filter}]"}}"#);
        let patched =
            request(&operation, &INTEROP)
                .unwrap()
                .apply(&crate::schema::GROUP, &INTEROP, &group);
        match patched {
            Ok(patched) => {
                assert!(accepted, "{filter}");
                assert_eq!(patched.members, [MemberOp::Remove(vec!["a".to_owned()])]);
            }
            Err(error) => {
                assert!(!accepted, "{filter}: {error}");
                assert_eq!(error.scim_type(), Some(crate::ScimType::InvalidFilter));
            }
        }
    }
}
