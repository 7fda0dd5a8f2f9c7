//! What [`super::parse`] takes and refuses.

use super::*;

fn check(body: &[u8], expect: Result<Value, &str>) {
    let shown = String::from_utf8_lossy(body);
    match (parse(body), expect) {
        (Ok(got), Ok(expect)) => assert_eq!(got, expect, "{shown}"),
        (Err(error), Err(words)) => {
            assert_eq!(error.scim_type(), Some(ScimType::InvalidSyntax), "{shown}");
            assert_eq!(error.status(), 400, "{shown}");
            assert!(error.detail().contains(words), "{shown}: {error}");
        }
        (got, expect) => panic!("{shown}: got {got:?}, expected {expect:?}"),
    }
}

fn nested(depth: usize) -> String {
    format!("{}{}{}", r#"{"a":"#.repeat(depth), "1", "}".repeat(depth))
}

#[test]
fn one_object_is_read() {
    for (body, expect) in [
        (r"{}", serde_json::json!({})),
        (" {\"a\" : null} \n", serde_json::json!({"a": null})),
        (
            r#"{"a":[1,-2,1.5,"x",true,{}],"b":"\u00e9\n"}"#,
            serde_json::json!({"a": [1, -2, 1.5, "x", true, {}], "b": "é\n"}),
        ),
        (
            r#"{"n":18446744073709551615,"z":-0}"#,
            serde_json::json!({"n": u64::MAX, "z": -0.0}),
        ),
        (
            r#"{"":1,"__proto__":2}"#,
            serde_json::json!({"": 1, "__proto__": 2}),
        ),
        (r#"{"a":"\ud83d\ude00"}"#, serde_json::json!({"a": "😀"})),
    ] {
        check(body.as_bytes(), Ok(expect));
    }
}

#[test]
fn anything_else_is_invalid_syntax() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"null", "not a JSON object"),
        (b"[]", "not a JSON object"),
        (b"\"x\"", "not a JSON object"),
        (b"0", "not a JSON object"),
        (b"true", "not a JSON object"),
        (b"{", "line 1 column 1"),
        (br#"{"a":1"#, "EOF"),
        (br#"{"a":1}x"#, "trailing characters at line 1 column 8"),
        (br#"{"a":1}{"b":1}"#, "trailing"),
        (br#"{"a":1,}"#, "trailing comma"),
        (br"{'a':1}", "column 2"),
        (br#"{"a":01}"#, "invalid number"),
        (br#"{"a":1e400}"#, "number out of range"),
        (br#"{"a":NaN}"#, "expected"),
        (br#"{"a":"\ud800"}"#, "hex escape"),
        (br#"{"a":"\u0000"}"#, "U+0000"),
        (br#"{"a\u0000":1}"#, "U+0000"),
        (b"{\"a\":\"\x01\"}", "control character"),
        (b"{\"a\":\"\xff\"}", "not UTF-8 from byte 7"),
        (b"{\"a\":\"\xc0\xaf\"}", "not UTF-8"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"\xff\xfe{\0}\0", "not UTF-8"),
        (b"{\0}\0", "key must be a string"),
    ];
    for (body, words) in cases {
        check(body, Err(words));
    }
}

#[test]
fn a_name_occurs_once_whatever_its_case() {
    for body in [
        r#"{"userName":"a","userName":"b"}"#,
        r#"{"userName":"a","username":"b"}"#,
        r#"{"x":{"É":1,"é":2}}"#,
        "{\"nickName\":1,\"nic\u{212a}Name\":2}",
        "{\"title\":1,\"t\u{131}tle\":2}",
        "{\"title\":1,\"T\u{130}TLE\":2}",
        "{\"schemas\":1,\"\u{17f}chemas\":2}",
    ] {
        check(body.as_bytes(), Err("occurs twice"));
    }
    check(
        r#"{"a":{"b":1},"b":1}"#.as_bytes(),
        Ok(serde_json::json!({"a": {"b": 1}, "b": 1})),
    );
}

#[test]
fn depth_and_keys_are_limited_at_the_limit() {
    assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
    check(nested(MAX_DEPTH + 1).as_bytes(), Err("deeper than 16"));
    let keys = |n: usize| {
        let members: Vec<String> = (0..n).map(|i| format!("\"k{i}\":0")).collect();
        format!("{{{}}}", members.join(","))
    };
    assert!(parse(keys(MAX_KEYS).as_bytes()).is_ok());
    check(keys(MAX_KEYS + 1).as_bytes(), Err("more than 1000 names"));
}

#[test]
fn a_million_levels_fit_a_small_stack() {
    let run = || {
        for open in ["[", r#"{"a":"#, r#"{"a":["#] {
            let body = open.repeat(1_000_000);
            assert!(parse(body.as_bytes()).is_err());
            assert_eq!(object_in_text(&body), None);
        }
    };
    std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(run)
        .unwrap()
        .join()
        .unwrap();
}

proptest::proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..64)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn what_is_read_prints_and_reads_the_same(text in "\\{(\"[a-c]\":(1|\"é\"|\\[\\]|null),){0,3}\"z\":0\\}") {
        if let Ok(value) = parse(text.as_bytes()) {
            proptest::prop_assert_eq!(parse(value.to_string().as_bytes()), Ok(value));
        }
    }
}
