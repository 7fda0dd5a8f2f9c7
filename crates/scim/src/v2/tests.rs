//! The bytes of answers.

use serde_json::{Value, json};

use super::*;
use crate::{
    Resource, Timestamp,
    member::{GroupRef, Member, MemberKind},
    profile::{COMPAT, STRICT},
    schema::{GROUP, ResourceType, USER},
    validate,
};

const BASE: &str = "https://scim.example.com/scim/t/v2";

fn stored(value: &Value) -> Resource {
    Resource::from_stored(&value.to_string()).unwrap()
}

fn ada() -> Resource {
    stored(&json!({
        "userName": "ada@example.com",
        "externalId": "x1",
        "active": true,
        "name": {"givenName": "Ada", "familyName": "Example", "formatted": "Ada \"E\" Øx"},
        "emails": [{"value": "ada@example.com", "type": "work", "primary": true}, {"value": "b@x"}],
        urn::ENTERPRISE_USER: {"department": "R&D", "manager": {"value": "m"}},
    }))
}

fn view(kind: &'static ResourceType, resource: &Resource, run: impl FnOnce(View<'_>)) {
    let groups = [GroupRef {
        id: "g1".into(),
        display: "Admins".into(),
        direct: true,
    }];
    let members = [
        Member {
            id: "u1".into(),
            kind: MemberKind::User,
            display: "Ada".into(),
        },
        Member {
            id: "g2".into(),
            kind: MemberKind::Group,
            display: "Inner".into(),
        },
    ];
    let is_user = kind.name == USER.name;
    run(View {
        kind,
        id: "2819c223",
        resource,
        created: Timestamp::parse("2026-01-02T03:04:05.678Z").unwrap(),
        last_modified: Timestamp::parse("2026-02-03T04:05:06Z").unwrap(),
        version: 7,
        groups: if is_user { &groups } else { &[] },
        members: if is_user { &[] } else { &members },
    });
}

/// The document of `resource` under the two parameters.
fn document(
    kind: &'static ResourceType,
    stored: &Resource,
    attributes: Option<&str>,
    excluded: Option<&str>,
) -> Value {
    let projection = Projection::parse(kind, &COMPAT, attributes, excluded).unwrap();
    let mut out = Vec::new();
    view(kind, stored, |view| {
        resource(&mut out, BASE, &view, &projection);
    });
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn a_user_is_written_whole_and_in_order() {
    let mut out = b"before ".to_vec();
    view(&USER, &ada(), |view| {
        resource(&mut out, BASE, &view, &Projection::default());
    });
    let expect = r#"before {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"id":"2819c223","externalId":"x1","userName":"ada@example.com","name":{"familyName":"Example","formatted":"Ada \"E\" Øx","givenName":"Ada"},"active":true,"emails":[{"primary":true,"type":"work","value":"ada@example.com"},{"value":"b@x"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R&D","manager":{"value":"m"}},"groups":[{"value":"g1","$ref":"https://scim.example.com/scim/t/v2/Groups/g1","display":"Admins","type":"direct"}],"meta":{"resourceType":"User","created":"2026-01-02T03:04:05.678Z","lastModified":"2026-02-03T04:05:06.000Z","location":"https://scim.example.com/scim/t/v2/Users/2819c223","version":"W/\"7\""}}"#;
    assert_eq!(String::from_utf8(out).unwrap(), expect);
}

#[test]
fn a_group_shows_its_members_with_their_references() {
    let got = document(&GROUP, &stored(&json!({"displayName": "g"})), None, None);
    assert_eq!(
        got["members"],
        json!([
            {"value": "u1", "$ref": format!("{BASE}/Users/u1"), "display": "Ada", "type": "User"},
            {"value": "g2", "$ref": format!("{BASE}/Groups/g2"), "display": "Inner", "type": "Group"},
        ])
    );
    assert_eq!(got["schemas"], json!([urn::GROUP]));
    assert_eq!(got["meta"]["location"], format!("{BASE}/Groups/2819c223"));
}

#[test]
fn the_projection_decides_what_is_shown() {
    let names = |attributes: Option<&str>, excluded: Option<&str>| {
        let got = document(&USER, &ada(), attributes, excluded);
        let mut names: Vec<String> = got.as_object().unwrap().keys().cloned().collect();
        names.retain(|name| name != "schemas" && name != "id");
        names.join(" ")
    };
    let enterprise = urn::ENTERPRISE_USER;
    for (attributes, excluded, expect) in [
        (Some("userName"), None, "userName".to_owned()),
        (Some("id,foo"), None, String::new()),
        (Some("meta"), None, "meta".to_owned()),
        (Some("groups,userName"), None, "groups userName".to_owned()),
        (Some(enterprise), None, enterprise.to_owned()),
        (Some("password"), None, String::new()),
        (Some("title"), None, String::new()),
        (Some("emails.display"), None, String::new()),
        (Some("department"), None, enterprise.to_owned()),
        (Some("division"), None, String::new()),
        (
            None,
            Some("emails,groups,meta,name,id"),
            format!("active externalId {enterprise} userName"),
        ),
        (
            None,
            Some(enterprise),
            "active emails externalId groups meta name userName".to_owned(),
        ),
    ] {
        assert_eq!(
            names(attributes, excluded),
            expect,
            "{attributes:?} {excluded:?}"
        );
    }
}

#[test]
fn the_projection_reaches_sub_attributes() {
    let user = ada();
    let only = |attributes| document(&USER, &user, Some(attributes), None);
    let without = |excluded| document(&USER, &user, None, Some(excluded));
    let enterprise = urn::ENTERPRISE_USER;
    for (got, expect) in [
        (&only("name.givenName")["name"], json!({"givenName": "Ada"})),
        (
            &only("emails.value")["emails"],
            json!([{"value": "ada@example.com"}, {"value": "b@x"}]),
        ),
        (&only("emails.type")["emails"], json!([{"type": "work"}])),
        (
            &only("groups.display")["groups"],
            json!([{"display": "Admins"}]),
        ),
        (
            &only("meta.version,meta.created")["meta"],
            json!({"created": "2026-01-02T03:04:05.678Z", "version": "W/\"7\""}),
        ),
        (
            &only("department")[enterprise],
            json!({"department": "R&D"}),
        ),
        (
            &without("name.formatted")["name"],
            json!({"familyName": "Example", "givenName": "Ada"}),
        ),
        (
            &without("meta.location,meta.created,meta.lastModified")["meta"],
            json!({"resourceType": "User", "version": "W/\"7\""}),
        ),
        (
            &without("department")[enterprise],
            json!({"manager": {"value": "m"}}),
        ),
        (
            &without("groups.$ref,groups.type")["groups"],
            json!([{"value": "g1", "display": "Admins"}]),
        ),
    ] {
        assert_eq!(*got, expect);
    }
}

#[test]
fn a_list_counts_matches_and_items_apart() {
    let one = document(&USER, &ada(), None, None);
    for (count, place, key, expect) in [
        (0, Place::Index(5), "startIndex", json!(5)),
        (1, Place::Index(1), "startIndex", json!(1)),
        (3, Place::Cursor(Some("c-1")), "nextCursor", json!("c-1")),
        (1, Place::Cursor(None), "", json!(null)),
    ] {
        let mut out = Vec::new();
        let projection = Projection::default();
        view(&USER, &ada(), |view| {
            let items = std::iter::repeat_n((view, &projection), count);
            list(&mut out, BASE, 42, place, items);
        });
        let got: Value = serde_json::from_slice(&out).unwrap();
        let mut wanted = json!({
            "schemas": [urn::LIST_RESPONSE],
            "totalResults": 42,
            "itemsPerPage": count,
            "Resources": vec![one.clone(); count],
        });
        if !key.is_empty() {
            wanted[key] = expect;
        }
        assert_eq!(got, wanted);
    }
}

#[test]
fn etag_and_location() {
    assert_eq!(etag(u64::MAX), "W/\"18446744073709551615\"");
    assert_eq!(
        location(BASE, &GROUP, "a"),
        "https://scim.example.com/scim/t/v2/Groups/a"
    );
}

#[test]
fn what_is_read_can_be_sent_back() {
    for profile in [&COMPAT, &STRICT] {
        let body = document(&USER, &ada(), None, None);
        let input = validate::input(&USER, profile, body).unwrap();
        assert_eq!(input.resource, ada(), "{}", profile.name);
        assert!(input.ignored.is_empty(), "{}", profile.name);
    }
}
