//! Tables of restrictions: what is read, what is refused, what matches.

use bytes::Bytes;

use super::*;

fn read(text: &str, is_json: bool) -> Result<Restriction, String> {
    let body = Body {
        bytes: Bytes::copy_from_slice(text.as_bytes()),
        is_json,
    };
    Restriction::read(&body).map_err(|failure| match failure {
        Failure::Entity { message, .. } => message,
        other => panic!("{other:?}"),
    })
}

fn property(name: &str, test: Test) -> Restriction {
    Restriction::Property {
        name: name.to_owned(),
        test,
    }
}

fn text(name: &str, mode: TextMode, value: &str) -> Restriction {
    property(name, Test::Text(mode, value.to_owned()))
}

fn date() -> i64 {
    millis(Timestamp::parse("2026-11-18T11:06:40Z").unwrap())
}

fn xml_property(inner: &str) -> String {
    format!("<property-search-restriction>{inner}</property-search-restriction>")
}

fn xml_test(name: &str, kind: &str, mode: &str, value: &str) -> String {
    xml_property(&format!(
        "<property><name>{name}</name><type>{kind}</type></property>\
         <match-mode>{mode}</match-mode><value>{value}</value>"
    ))
}

#[test]
fn xml_is_read() {
    let equal = TextMode::Order(Order::Equal);
    let boolean = format!(
        "<boolean-search-restriction boolean-logic='or'>\n <restrictions>{}\
         <boolean-search-restriction boolean-logic='AND'><restrictions/>\
         </boolean-search-restriction></restrictions></boolean-search-restriction>",
        xml_test("email", "STRING", "STARTS_WITH", "Anna")
    );
    for (document, expect) in [
        (
            "<null-search-restriction/>".to_owned(),
            Restriction::Everything,
        ),
        (
            "\u{feff}<?xml version=\"1.0\"?><!-- c --><null-search-restriction>\n\
             </null-search-restriction>\n"
                .to_owned(),
            Restriction::Everything,
        ),
        (
            xml_property(
                "<property><name>name</name><type>STRING</type></property>\
                 <match-mode>NULL</match-mode>",
            ),
            property("name", Test::Null),
        ),
        (
            xml_test(
                "name",
                "string",
                "exactly_matches",
                "A&amp;B&#x41;<![CDATA[<C>]]>",
            ),
            text("name", equal, "a&ba<c>"),
        ),
        (
            xml_test("name", "STRING", "ENDS_WITH", "'; DROP TABLE users;--"),
            text("name", TextMode::EndsWith, "'; drop table users;--"),
        ),
        (
            xml_test("active", "BOOLEAN", "EXACTLY_MATCHES", "TRUE"),
            property("active", Test::Flag(true)),
        ),
        (
            xml_test(
                "createdDate",
                "DATE",
                "GREATER_THAN",
                "2026-11-18T11:06:40.000+0000",
            ),
            property("createdDate", Test::Date(Order::Greater, date())),
        ),
        (
            xml_test(
                "createdDate",
                "DATE",
                "LESS_THAN",
                "2026-11-18T12:06:40.000+01:00",
            ),
            property("createdDate", Test::Date(Order::Less, date())),
        ),
        (
            boolean,
            Restriction::Any(vec![
                text("email", TextMode::StartsWith, "anna"),
                Restriction::All(vec![]),
            ]),
        ),
    ] {
        assert_eq!(read(&document, false), Ok(expect), "{document}");
    }
}

#[test]
fn json_is_read() {
    for (document, expect) in [
        (
            r#"{"restriction-type":"null-search-restriction"}"#,
            Restriction::Everything,
        ),
        (
            r#"{"restriction-type":"property-search-restriction","match-mode":"CONTAINS",
                "property":{"name":"email","type":"STRING"},"value":"X@Y"}"#,
            text("email", TextMode::Contains, "x@y"),
        ),
        (
            r#"{"restrictionType":"boolean-search-restriction","booleanLogic":"and",
                "restrictions":[{"restriction-type":"property-search-restriction",
                "property":{"name":"active","type":"BOOLEAN"},
                "matchMode":"EXACTLY_MATCHES","value":false}]}"#,
            Restriction::All(vec![property("active", Test::Flag(false))]),
        ),
    ] {
        assert_eq!(read(document, true), Ok(expect), "{document}");
    }
}

#[test]
fn what_json_or_a_name_leaves_out_is_understood() {
    for (document, expect) in [
        (
            r#"{"property":{"name":"ACTIVE"},"match-mode":"EXACTLY_MATCHES","value":true}"#,
            property("active", Test::Flag(true)),
        ),
        (
            r#"{"boolean-logic":"OR","restrictions":[]}"#,
            Restriction::Any(vec![]),
        ),
        (
            r#"{"property":{"name":"synch.X","type":"STRING"},"match-mode":"NULL"}"#,
            property("synch.X", Test::Null),
        ),
    ] {
        assert_eq!(read(document, true), Ok(expect), "{document}");
    }
}

fn query(text: &str) -> Result<Restriction, String> {
    Restriction::from_query(text).map_err(|failure| match failure {
        Failure::Entity { message, .. } => message,
        other => panic!("{other:?}"),
    })
}

#[test]
fn the_query_language_is_read() {
    let equal = |value| text("name", TextMode::Order(Order::Equal), value);
    let starts = |value| text("name", TextMode::StartsWith, value);
    let is_active = || property("active", Test::Flag(true));
    let month = millis(Timestamp::parse("2010-12-01T00:00:00Z").unwrap());
    for (written, expect) in [
        ("", Restriction::Everything),
        ("  ", Restriction::Everything),
        ("name=bob@example.net", equal("bob@example.net")),
        ("NAME = \"Bob\"", equal("bob")),
        ("name = 'b\\'o\"b'", equal("b'o\"b")),
        ("name = \"a*\"", starts("a")),
        ("name = a*", starts("a")),
        ("name = \"*a\"", text("name", TextMode::EndsWith, "a")),
        ("name = \"*a*\"", text("name", TextMode::Contains, "a")),
        ("name = *", text("name", TextMode::Contains, "")),
        ("name = \"a\\*\"", equal("a*")),
        ("name = \"a*b\"", equal("a*b")),
        ("email = null", property("email", Test::Null)),
        ("name = \"null\"", equal("null")),
        ("active = true", is_active()),
        ("Active = \"TRUE\"", is_active()),
        (
            "createdDate > 2010-12",
            property("createdDate", Test::Date(Order::Greater, month)),
        ),
        (
            "updateddate <= \"2010-12-01T01:00:00.000+0100\"",
            property("updatedDate", Test::Date(Order::LessOrEqual, month)),
        ),
        (
            "name = a and active = true or name = b",
            Restriction::Any(vec![
                Restriction::All(vec![equal("a"), is_active()]),
                equal("b"),
            ]),
        ),
        (
            "name=a AND (active=true OR name=b)",
            Restriction::All(vec![
                equal("a"),
                Restriction::Any(vec![is_active(), equal("b")]),
            ]),
        ),
        ("((name = a))", equal("a")),
        (
            "synch.department = \"R&D\"",
            text("synch.department", TextMode::Order(Order::Equal), "r&d"),
        ),
    ] {
        assert_eq!(query(written), Ok(expect), "{written}");
    }
}

#[test]
fn what_is_not_the_query_language_is_refused() {
    for written in [
        "name",
        "name =",
        "= a",
        "name = a b",
        "name == a",
        "name = a and",
        "and",
        "(name = a",
        "name = a)",
        "()",
        "name = \"a",
        "name = 'a\\",
        "name != a",
        "name = (a)",
        "active = maybe",
        "active > true",
        "createdDate > soon",
        "createdDate = 2010-1",
        "<null-search-restriction/>",
    ] {
        assert!(query(written).is_err(), "{written}");
    }
    for (nested, accepted) in [(MAX_DEPTH - 1, true), (MAX_DEPTH, false), (5_000, false)] {
        let written = format!("{}name = a{}", "(".repeat(nested), ")".repeat(nested));
        assert_eq!(query(&written).is_ok(), accepted, "{nested}");
    }
    let wide = |count: usize| vec!["name=a"; count].join(" or ");
    assert!(query(&wide(MAX_NODES)).is_ok());
    assert!(query(&wide(MAX_NODES + 1)).is_err());
    assert!(query(&format!("name = {}", "a".repeat(20_000))).is_err());
}

fn nested_xml(depth: usize) -> String {
    let open = "<boolean-search-restriction boolean-logic=\"OR\"><restrictions>";
    let close = "</restrictions></boolean-search-restriction>";
    format!(
        "{}<null-search-restriction/>{}",
        open.repeat(depth),
        close.repeat(depth)
    )
}

fn nested_json(depth: usize) -> String {
    let open =
        r#"{"restriction-type":"boolean-search-restriction","boolean-logic":"OR","restrictions":["#;
    format!(
        "{}{{\"restriction-type\":\"null-search-restriction\"}}{}",
        open.repeat(depth),
        "]}".repeat(depth)
    )
}

fn wide_xml(count: usize) -> String {
    format!(
        "<boolean-search-restriction boolean-logic=\"OR\"><restrictions>{}</restrictions>\
         </boolean-search-restriction>",
        "<null-search-restriction/>".repeat(count)
    )
}

#[test]
fn size_and_depth_are_bounded() {
    for (document, is_json, accepted) in [
        (nested_xml(MAX_DEPTH - 1), false, true),
        (nested_xml(MAX_DEPTH), false, false),
        (nested_xml(10_000), false, false),
        (nested_json(MAX_DEPTH - 1), true, true),
        (nested_json(MAX_DEPTH), true, false),
        (nested_json(10_000), true, false),
        ("[".repeat(100_000), true, false),
        ("<a>".repeat(100_000), false, false),
        (wide_xml(MAX_NODES - 1), false, true),
        (wide_xml(MAX_NODES), false, false),
    ] {
        let start: String = document.chars().take(40).collect();
        assert_eq!(
            read(&document, is_json).is_ok(),
            accepted,
            "{start}… {}",
            document.len()
        );
    }
}

#[test]
fn what_is_not_a_restriction_is_refused() {
    let xml = |document: &str| (document.to_owned(), false);
    let json = |document: &str| (document.to_owned(), true);
    for (document, is_json) in [
        xml(""),
        xml("name = \"a\""),
        xml("{}"),
        xml("<users/>"),
        xml("<null-search-restriction>"),
        xml("<null-search-restriction/><null-search-restriction/>"),
        xml("<null-search-restriction></wrong>"),
        xml("<null-search-restriction>text</null-search-restriction>"),
        xml("<boolean-search-restriction><restrictions/></boolean-search-restriction>"),
        xml("<boolean-search-restriction boolean-logic=\"XOR\"/>"),
        xml("<boolean-search-restriction boolean-logic=\"OR\"><restrictions>"),
        xml("<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><null-search-restriction/>"),
        xml("<!DOCTYPE null-search-restriction><null-search-restriction/>"),
        (xml_test("name", "STRING", "CONTAINS", "&e;"), false),
        (xml_test("name", "STRING", "SOUNDS_LIKE", "a"), false),
        (xml_test("name", "NUMBER", "CONTAINS", "a"), false),
        (xml_test("", "STRING", "CONTAINS", "a"), false),
        (xml_test("active", "BOOLEAN", "CONTAINS", "true"), false),
        (
            xml_test("active", "BOOLEAN", "EXACTLY_MATCHES", "yes"),
            false,
        ),
        (
            xml_test(
                "createdDate",
                "DATE",
                "CONTAINS",
                "2026-11-18T11:06:40.000+0000",
            ),
            false,
        ),
        (
            xml_test("createdDate", "DATE", "LESS_THAN", "yesterday"),
            false,
        ),
        (xml_test("createdDate", "DATE", "LESS_THAN", "é0000"), false),
        (xml_test("name", "STRING", "CONTAINS", "<b>a</b>"), false),
        (xml_property("<match-mode>NULL</match-mode>"), false),
        (
            xml_property("<property><name>name</name></property><match-mode>CONTAINS</match-mode>"),
            false,
        ),
        json(""),
        json("null"),
        json("[]"),
        json("{}"),
        json("{\"restriction-type\":\"other\"}"),
        json("{\"restriction-type\":\"boolean-search-restriction\",\"boolean-logic\":\"OR\"}"),
        json("{\"restriction-type\":\"property-search-restriction\"}"),
    ] {
        assert!(read(&document, is_json).is_err(), "{document}");
    }
}

struct Entry;

impl Subject for Entry {
    fn property(&self, name: &str) -> Property<'_> {
        match name {
            "name" => Property::Text(Cow::Borrowed("ASmith")),
            "blank" => Property::Text(Cow::Borrowed("")),
            "many" => Property::Texts(vec!["One", "Two"]),
            "none" => Property::Texts(vec![]),
            "active" => Property::Flag(true),
            "date" => Property::Instant(Timestamp::parse("2026-11-18T11:06:40.000999Z").unwrap()),
            _ => Property::Unknown,
        }
    }

    fn always_has(name: &str) -> bool {
        name == "name"
    }
}

#[test]
fn restrictions_match_by_type_and_without_case() {
    let zone = "2026-11-18T11:06:40.000+0000";
    for (name, kind, mode, value, expect) in [
        ("name", "STRING", "EXACTLY_MATCHES", "asmith", true),
        ("name", "STRING", "EXACTLY_MATCHES", "asmit", false),
        ("name", "STRING", "CONTAINS", "SMI", true),
        ("name", "STRING", "CONTAINS", "%", false),
        ("name", "STRING", "CONTAINS", "*", false),
        ("name", "STRING", "CONTAINS", "", true),
        ("name", "STRING", "STARTS_WITH", "as", true),
        ("name", "STRING", "ENDS_WITH", "TH", true),
        ("name", "STRING", "ENDS_WITH", "as", false),
        ("name", "STRING", "LESS_THAN", "b", true),
        ("name", "STRING", "LESS_THAN_OR_EQUAL", "asmith", true),
        ("name", "STRING", "GREATER_THAN", "asmith", false),
        ("name", "STRING", "GREATER_THAN_OR_EQUAL", "asmith", true),
        ("name", "STRING", "NULL", "", false),
        ("name", "BOOLEAN", "EXACTLY_MATCHES", "true", false),
        ("name", "DATE", "GREATER_THAN", zone, false),
        ("blank", "STRING", "NULL", "", true),
        ("many", "STRING", "EXACTLY_MATCHES", "two", true),
        ("many", "STRING", "EXACTLY_MATCHES", "three", false),
        ("none", "STRING", "NULL", "", true),
        ("active", "BOOLEAN", "EXACTLY_MATCHES", "true", true),
        ("active", "BOOLEAN", "EXACTLY_MATCHES", "false", false),
        ("active", "BOOLEAN", "NULL", "", false),
        ("date", "DATE", "EXACTLY_MATCHES", zone, true),
        ("date", "DATE", "LESS_THAN", zone, false),
        ("date", "DATE", "LESS_THAN_OR_EQUAL", zone, true),
        (
            "date",
            "DATE",
            "GREATER_THAN",
            "2026-11-18T11:06:39.999Z",
            true,
        ),
        ("unknown", "STRING", "CONTAINS", "a", false),
        ("unknown", "STRING", "NULL", "", false),
        ("unknown", "BOOLEAN", "EXACTLY_MATCHES", "false", false),
    ] {
        let restriction = read(&xml_test(name, kind, mode, value), false).unwrap();
        assert_eq!(
            restriction.matches(&Entry),
            expect,
            "{name} {kind} {mode} {value}"
        );
    }
}

#[test]
fn and_or_combine() {
    let yes = || text("name", TextMode::Contains, "a");
    let no = || text("name", TextMode::Contains, "z");
    for (restriction, expect) in [
        (Restriction::Everything, true),
        (Restriction::All(vec![yes(), yes()]), true),
        (Restriction::All(vec![yes(), no()]), false),
        (Restriction::Any(vec![no(), yes()]), true),
        (Restriction::Any(vec![no(), no()]), false),
        (Restriction::Any(vec![]), false),
        (Restriction::All(vec![]), true),
    ] {
        assert_eq!(restriction.matches(&Entry), expect, "{restriction:?}");
    }
}

#[test]
fn a_restriction_that_nothing_fulfils_is_known() {
    let null = |name| property(name, Test::Null);
    for (restriction, expect) in [
        (null("name"), true),
        (null("blank"), false),
        (Restriction::Everything, false),
        (Restriction::All(vec![null("blank"), null("name")]), true),
        (Restriction::Any(vec![null("blank"), null("name")]), false),
        (Restriction::Any(vec![null("name"), null("name")]), true),
    ] {
        assert_eq!(restriction.is_never::<Entry>(), expect, "{restriction:?}");
    }
}
