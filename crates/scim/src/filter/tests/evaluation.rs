//! Which resources match (D-02, R-7644-3.4.2.2-10 and -15 to -33, traps T-01 to T-06).

use serde_json::{Value, json};

use crate::{
    Resource, Timestamp,
    filter::{Filter, Subject},
    member::{GroupRef, Member, MemberKind},
    profile::{COMPAT, STRICT},
    schema::{GROUP, USER},
    urn,
};

fn resource(value: &Value) -> Resource {
    Resource::from_stored(&value.to_string()).unwrap()
}

fn instant(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn subject(resource: &Resource) -> Subject<'_> {
    Subject {
        kind: &USER,
        id: "Id-1",
        resource,
        created: instant("2020-01-01T00:00:00Z"),
        last_modified: instant("2021-06-15T12:30:00.500Z"),
        version: 7,
        groups: &[],
        members: &[],
    }
}

fn check(subject: &Subject<'_>, cases: &[(&str, bool)]) {
    for (text, expect) in cases {
        let filter = Filter::parse(text, &STRICT).unwrap_or_else(|e| panic!("{text}: {e}"));
        let bound = filter.bind(subject.kind, &STRICT);
        let bound = bound.unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(bound.matches(subject), *expect, "{text}");
        let negated = Filter::Not(Box::new(filter))
            .bind(subject.kind, &COMPAT)
            .unwrap();
        assert_eq!(negated.matches(subject), !*expect, "not ({text})");
    }
}

fn ann() -> Resource {
    resource(&json!({
        "userName": "BJensen",
        "externalId": "Ext-1",
        "displayName": "Bärbel O'Malley 100%",
        "nickName": "10",
        "active": true,
        "profileUrl": "https://example.com/A",
        "name": {"givenName": "Bärbel", "familyName": "Jensen"},
        "emails": [
            {"value": "a@x.example", "type": "work", "primary": true},
            {"value": "B@Y.example", "type": "home"},
            {"value": "c@z.example"}
        ],
        "x509Certificates": [{"value": "MIIb"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "department": "Tools",
            "manager": {"value": "Mgr-1", "$ref": "../Users/Mgr-1"}
        }
    }))
}

#[test]
fn strings_compare_by_the_case_rule_of_the_attribute() {
    check(
        &subject(&ann()),
        &[
            ("userName eq \"bjensen\"", true),
            ("userName eq \"BJENSEN\"", true),
            ("userName eq \"bjensen2\"", false),
            ("userName ne \"bjensen\"", false),
            ("userName ne \"x\"", true),
            ("userName co \"JENS\"", true),
            ("userName co \"\"", true),
            ("userName sw \"bj\"", true),
            ("userName sw \"bjensen\"", true),
            ("userName sw \"j\"", false),
            ("userName ew \"SEN\"", true),
            ("userName ew \"bjensen\"", true),
            ("userName ew \"j\"", false),
            ("userName gt \"bj\"", true),
            ("userName gt \"BJENSEN\"", false),
            ("userName ge \"BJENSEN\"", true),
            ("userName lt \"c\"", true),
            ("userName le \"BJENSEN\"", true),
            ("userName lt \"BJENSEN\"", false),
            ("nickName lt \"9\"", true),
            ("nickName eq \"10\"", true),
            ("displayName eq \"B\u{c4}RBEL O'MALLEY 100%\"", true),
            ("displayName co \"ba\u{308}rbel\"", true),
            ("displayName ne \"b\u{e4}rbel o'malley 100%\"", false),
            ("displayName co \"%\"", true),
            ("displayName co \"_\"", false),
            ("displayName sw \"b%\"", false),
            ("displayName co \"\\\\\"", false),
            ("name.givenName eq \"b\u{e4}rbel\"", true),
            ("name.familyName co \"ens\"", true),
            ("id eq \"Id-1\"", true),
            ("id eq \"id-1\"", false),
            ("id ne \"id-1\"", true),
            ("id sw \"Id\"", true),
            ("id sw \"id\"", false),
            ("externalId eq \"Ext-1\"", true),
            ("externalId eq \"EXT-1\"", false),
            ("externalId co \"xt\"", true),
            ("profileUrl eq \"https://example.com/A\"", true),
            ("profileUrl eq \"https://example.com/a\"", false),
            ("profileUrl ew \"/A\"", true),
            ("x509Certificates.value eq \"MIIb\"", true),
            ("x509Certificates.value eq \"miib\"", false),
        ],
    );
}

#[test]
fn an_unassigned_singular_attribute_differs_from_everything_and_matches_nothing_else() {
    check(
        &subject(&ann()),
        &[
            ("title eq \"x\"", false),
            ("title ne \"x\"", true),
            ("title co \"\"", false),
            ("title sw \"\"", false),
            ("title gt \"\"", false),
            ("title le \"zzz\"", false),
            ("title pr", false),
            ("title eq null", true),
            ("title ne null", false),
            ("name.middleName ne \"x\"", true),
            ("name.middleName eq null", true),
            ("costCenter ne \"x\"", true),
            ("costCenter eq \"x\"", false),
            ("manager.displayName ne \"x\"", true),
            ("userName ne null", true),
            ("userName eq null", false),
        ],
    );
}

#[test]
fn a_list_matches_if_any_value_does() {
    check(
        &subject(&ann()),
        &[
            ("emails eq \"a@x.example\"", true),
            ("emails eq \"b@y.example\"", true),
            ("emails.value eq \"C@Z.example\"", true),
            ("emails eq \"d@x.example\"", false),
            ("emails co \"@y\"", true),
            ("emails ne \"a@x.example\"", true),
            ("emails.type ne \"work\"", true),
            ("emails.type eq \"other\"", false),
            ("emails.display ne \"x\"", false),
            ("emails.display eq null", true),
            ("emails.type eq \"work\" and emails.value co \"@y\"", true),
            ("emails.primary eq true", true),
            ("emails.primary eq false", true),
            ("x509Certificates ne \"MIIb\"", false),
            ("phoneNumbers ne \"1\"", false),
            ("phoneNumbers eq \"1\"", false),
            ("phoneNumbers pr", false),
            ("phoneNumbers eq null", true),
            ("phoneNumbers.type ne \"work\"", false),
        ],
    );
}

#[test]
fn brackets_are_about_one_and_the_same_value() {
    check(
        &subject(&ann()),
        &[
            ("emails[type eq \"work\" and value co \"@y\"]", false),
            ("emails[type eq \"home\" and value co \"@y\"]", true),
            ("emails[type eq \"work\" and value co \"@x\"]", true),
            (
                "emails[type eq \"work\" or (type eq \"home\" and value ew \"x\")]",
                true,
            ),
            ("emails[not (type eq \"work\") and value sw \"b\"]", true),
            ("emails[not (type pr)]", true),
            ("emails[type ne \"work\" and value sw \"c\"]", true),
            ("emails[type eq null and value sw \"c\"]", true),
            ("emails[primary eq true and type eq \"home\"]", false),
            ("emails[primary eq false and type eq \"home\"]", true),
            ("emails[primary ne true]", true),
            ("emails[primary pr and type eq \"home\"]", false),
            ("emails[display pr]", false),
            (
                "emails[type eq \"work\"] and emails[type eq \"home\"]",
                true,
            ),
            ("phoneNumbers[type ne \"work\"]", false),
            ("phoneNumbers[not (type pr)]", false),
            ("name[givenName pr and familyName eq \"jensen\"]", true),
            ("name[givenName eq \"x\"]", false),
            (
                "meta[resourceType eq \"User\" and location eq \"/Users/Id-1\"]",
                true,
            ),
            ("manager[value eq \"Mgr-1\"]", true),
            ("manager[value eq \"Mgr-2\"]", false),
        ],
    );
}

#[test]
fn presence_needs_something_that_is_not_empty() {
    for (value, present) in [
        (json!(null), false),
        (json!(""), false),
        (json!([]), false),
        (json!({}), false),
        (json!([{}]), false),
        (json!([{"value": ""}]), false),
        (json!([{"value": null}, {"type": []}]), false),
        (json!("x"), true),
        (json!(false), true),
        (json!(0), true),
        (json!([{"primary": false}]), true),
        (json!([{}, {"value": "x"}]), true),
        (json!({"givenName": "x"}), true),
    ] {
        let resource = resource(&json!({"emails": value, "title": value, "name": value}));
        for name in ["emails", "title", "name"] {
            check(
                &subject(&resource),
                &[
                    (&format!("{name} pr"), present),
                    (&format!("{name} ne null"), present),
                    (&format!("{name} eq null"), !present),
                ],
            );
        }
    }
    check(
        &subject(&ann()),
        &[
            ("id pr", true),
            ("meta pr", true),
            ("meta.created pr", true),
            ("meta.location pr", true),
            ("schemas pr", true),
            ("emails pr", true),
            ("emails.type pr", true),
            ("emails.display pr", false),
            ("name pr", true),
            ("manager pr", true),
            ("groups pr", false),
        ],
    );
}

#[test]
fn booleans_and_the_default_of_active() {
    let off = resource(&json!({"userName": "a", "active": false}));
    let unset = resource(&json!({"userName": "a"}));
    for (resource, active) in [(ann(), true), (off, false), (unset, true)] {
        check(
            &subject(&resource),
            &[
                ("active eq true", active),
                ("active ne true", !active),
                ("active eq false", !active),
                ("active ne false", active),
            ],
        );
    }
}

#[test]
fn instants_compare_in_time_and_not_as_text() {
    check(
        &subject(&ann()),
        &[
            ("meta.created eq \"2020-01-01T00:00:00Z\"", true),
            ("meta.created eq \"2020-01-01T02:00:00+02:00\"", true),
            ("meta.created eq \"2020-01-01T00:00:00\"", true),
            ("meta.created eq \"2020-01-01T00:00:00.000000Z\"", true),
            ("meta.created ne \"2020-01-01T02:00:00+02:00\"", false),
            ("meta.created gt \"2019-12-31T23:59:59Z\"", true),
            ("meta.created lt \"2020-01-01T01:30:00+02:00\"", false),
            ("meta.created ge \"2020-01-01T00:00:00Z\"", true),
            ("meta.created le \"2019-12-31T23:59:59.999Z\"", false),
            ("meta.lastModified eq \"2021-06-15T12:30:00.5Z\"", true),
            ("meta.lastModified gt \"2021-06-15T12:30:00.49Z\"", true),
            ("meta.lastModified gt \"2021-06-15T12:30:00.5Z\"", false),
        ],
    );
}

#[test]
fn what_the_server_knows_is_filterable() {
    check(
        &subject(&ann()),
        &[
            ("meta.resourceType eq \"User\"", true),
            ("meta.resourceType eq \"user\"", false),
            ("meta.version eq \"W/\\\"7\\\"\"", true),
            ("meta.version eq \"W/\\\"8\\\"\"", false),
            (
                "meta.location eq \"https://any.example/scim/t/v2/Users/Id-1\"",
                true,
            ),
            ("meta.location eq \"Id-2\"", false),
            (
                "schemas eq \"urn:ietf:params:scim:schemas:core:2.0:User\"",
                true,
            ),
            (
                "schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"",
                true,
            ),
            ("schemas eq \"urn:x\"", false),
            ("schemas co \"enterprise\"", true),
        ],
    );
    let plain = resource(&json!({"userName": "a", urn::ENTERPRISE_USER: {}}));
    check(
        &subject(&plain),
        &[
            ("schemas co \"enterprise\"", false),
            (
                "schemas ne \"urn:ietf:params:scim:schemas:core:2.0:User\"",
                false,
            ),
        ],
    );
}

#[test]
fn extension_attributes_live_in_their_container() {
    let plain = resource(&json!({"userName": "a", "department": "Tools"}));
    for (resource, has) in [(ann(), true), (plain, false)] {
        check(
            &subject(&resource),
            &[
                ("department eq \"tools\"", has),
                ("department ne \"tools\"", !has),
                (
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department pr",
                    has,
                ),
                ("manager eq \"Mgr-1\"", has),
                ("manager eq \"mgr-1\"", false),
                ("manager.value eq \"Mgr-1\"", has),
                ("manager.$ref eq \"../Users/Mgr-1\"", has),
                ("id eq \"Id-1\" and manager eq \"Mgr-1\"", has),
            ],
        );
    }
}

#[test]
fn memberships_come_from_the_subject() {
    let resource = ann();
    let group = |id: &str, display: &str, direct| GroupRef {
        id: id.into(),
        display: display.into(),
        direct,
    };
    let groups = [group("G1", "Jira Users", true), group("G2", "", false)];
    let user = Subject {
        groups: &groups,
        ..subject(&resource)
    };
    check(
        &user,
        &[
            ("groups eq \"G1\"", true),
            ("groups eq \"g1\"", false),
            ("groups.value eq \"G2\"", true),
            ("groups.$ref eq \"https://x/Groups/G2\"", true),
            ("groups.$ref eq \"https://x/Groups/G3\"", false),
            ("groups.display co \"JIRA\"", true),
            ("groups[display pr and type eq \"indirect\"]", false),
            ("groups[value eq \"G1\" and type eq \"direct\"]", true),
            ("groups pr", true),
        ],
    );
    let resource = super::evaluation::resource(&json!({"displayName": "Jira"}));
    let member = |id: &str, kind, display: &str| Member {
        id: id.into(),
        kind,
        display: display.into(),
    };
    let members = [
        member("U1", MemberKind::User, "Ann"),
        member("G9", MemberKind::Group, "Sub"),
    ];
    let group = Subject {
        kind: &GROUP,
        members: &members,
        ..subject(&resource)
    };
    check(
        &group,
        &[
            ("members eq \"U1\"", true),
            ("members eq \"u1\"", false),
            ("members.type eq \"group\"", true),
            ("members[value eq \"U1\" and type eq \"Group\"]", false),
            ("members[$ref eq \"/scim/v2/Users/U1\"]", true),
            ("members.display eq \"ann\"", true),
            ("members ne \"U1\"", true),
            ("meta.resourceType eq \"Group\"", true),
            ("displayName eq \"JIRA\"", true),
            ("id eq \"Id-1\" and members eq \"U1\"", true),
            ("id eq \"Id-1\" and members eq \"U2\"", false),
        ],
    );
}

#[test]
fn logic_binds_not_then_and_then_or() {
    let (t, f) = ("userName pr", "title pr");
    for (text, expect) in [
        (format!("{t} or {f} and {f}"), true),
        (format!("({t} or {f}) and {f}"), false),
        (format!("{f} and {f} or {t}"), true),
        (format!("not ({t}) and {f}"), false),
        (format!("not ({f}) and {t}"), true),
        (format!("not ({t} and {f})"), true),
        (format!("not ({f}) or {f}"), true),
        (format!("not (not ({t}))"), true),
        (format!("{f} or {f} or {t}"), true),
        (format!("{t} and {t} and {f}"), false),
    ] {
        check(&subject(&ann()), &[(&text, expect)]);
    }
}
