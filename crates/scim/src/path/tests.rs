//! What is a path, and what it names (RFC 7644 figure 7, D-28, abuse case D13).

use crate::{
    Profile, ScimType,
    path::{BoundPath, MAX_LENGTH, Path},
    profile::{ALL, COMPAT, STRICT},
    schema::{GROUP, ResourceType, USER},
    urn,
};

#[test]
fn valid_paths_print_as_they_were_written() {
    let long = "a".repeat(500);
    for text in [
        "userName",
        "name.givenName",
        "members.$ref",
        "emails[type eq \"work\"]",
        "emails[type eq \"work\"].value",
        "emails[type eq \"work\" and primary eq true].value",
        "emails[type eq \"x].y[\"].value",
        "members[value eq \"2819c223\"]",
        "addresses[type eq \"work\" or type eq \"home\"].streetAddress",
        "addresses[not (type pr)]",
        "members[value eq \"x\\\" or value pr\"]",
        "foo",
        "foo[bar pr].baz",
        "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName",
        "urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq \"work\"].value",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager.value",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "urn:okta:custom:group:1.0",
        "urn:okta:custom:group:1.0:description",
        "urn:okta:onprem_app:1.0:user:custom:department",
        "urn:okta:onprem_app:1.0",
        "http://schemas.example.com/2.0/Group:name",
        long.as_str(),
    ] {
        for profile in ALL {
            let path = Path::parse(text, profile).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(path.to_string(), text);
            assert_eq!(Path::parse(&path.to_string(), profile), Ok(path));
        }
    }
}

#[test]
fn the_parts_of_a_path_are_kept_apart() {
    let path = Path::parse("emails[type EQ \"work\"].value", &STRICT).unwrap();
    assert_eq!(path.attribute, "emails");
    assert_eq!(path.sub.as_deref(), Some("value"));
    assert_eq!(path.to_string(), "emails[type eq \"work\"].value");
}

#[test]
fn malformed_paths_are_refused() {
    let long = format!("a[b eq \"{}\"]", "x".repeat(MAX_LENGTH));
    let urn = format!("urn:{}:a", "x".repeat(4096));
    for text in [
        "",
        " ",
        "a.b.c",
        "a.b.c.d",
        "a.",
        ".a",
        "a..b",
        "a b",
        " a",
        "a ",
        "a,b",
        "9a",
        "/emails/0",
        "/userName",
        "$.emails",
        "emails/0",
        "emails]",
        "emails()",
        "[type eq \"work\"]",
        "emails.[type eq \"work\"]",
        "emails [type eq \"work\"]",
        "a.b.c[d pr]",
        "emails[type eq \"work\"] ",
        "emails[type eq \"work\"]value",
        "emails[type eq \"work\"].",
        "emails[type eq \"work\"].a.b",
        "emails[type eq \"work\"].value[0]",
        "emails[type eq \"work\"][0]",
        "emails[type eq \"work\"]]",
        "emails[type eq \"work\"].value eq \"x\"",
        "emails[type eq \"work\"] and a pr",
        "userName eq \"x\"",
        "urn:ietf:params:scim:schemas:core:2.0:User:",
        "urn:ietf:params:scim:schemas:core:2.0:User:a.b.c",
        "urn:ietf:params:scim:schemas:core:2.0:User:name givenName",
        "userN\u{e4}me",
        "userna\u{212a}e",
        "user\0Name",
        "\u{feff}userName",
        &long,
        &urn,
        &"(".repeat(1_000_000),
    ] {
        for profile in ALL {
            let error = Path::parse(text, profile)
                .err()
                .unwrap_or_else(|| panic!("{text:.60}"));
            assert_eq!(error.scim_type(), Some(ScimType::InvalidPath), "{text:.60}");
            assert!(error.detail().chars().count() < 250);
            assert!(!error.detail().contains(char::is_control));
        }
    }
}

#[test]
fn a_malformed_filter_inside_a_path_is_an_invalid_filter() {
    let deep = format!("emails[{}type pr{}]", "(".repeat(32), ")".repeat(32));
    for text in [
        "emails[",
        "emails[]",
        "emails[]]",
        "emails[0]",
        "emails[0].value",
        "emails[type]",
        "emails[type eq]",
        "emails[type eq \"work\"",
        "emails[type eq \"work].value",
        "emails[type eq 'work']",
        "emails[type eq \"work\" and]",
        "emails[type[value pr]]",
        "emails[type regex \"x\"]",
        "emails[value eq\"x\"]",
        "emails[[type pr]]",
        "emails[*]",
        &deep,
        &"a[".repeat(4096),
    ] {
        for profile in ALL {
            let error = Path::parse(text, profile)
                .err()
                .unwrap_or_else(|| panic!("{text:.60}"));
            assert_eq!(
                error.scim_type(),
                Some(ScimType::InvalidFilter),
                "{text:.60}"
            );
        }
    }
    let error = Path::parse("emails[type regex \"x\"]", &STRICT).unwrap_err();
    assert!(
        error.detail().contains("character 13 of the path"),
        "{}",
        error.detail()
    );
}

fn bound(kind: &'static ResourceType, profile: &Profile, text: &str) -> Option<String> {
    let path = Path::parse(text, profile).unwrap_or_else(|e| panic!("{text}: {e}"));
    let bound = path
        .bind(kind, profile)
        .unwrap_or_else(|e| panic!("{text}: {e}"));
    bound.map(|bound| match bound {
        BoundPath::Extension(schema) => format!("whole {}", schema.id),
        BoundPath::Attribute { at, filter } => {
            let mark = filter.map_or("", |_| " filtered");
            format!("{}{mark}", at.notation()).replace(urn::ENTERPRISE_USER, "E")
        }
    })
}

type Resolved = (&'static ResourceType, &'static str, Option<&'static str>);

const RESOLVED: &[Resolved] = &[
    (&USER, "userName", Some("userName")),
    (&USER, "USERNAME", Some("userName")),
    (&USER, "password", Some("password")),
    (&USER, "id", Some("id")),
    (&USER, "meta.created", Some("meta.created")),
    (&USER, "name", Some("name")),
    (&USER, "name.givenName", Some("name.givenName")),
    (&USER, "name.nope", None),
    (&USER, "nope", None),
    (&USER, "companyName", None),
    (&USER, "nope[value pr].x", None),
    (&USER, "emails", Some("emails")),
    (&USER, "emails.value", Some("emails.value")),
    (&USER, "emails[type eq \"work\"]", Some("emails filtered")),
    (
        &USER,
        "Emails[Type eq \"work\"].Value",
        Some("emails.value filtered"),
    ),
    (&USER, "emails[type eq \"work\"].nope", None),
    (
        &USER,
        "name[givenName pr].familyName",
        Some("name.familyName filtered"),
    ),
    (
        &USER,
        "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName",
        Some("name.givenName"),
    ),
    (
        &USER,
        "urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq \"work\"].value",
        Some("emails.value filtered"),
    ),
    (&USER, "urn:ietf:params:scim:schemas:core:2.0:User", None),
    (&USER, "manager", Some("E:manager")),
    (
        &USER,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
        Some("E:manager"),
    ),
    (
        &USER,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager",
        Some("E:manager"),
    ),
    (
        &USER,
        "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user.manager.value",
        Some("E:manager.value"),
    ),
    (
        &USER,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        Some("whole urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"),
    ),
    (&USER, "urn:okta:onprem_app:1.0", None),
    (&USER, "urn:okta:onprem_app:1.0:user:custom:x", None),
    (&GROUP, "members", Some("members")),
    (&GROUP, "members[value eq \"x\"]", Some("members filtered")),
    (
        &GROUP,
        "members[value eq \"x\"].display",
        Some("members.display filtered"),
    ),
    (
        &GROUP,
        "urn:okta:custom:group:1.0",
        Some("whole urn:okta:custom:group:1.0"),
    ),
    (
        &GROUP,
        "urn:okta:custom:group:1.0:Description",
        Some("urn:okta:custom:group:1.0:description"),
    ),
    (&GROUP, "userName", None),
];

#[test]
fn paths_resolve_against_the_schema() {
    for (kind, text, expect) in RESOLVED {
        assert_eq!(bound(kind, &STRICT, text).as_deref(), *expect, "{text}");
    }
    assert_eq!(
        bound(&USER, &COMPAT, "roles[primary eq \"True\"].value").as_deref(),
        Some("roles.value filtered")
    );
    assert_eq!(
        bound(&GROUP, &COMPAT, "members[value eq abc]").as_deref(),
        Some("members filtered")
    );
}

#[test]
fn filters_that_do_not_fit_the_schema_are_refused() {
    use ScimType::{InvalidFilter, InvalidPath};
    for (text, scim_type) in [
        ("emails[nope eq \"x\"].value", InvalidFilter),
        ("emails[userName eq \"x\"]", InvalidFilter),
        ("emails[primary gt true]", InvalidFilter),
        ("emails[primary eq \"True\"]", InvalidFilter),
        ("emails[type eq 5]", InvalidFilter),
        ("emails.type[value pr]", InvalidPath),
        ("userName[value pr]", InvalidPath),
        ("active[value pr]", InvalidPath),
        ("password[value pr]", InvalidPath),
        ("schemas[value pr]", InvalidPath),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User[department pr]",
            InvalidPath,
        ),
    ] {
        let path = Path::parse(text, &STRICT).unwrap_or_else(|e| panic!("{text}: {e}"));
        let error = path.bind(&USER, &STRICT).expect_err(text);
        assert_eq!(error.scim_type(), Some(scim_type), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn whatever_parses_prints_to_itself(
        text in "([ab$]|name|urn:x:|\\[|\\]|\\.|a pr| and | or |a eq (x|1|\"x\")){1,8}",
    ) {
        if let Ok(path) = Path::parse(&text, &COMPAT) {
            proptest::prop_assert_eq!(Path::parse(&path.to_string(), &COMPAT), Ok(path));
        }
    }
}
