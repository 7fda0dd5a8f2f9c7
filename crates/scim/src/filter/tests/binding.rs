//! Names, operators and operands (RFC 7644 section 3.4.2.2 and the table of operators by type).

use crate::{
    Profile, ScimType,
    filter::{BoundFilter, CompareOp, Filter, Operand},
    profile::{COMPAT, STRICT},
    schema::{GROUP, ResourceType, USER},
    urn,
};

/// A bound filter as text: attributes by their full notation.
fn show(filter: &BoundFilter) -> String {
    let all = |terms: &[BoundFilter], word| terms.iter().map(show).collect::<Vec<_>>().join(word);
    match filter {
        BoundFilter::And(terms) => format!("({})", all(terms, " and ")),
        BoundFilter::Or(terms) => format!("({})", all(terms, " or ")),
        BoundFilter::Not(inner) => format!("not({})", show(inner)),
        BoundFilter::Present(at) => format!("{} pr", at.notation()),
        BoundFilter::Values { attribute, filter } => {
            format!("{}[{}]", attribute.notation(), show(filter))
        }
        BoundFilter::Compare {
            attribute,
            op,
            operand,
        } => {
            let operand = match operand {
                Operand::Text(text) => format!("{text:?}"),
                Operand::Boolean(value) => value.to_string(),
                Operand::Number(value) => value.to_string(),
                Operand::Instant(instant) => instant.to_string(),
            };
            format!("{} {} {operand}", attribute.notation(), op.as_str())
        }
    }
}

fn check(kind: &'static ResourceType, profile: &Profile, cases: &[(&str, &str)]) {
    for (text, expect) in cases {
        let filter = Filter::parse(text, profile).unwrap_or_else(|e| panic!("{text}: {e}"));
        let bound = filter.bind(kind, profile);
        let bound = bound.unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(
            show(&bound).replace(urn::ENTERPRISE_USER, "E"),
            *expect,
            "{text}"
        );
    }
}

fn check_refused(kind: &'static ResourceType, profile: &Profile, cases: &[&str]) {
    for text in cases {
        let filter = Filter::parse(text, profile).unwrap_or_else(|e| panic!("{text}: {e}"));
        let error = filter.bind(kind, profile).expect_err(text);
        assert_eq!(error.scim_type(), Some(ScimType::InvalidFilter), "{text}");
        assert!(error.detail().len() < 400, "{text}");
    }
}

const OF_USERS: &[(&str, &str)] = &[
    ("userName eq \"BJensen\"", "userName eq \"bjensen\""),
    ("USERNAME EQ \"x\"", "userName eq \"x\""),
    ("userName ne \"ÉA\"", "userName ne \"éa\""),
    ("userName co \"A\"", "userName co \"a\""),
    ("userName sw \"A\"", "userName sw \"a\""),
    ("userName ew \"A\"", "userName ew \"a\""),
    ("userName gt \"A\"", "userName gt \"a\""),
    ("userName ge \"A\"", "userName ge \"a\""),
    ("userName lt \"A\"", "userName lt \"a\""),
    ("userName le \"A\"", "userName le \"a\""),
    ("userName pr", "userName pr"),
    ("id eq \"AbC\"", "id eq \"AbC\""),
    ("id sw \"AbC\"", "id sw \"AbC\""),
    ("externalId eq \"AbC\"", "externalId eq \"AbC\""),
    ("externalId pr", "externalId pr"),
    ("active eq true", "active eq true"),
    ("active ne false", "active ne false"),
    ("name.givenName eq \"Ann\"", "name.givenName eq \"ann\""),
    ("name pr", "name pr"),
    (
        "profileUrl eq \"http://X/A\"",
        "profileUrl eq \"http://X/A\"",
    ),
    ("profileUrl co \"X\"", "profileUrl co \"X\""),
    (
        "x509Certificates.value eq \"MIIb\"",
        "x509Certificates.value eq \"MIIb\"",
    ),
    (
        "meta.resourceType eq \"User\"",
        "meta.resourceType eq \"User\"",
    ),
    (
        "meta.version eq \"W/\\\"1\\\"\"",
        "meta.version eq \"W/\\\"1\\\"\"",
    ),
    (
        "meta.lastModified gt \"2011-05-13T06:42:34+02:00\"",
        "meta.lastModified gt 2011-05-13T04:42:34.000Z",
    ),
    (
        "meta.created le \"0001-01-03T00:00:00.0000000Z\"",
        "meta.created le 0001-01-03T00:00:00.000Z",
    ),
    (
        "meta.location eq \"https://x/Users/Ab1\"",
        "meta.location eq \"Ab1\"",
    ),
    ("meta pr", "meta pr"),
    (
        "schemas eq \"urn:ietf:params:scim:schemas:core:2.0:User\"",
        "schemas eq \"urn:ietf:params:scim:schemas:core:2.0:User\"",
    ),
    ("schemas co \"enterprise\"", "schemas co \"enterprise\""),
    (
        "emails co \"Example.com\"",
        "emails.value co \"example.com\"",
    ),
    ("emails pr", "emails pr"),
    ("emails.type eq \"Work\"", "emails.type eq \"work\""),
    ("emails.primary eq true", "emails.primary eq true"),
    ("groups eq \"G1\"", "groups.value eq \"G1\""),
    (
        "groups.$ref eq \"https://x/v2/Groups/G1\"",
        "groups.value eq \"G1\"",
    ),
    ("groups.$ref ne \"../Groups/G1/\"", "groups.value ne \"G1\""),
    ("groups.$ref pr", "groups.value pr"),
    ("groups.display sw \"Jira\"", "groups.display sw \"jira\""),
    (
        "emails[type eq \"work\" and value co \"@X\"]",
        "emails[(emails.type eq \"work\" and emails.value co \"@x\")]",
    ),
    ("emails[not (primary pr)]", "emails[not(emails.primary pr)]"),
    ("emails[type eq null]", "emails[not(emails.type pr)]"),
    ("name[givenName eq \"A\"]", "name[name.givenName eq \"a\"]"),
    (
        "groups[$ref eq \"Groups/G1\"]",
        "groups[groups.value eq \"G1\"]",
    ),
    ("title eq null", "not(title pr)"),
    ("title ne null", "title pr"),
    ("emails eq null", "not(emails pr)"),
    ("name eq null", "not(name pr)"),
    ("active ne null", "active pr"),
    ("meta.created ne null", "meta.created pr"),
    ("department eq \"X\"", "E:department eq \"x\""),
    (
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department pr",
        "E:department pr",
    ),
    ("manager eq \"M1\"", "E:manager.value eq \"M1\""),
    ("manager.value eq \"M1\"", "E:manager.value eq \"M1\""),
    ("manager pr", "E:manager pr"),
    (
        "manager.displayName co \"X\"",
        "E:manager.displayName co \"x\"",
    ),
    (
        "manager.$ref eq \"../Users/M1\"",
        "E:manager.$ref eq \"../Users/M1\"",
    ),
    (
        "manager[value eq \"M1\"]",
        "E:manager[E:manager.value eq \"M1\"]",
    ),
    (
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq \"M1\"",
        "E:manager.value eq \"M1\"",
    ),
    (
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager eq \"M1\"",
        "E:manager.value eq \"M1\"",
    ),
    (
        "URN:ietf:params:scim:schemas:core:2.0:user:userName eq \"X\"",
        "userName eq \"x\"",
    ),
    (
        "id eq \"U\" and manager eq \"M\" or not (active eq true)",
        "((id eq \"U\" and E:manager.value eq \"M\") or not(active eq true))",
    ),
];

#[test]
fn names_resolve_and_operands_take_the_type_of_the_attribute() {
    check(&USER, &STRICT, OF_USERS);
    check(&USER, &COMPAT, OF_USERS);
    check(
        &GROUP,
        &STRICT,
        &[
            (
                "displayName eq \"Jira Admins\"",
                "displayName eq \"jira admins\"",
            ),
            ("members eq \"U1\"", "members.value eq \"U1\""),
            ("members pr", "members pr"),
            ("members.type eq \"User\"", "members.type eq \"user\""),
            ("members.$ref eq \"Users/U1\"", "members.value eq \"U1\""),
            (
                "members[value eq \"U1\" and type eq \"User\"]",
                "members[(members.value eq \"U1\" and members.type eq \"user\")]",
            ),
            (
                "description co \"x\"",
                "urn:okta:custom:group:1.0:description co \"x\"",
            ),
        ],
    );
}

const MISFITS: &[&str] = &[
    "foo eq \"x\"",
    "foo pr",
    "foo[value pr]",
    "favouriteColour eq \"blue\"",
    "members eq \"x\"",
    "name.nope pr",
    "userName.value pr",
    "emails.nope eq \"x\"",
    "urn:x:y:userName eq \"x\"",
    "urn:ietf:params:scim:schemas:core:2.0:Group:displayName eq \"x\"",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:userName pr",
    "password eq \"x\"",
    "password pr",
    "password sw \"a\"",
    "password eq null",
    "not (password pr)",
    "userName pr or password pr",
    "PASSWORD pr",
    "urn:ietf:params:scim:schemas:core:2.0:User:password pr",
    "active gt true",
    "active ge true",
    "active lt true",
    "active le true",
    "active co true",
    "active sw true",
    "active ew true",
    "active eq 1",
    "active eq \"yes\"",
    "active eq \"\"",
    "userName eq 5",
    "userName eq true",
    "userName gt null",
    "userName co null",
    "meta.created co \"2011\"",
    "meta.created sw \"2011\"",
    "meta.created gt \"yesterday\"",
    "meta.created gt \"2011-05-13\"",
    "meta.created gt \"2020-13-45\"",
    "meta.created gt \"2020-13-45T00:00:00Z\"",
    "meta.created gt 5",
    "meta.lastModified gt \"9999999-01-01\"",
    "meta.lastModified gt \"9999999-01-01T00:00:00Z\"",
    "meta.created eq true",
    "meta.location sw \"https\"",
    "x509Certificates.value gt \"A\"",
    "x509Certificates co \"A\"",
    "profileUrl gt \"a\"",
    "photos.value lt \"a\"",
    "schemas gt \"a\"",
    "groups.$ref co \"x\"",
    "name eq \"x\"",
    "name co \"x\"",
    "meta eq \"x\"",
    "addresses eq \"x\"",
    "addresses co \"x\"",
    "emails gt 5",
    "emails[userName eq \"x\"]",
    "emails[emails.type eq \"work\"]",
    "emails[name.givenName pr]",
    "emails[nope pr]",
    "emails[type gt true]",
    "emails[primary gt true]",
    "emails.type[value pr]",
    "userName[value pr]",
    "active[value pr]",
    "schemas[value pr]",
    "groups[$ref co \"x\"]",
    "password[value pr]",
];

#[test]
fn what_does_not_fit_the_schema_is_refused() {
    check_refused(&USER, &STRICT, MISFITS);
    check_refused(&USER, &COMPAT, MISFITS);
    check_refused(
        &GROUP,
        &COMPAT,
        &["userName pr", "emails pr", "manager pr", "active eq true"],
    );
}

#[test]
fn booleans_as_strings_are_understood_in_compat_only() {
    let cases = [
        ("active eq \"True\"", "active eq true"),
        ("active eq \"true\"", "active eq true"),
        ("active ne \"FALSE\"", "active ne false"),
        (
            "emails[primary eq \"True\"]",
            "emails[emails.primary eq true]",
        ),
    ];
    check(&USER, &COMPAT, &cases);
    let texts: Vec<&str> = cases.iter().map(|(text, _)| *text).collect();
    check_refused(&USER, &STRICT, &texts);
    check(&USER, &COMPAT, &[("active eq False", "active eq false")]);
}

#[test]
fn errors_say_what_to_change() {
    for (text, parts) in [
        ("foo eq \"x\"", ["User", "`foo`"]),
        ("password pr", ["User", "`password`"]),
        ("emails[foo pr]", ["emails", "`foo`"]),
        ("name eq \"x\"", ["`name`", "`name.formatted`"]),
        ("active gt true", ["`active`", "gt"]),
        ("active eq 5", ["`active`", "true or false"]),
        (
            "meta.created gt \"x\"",
            ["`meta.created`", "2011-05-13T04:42:34Z"],
        ),
        ("userName eq 5", ["`userName`", "double quotes"]),
    ] {
        let error = Filter::parse(text, &STRICT)
            .unwrap()
            .bind(&USER, &STRICT)
            .unwrap_err();
        for part in parts {
            assert!(error.detail().contains(part), "{text}: {}", error.detail());
        }
    }
}

#[test]
fn a_password_is_refused_like_an_unknown_attribute() {
    let refuse = |name: &str| {
        let filter = Filter::parse(&format!("{name} eq \"x\""), &COMPAT).unwrap();
        let error = filter.bind(&USER, &COMPAT).unwrap_err();
        error.detail().replace(name, "…")
    };
    assert_eq!(refuse("password"), refuse("passwort"));
}

#[test]
fn trees_built_by_hand_cannot_nest_brackets() {
    let inner = Filter::Values("ims".into(), Box::new(Filter::Present("value".into())));
    let outer = Filter::Values("emails".into(), Box::new(inner));
    assert!(outer.bind(&USER, &COMPAT).is_err());
}

#[test]
fn mentions_finds_what_must_be_loaded() {
    for (text, members) in [
        ("members eq \"x\"", true),
        ("displayName eq \"a\" and not (members pr)", true),
        ("displayName eq \"a\" or members[value eq \"x\"]", true),
        ("displayName eq \"members\"", false),
    ] {
        let bound = Filter::parse(text, &COMPAT)
            .unwrap()
            .bind(&GROUP, &COMPAT)
            .unwrap();
        assert_eq!(bound.mentions("members"), members, "{text}");
    }
    assert_eq!(CompareOp::parse("nope"), None);
}
