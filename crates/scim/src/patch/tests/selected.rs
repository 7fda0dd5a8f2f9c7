//! Value filters in paths (D-06, D-07, D-08).

use super::*;

const AB: &str =
    r#""emails":[{"value":"a","type":"work","display":"A"},{"value":"b","type":"home"}]"#;

#[test]
fn one_sub_attribute_of_the_matching_values() {
    let op = |op: &str, filter: &str, sub: &str, value: &str| {
        format!(r#"{{"op":"{op}","path":"emails[{filter}]{sub}"{value}}}"#)
    };
    let work = r#"type eq \"work\""#;
    let value = r#","value":"c""#;
    let changed =
        r#""emails":[{"value":"c","type":"work","display":"A"},{"value":"b","type":"home"}]"#;
    check(&[
        (AB, &op("replace", work, ".value", value), changed, "="),
        (AB, &op("add", work, ".value", value), changed, "="),
        (
            AB,
            &op("Replace", r#"TYPE EQ \"WORK\""#, ".VALUE", value),
            changed,
            "=",
        ),
        (
            AB,
            &op("replace", r#"emails.type eq \"work\""#, ".value", value),
            "!invalidFilter",
            "=",
        ),
        (
            AB,
            &op("replace", r#"value eq \"A\""#, ".value", value),
            changed,
            "=",
        ),
        (
            AB,
            &op(
                "replace",
                r#"type eq \"work\" and value eq \"a\""#,
                ".value",
                value,
            ),
            changed,
            "=",
        ),
        (
            AB,
            &op("replace", r#"not (type eq \"home\")"#, ".value", value),
            changed,
            "=",
        ),
        (
            AB,
            &op("replace", "value pr", ".display", r#","value":"d""#),
            r#""emails":[{"value":"a","type":"work","display":"d"},{"value":"b","type":"home","display":"d"}]"#,
            "=",
        ),
    ]);
}

#[test]
fn one_sub_attribute_of_the_matching_values_is_unassigned() {
    let op = |op: &str, filter: &str, sub: &str, value: &str| {
        format!(r#"{{"op":"{op}","path":"emails[{filter}]{sub}"{value}}}"#)
    };
    let work = r#"type eq \"work\""#;
    let value = r#","value":"c""#;
    check(&[
        (
            AB,
            &op("remove", work, ".display", ""),
            r#""emails":[{"value":"a","type":"work"},{"value":"b","type":"home"}]"#,
            "=",
        ),
        (
            AB,
            &op("replace", work, ".display", r#","value":null"#),
            r#""emails":[{"value":"a","type":"work"},{"value":"b","type":"home"}]"#,
            "=",
        ),
        (
            AB,
            &op("add", work, ".display", r#","value":null"#),
            AB,
            "=",
        ),
        (
            AB,
            &op("remove", work, ".value", ""),
            r#""emails":[{"type":"work","display":"A"},{"value":"b","type":"home"}]"#,
            "=",
        ),
        (
            AB,
            &op("remove", r#"type eq \"home\""#, ".value", ""),
            r#""emails":[{"value":"a","type":"work","display":"A"}]"#,
            r#""emails":[{"value":"a","type":"work","display":"A"},{"type":"home"}]"#,
        ),
        (
            AB,
            &op("replace", work, ".value", r#","value":5"#),
            "!invalidValue emails.value must be text",
            "=",
        ),
        (
            AB,
            &op("replace", r#"foo eq \"work\""#, ".value", value),
            "!invalidFilter",
            "=",
        ),
        (
            AB,
            &op("replace", "primary gt true", ".value", value),
            "!invalidFilter",
            "=",
        ),
        (
            r#""title":"T""#,
            r#"{"op":"replace","path":"title[value eq \"x\"]","value":"y"}"#,
            "!invalidPath",
            "=",
        ),
    ]);
}

#[test]
fn every_match_is_changed() {
    check(&[
        (
            r#""addresses":[{"type":"work","locality":"x"},{"type":"work","region":"y"},{"type":"home"}]"#,
            r#"{"op":"replace","path":"addresses[type eq \"work\"].country","value":"NO"}"#,
            r#""addresses":[{"type":"work","locality":"x","country":"NO"},{"type":"work","region":"y","country":"NO"}]"#,
            r#""addresses":[{"type":"work","locality":"x","country":"NO"},{"type":"work","region":"y","country":"NO"},{"type":"home"}]"#,
        ),
        (
            r#""emails":[{"value":"a","type":"work"},{"value":"b","type":"work"}]"#,
            r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":"c"}"#,
            r#""emails":[{"value":"c","type":"work"}]"#,
            "=",
        ),
        (AB, r#"{"op":"remove","path":"emails[value pr]"}"#, "", "="),
    ]);
}

#[test]
fn whole_values_are_replaced_merged_or_removed() {
    let work = r#"emails[type eq \"work\"]"#;
    let op = |op: &str, value: &str| format!(r#"{{"op":"{op}","path":"{work}"{value}}}"#);
    let only_b = r#""emails":[{"value":"b","type":"home"}]"#;
    check(&[
        (
            AB,
            &op("replace", r#","value":{"value":"c"}"#),
            r#""emails":[{"value":"c","type":"work"},{"value":"b","type":"home"}]"#,
            "=",
        ),
        (
            AB,
            &op("replace", r#","value":{"value":"c","type":"other"}"#),
            r#""emails":[{"value":"c","type":"other"},{"value":"b","type":"home"}]"#,
            "=",
        ),
        (
            AB,
            &op("replace", r#","value":[{"value":"c"}]"#),
            r#""emails":[{"value":"c","type":"work"},{"value":"b","type":"home"}]"#,
            "!invalidValue",
        ),
        (
            AB,
            &op("replace", r#","value":"c""#),
            r#""emails":[{"value":"c","type":"work"},{"value":"b","type":"home"}]"#,
            "!invalidValue",
        ),
        (
            AB,
            &op("replace", r#","value":[{"value":"c"},{"value":"d"}]"#),
            "!invalidValue needs one object",
            "=",
        ),
        (
            AB,
            &op("add", r#","value":{"value":"c"}"#),
            r#""emails":[{"value":"c","type":"work","display":"A"},{"value":"b","type":"home"}]"#,
            "=",
        ),
        (
            AB,
            &op("add", r#","value":{"primary":true}"#),
            r#""emails":[{"value":"a","type":"work","display":"A","primary":true},{"value":"b","type":"home"}]"#,
            "=",
        ),
        (AB, &op("add", r#","value":null"#), AB, "="),
        (AB, &op("replace", r#","value":null"#), only_b, "="),
        (AB, &op("replace", r#","value":{}"#), only_b, "="),
        (AB, &op("remove", ""), only_b, "="),
        (
            AB,
            &op("remove", r#","value":[{"value":"zzz"}]"#),
            only_b,
            "=",
        ),
        (
            AB,
            &op("replace", r#","value":{"value":5}"#),
            "!invalidValue emails.value",
            "=",
        ),
    ]);
}

#[test]
fn without_a_match_a_value_is_created_from_the_filter() {
    let no = "!noTarget no value of";
    check(&[
        (
            "",
            r#"{"op":"Add","path":"emails[type eq \"work\"].value","value":"c"}"#,
            r#""emails":[{"type":"work","value":"c"}]"#,
            no,
        ),
        (
            "",
            r#"{"op":"replace","path":"emails[type eq \"Work\"].value","value":"c"}"#,
            r#""emails":[{"type":"Work","value":"c"}]"#,
            no,
        ),
        (
            AB,
            r#"{"op":"add","path":"emails[type eq \"other\"].value","value":"c"}"#,
            r#""emails":[{"value":"a","type":"work","display":"A"},{"value":"b","type":"home"},{"type":"other","value":"c"}]"#,
            no,
        ),
        (
            "",
            r#"{"op":"add","path":"emails[type eq \"work\" and primary eq true].value","value":"c"}"#,
            r#""emails":[{"type":"work","primary":true,"value":"c"}]"#,
            no,
        ),
        (
            "",
            r#"{"op":"add","path":"roles[primary eq \"True\"].value","value":"c"}"#,
            r#""roles":[{"primary":true,"value":"c"}]"#,
            "!invalidFilter",
        ),
        (
            "",
            r#"{"op":"replace","path":"emails[type eq \"work\"]","value":{"value":"c"}}"#,
            r#""emails":[{"type":"work","value":"c"}]"#,
            no,
        ),
        (
            "",
            r#"{"op":"add","path":"phoneNumbers[type eq \"mobile\"].value","value":"1"},{"op":"add","path":"phoneNumbers[type eq \"mobile\"].display","value":"d"}"#,
            r#""phoneNumbers":[{"type":"mobile","value":"1","display":"d"}]"#,
            no,
        ),
        (
            "",
            r#"{"op":"add","path":"emails[type eq \"work\"].primary","value":true},{"op":"add","path":"emails[type eq \"work\"].value","value":"c"}"#,
            r#""emails":[{"type":"work","primary":true,"value":"c"}]"#,
            no,
        ),
        (
            "",
            r#"{"op":"add","path":"emails[type eq \"work\"].primary","value":true}"#,
            "",
            no,
        ),
    ]);
}

#[test]
fn without_a_match_nothing_is_created_from_nothing() {
    check(&[
        (
            "",
            r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":null}"#,
            "",
            "!noTarget no value of",
        ),
        (
            "",
            r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":""}"#,
            "",
            "!noTarget no value of",
        ),
        (
            "",
            r#"{"op":"replace","path":"emails[type ne \"work\"].value","value":"c"}"#,
            "!noTarget",
            "=",
        ),
        (
            "",
            r#"{"op":"replace","path":"emails[type eq \"a\" or type eq \"b\"].value","value":"c"}"#,
            "!noTarget",
            "=",
        ),
        (
            "",
            r#"{"op":"replace","path":"emails[value pr].value","value":"c"}"#,
            "!noTarget",
            "=",
        ),
        (
            "",
            r#"{"op":"remove","path":"emails[type eq \"work\"].value"}"#,
            "",
            "=",
        ),
        (
            "",
            r#"{"op":"remove","path":"emails[type eq \"work\"]"}"#,
            "",
            "=",
        ),
        (
            AB,
            r#"{"op":"remove","path":"emails[type eq \"other\"]"}"#,
            AB,
            "=",
        ),
    ]);
}

#[test]
fn primary_moves_to_the_selected_value() {
    let before =
        r#""emails":[{"value":"a","type":"work","primary":true},{"value":"b","type":"home"}]"#;
    let after = r#""emails":[{"value":"a","type":"work","primary":false},{"value":"b","type":"home","primary":true}]"#;
    check(&[
        (
            before,
            r#"{"op":"replace","path":"emails[type eq \"home\"].primary","value":true}"#,
            after,
            "=",
        ),
        (
            before,
            r#"{"op":"add","path":"emails[type eq \"home\"]","value":{"primary":true}}"#,
            after,
            "=",
        ),
        (
            before,
            r#"{"op":"replace","path":"emails[value pr].primary","value":true}"#,
            r#""emails":[{"value":"a","type":"work","primary":true},{"value":"b","type":"home","primary":false}]"#,
            "!invalidValue more than one",
        ),
        (
            before,
            r#"{"op":"add","path":"emails[type eq \"other\"]","value":{"value":"c","primary":true}}"#,
            r#""emails":[{"value":"a","type":"work","primary":false},{"value":"b","type":"home"},{"value":"c","type":"other","primary":true}]"#,
            "!noTarget",
        ),
    ]);
}

#[test]
fn a_filter_also_selects_a_singular_complex_value() {
    let m = r#""E:":{"manager":{"value":"m"}}"#;
    check(&[
        (
            m,
            r#"{"op":"remove","path":"E:manager[value eq \"m\"]"}"#,
            "",
            "=",
        ),
        (
            m,
            r#"{"op":"remove","path":"E:manager[value eq \"x\"]"}"#,
            m,
            "=",
        ),
        (
            m,
            r#"{"op":"replace","path":"E:manager[value eq \"m\"].value","value":"n"}"#,
            r#""E:":{"manager":{"value":"n"}}"#,
            "=",
        ),
    ]);
}
