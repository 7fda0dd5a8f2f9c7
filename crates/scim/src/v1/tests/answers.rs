//! The bytes of answers.

use serde_json::json;

use super::*;
use crate::{
    ScimType, Timestamp,
    member::{GroupRef, Member, MemberKind},
    v2::View,
    validate,
};

const BASE: &str = "https://scim.example.com/scim/t/v1";

fn ada() -> Resource {
    stored(
        r#"{"userName":"ada","active":true,"locale":"en_US","emails":[{"value":"a@x","primary":true}],"e:":{"department":"R","manager":{"value":"0195b1a0-0000-7000-8000-000000000001"}}}"#,
    )
}

fn shown(kind: &'static ResourceType, resource: &Resource, attributes: Option<&str>) -> Value {
    let groups = [GroupRef {
        id: "g1".into(),
        display: "Admins".into(),
        direct: true,
    }];
    let members = [Member {
        id: "u1".into(),
        kind: MemberKind::User,
        display: "Ada".into(),
    }];
    let is_user = kind.name == USER.name;
    let view = View {
        kind,
        id: "2819",
        resource,
        created: Timestamp::parse("2026-01-02T03:04:05.678Z").unwrap(),
        last_modified: Timestamp::parse("2026-02-03T04:05:06Z").unwrap(),
        version: 7,
        groups: if is_user { &groups } else { &[] },
        members: if is_user { &[] } else { &members },
    };
    let attributes = attributes.map(|list| {
        let pairs = vec![("attributes".to_owned(), list.to_owned())];
        super::query(pairs, &COMPAT).unwrap().remove(0).1
    });
    let projection = Projection::parse(kind, &COMPAT, attributes.as_deref(), None).unwrap();
    let mut out = Vec::new();
    super::resource(&mut out, BASE, &view, &projection);
    serde_json::from_slice(&out).unwrap()
}

fn meta(endpoint: &str) -> Value {
    json!({
        "created": "2026-01-02T03:04:05.678Z",
        "lastModified": "2026-02-03T04:05:06.000Z",
        "location": format!("{BASE}/{endpoint}/2819"),
        "version": "W/\"7\"",
    })
}

#[test]
fn a_user_has_the_names_of_1_1() {
    assert_eq!(
        shown(&USER, &ada(), None),
        json!({
            "schemas": [urn::CORE, urn::ENTERPRISE_USER],
            "id": "2819",
            "userName": "ada",
            "active": true,
            "locale": "en_US",
            "emails": [{"value": "a@x", "primary": true}],
            urn::ENTERPRISE_USER: {
                "department": "R",
                "manager": {"managerId": "0195b1a0-0000-7000-8000-000000000001"},
            },
            "groups": [{"value": "g1", "display": "Admins", "type": "direct"}],
            "meta": meta("Users"),
        })
    );
}

#[test]
fn a_group_has_members_with_value_and_display() {
    let group = stored(r#"{"displayName":"g","O:":{"description":"d"}}"#);
    assert_eq!(
        shown(&GROUP, &group, None),
        json!({
            "schemas": [urn::CORE, crate::urn::OKTA_GROUP],
            "id": "2819",
            "displayName": "g",
            crate::urn::OKTA_GROUP: {"description": "d"},
            "members": [{"value": "u1", "display": "Ada", "type": "User"}],
            "meta": meta("Groups"),
        })
    );
}

#[test]
fn id_and_meta_are_part_of_every_answer() {
    let user = ada();
    let enterprise = urn::ENTERPRISE_USER;
    for (attributes, key, expect) in [
        ("userName", "userName", json!("ada")),
        (
            "urn:scim:schemas:core:1.0:emails.value",
            "emails",
            json!([{"value": "a@x"}]),
        ),
        ("groups.$ref", "", json!(null)),
        ("groups.display", "groups", json!([{"display": "Admins"}])),
        (
            "urn:scim:schemas:extension:enterprise:1.0:manager.managerId",
            enterprise,
            json!({"manager": {"managerId": "0195b1a0-0000-7000-8000-000000000001"}}),
        ),
        ("department", enterprise, json!({"department": "R"})),
    ] {
        let got = shown(&USER, &user, Some(attributes));
        let mut wanted = json!({
            "schemas": [urn::CORE, urn::ENTERPRISE_USER],
            "id": "2819",
            "meta": meta("Users"),
        });
        if !key.is_empty() {
            wanted[key] = expect;
        }
        assert_eq!(got, wanted, "{attributes}");
    }
}

#[test]
fn what_is_read_can_be_sent_back() {
    for profile in [&COMPAT, &STRICT] {
        let sent = body(&USER, shown(&USER, &ada(), None));
        let input = validate::input(&USER, profile, sent).unwrap();
        assert_eq!(input.resource, ada(), "{}", profile.name);
    }
}

#[test]
fn a_list_carries_the_core_urn() {
    let user = ada();
    let view = View {
        kind: &USER,
        id: "2819",
        resource: &user,
        created: Timestamp::from_micros(0),
        last_modified: Timestamp::from_micros(1),
        version: 1,
        groups: &[],
        members: &[],
    };
    let projection = Projection::default();
    let mut out = Vec::new();
    super::list(&mut out, BASE, 42, 11, std::iter::once((view, &projection)));
    let got: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(got["schemas"], json!([urn::CORE]));
    assert_eq!(
        (
            &got["totalResults"],
            &got["startIndex"],
            &got["itemsPerPage"]
        ),
        (&json!(42), &json!(11), &json!(1))
    );
    assert_eq!(got["Resources"][0]["userName"], "ada");
}

#[test]
fn errors_are_a_list_with_text_codes() {
    let taken = ScimError::new(ScimType::Uniqueness, "This userName is taken");
    assert_eq!(
        error(&taken),
        json!({
            "Errors": [{"code": "409", "description": "This userName is taken"}],
            "detail": "This userName is taken",
        })
    );
}
