//! How an answer is compared with what the traffic file expects.

use serde_json::Value;

use super::xml::Element;
use crate::support::http::Answer;

/// Compares the body of an answer; `mode` and `expected` are from the traffic file.
pub(super) fn body(mode: &str, expected: &Value, answer: &Answer) -> Result<(), String> {
    match mode {
        "status-only" => Ok(()),
        "text-contains" => {
            let wanted = expected.as_str().unwrap_or_default();
            ensure(answer.text().contains(wanted), || format!("no {wanted:?}"))
        }
        "json-subset" => {
            let actual = serde_json::from_slice(&answer.body).map_err(|e| e.to_string())?;
            ensure(json_holds(expected, &actual), || {
                format!("{expected} is not in it")
            })
        }
        "xml-subset" | "xml-exact-children" => {
            let wanted = Element::parse(expected.as_str().unwrap_or_default())?;
            let actual = Element::parse(answer.text())?;
            let same_count = wanted.children.len() == actual.children.len();
            ensure(mode == "xml-subset" || same_count, || {
                format!("{} entries", actual.children.len())
            })?;
            ensure(xml_holds(&wanted, &actual), || {
                "the expected document is not in it".to_owned()
            })?;
            event_order(&actual)
        }
        other => Err(format!("unknown mode {other}")),
    }
}

fn ensure(holds: bool, message: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(message()) }
}

fn json_holds(wanted: &Value, actual: &Value) -> bool {
    match (wanted, actual) {
        (Value::Object(wanted), Value::Object(actual)) => wanted
            .iter()
            .all(|(key, value)| actual.get(key).is_some_and(|a| json_holds(value, a))),
        (Value::Array(wanted), Value::Array(actual)) => wanted
            .iter()
            .all(|value| actual.iter().any(|a| json_holds(value, a))),
        _ => wanted == actual,
    }
}

/// Everything in `wanted` is in `actual`, in any order; each child needs a partner of its own.
fn xml_holds(wanted: &Element, actual: &Element) -> bool {
    let attribute = |(name, value): &(String, String)| actual.attribute(name) == Some(value);
    let mut free: Vec<&Element> = actual.children.iter().collect();
    wanted.name == actual.name
        && wanted.text.trim() == actual.text.trim()
        && wanted.attributes.iter().all(attribute)
        && wanted.children.iter().all(|child| {
            let partner = free
                .iter()
                .position(|candidate| xml_holds(child, candidate));
            partner.map(|at| free.remove(at)).is_some()
        })
}

/// Events come in the order of Crowd: an application drops a membership of what it has not yet
/// been told of.
fn event_order(document: &Element) -> Result<(), String> {
    if document.name != "events" {
        return Ok(());
    }
    let ranks: Vec<_> = document.children.iter().map(event_rank).collect();
    ensure(ranks.is_sorted(), || {
        format!("events out of order: {ranks:?}")
    })
}

fn event_rank(event: &Element) -> u8 {
    let removal = event
        .child("operation")
        .is_some_and(|o| o.text == "DELETED");
    match (event.name.as_str(), removal) {
        ("userMembershipEvent" | "groupMembershipEvent", true) => 0,
        ("userEvent", true) => 1,
        ("groupEvent", true) => 2,
        ("groupEvent", false) => 3,
        ("userEvent", false) => 4,
        _ => 5,
    }
}

#[test]
fn comparison_notices_what_is_missing() {
    let answer = |text: &str| Answer {
        status: 200,
        headers: vec![],
        body: text.as_bytes().to_vec(),
    };
    for (mode, expected, actual, equal) in [
        ("xml-subset", "<a/>", "<a x='1'><b/></a>", true),
        ("xml-subset", "<a><b/><b/></a>", "<a><b/></a>", false),
        ("xml-subset", "<a><b>1</b></a>", "<a><b>2</b></a>", false),
        ("xml-subset", "<a x='1'/>", "<a/>", false),
        ("xml-subset", "<a><c/><b/></a>", "<a><b/><c/></a>", true),
        ("xml-subset", "<a/>", "<a>", false),
        (
            "xml-exact-children",
            "<a><b/></a>",
            "<a><b/><b/></a>",
            false,
        ),
        ("text-contains", "ab", "cab", true),
        ("text-contains", "ab", "ba", false),
        (
            "xml-subset",
            "<events/>",
            "<events><userEvent><operation>CREATED</operation></userEvent>\
             <groupEvent><operation>CREATED</operation></groupEvent></events>",
            false,
        ),
    ] {
        let got = body(mode, &Value::from(expected), &answer(actual));
        assert_eq!(got.is_ok(), equal, "{mode} {expected} {actual}: {got:?}");
    }
    for (expected, actual, equal) in [
        (
            r#"{"a":[{"b":1}]}"#,
            r#"{"a":[{"b":2},{"b":1,"c":3}],"d":4}"#,
            true,
        ),
        (r#"{"a":[{"b":1}]}"#, r#"{"a":[]}"#, false),
    ] {
        let expected: Value = serde_json::from_str(expected).unwrap();
        let got = body("json-subset", &expected, &answer(actual));
        assert_eq!(got.is_ok(), equal, "{expected} {actual}");
    }
}
