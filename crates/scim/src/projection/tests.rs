//! What `attributes` and `excludedAttributes` keep.

use super::*;
use crate::{
    list::ListRequest,
    profile::{COMPAT, STRICT},
    schema::{GROUP, USER},
    urn,
};

/// Every attribute of the type with what the projection keeps: `name`, or `name(sub sub)`.
fn kept(kind: &'static ResourceType, projection: &Projection) -> Vec<String> {
    let extensions = kind
        .extensions
        .iter()
        .flat_map(|s| s.attributes.iter().map(|a| (Holder::Extension(s), a)));
    COMMON
        .iter()
        .chain(kind.schema.attributes)
        .map(|def| (Holder::Core, def))
        .chain(extensions)
        .filter_map(|(holder, def)| match projection.includes(holder, def) {
            Inclusion::None => None,
            Inclusion::Whole => Some(def.name.to_owned()),
            Inclusion::Part => {
                let subs = def.sub_attributes.iter();
                let subs = subs.filter(|sub| projection.includes_sub(holder, def, sub));
                let subs: Vec<_> = subs.map(|sub| sub.name).collect();
                Some(format!("{}({})", def.name, subs.join(" ")))
            }
        })
        .collect()
}

fn parse(kind: &'static ResourceType, attributes: &str, excluded: &str) -> Projection {
    Projection::parse(kind, &COMPAT, Some(attributes), Some(excluded)).unwrap()
}

#[test]
fn attributes_keep_the_named_and_the_always_returned() {
    for (kind, list, expect) in [
        (&USER, "userName", "schemas id userName"),
        (&USER, "USERNAME", "schemas id userName"),
        (&USER, "id", "schemas id"),
        (&USER, "foo", "schemas id"),
        (&USER, "foo,userName", "schemas id userName"),
        (
            &USER,
            "userName, active ,title",
            "schemas id userName title active",
        ),
        (&USER, "userName,,active,", "schemas id userName active"),
        (&USER, "password", "schemas id"),
        (&USER, "password,*,\0", "schemas id"),
        (&USER, "emails.value", "schemas id emails(value)"),
        (
            &USER,
            "emails.value,emails.type",
            "schemas id emails(value type)",
        ),
        (&USER, "emails.value,emails", "schemas id emails"),
        (&USER, "emails", "schemas id emails"),
        (&USER, "name.givenName", "schemas id name(givenName)"),
        (&USER, "name.nope", "schemas id"),
        (&USER, "meta", "schemas id meta"),
        (&USER, "meta.lastModified", "schemas id meta(lastModified)"),
        (&USER, "groups", "schemas id groups"),
        (
            &USER,
            "urn:ietf:params:scim:schemas:core:2.0:User:userName",
            "schemas id userName",
        ),
        (
            &USER,
            "URN:ietf:params:scim:schemas:core:2.0:user:NAME.givenname",
            "schemas id name(givenName)",
        ),
        (
            &USER,
            urn::ENTERPRISE_USER,
            "schemas id employeeNumber costCenter organization division department manager",
        ),
        (
            &USER,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            "schemas id department",
        ),
        (&USER, "department", "schemas id department"),
        (&USER, "manager.value", "schemas id manager(value)"),
        (&GROUP, "members.value", "schemas id members(value)"),
        (&GROUP, "displayName", "schemas id displayName"),
        (&GROUP, urn::OKTA_GROUP, "schemas id description"),
    ] {
        let projection = parse(kind, list, "");
        assert_eq!(kept(kind, &projection).join(" "), expect, "{list}");
        assert!(projection.is_given(), "{list}");
    }
}

#[test]
fn excluded_attributes_are_left_out_but_never_the_always_returned() {
    let whole = "schemas id externalId meta displayName members description";
    for (list, expect) in [
        ("foo", whole),
        ("id", whole),
        ("schemas,ID", whole),
        (
            "members",
            "schemas id externalId meta displayName description",
        ),
        (
            "id,members,meta",
            "schemas id externalId displayName description",
        ),
        (
            "members.display",
            "schemas id externalId meta displayName members(value $ref type) description",
        ),
        (
            "members.display,members.value,members.$ref,members.type",
            "schemas id externalId meta displayName description",
        ),
        (
            "meta.location",
            "schemas id externalId meta(resourceType created lastModified version) displayName \
             members description",
        ),
        (
            "urn:okta:custom:group:1.0",
            "schemas id externalId meta displayName members",
        ),
        (
            "urn:okta:custom:group:1.0:Description",
            "schemas id externalId meta displayName members",
        ),
    ] {
        let projection = parse(&GROUP, "", list);
        assert_eq!(kept(&GROUP, &projection).join(" "), expect, "{list}");
    }
}

#[test]
fn without_parameters_everything_but_the_never_returned_is_kept() {
    for projection in [Projection::default(), parse(&USER, " ", "")] {
        let kept = kept(&USER, &projection);
        assert!(!projection.is_given());
        assert!(kept.contains(&"meta".to_owned()) && kept.contains(&"manager".to_owned()));
        assert!(!kept.contains(&"password".to_owned()));
    }
}

#[test]
fn members_are_loaded_only_when_wanted() {
    for (attributes, excluded, wanted) in [
        ("", "", true),
        ("", "members", false),
        ("", "MEMBERS,displayName", false),
        ("", "members.display", true),
        ("displayName", "", false),
        ("members", "", true),
        ("members.value", "", true),
        (
            "urn:ietf:params:scim:schemas:core:2.0:Group:members",
            "",
            true,
        ),
    ] {
        let projection = parse(&GROUP, attributes, excluded);
        assert_eq!(
            projection.wants("members"),
            wanted,
            "{attributes} {excluded}"
        );
        assert!(projection.wants("id"));
    }
}

#[test]
fn both_parameters_follow_the_profile() {
    let both = |profile| Projection::parse(&USER, profile, Some("userName"), Some("userName"));
    assert!(both(&COMPAT).unwrap().wants("userName"));
    assert_eq!(
        both(&STRICT).unwrap_err().scim_type(),
        Some(ScimType::InvalidValue)
    );
    assert!(Projection::parse(&USER, &STRICT, Some("userName"), Some("")).is_ok());
}

#[test]
fn the_number_of_names_is_limited() {
    let list = |count: usize| vec!["userName"; count].join(",");
    let parse = |list: &str| Projection::parse(&USER, &COMPAT, None, Some(list));
    assert!(parse(&list(MAX_NAMES)).is_ok());
    for list in [
        list(MAX_NAMES + 1),
        list(10_000),
        ",".repeat(1_000_000) + "id",
    ] {
        let error = parse(&list).unwrap_err();
        assert_eq!(error.scim_type(), Some(ScimType::InvalidValue));
        assert!(error.detail().starts_with("excludedAttributes"));
    }
}

#[test]
fn a_repeated_parameter_is_one_list() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let pairs = [
        pair("attributes", "userName"),
        pair("count", "1"),
        pair("attributes", "active"),
    ];
    let projection = ListRequest::parse(&pairs, &USER, &COMPAT)
        .unwrap()
        .projection;
    assert_eq!(
        kept(&USER, &projection).join(" "),
        "schemas id userName active"
    );
}
