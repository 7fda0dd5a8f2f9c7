//! Members of a group: steps instead of a list.

use super::*;

/// The steps in short: `+a,b` adds, `-a` removes, `0` clears, `?` removes by filter.
fn steps(profile: &Profile, operations: &str) -> Result<String, ScimError> {
    let before = Resource::from_stored(r#"{"displayName":"g"}"#).unwrap();
    let patched = request(operations, profile)?.apply(&GROUP, profile, &before)?;
    assert_eq!(patched.resource, before, "{operations}");
    let short = |step: &MemberOp| match step {
        MemberOp::Add(ids) => format!("+{}", ids.join(",")),
        MemberOp::Remove(ids) => format!("-{}", ids.join(",")),
        MemberOp::RemoveMatching(_) => "?".to_owned(),
        MemberOp::Clear => "0".to_owned(),
    };
    let steps: Vec<String> = patched.members.iter().map(short).collect();
    Ok(steps.join(" "))
}

fn check_steps(cases: &[(&str, &str, &str)]) {
    for (operations, compat, strict) in cases {
        let strict = if *strict == "=" { compat } else { strict };
        for (profile, expect) in [(&COMPAT, compat), (&STRICT, strict)] {
            let context = format!("{} {operations}", profile.name);
            match (steps(profile, operations), expect.strip_prefix('!')) {
                (Ok(got), None) => assert_eq!(got, **expect, "{context}"),
                (Err(got), Some(expect)) => check_error(&got, expect, &context),
                (got, _) => panic!("{context}: {got:?}"),
            }
        }
    }
}

fn at(op: &str, value: &str) -> String {
    format!(r#"{{"op":"{op}","path":"members"{value}}}"#)
}

#[test]
fn adding() {
    check_steps(&[
        (
            &at("Add", r#","value":[{"$ref":null,"value":"a"}]"#),
            "+a",
            "=",
        ),
        (
            &at(
                "add",
                r#","value":[{"value":"a"},{"value":"b","display":"B"},{"value":"a"}]"#,
            ),
            "+a,b",
            "=",
        ),
        (
            &at("add", r#","value":{"value":"a"}"#),
            "+a",
            "!invalidValue",
        ),
        (&at("add", r#","value":"a""#), "+a", "!invalidValue"),
        (&at("add", r#","value":["a","b"]"#), "+a,b", "!invalidValue"),
        (
            &at("add", r#","value":[{"$ref":"https://x/Users/a"}]"#),
            "+a",
            "=",
        ),
        (
            &at("add", r#","value":{"members":[{"value":"a"}]}"#),
            "+a",
            "!invalidValue",
        ),
        (&at("add", r#","value":[]"#), "", "="),
        (&at("add", r#","value":null"#), "", "="),
        (
            &at("add", r#","value":5"#),
            "!invalidValue members must be a list",
            "=",
        ),
        (
            &at("add", r#","value":[{"value":5}]"#),
            "!invalidValue members",
            "=",
        ),
        (
            r#"{"op":"add","value":{"members":[{"value":"a"}]}}"#,
            "+a",
            "=",
        ),
        (
            r#"{"op":"add","path":"G:Members","value":[{"value":"a"}]}"#,
            "+a",
            "=",
        ),
    ]);
}

#[test]
fn removing() {
    check_steps(&[
        (&at("Remove", r#","value":[{"value":"a"}]"#), "-a", "="),
        (
            &at(
                "Remove",
                r#","value":[{"$ref":null,"value":"a","display":"x"}]"#,
            ),
            "-a",
            "=",
        ),
        (
            &at("remove", r#","value":[{"value":"a"},{"value":"b"}]"#),
            "-a,b",
            "=",
        ),
        (
            &at("remove", r#","value":{"value":"a"}"#),
            "-a",
            "!invalidValue",
        ),
        (&at("remove", r#","value":"a""#), "-a", "!invalidValue"),
        (&at("remove", r#","value":["a"]"#), "-a", "!invalidValue"),
        (
            &at("remove", r#","value":{"members":[{"value":"a"}]}"#),
            "-a",
            "!invalidValue",
        ),
        (
            &at("remove", r#","value":{"Members":["a"]}"#),
            "-a",
            "!invalidValue",
        ),
        (&at("remove", r#","value":[]"#), "", "="),
        (&at("remove", r#","value":{}"#), "", "!invalidValue"),
        (&at("remove", r#","value":[{}]"#), "", "!invalidValue"),
        (&at("remove", r#","value":5"#), "!invalidValue", "="),
        (&at("remove", ""), "0", "="),
        (&at("remove", r#","value":null"#), "0", "="),
    ]);
}

#[test]
fn removing_by_filter() {
    let by = |filter: &str| format!(r#"{{"op":"remove","path":"members[{filter}]"}}"#);
    check_steps(&[
        (&by(r#"value eq \"a\""#), "-a", "="),
        (&by(r#"VALUE EQ \"aB\""#), "-aB", "="),
        (&by(r#"value eq \"a\" or value eq \"b\""#), "-a,b", "="),
        (
            &by(r#"(value eq \"a\" or value eq \"b\") or $ref eq \"../Users/c\""#),
            "-a,b,c",
            "=",
        ),
        (&by(r#"value eq \"a\" and type eq \"User\""#), "?", "="),
        (&by(r#"value eq \"a\" or type eq \"User\""#), "?", "="),
        (&by(r#"type eq \"Group\""#), "?", "="),
        (&by(r#"value sw \"a\""#), "?", "="),
        (&by(r#"not (value eq \"a\")"#), "?", "="),
        (&by(r#"foo eq \"a\""#), "!invalidFilter", "="),
        (
            &by(r#"value eq \"x\\\" or value pr"#),
            "!invalidFilter",
            "=",
        ),
    ]);
}

#[test]
fn replacing() {
    check_steps(&[
        (
            &at("replace", r#","value":[{"value":"a"},{"value":"b"}]"#),
            "0 +a,b",
            "=",
        ),
        (&at("replace", r#","value":[]"#), "0", "="),
        (&at("replace", r#","value":null"#), "0", "="),
        (
            r#"{"op":"replace","value":{"members":[{"value":"a"}],"displayName":"g","id":"x"}}"#,
            "0 +a",
            "!mutability",
        ),
        (&at("replace", r#","value":5"#), "!invalidValue", "="),
    ]);
}

#[test]
fn steps_run_in_order_and_join_where_they_say_the_same() {
    let add = |id: &str| at("add", &format!(r#","value":[{{"value":"{id}"}}]"#));
    let remove = |id: &str| format!(r#"{{"op":"remove","path":"members[value eq \"{id}\"]"}}"#);
    let ops = |list: &[String]| list.join(",");
    check_steps(&[
        (
            &ops(&[add("a"), add("b"), remove("c"), remove("d"), add("e")]),
            "+a,b -c,d +e",
            "=",
        ),
        (&ops(&[add("a"), remove("a")]), "+a -a", "="),
        (&ops(&[remove("a"), add("a")]), "-a +a", "="),
        (&ops(&[add("a"), at("remove", ""), add("b")]), "0 +b", "="),
    ]);
}

#[test]
fn a_member_is_not_changed_in_place() {
    check_steps(&[
        (
            r#"{"op":"replace","path":"members[value eq \"a\"].value","value":"b"}"#,
            "!mutability",
            "=",
        ),
        (
            r#"{"op":"add","path":"members[value eq \"a\"].display","value":"b"}"#,
            "!mutability",
            "=",
        ),
        (
            r#"{"op":"remove","path":"members[value eq \"a\"].value"}"#,
            "!mutability",
            "=",
        ),
        (
            r#"{"op":"replace","path":"members[value eq \"a\"]","value":{"value":"b"}}"#,
            "!mutability",
            "=",
        ),
        (
            r#"{"op":"add","path":"members.value","value":"b"}"#,
            "!mutability",
            "=",
        ),
        (
            r#"{"op":"remove","path":"members.display"}"#,
            "!mutability",
            "=",
        ),
    ]);
}

#[test]
fn the_name_of_a_group_is_required() {
    let before = Resource::from_stored(r#"{"displayName":"g","externalId":"x"}"#).unwrap();
    for (operations, expect) in [
        (
            r#"{"op":"replace","path":"displayName","value":"h"}"#,
            Ok("h"),
        ),
        (
            r#"{"op":"replace","value":{"id":"1","displayName":"h"}}"#,
            Ok("h"),
        ),
        (
            r#"{"op":"add","path":"O:description","value":"d"}"#,
            Ok("g"),
        ),
        (
            r#"{"op":"remove","path":"displayName"}"#,
            Err("mutability displayName"),
        ),
        (
            r#"{"op":"replace","path":"displayName","value":""}"#,
            Err("invalidValue displayName"),
        ),
        (
            r#"{"op":"replace","path":"displayName","value":"a\u202eb"}"#,
            Err("invalidValue U+202E"),
        ),
    ] {
        let got = request(operations, &COMPAT).and_then(|r| r.apply(&GROUP, &COMPAT, &before));
        match (got, expect) {
            (Ok(got), Ok(name)) => assert_eq!(got.resource.display_name(), Some(name)),
            (Err(got), Err(expect)) => check_error(&got, expect, operations),
            (got, _) => panic!("{operations}: {got:?}"),
        }
    }
}

/// One step for ten thousand operations: the work follows the request.
#[test]
fn ten_thousand_single_adds_are_one_step() {
    let ops: Vec<String> = (0..MAX_OPERATIONS)
        .map(|i| at("add", &format!(r#","value":[{{"value":"{i}"}}]"#)))
        .collect();
    let request = request(&ops.join(","), &COMPAT).unwrap();
    let before = Resource::from_stored(r#"{"displayName":"g"}"#).unwrap();
    let patched = request.apply(&GROUP, &COMPAT, &before).unwrap();
    let ids: Vec<String> = (0..MAX_OPERATIONS).map(|i| i.to_string()).collect();
    assert_eq!(patched.members, [MemberOp::Add(ids)]);
}
