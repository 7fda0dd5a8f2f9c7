//! A custom schema with an attribute of every type, random values of it, and random terms about them.

use proptest::{collection::vec, option, prelude::*, sample::select};
use provost_scim::member::MemberKind;
use serde_json::{Value, json};

use super::word;
use crate::{
    store::Stored,
    testing::{Bench, block_on},
};

pub(super) const URN: &str = "urn:example:world:1.0";

/// Adds the schema to the users of tenant `one`.
pub(super) fn extend(bench: &mut Bench) {
    let document = json!({"id": URN, "attributes": [
        {"name": "badge", "uniqueness": "server"},
        {"name": "code", "uniqueness": "server", "caseExact": true},
        {"name": "room", "returned": "request"},
        {"name": "level", "type": "integer"},
        {"name": "rate", "type": "decimal"},
        {"name": "hired", "type": "dateTime"},
        {"name": "remote", "type": "boolean"},
        {"name": "tags", "multiValued": true},
        {"name": "desk", "type": "complex", "subAttributes": [
            {"name": "value"}, {"name": "tags", "multiValued": true}]},
    ]});
    let document = document.to_string();
    let added = bench
        .directory
        .add_schema("one", MemberKind::User, document.as_bytes());
    block_on(added).unwrap();
    bench.one = block_on(bench.directory.administrator("one")).unwrap();
}

/// What a user of that number has under the schema.
pub(super) fn values(number: usize) -> impl Strategy<Value = Value> {
    let unique = (any::<bool>(), any::<bool>());
    let simple = (
        option::of(word()),
        option::of(0_i64..4),
        option::of(select(&[0.5, 1.0, 1.5][..])),
        option::of(0_i64..40),
        option::of(any::<bool>()),
    );
    let lists = (vec(word(), 0..3), option::of(word()), vec(word(), 0..3));
    (word(), unique, simple, lists).prop_map(move |(name, unique, simple, lists)| {
        let (room, level, rate, hired, remote) = simple;
        let (tags, desk, desk_tags) = lists;
        let named = |given: bool| given.then(|| format!("{name}{number}"));
        json!({
            "badge": named(unique.0),
            "code": named(unique.1),
            "room": room,
            "level": level,
            "rate": rate,
            "hired": hired.map(|second| format!("2026-01-01T00:00:{second:02}Z")),
            "remote": remote,
            "tags": tags,
            "desk": {"value": desk, "tags": desk_tags},
        })
    })
}

/// The badge of a user.
pub(super) fn badge(user: &Stored) -> Option<String> {
    let badge = user.resource.extension_text(URN, "badge");
    badge.map(str::to_owned)
}

const TEXTS: &[&str] = &[
    "badge",
    "badge",
    "code",
    "room",
    "tags",
    "desk",
    "desk.value",
    "desk.tags",
    "urn:example:world:1.0:badge",
    "urn:example:world:1.0:desk.tags",
];
const OTHERS: &[&str] = &["level", "rate", "hired", "remote"];

/// One term about an attribute of the schema.
pub(super) fn term(literal: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let op = select(&["eq", "eq", "ne", "co", "sw", "ew", "gt", "le"][..]);
    let ordered = || select(&["eq", "ne", "gt", "ge", "lt", "le"][..]);
    let number = select(&["-1", "0", "1", "1.5", "2", "3", "0.5", "1e0"][..]);
    let inside = select(&["value", "tags"][..]);
    prop_oneof![
        4 => (select(TEXTS), op, literal).prop_map(|(name, op, literal)| {
            let op = if literal == "null" && op != "ne" { "eq" } else { op };
            format!("{name} {op} {literal}")
        }),
        2 => (select(&["level", "rate"][..]), ordered(), number)
            .prop_map(|(name, op, number)| format!("{name} {op} {number}")),
        1 => (ordered(), 0_i64..40)
            .prop_map(|(op, second)| format!("hired {op} \"2026-01-01T00:00:{second:02}Z\"")),
        1 => any::<bool>().prop_map(|value| format!("remote eq {value}")),
        1 => (inside, ordered(), word())
            .prop_map(|(name, op, word)| format!("desk[{name} {op} {}]", Value::from(word))),
        1 => select([TEXTS, OTHERS].concat()).prop_map(|name| format!("{name} pr")),
    ]
}
