//! What is a filter and what is not (R-7644-3.4.2.2-03 to -14, abuse cases D1 to D14).

use crate::{
    Profile, ScimError, ScimType,
    filter::{Filter, MAX_DEPTH, MAX_LENGTH, MAX_TERMS, parse},
    profile::{COMPAT, STRICT},
};

fn check(profile: &Profile, cases: &[(&str, &str)]) {
    for (text, expect) in cases {
        let filter = Filter::parse(text, profile).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(filter.to_string(), *expect, "{text}");
    }
}

fn check_refused(profile: &Profile, cases: &[&str]) {
    for text in cases {
        let error = Filter::parse(text, profile).expect_err(text);
        assert_eq!(error.scim_type(), Some(ScimType::InvalidFilter), "{text}");
        assert_eq!(error.status(), 400);
    }
}

const CANONICAL: &[(&str, &str)] = &[
    ("userName pr", "userName pr"),
    ("userName eq \"bjensen\"", "userName eq \"bjensen\""),
    ("userName EQ \"B\"", "userName eq \"B\""),
    ("userName Ne \"B\"", "userName ne \"B\""),
    ("title PR", "title pr"),
    ("a co \"x\"", "a co \"x\""),
    ("a sw \"x\"", "a sw \"x\""),
    ("a ew \"x\"", "a ew \"x\""),
    ("a gt \"x\"", "a gt \"x\""),
    ("a ge \"x\"", "a ge \"x\""),
    ("a lt \"x\"", "a lt \"x\""),
    ("a le \"x\"", "a le \"x\""),
    ("active eq true", "active eq true"),
    ("active eq false", "active eq false"),
    ("title eq null", "title eq null"),
    ("n eq 1", "n eq 1"),
    ("n eq -1", "n eq -1"),
    ("n eq 0", "n eq 0"),
    ("n eq -0", "n eq -0.0"),
    ("n eq 1.5", "n eq 1.5"),
    ("n eq 1.5e3", "n eq 1500.0"),
    ("n eq 1E2", "n eq 100.0"),
    ("n eq 18446744073709551615", "n eq 18446744073709551615"),
    (
        "name.familyName co \"O'Malley\"",
        "name.familyName co \"O'Malley\"",
    ),
    ("members.$ref pr", "members.$ref pr"),
    ("a-b_c$9 pr", "a-b_c$9 pr"),
    ("not (a pr)", "not (a pr)"),
    ("not(a pr)", "not (a pr)"),
    ("NOT (a pr)", "not (a pr)"),
    ("Not(a pr) and b pr", "not (a pr) and b pr"),
    ("not (not (a pr))", "not (not (a pr))"),
    ("not (a pr or b pr)", "not (a pr or b pr)"),
    ("a pr and b pr", "a pr and b pr"),
    ("a pr AND b pr Or c pr", "a pr and b pr or c pr"),
    ("a pr or b pr and c pr", "a pr or b pr and c pr"),
    ("a pr or (b pr and c pr)", "a pr or b pr and c pr"),
    ("(a pr or b pr) and c pr", "(a pr or b pr) and c pr"),
    ("a pr and (b pr or c pr)", "a pr and (b pr or c pr)"),
    ("(a pr)", "a pr"),
    ("(((a pr)))", "a pr"),
    ("(a pr) and (b pr)", "a pr and b pr"),
    ("(a pr and b pr) and c pr", "a pr and b pr and c pr"),
    ("a pr or (b pr or c pr)", "a pr or b pr or c pr"),
    ("not pr", "not pr"),
    ("not eq \"x\"", "not eq \"x\""),
    ("and pr and or pr", "and pr and or pr"),
    ("pr pr", "pr pr"),
    ("emails[type eq \"work\"]", "emails[type eq \"work\"]"),
    (
        "emails[type eq \"work\" and value co \"@example.com\"] or ims[type eq \"xmpp\"]",
        "emails[type eq \"work\" and value co \"@example.com\"] or ims[type eq \"xmpp\"]",
    ),
    (
        "emails[type eq \"work\" or (type eq \"home\" and value ew \"@x\")]",
        "emails[type eq \"work\" or type eq \"home\" and value ew \"@x\"]",
    ),
    (
        "emails[not (type eq \"work\")]",
        "emails[not (type eq \"work\")]",
    ),
    (
        "emails[not(type eq \"work\")]",
        "emails[not (type eq \"work\")]",
    ),
    ("emails[(type pr)]", "emails[type pr]"),
    ("not (emails[type pr])", "not (emails[type pr])"),
    (
        "urn:ietf:params:scim:schemas:core:2.0:User:userName sw \"J\"",
        "urn:ietf:params:scim:schemas:core:2.0:User:userName sw \"J\"",
    ),
    (
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"x\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"x\"",
    ),
    (
        "urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq \"work\"]",
        "urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq \"work\"]",
    ),
    (
        "userType eq \"Employee\" and not (emails co \"example.com\" or emails.value co \"example.org\")",
        "userType eq \"Employee\" and not (emails co \"example.com\" or emails.value co \"example.org\")",
    ),
    (
        "(ActiVe eq true) and meta.lastmodified ge \"2021-09-23T19:35:41.8420572Z\"",
        "ActiVe eq true and meta.lastmodified ge \"2021-09-23T19:35:41.8420572Z\"",
    ),
];

#[test]
fn valid_filters_print_in_canonical_form() {
    check(&STRICT, CANONICAL);
    check(&COMPAT, CANONICAL);
}

#[test]
fn strings_are_json_strings() {
    check(
        &STRICT,
        &[
            (r#"a eq """#, r#"a eq """#),
            (r#"a eq "a\"b""#, r#"a eq "a\"b""#),
            (r#"a eq "\\""#, r#"a eq "\\""#),
            (r#"a eq "\/""#, r#"a eq "/""#),
            (r#"a eq "\u00e9""#, r#"a eq "é""#),
            (r#"a eq "\u00E9""#, r#"a eq "é""#),
            (r#"a eq "\ud83d\ude00x""#, r#"a eq "😀x""#),
            (
                r#"a eq "\b\f\n\r\t""#,
                r#"a eq "\u0008\u000c\u000a\u000d\u0009""#,
            ),
            (r#"a eq "é) and (b pr""#, r#"a eq "é) and (b pr""#),
            (r#"a eq "x]""#, r#"a eq "x]""#),
            (r#"a eq "\u0041\u005c\u0022""#, r#"a eq "A\\\"""#),
            (r#"a eq " x  y ""#, r#"a eq " x  y ""#),
            (
                r#"a eq "x'; DROP TABLE users;--""#,
                r#"a eq "x'; DROP TABLE users;--""#,
            ),
            (r#"a eq "*)(uid=*""#, r#"a eq "*)(uid=*""#),
        ],
    );
    check_refused(
        &COMPAT,
        &[
            r#"a eq ""#,
            r#"a eq "x"#,
            r#"a eq "x\"#,
            r#"a eq "x\""#,
            r#"a eq "\"#,
            r#"a eq "\u""#,
            r#"a eq "\u12""#,
            r#"a eq "\u12g4""#,
            r#"a eq "\u+123""#,
            r#"a eq "\u00é""#,
            r#"a eq "\ud800""#,
            r#"a eq "\udc00""#,
            r#"a eq "\ud800x""#,
            r#"a eq "\ud800\u0041""#,
            r#"a eq "\ud800\ud800""#,
            r#"a eq "\u0000""#,
            r#"a eq "\x41""#,
            r#"a eq "\'""#,
            r#"a eq "\U0041""#,
            "a eq \"x\0y\"",
            "a eq \"x\ny\"",
            "a eq \"x\ty\"",
            "a eq \"x\u{1f}\"",
            r#"a eq "x"y"#,
            r#"a eq "x""y""#,
        ],
    );
}

const REFUSED: &[&str] = &[
    "",
    " ",
    "userName",
    "userName ",
    "userName eq",
    "userName eq ",
    "eq \"x\"",
    " userName pr",
    "userName pr ",
    "userName  pr",
    "userName eq  \"x\"",
    "userName\teq \"x\"",
    "userName eq\"x\"",
    "userName pr and",
    "userName pr and ",
    "and userName pr",
    "or",
    "userName pr and and title pr",
    "userName pr  and title pr",
    "userName pr and  title pr",
    "userName pr title pr",
    "userName pr, title pr",
    "userName pr xor title pr",
    "userName pr && title pr",
    "userName pr & title pr",
    "userName pr and(title pr)",
    "userName pr andtitle pr",
    "(userName pr)and title pr",
    "(userName pr",
    "userName pr)",
    "((userName pr)",
    "(userName pr))",
    "()",
    "( userName pr)",
    "(userName pr )",
    "not userName pr",
    "not  (userName pr)",
    "not",
    "not (",
    "not ()",
    "!(userName pr)",
    "not not (userName pr)",
    "userName regex \"x\"",
    "userName eqq \"x\"",
    "userName = \"x\"",
    "userName == \"x\"",
    "userName like \"x\"",
    "userName in \"x\"",
    "displayName sw 'Group'",
    "displayName eq 'Group'",
    "userName eq \u{201c}x\u{201d}",
    "userName eq and",
    "userName eq and title pr",
    "userName eq or",
    "userName eq not",
    "userName eq eq",
    "userName eq pr",
    "userName eq (\"x\")",
    "userName eq [\"x\"]",
    "userName eq {}",
    "userName eq \"x\" or \"1\" eq \"1\"",
    "\"userName\" eq \"x\"",
    "1 eq 1",
    "userName pr \"x\"",
    "userName.eq \"x\"",
    ".userName pr",
    "userName. pr",
    "a.b.c pr",
    "9a pr",
    "a/b pr",
    "userName; pr",
    "userna\u{212a}e pr",
    "n\u{e4}me pr",
    "emails[",
    "emails[]",
    "emails[]]",
    "emails[type eq \"work\"",
    "emails[type eq \"work\"]]",
    "emails[type eq \"work\")",
    "emails[(type eq \"work\"]",
    "emails(type eq \"work\")",
    "emails [type eq \"work\"]",
    "emails[ type eq \"work\"]",
    "emails[type eq \"work\" ]",
    "emails[type]",
    "emails[0]",
    "emails[0].value eq \"x\"",
    "emails[type eq \"work\"] eq \"x\"",
    "emails[type eq \"work\"]value eq \"x\"",
    "emails[type eq \"work\"].value",
    "emails[type eq \"work\"].value[0]",
    "emails[type eq \"work\"].[value pr]",
    "emails[type eq \"work\"].",
    "emails[type eq \"work\"] pr",
    "a[b[c pr]]",
    "a[b pr and c[d pr]]",
    "a[not (b[c pr])]",
    "[type eq \"work\"]",
    "]",
    ")",
    "(",
    "\"",
    "\\",
    "\0",
    "userName pr\0",
    "\u{feff}userName pr",
    "urn:ietf:params:scim:schemas:core:2.0:User: pr",
    "urn:ietf:params:scim:schemas:core:2.0:User:name.a.b pr",
];

#[test]
fn anything_else_is_refused_in_every_profile() {
    check_refused(&STRICT, REFUSED);
    check_refused(&COMPAT, REFUSED);
}

#[test]
fn numbers_are_json_numbers() {
    check_refused(
        &STRICT,
        &[
            "n eq 01",
            "n eq 1.",
            "n eq .5",
            "n eq +1",
            "n eq 1e",
            "n eq 0x10",
            "n eq 1e400",
            "n eq -",
            "n eq --1",
            "n eq NaN",
            "n eq Infinity",
            "n eq 1,5",
            "n eq 1_000",
        ],
    );
}

#[test]
fn two_syntax_errors_are_understood_in_compat_only() {
    let cases = [
        ("externalId eq jsample", "externalId eq \"jsample\""),
        (
            "userName eq ann.b+c@example.com",
            "userName eq \"ann.b+c@example.com\"",
        ),
        (
            "externalId eq 8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
            "externalId eq \"8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159\"",
        ),
        ("externalId eq 00u1abc", "externalId eq \"00u1abc\""),
        (
            "meta.created gt 2020-01-01T00:00:00Z",
            "meta.created gt \"2020-01-01T00:00:00Z\"",
        ),
        (
            "userName eq müller and a pr",
            "userName eq \"müller\" and a pr",
        ),
        ("(externalId eq jsample)", "externalId eq \"jsample\""),
        ("members[value eq abc]", "members[value eq \"abc\"]"),
        ("active eq True", "active eq true"),
        ("active eq FALSE", "active eq false"),
        ("title eq Null", "title eq null"),
        (
            "emails[type eq \"work\"].value eq \"x\"",
            "emails[type eq \"work\" and value eq \"x\"]",
        ),
        (
            "emails[type eq \"work\" and primary eq true].value eq x and a pr",
            "emails[type eq \"work\" and primary eq true and value eq \"x\"] and a pr",
        ),
        (
            "emails[type eq \"work\" or type eq \"home\"].value co \"x\"",
            "emails[(type eq \"work\" or type eq \"home\") and value co \"x\"]",
        ),
        (
            "emails[type eq \"work\"].value pr",
            "emails[type eq \"work\" and value pr]",
        ),
        (
            "(emails[not (type pr)].value pr) or a pr",
            "emails[not (type pr) and value pr] or a pr",
        ),
    ];
    check(&COMPAT, &cases);
    let texts: Vec<&str> = cases.iter().map(|(text, _)| *text).collect();
    check_refused(&STRICT, &texts);
    check_refused(
        &COMPAT,
        &[
            "userName eq two words",
            "userName eq a'b",
            "userName eq a\"b\"",
            "userName eq <x>",
        ],
    );
}

#[test]
fn errors_name_the_place_and_what_is_expected() {
    for (text, parts) in [
        ("userName", ["ends at character 9", "operator"]),
        ("userName eq", ["ends at character 12", "value"]),
        ("userName regex \"x\"", ["character 10", "`regex \"x\"`"]),
        ("userName eq 'x'", ["character 13", "double quotes"]),
        ("a pr and", ["ends at character 9", "another condition"]),
        ("a pr) or b pr", ["character 5", "`and`, `or` or the end"]),
        ("(a pr", ["ends at character 6", "`)`"]),
        ("emails[a pr", ["ends at character 12", "`]`"]),
        ("é pr", ["character 1 ", "attribute name"]),
        ("a eq \"é\" x", ["character 9 ", "` x`"]),
        (
            "a eq \"x\\u12\"",
            ["character 8 ", "four hexadecimal digits"],
        ),
        ("a eq \"xyz", ["character 6 ", "double quote"]),
        ("a[b[c pr]]", ["character 4 ", "nested"]),
    ] {
        let error = Filter::parse(text, &STRICT).unwrap_err();
        for part in parts {
            assert!(error.detail().contains(part), "{text}: {}", error.detail());
        }
    }
}

#[test]
fn errors_quote_little_of_the_input() {
    let noise = "\u{1b}[31m\r\n".repeat(500);
    for text in [format!("a eq {noise}"), noise.clone(), format!("a {noise}")] {
        let error = Filter::parse(&text, &COMPAT).unwrap_err();
        assert!(error.detail().chars().count() < 200, "{}", error.detail());
        assert!(!error.detail().contains(char::is_control));
    }
}

fn limit(text: &str) -> Result<Filter, ScimError> {
    parse::filter_of_any_length(text, &COMPAT)
}

#[test]
fn length_depth_and_terms_are_limited() {
    let nested = |open: &str, depth: usize| open.repeat(depth) + "a pr" + &")".repeat(depth);
    let terms = |word: &str, count: usize| vec!["a pr"; count].join(word);
    for (name, accepted, refused) in [
        (
            "parentheses",
            nested("(", MAX_DEPTH),
            nested("(", MAX_DEPTH + 1),
        ),
        (
            "not",
            nested("not(", MAX_DEPTH),
            nested("not(", MAX_DEPTH + 1),
        ),
        ("or", terms(" or ", MAX_TERMS), terms(" or ", MAX_TERMS + 1)),
        (
            "and",
            terms(" and ", MAX_TERMS),
            terms(" and ", MAX_TERMS + 1),
        ),
        (
            "brackets",
            format!("a[{}]", nested("(", MAX_DEPTH - 1)),
            format!("a[{}]", nested("(", MAX_DEPTH)),
        ),
        (
            "terms in brackets",
            format!("a[{}]", terms(" or ", MAX_TERMS - 1)),
            format!("a[{}]", terms(" or ", MAX_TERMS)),
        ),
        (
            "a sub-attribute after brackets",
            format!("a[{}].b pr", terms(" and ", MAX_TERMS - 2)),
            format!("a[{}].b pr", terms(" and ", MAX_TERMS - 1)),
        ),
        (
            "alternatives before a sub-attribute",
            format!(
                "{}a[b pr or c pr].d pr{}",
                "not(".repeat(30),
                ")".repeat(30)
            ),
            format!(
                "{}a[b pr or c pr].d pr{}",
                "not(".repeat(31),
                ")".repeat(31)
            ),
        ),
    ] {
        let filter = limit(&accepted).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(limit(&filter.to_string()).as_ref(), Ok(&filter), "{name}");
        limit(&refused).expect_err(name);
    }
    let of_length = |length: usize| format!("a eq \"{}\"", "x".repeat(length - 7));
    assert!(Filter::parse(&of_length(MAX_LENGTH), &COMPAT).is_ok());
    check_refused(&COMPAT, &[&of_length(MAX_LENGTH + 1)]);
    check_refused(&COMPAT, &[&("a".repeat(600) + " pr")]);
}

#[test]
fn a_million_of_anything_needs_no_stack() {
    let million = |text: &str| text.repeat(1_000_000);
    let inputs = [
        million("("),
        million("not ("),
        million("not("),
        million("a["),
        million("(a["),
        million("a pr or "),
        million("a pr and "),
        million("(a pr) or "),
        million("not "),
        million("a."),
        million("urn:"),
        million("["),
        million(")"),
        million("\""),
        million("\\"),
        format!("a eq \"{}", million("\\u0041")),
        format!("a eq {}'", million("1")),
        format!("a[{}", million("(")),
        format!("{}a pr{}", million("("), million(")")),
    ];
    let run = move || {
        for input in &inputs {
            let head: String = input.chars().take(10).collect();
            let error = limit(input).err().unwrap_or_else(|| panic!("{head}"));
            assert!(error.detail().len() < 300);
        }
    };
    std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(run)
        .unwrap()
        .join()
        .unwrap();
}
