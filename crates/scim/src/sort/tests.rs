//! Which attributes sort, and in which order (R-7644-3.4.2.3-01 to -07, D-03, D17).

use serde_json::{Value, json};

use super::*;
use crate::{
    Resource,
    member::GroupRef,
    schema::{GROUP, USER},
    urn,
};

fn bind(notation: &str) -> Result<Sort, ScimError> {
    Sort::bind(&USER, notation, None)
}

fn key_of(sort: &Sort, attributes: &Value) -> SortKey {
    let resource = Resource::from_stored(&attributes.to_string()).unwrap();
    let group = |display: &str| GroupRef {
        id: "g".to_owned(),
        display: display.to_owned(),
        direct: true,
    };
    sort.key(&Subject {
        kind: &USER,
        id: "Id-1",
        resource: &resource,
        created: Timestamp::from_micros(5),
        last_modified: Timestamp::from_micros(9),
        version: 7,
        groups: &[group("Zeta"), group("Alpha")],
        members: &[],
    })
}

fn text(text: &str) -> SortKey {
    SortKey::Text(text.to_owned())
}

#[test]
fn keys_follow_type_and_case() {
    let user = json!({
        "userName": "BJensen",
        "externalId": "Ext",
        "active": false,
        "name": {"familyName": "Ørsted"},
        "emails": [{"value": "First@x"}, {"value": "Main@x", "primary": true, "type": "work"}],
        "phoneNumbers": [{"value": "+2", "type": "b"}, {"value": "+1", "type": "a"}],
        urn::ENTERPRISE_USER: {"department": "Tools", "manager": {"value": "Mgr"}},
    });
    for (notation, expect) in [
        ("userName", text("bjensen")),
        ("USERNAME", text("bjensen")),
        ("externalId", text("Ext")),
        ("id", text("Id-1")),
        ("active", SortKey::Boolean(false)),
        ("meta.created", SortKey::Instant(Timestamp::from_micros(5))),
        (
            "meta.lastModified",
            SortKey::Instant(Timestamp::from_micros(9)),
        ),
        ("meta.resourceType", text("User")),
        ("name.familyName", text("ørsted")),
        ("name.givenName", SortKey::Missing),
        ("title", SortKey::Missing),
        ("emails", text("main@x")),
        ("emails.value", text("main@x")),
        ("emails.type", text("work")),
        ("phoneNumbers", text("+2")),
        ("phoneNumbers.type", text("b")),
        ("addresses.locality", SortKey::Missing),
        ("groups.display", text("zeta")),
        ("department", text("tools")),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            text("tools"),
        ),
        ("manager.value", text("mgr")),
        ("schemas", text(urn::USER)),
    ] {
        let sort = bind(notation).unwrap_or_else(|error| panic!("{notation}: {error}"));
        let got = key_of(&sort, &user);
        let leaf = sort.attribute().unwrap().leaf();
        let expect = match (&expect, leaf.case_exact) {
            (SortKey::Text(text), true) => SortKey::of_text(key_text(&user, notation, text), true),
            _ => expect,
        };
        assert_eq!(got, expect, "{notation}");
    }
    let active = bind("active").unwrap();
    assert_eq!(
        key_of(&active, &json!({"userName": "a"})),
        SortKey::Boolean(true)
    );
}

/// Values of attributes with case are given as they are.
fn key_text<'a>(user: &'a Value, notation: &str, text: &'a str) -> &'a str {
    match notation {
        "manager.value" => user[urn::ENTERPRISE_USER]["manager"]["value"]
            .as_str()
            .unwrap(),
        _ => text,
    }
}

#[test]
fn what_cannot_be_sorted_by_is_refused() {
    for notation in [
        "name",
        "meta",
        "addresses",
        "manager",
        "password",
        "nonsense",
        "name.nonsense",
        "userName.value",
        "members",
        "(select 1)",
        "`id`",
        "userName;--",
        urn::ENTERPRISE_USER,
        "\u{0}",
        "",
    ] {
        let error = bind(notation).unwrap_err();
        assert_eq!(
            error.scim_type(),
            Some(ScimType::InvalidValue),
            "{notation}"
        );
    }
    assert!(Sort::bind(&GROUP, "members", None).is_ok());
    assert!(Sort::bind(&GROUP, "userName", None).is_err());
}

#[test]
fn the_order_is_one_of_two_words() {
    for (word, expect) in [
        (None, Some(false)),
        (Some("ascending"), Some(false)),
        (Some("descending"), Some(true)),
        (Some("DESCENDING"), Some(true)),
        (Some("asc"), None),
        (Some("down"), None),
        (Some(" ascending"), None),
    ] {
        let got = Sort::bind(&USER, "userName", word).map(|sort| sort.descending);
        assert_eq!(got.clone().ok(), expect, "{word:?}");
        if let Err(error) = got {
            assert_eq!(error.scim_type(), Some(ScimType::InvalidValue));
        }
    }
}

#[test]
fn keys_are_in_the_order_of_their_values() {
    let numbers = [f64::MIN, -10.0, -9.5, -0.0, 1e-300, 9.0, 10.0, f64::MAX];
    assert!(numbers.map(SortKey::of_number).is_sorted_by(|a, b| a < b));
    assert_eq!(SortKey::of_number(0.0), SortKey::of_number(-0.0));
    let texts = ["10", "9", "a", "B", "c", "Z", "Ä"];
    let keys = texts.map(|text| SortKey::of_text(text, false));
    assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
    let exact = ["10", "9", "B", "Z", "a", "c", "Ä"];
    assert!(
        exact
            .map(|text| SortKey::of_text(text, true))
            .is_sorted_by(|a, b| a < b)
    );
    assert!(SortKey::Boolean(false) < SortKey::Boolean(true));
    for key in [
        text("\u{10ffff}"),
        SortKey::of_number(f64::MAX),
        SortKey::Boolean(true),
    ] {
        assert!(key < SortKey::Missing);
    }
    assert_eq!(SortKey::of_text("", false), SortKey::Missing);
}
